#include "base/platform.h"

#include "base/checksum.h"
#include "cluster/sealed.h"

#include <string.h>

enum {
    VERSION_AT = SEALED_MAGIC_BYTES,
    NEEDS_AT,
    NEEDS_LEAST = 1, /* written: the first version can read it */
    LEAST_BYTES = SEALED_HEAD_BYTES + SEALED_CHECKSUM_BYTES
};

static bool has_checksum(const unsigned char *bytes, size_t length)
{
    size_t before = length - SEALED_CHECKSUM_BYTES;
    struct fields checksum = fields_of(bytes + before, SEALED_CHECKSUM_BYTES);
    return fields_number(&checksum, SEALED_CHECKSUM_BYTES) == checksum_of(bytes, before);
}

enum sealed_result sealed_open(const struct sealed_form *form, const void *bytes, size_t length,
                               struct fields *content, bool *newer)
{
    const unsigned char *start = bytes;
    if (length < SEALED_MAGIC_BYTES || memcmp(start, form->magic, SEALED_MAGIC_BYTES) != 0)
        return SEALED_FOREIGN;
    if (length < LEAST_BYTES || !has_checksum(start, length))
        return SEALED_GARBLED;
    unsigned version = start[VERSION_AT];
    unsigned needs = start[NEEDS_AT];
    if (version == 0 || needs == 0 || needs > version)
        return SEALED_GARBLED;
    if (needs > form->version)
        return SEALED_NEWER;
    *newer = version > form->version;
    *content = fields_of(start + SEALED_HEAD_BYTES, length - LEAST_BYTES);
    return length <= form->most ? SEALED_OK : SEALED_GARBLED;
}

bool sealed_begin(struct buffer *out, const struct sealed_form *form)
{
    return buffer_append(out, form->magic, SEALED_MAGIC_BYTES) &&
           fields_put_number(out, form->version, 1) && fields_put_number(out, NEEDS_LEAST, 1);
}

bool sealed_end(struct buffer *out)
{
    return fields_put_number(out, checksum_of(buffer_bytes(out), buffer_length(out)),
                             SEALED_CHECKSUM_BYTES);
}

const char *sealed_describe(enum sealed_result result)
{
    switch (result) {
    case SEALED_OK:
        return "it is in order";
    case SEALED_FOREIGN:
        return "it is not from a partyline";
    case SEALED_GARBLED:
        return "it is garbled";
    case SEALED_NEWER:
        break;
    }
    return "a newer version wrote it, and this one cannot go on without it";
}
