#include "base/platform.h"

#include "cluster/wire.h"
#include "cluster/wire_inside.h"

#include <errno.h>

enum { CHANGE_LENGTH_AT = 2 /* in a change */ };

static bool put_target(struct buffer *out, const struct change *change)
{
    size_t size = change->range.family == ADDRESS_IPV4 ? ADDRESS_PREFIX_IPV4_BITS / 8
                                                       : ADDRESS_PREFIX_IPV6_BITS / 8;
    if (change->range.family == ADDRESS_NONE)
        return fields_put_number(out, WIRE_TARGET_NAME, 1) &&
               fields_put_words(out, change->target, 1);
    return fields_put_number(out, WIRE_TARGET_RANGE, 1) &&
           fields_put_number(out, change->range.family, 1) &&
           fields_put_number(out, change->range.bits, 1) &&
           buffer_append(out, change->range.bytes, size);
}

static bool put_author(struct buffer *out, const struct change *change)
{
    return fields_put_number(out, change->author, 8) &&
           (change->author == 0 || fields_put_words(out, change->author_name, 1));
}

static bool put_settings(struct buffer *out, const struct change *change)
{
    return fields_put_number(out, change->changed, 1) &&
           fields_put_number(out, change->settings, 1) && fields_put_words(out, change->key, 1);
}

static bool put_limits(struct buffer *out, const struct change_limits *limits)
{
    return fields_put_number(out, limits->max_rooms, 8) &&
           fields_put_number(out, limits->rooms_per_client, 8);
}

static bool put_numbers(struct buffer *out, const struct change_numbers *numbers)
{
    bool put = fields_put_number(out, numbers->count <= WIRE_NUMBERS_MAX ? numbers->count : 0, 2);
    if (numbers->at != NULL)
        return put && buffer_append(out, numbers->at, (size_t)numbers->count * WIRE_NUMBER_BYTES);
    for (uint32_t i = 0; i < numbers->count && put; i++)
        put = fields_put_number(out, numbers->list[i], WIRE_NUMBER_BYTES);
    return put;
}

static bool put_fields(struct buffer *out, const struct change *change)
{
    unsigned has = wire_shape_of(change->kind)->fields;
    return (!(has & (HAS_ROOM | HAS_PLACE)) || fields_put_words(out, change->room, 1)) &&
           (!(has & HAS_USER) || fields_put_number(out, change->user, 8)) &&
           (!(has & HAS_NAME) || fields_put_words(out, change->name, 1)) &&
           (!(has & HAS_TARGET) || put_target(out, change)) &&
           (!(has & HAS_AUTHOR) || put_author(out, change)) &&
           (!(has & HAS_TEXT) || fields_put_words(out, change->text, 2)) &&
           (!(has & HAS_TIME) || fields_put_number(out, (uint64_t)change->time, 8)) &&
           (!(has & HAS_END) || fields_put_number(out, (uint64_t)change->end, 8)) &&
           (!(has & HAS_SETTINGS) || put_settings(out, change)) &&
           (!(has & HAS_GIVEN) || fields_put_number(out, change->given, 1)) &&
           (!(has & HAS_NODE) || fields_put_number(out, change->node, 8)) &&
           (!(has & HAS_RANK) || fields_put_number(out, change->rank, 1)) &&
           (!(has & HAS_BOOT) || fields_put_number(out, change->boot, 8)) &&
           (!(has & HAS_NUMBER) || fields_put_number(out, change->number, WIRE_NUMBER_BYTES)) &&
           (!(has & HAS_NUMBERS) || put_numbers(out, &change->numbers)) &&
           (!(has & HAS_LIMITS) || put_limits(out, &change->limits)) &&
           (!(has & HAS_STATES) || fields_put_number(out, change->states, 1));
}

/* Returns where an offset of a buffer is in memory, to be written. */
static unsigned char *place_in(struct buffer *out, size_t offset)
{
    return (unsigned char *)out->memory + out->start + offset;
}

/* Returns what was written from an offset on, to be read by the reader's rules. */
static struct fields written_from(struct buffer *out, size_t start)
{
    return fields_of(place_in(out, start), buffer_length(out) - start);
}

static bool fits(const struct buffer *out)
{
    return buffer_length(out) + SEALED_CHECKSUM_BYTES <= WIRE_BYTES_MAX;
}

