/*
 * sealed: what all bytes that machines of a cluster leave for each other have in common, in all
 * versions:
 *
 *     magic    4 bytes  which kind of bytes they are
 *     version  1 byte   of the machine that wrote them
 *     needs    1 byte   the lowest version of a machine that can read them
 *     content
 *     checksum 4 bytes  CRC-32 (ISO 3309) of all bytes before it
 *
 * Later versions add to the end of the content, or raise `needs`.
 *
 * No function here takes a lock or keeps state; reading allocates nothing.
 */
#ifndef CLUSTER_SEALED_H
#define CLUSTER_SEALED_H

#include "base/buffer.h"
#include "cluster/fields.h"

#include <stdbool.h>
#include <stddef.h>

enum { SEALED_MAGIC_BYTES = 4, SEALED_HEAD_BYTES = 6, SEALED_CHECKSUM_BYTES = 4 };

struct sealed_form {
    unsigned char magic[SEALED_MAGIC_BYTES];
    unsigned char version; /* this program's; not 0 */
    size_t most;           /* bytes, with all of the above */
};

enum sealed_result {
    SEALED_OK,
    SEALED_FOREIGN, /* it is none of ours */
    SEALED_GARBLED, /* it is ours, but damaged, or against the rules */
    SEALED_NEWER    /* a newer version wrote it, for those that are as new */
};

/*
 * Checks bytes but for their content. With SEALED_OK `content` reads that, and *newer tells whether
 * a newer version wrote it, which may have added to it. Otherwise both are undefined.
 */
enum sealed_result sealed_open(const struct sealed_form *form, const void *bytes, size_t length,
                               struct fields *content, bool *newer);

/* Begins an empty buffer, and ends it behind the content. Return false without memory. */
bool sealed_begin(struct buffer *out, const struct sealed_form *form);
bool sealed_end(struct buffer *out);

/* Returns what a result means, as a part of a sentence: "a newer version wrote it". */
const char *sealed_describe(enum sealed_result result);

#endif
