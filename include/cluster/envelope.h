/*
 * envelope: the bytes of a letter that one machine of a cluster sends to another (cluster/post),
 * and of its answer. What is read is never trusted: it is whole and has the right checksum, or
 * nothing of it is used.
 *
 * The layout; all numbers have the most significant byte first, whatever the machine:
 *
 *     magic, version, needs: as cluster/sealed says; the magic is 8F 50 4C 50
 *     kind     1 byte   1: a letter, 2: an answer
 *     flags    1 byte   0
 *     node     8 bytes  who wrote it: id of the machine,
 *     boot     8 bytes  and of its run
 *     number   8 bytes  of the letter, among all from this run to that one
 *     floor    8 bytes  the lowest number of a letter that is still sent; in an answer the number
 *     content
 *     checksum
 *
 * No function here takes a lock or keeps state.
 */
#ifndef CLUSTER_ENVELOPE_H
#define CLUSTER_ENVELOPE_H

#include "base/buffer.h"
#include "cluster/sealed.h"

#include <stddef.h>
#include <stdint.h>

enum {
    ENVELOPE_VERSION = 1,
    ENVELOPE_BYTES = 44,            /* beside the content */
    ENVELOPE_CONTENT_MAX = 1000000, /* bytes; servers take messages of 1 MiB by default */
    ENVELOPE_WINDOW = 256           /* a number is less than this above its floor */
};

enum envelope_kind { ENVELOPE_LETTER = 1, ENVELOPE_ANSWER };

struct envelope {
    enum envelope_kind kind;
    uint64_t node;   /* not 0 */
    uint64_t boot;   /* not 0 */
    uint64_t number; /* from 1 to INT64_MAX */
    uint64_t floor;  /* from 1 to `number` */
    const void *content;
    size_t length; /* up to ENVELOPE_CONTENT_MAX */
};

/* Writes it to an empty buffer. Returns 0; or ENOMEM, with the buffer still empty. */
int envelope_write(struct buffer *out, const struct envelope *envelope);

/*
 * Reads a message; the content stays where it is. With another result than SEALED_OK *envelope is
 * undefined.
 */
enum sealed_result envelope_read(struct envelope *envelope, const void *bytes, size_t length);

#endif
