/*
 * account_record: the bytes of what a cluster's bucket (cluster/bucket) has of an account. What is
 * read is never trusted: it is whole, has the right checksum and obeys the rules for names and
 * texts of this server, or nothing of it is used.
 *
 * The layout; all numbers have the most significant byte first, whatever the machine:
 *
 *     magic, version, needs: as cluster/sealed says; the magic is 8F 50 4C 41
 *     kind     1 byte
 *     flags    1 byte   0
 *     mark     8 bytes  no other record has it: by it a writer knows its own
 *     serial   8 bytes  of the account: one that is made anew under the same name has another
 *     fields
 *     checksum
 *
 * Later versions add fields at the end. Names and texts have their length before them, in 1, 2 or 4
 * bytes (cluster/fields).
 *
 * No function here takes a lock or keeps state; reading allocates nothing.
 */
#ifndef CLUSTER_ACCOUNT_RECORD_H
#define CLUSTER_ACCOUNT_RECORD_H

#include "base/buffer.h"
#include "chat/message.h"
#include "cluster/sealed.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ACCOUNT_RECORD_VERSION = 1,
    ACCOUNT_RECORD_BYTES_MAX = 1000000, /* nats-servers take values of 1 MiB by default */
    ACCOUNT_RECORD_HASH_MAX = 383
};

/* On the wire as well. */
enum account_record_kind {
    ACCOUNT_RECORD_ACCOUNT = 1, /* created, seen, is_operator, name, hash */
    ACCOUNT_RECORD_CLAIM,       /* of how a name looks: name, that of the account; confirmed */
    ACCOUNT_RECORD_IGNORED,     /* count names */
    ACCOUNT_RECORD_KEPT         /* count private messages */
};

struct account_record {
    enum account_record_kind kind;
    uint64_t mark, serial; /* neither is 0 */
    int64_t created, seen; /* milliseconds since 1970 (UTC) */
    bool is_operator;
    bool confirmed;      /* the account of a claim was there already; otherwise it is being made */
    struct words name;   /* of the account, as it was registered */
    struct words hash;   /* of the password (archive/hashing.h) */
    uint32_t count;      /* of what is in the list, */
    struct words listed; /* whose bytes these are */
};

/* One private message in a list. */
struct account_record_message {
    int64_t time;
    bool of_stranger; /* the author's name was not registered */
    struct words author, text;
};

/*
 * Writes a record to an empty buffer. Returns 0; EINVAL for what no reader would take; EMSGSIZE if
 * it is longer than ACCOUNT_RECORD_BYTES_MAX; ENOMEM. The buffer is empty then.
 */
int account_record_write(struct buffer *out, const struct account_record *record);

/* Append to the bytes of a list. Return false without memory. */
bool account_record_add_name(struct buffer *listed, struct words name);
bool account_record_add_message(struct buffer *listed,
                                const struct account_record_message *message);

/*
 * Reads a record, with all that is in its list; the words stay where the bytes are. With another
 * result than SEALED_OK *record is undefined.
 */
enum sealed_result account_record_read(struct account_record *record, const void *bytes,
                                       size_t length);

/* Take what is next from the front of a list that was read. Return false behind the last one. */
bool account_record_next_name(struct account_record *record, struct words *name);
bool account_record_next_message(struct account_record *record,
                                 struct account_record_message *message);

#endif
