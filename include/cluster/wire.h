/*
 * wire: the bytes that the machines of a cluster put into the stream for each other, and take out
 * of it. A message of the stream (cluster/stream) holds a header and changes; a change is something
 * that has happened to people or rooms. What is read is never trusted: it is whole, has the right
 * checksum and obeys the rules for names and texts of this server, or nothing of it is used.
 *
 * The layout; all numbers have the most significant byte first, whatever the machine:
 *
 *     magic, version, needs: as cluster/sealed says; the magic is 8F 50 4C 43
 *     flags    2 bytes  0
 *     node     8 bytes  who wrote it: id of the machine,
 *     boot     8 bytes  of its run,
 *     number   8 bytes  and of the message in this run
 *     changes, each: kind (1 byte), flags (1 byte), length (4 bytes), fields
 *     checksum
 *
 * The order of the fields
 * of a change, and which kind has which, is in wire.c. Later versions add fields at the end of a
 * change, and kinds. A kind that a machine does not know is skipped if the change's flags say
 * WIRE_MAY_SKIP. A writer that uses what may not be missed raises `needs`. Which names are allowed
 * (chat/name, chat/room_name) is a part of the version.
 *
 * No function here takes a lock or keeps state; reading allocates nothing.
 */
#ifndef CLUSTER_WIRE_H
#define CLUSTER_WIRE_H

#include "base/buffer.h"
#include "chat/change.h"
#include "chat/message.h"
#include "cluster/sealed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WIRE_VERSION = 1,
    WIRE_BYTES_MAX = 1000000, /* of a message; what the stream takes (cluster/stream.h) */
    WIRE_NODE_NAME_MAX = 64,  /* bytes */
    WIRE_TELL_MAX = 65534,    /* bytes of a private message */
    WIRE_NUMBERS_MAX = 1024,  /* in a change */
    WIRE_MAY_SKIP = 1         /* a flag of a change: who does not know its kind leaves it out */
};

/*
 * Whether a machine may have a name: 1 to WIRE_NODE_NAME_MAX of A-Z a-z 0-9 . - _, so that it can
 * stand in the log where addresses of peers do.
 */
bool wire_is_node_name(struct words name);

/* Who wrote a message. The three numbers together are given once. */
struct wire_header {
    uint64_t node;   /* not 0 */
    uint64_t boot;   /* not 0 */
    uint64_t number; /* from 1 */
};

/*
 * Writing: wire_begin(), one or more changes, wire_seal(). Each returns 0 or an errno, with `out`
 * then as it was before the call: ENOMEM; EMSGSIZE if the message would be longer than
 * WIRE_BYTES_MAX; EINVAL for what no reader would take. `out` holds nothing else.
 */
int wire_begin(struct buffer *out, const struct wire_header *header);

/* Adds a change of any kind but CHANGE_TALK. */
int wire_add(struct buffer *out, const struct change *change);

/*
 * Adds talk: wire_begin_talk(), messages with their kind (MESSAGE_SAY or MESSAGE_ACT), author,
 * name, text and time, wire_end_talk(). With EMSGSIZE a message did not fit, and those before it
 * can be sent. Talk without a message is EINVAL to wire_end_talk(), and gone.
 */
struct wire_talk {
    struct buffer *out;
    size_t start; /* of the change in `out` */
    size_t place; /* of the count of messages */
    uint32_t count;
};
int wire_begin_talk(struct wire_talk *talk, struct buffer *out, struct words room);
int wire_add_message(struct wire_talk *talk, const struct message *message);
int wire_end_talk(struct wire_talk *talk);

/* Adds changes that were written to a buffer of their own, to which wire_begin() was not called. */
int wire_append(struct buffer *out, const struct buffer *changes);

/* Adds the checksum. */
int wire_seal(struct buffer *out);

/* Reading goes on from here. */
struct wire_reader {
    const unsigned char *at, *end;
    unsigned skipped; /* changes of kinds that are not known, in the whole message */
    uint64_t taken;   /* changes before, also of kinds that are not known */
};

/*
 * Checks a whole message, with all its changes, and stores who wrote it. With SEALED_OK wire_next()
 * takes the changes; it finds no fault any more. With any other result *header is undefined. The
 * bytes must outlive the reader.
 */
enum sealed_result wire_open(struct wire_reader *reader, const void *bytes, size_t length,
                             struct wire_header *header);

/* Takes the next change that this version knows. Returns false behind the last one. */
bool wire_next(struct wire_reader *reader, struct change *change);

/*
 * Takes the next message of talk: its kind, author, name, text and time; the rest is zero, and its
 * room is the change's. Returns false behind the last one.
 */
bool wire_next_message(struct change_messages *messages, struct message *message);

/* Copies the numbers of a change that was read. Returns how many there are. */
uint32_t wire_numbers(const struct change_numbers *numbers, uint64_t list[WIRE_NUMBERS_MAX]);

#endif