/* Stores the length of the change that begins at `start` and ends with the buffer. */
static void end_change(struct buffer *out, size_t start)
{
    fields_store_number(place_in(out, start + CHANGE_LENGTH_AT),
                        buffer_length(out) - start - WIRE_CHANGE_HEADER_BYTES, 4);
}

static bool begin_change(struct buffer *out, enum change_kind kind)
{
    return fields_put_number(out, kind, 1) && fields_put_number(out, 0, 1) &&
           fields_put_number(out, 0, 4);
}

static int undo(struct buffer *out, size_t length, int error)
{
    buffer_truncate(out, length);
    return error;
}

int wire_begin(struct buffer *out, const struct wire_header *header)
{
    if (header->node == 0 || header->boot == 0 || header->number == 0)
        return EINVAL;
    if (sealed_begin(out, &wire_form) && fields_put_number(out, 0, 2) &&
        fields_put_number(out, header->node, 8) && fields_put_number(out, header->boot, 8) &&
        fields_put_number(out, header->number, 8))
        return 0;
    return undo(out, 0, ENOMEM);
}

/* The reader's rules are the only ones: what was written is read. */
int wire_add(struct buffer *out, const struct change *change)
{
    size_t start = buffer_length(out);
    unsigned skipped;
    if (wire_shape_of(change->kind) == NULL || change->kind == CHANGE_TALK)
        return EINVAL;
    if (!begin_change(out, change->kind) || !put_fields(out, change))
        return undo(out, start, ENOMEM);
    end_change(out, start);
    if (!fits(out))
        return undo(out, start, EMSGSIZE);
    return wire_check_changes(written_from(out, start), false, &skipped) == SEALED_OK
               ? 0
               : undo(out, start, EINVAL);
}

int wire_begin_talk(struct wire_talk *talk, struct buffer *out, struct words room)
{
    *talk = (struct wire_talk){.out = out, .start = buffer_length(out)};
    if (!begin_change(out, CHANGE_TALK) || !fields_put_words(out, room, 1))
        return undo(out, talk->start, ENOMEM);
    talk->place = buffer_length(out);
    struct fields written = written_from(out, talk->start + WIRE_CHANGE_HEADER_BYTES);
    wire_take_room(&written, false);
    if (written.failed || fields_left(&written) > 0)
        return undo(out, talk->start, EINVAL);
    if (!fields_put_number(out, 0, 4))
        return undo(out, talk->start, ENOMEM);
    return fits(out) ? 0 : undo(out, talk->start, EMSGSIZE);
}

int wire_add_message(struct wire_talk *talk, const struct message *message)
{
    struct buffer *out = talk->out;
    struct message read;
    size_t start = buffer_length(out);
    if (!message_is_counted(message->kind))
        return EINVAL;
    if (message->text.length > WIRE_BYTES_MAX)
        return EMSGSIZE;
    if (!fields_put_number(out, message->kind == MESSAGE_ACT ? WIRE_ACTED : WIRE_SAID, 1) ||
        !fields_put_number(out, message->author, 8) ||
        !fields_put_number(out, (uint64_t)message->time, 8) ||
        !fields_put_words(out, message->name, 1) || !fields_put_words(out, message->text, 4))
        return undo(out, start, ENOMEM);
    if (!fits(out))
        return undo(out, start, EMSGSIZE);
    struct fields written = written_from(out, start);
    wire_take_message(&written, &read);
    if (written.failed || fields_left(&written) > 0)
        return undo(out, start, EINVAL);
    talk->count++;
    return 0;
}

int wire_end_talk(struct wire_talk *talk)
{
    if (talk->count == 0)
        return undo(talk->out, talk->start, EINVAL);
    fields_store_number(place_in(talk->out, talk->place), talk->count, 4);
    end_change(talk->out, talk->start);
    return 0;
}

int wire_append(struct buffer *out, const struct buffer *changes)
{
    size_t length = buffer_length(out);
    if (!buffer_append(out, buffer_bytes(changes), buffer_length(changes)))
        return ENOMEM;
    return fits(out) ? 0 : undo(out, length, EMSGSIZE);
}

int wire_seal(struct buffer *out)
{
    return sealed_end(out) ? 0 : ENOMEM;
}
