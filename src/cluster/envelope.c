#include "base/platform.h"

#include "base/checksum.h"
#include "cluster/envelope.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum {
    MAGIC_BYTES = 4,
    VERSION_AT = MAGIC_BYTES,
    NEEDS_AT,
    KIND_AT,
    FLAGS_AT,
    NODE_AT,
    BOOT_AT = 16,
    NUMBER_AT = 24,
    FLOOR_AT = 32,
    CONTENT_AT = 40,
    CHECKSUM_BYTES = ENVELOPE_BYTES - CONTENT_AT
};

static const unsigned char magic[MAGIC_BYTES] = {0x8F, 'P', 'L', 'P'};

static void put_number(unsigned char *place, uint64_t number, size_t bytes)
{
    for (size_t i = bytes; i-- > 0; number >>= 8)
        place[i] = (unsigned char)(number & 0xFF);
}

static uint64_t get_number(const unsigned char *place, size_t bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | place[i];
    return number;
}

int envelope_write(struct buffer *out, const struct envelope *envelope)
{
    size_t length = envelope->length;
    assert(length <= ENVELOPE_CONTENT_MAX);
    unsigned char *bytes = (unsigned char *)buffer_reserve(out, length + ENVELOPE_BYTES);
    if (bytes == NULL)
        return ENOMEM;
    memcpy(bytes, magic, MAGIC_BYTES);
    bytes[VERSION_AT] = ENVELOPE_VERSION;
    bytes[NEEDS_AT] = ENVELOPE_VERSION;
    bytes[KIND_AT] = (unsigned char)envelope->kind;
    bytes[FLAGS_AT] = 0;
    put_number(bytes + NODE_AT, envelope->node, 8);
    put_number(bytes + BOOT_AT, envelope->boot, 8);
    put_number(bytes + NUMBER_AT, envelope->number, 8);
    put_number(bytes + FLOOR_AT, envelope->floor, 8);
    if (length > 0)
        memcpy(bytes + CONTENT_AT, envelope->content, length);
    put_number(bytes + CONTENT_AT + length, checksum_of(bytes, CONTENT_AT + length),
               CHECKSUM_BYTES);
    buffer_commit(out, length + ENVELOPE_BYTES);
    return 0;
}

/* Whether the fields obey the rules. */
static bool is_valid(unsigned kind, const struct envelope *envelope)
{
    return (kind == ENVELOPE_LETTER || kind == ENVELOPE_ANSWER) && envelope->node != 0 &&
           envelope->boot != 0 && envelope->number <= INT64_MAX && envelope->floor >= 1 &&
           envelope->floor <= envelope->number &&
           envelope->number - envelope->floor < ENVELOPE_WINDOW;
}

enum envelope_result envelope_read(struct envelope *envelope, const void *bytes, size_t length)
{
    const unsigned char *at = bytes;
    if (length < ENVELOPE_BYTES || memcmp(at, magic, MAGIC_BYTES) != 0)
        return ENVELOPE_FOREIGN;
    if (length > ENVELOPE_CONTENT_MAX + ENVELOPE_BYTES ||
        get_number(at + length - CHECKSUM_BYTES, CHECKSUM_BYTES) !=
            checksum_of(at, length - CHECKSUM_BYTES))
        return ENVELOPE_GARBLED;
    if (at[NEEDS_AT] > ENVELOPE_VERSION)
        return ENVELOPE_NEWER;
    envelope->kind = (enum envelope_kind)at[KIND_AT];
    envelope->node = get_number(at + NODE_AT, 8);
    envelope->boot = get_number(at + BOOT_AT, 8);
    envelope->number = get_number(at + NUMBER_AT, 8);
    envelope->floor = get_number(at + FLOOR_AT, 8);
    envelope->content = at + CONTENT_AT;
    envelope->length = length - ENVELOPE_BYTES;
    return is_valid(at[KIND_AT], envelope) ? ENVELOPE_OK : ENVELOPE_GARBLED;
}
