#include "base/platform.h"

#include "chat/name.h"
#include "chat/room_name.h"
#include "chat/room_settings.h"
#include "chat/sanctions.h"
#include "chat/user.h"
#include "cluster/wire.h"
#include "cluster/wire_inside.h"

#include <string.h>

enum {
    SETTINGS_ALL = CHANGE_HIDDEN | CHANGE_LOCKED | CHANGE_CLOSED | CHANGE_KEPT | CHANGE_MODERATED
};

const struct sealed_form wire_form = {{0x8F, 'P', 'L', 'C'}, WIRE_VERSION, WIRE_BYTES_MAX};

/* The kinds, and their fields. */
static const struct wire_shape shapes[] = {
    [CHANGE_TALK] = {HAS_ROOM | HAS_MESSAGES, 0},
    [CHANGE_ENTER] = {HAS_NAME | HAS_TIME | HAS_RANK, 0},
    [CHANGE_JOIN] = {HAS_ROOM | HAS_USER | HAS_TEXT | HAS_TIME, ROOM_KEY_MAX},
    [CHANGE_LEAVE] = {HAS_PLACE | HAS_USER | HAS_TEXT | HAS_TIME,
                      NAME_BYTES_MAX + sizeof ": " - 1 + SANCTION_REASON_BYTES_MAX},
    [CHANGE_RENAME] = {HAS_USER | HAS_NAME | HAS_TIME, 0},
    [CHANGE_AWAY] = {HAS_USER | HAS_TEXT | HAS_TIME | HAS_GIVEN, USER_AWAY_MAX},
    [CHANGE_TOPIC] = {HAS_ROOM | HAS_AUTHOR | HAS_TEXT | HAS_TIME, ROOM_TOPIC_MAX},
    [CHANGE_SETTINGS] = {HAS_ROOM | HAS_AUTHOR | HAS_SETTINGS | HAS_TIME, 0},
    [CHANGE_BAN] = {HAS_PLACE | HAS_TARGET | HAS_AUTHOR | HAS_TEXT | HAS_TIME | HAS_END,
                    SANCTION_REASON_BYTES_MAX},
    [CHANGE_UNBAN] = {HAS_PLACE | HAS_TARGET | HAS_AUTHOR | HAS_TIME, 0},
    [CHANGE_MUTE] = {HAS_PLACE | HAS_TARGET | HAS_AUTHOR | HAS_TEXT | HAS_TIME | HAS_END,
                     SANCTION_REASON_BYTES_MAX},
    [CHANGE_UNMUTE] = {HAS_PLACE | HAS_TARGET | HAS_AUTHOR | HAS_TIME, 0},
    [CHANGE_KICK] = {HAS_PLACE | HAS_USER | HAS_AUTHOR | HAS_TEXT | HAS_TIME,
                     SANCTION_REASON_BYTES_MAX},
    [CHANGE_OP] = {HAS_USER | HAS_AUTHOR | HAS_TIME, 0},
    [CHANGE_DEOP] = {HAS_USER | HAS_AUTHOR | HAS_TIME, 0},
    [CHANGE_INVITE] = {HAS_ROOM | HAS_USER | HAS_AUTHOR | HAS_TIME, 0},
    [CHANGE_ROOM_MUTE] = {HAS_ROOM | HAS_USER | HAS_AUTHOR | HAS_TIME | HAS_END | HAS_GIVEN, 0},
    [CHANGE_TELL] = {HAS_USER | HAS_AUTHOR | HAS_TEXT | HAS_TIME | HAS_GIVEN, WIRE_TELL_MAX},
    [CHANGE_HAND] = {HAS_ROOM | HAS_USER | HAS_AUTHOR | HAS_TIME, 0},
    [CHANGE_WALL] = {HAS_AUTHOR | HAS_TEXT | HAS_TIME, WIRE_TELL_MAX},
    [CHANGE_LOCKDOWN] = {HAS_AUTHOR | HAS_GIVEN | HAS_TIME, 0},
    [CHANGE_FORGET] = {HAS_AUTHOR | HAS_TIME, 0},
    [CHANGE_HOST] = {HAS_USER | HAS_TIME, 0},
    [CHANGE_FLOOR] = {HAS_ROOM | HAS_USER | HAS_AUTHOR | HAS_GIVEN | HAS_TIME, 0},
    [CHANGE_NODE_BEGIN] = {HAS_NODE | HAS_TEXT | HAS_TIME | HAS_GIVEN | HAS_LIMITS,
                           WIRE_NODE_NAME_MAX},
    [CHANGE_NODE_BEAT] = {HAS_NODE | HAS_TIME | HAS_NUMBER, 0},
    [CHANGE_NODE_END] = {HAS_NODE | HAS_TIME, 0},
    [CHANGE_REPLACE] = {HAS_USER | HAS_TIME, 0},
    [CHANGE_LOGIN] = {HAS_USER | HAS_TIME | HAS_RANK, 0},
    [CHANGE_NODE_SNAPSHOT] = {HAS_NODE | HAS_TIME | HAS_NUMBER, 0},
    [CHANGE_STATE_MACHINE] = {HAS_NODE | HAS_TEXT | HAS_BOOT | HAS_NUMBER | HAS_TIME | HAS_END |
                                  HAS_GIVEN,
                              WIRE_NODE_NAME_MAX},
    [CHANGE_STATE_CLOCK] = {HAS_NUMBER | HAS_LIMITS, 0},
    [CHANGE_STATE_USER] = {HAS_USER | HAS_NAME | HAS_NODE | HAS_TEXT | HAS_GIVEN | HAS_RANK,
                           USER_AWAY_MAX},
    [CHANGE_STATE_ROOM] = {HAS_ROOM | HAS_TEXT | HAS_SETTINGS | HAS_NUMBER, ROOM_TOPIC_MAX},
    [CHANGE_STATE_OWNER] = {HAS_ROOM | HAS_NUMBER | HAS_TEXT | HAS_GIVEN, NAME_BYTES_MAX},
    [CHANGE_STATE_INVITED] = {HAS_ROOM | HAS_NUMBER | HAS_TEXT, NAME_BYTES_MAX},
    [CHANGE_STATE_MEMBERS] = {HAS_ROOM | HAS_NUMBERS, 0},
    [CHANGE_STATE_LIFE] = {HAS_ROOM | HAS_NUMBER, 0},
    [CHANGE_STATE_END] = {HAS_NUMBER | HAS_NUMBERS, 0},
    [CHANGE_PRESSURE] = {HAS_PLACE | HAS_STATES | HAS_NUMBER, 0},
};

const struct wire_shape *wire_shape_of(unsigned kind)
{
    bool known = kind < sizeof shapes / sizeof *shapes && shapes[kind].fields != 0;
    return known ? &shapes[kind] : NULL;
}

/*
 * Reading
 */

struct words wire_take_room(struct fields *fields, bool may_be_none)
{
    char name[NAME_SIZE];
    struct words room = fields_words(fields, 1);
    bool none = room.length == 0 && may_be_none;
    /* The name of a room is kept without the '#', which would be read over. */
    if (!none &&
        (room.length == 0 || *room.bytes == '#' || !room_name_read(room.bytes, room.length, name)))
        fields->failed = true;
    return room;
}

static void take_author(struct fields *fields, struct change *change)
{
    change->author = fields_number(fields, 8);
    if (change->author != 0)
        change->author_name = fields_name(fields);
}

/* Only the canonical form of a range is one. */
static void take_range(struct fields *fields, struct address_prefix *range)
{
    size_t size = 0;
    range->family = (uint8_t)fields_number(fields, 1);
    range->bits = (uint8_t)fields_number(fields, 1);
    if (range->family == ADDRESS_IPV4 && range->bits <= ADDRESS_PREFIX_IPV4_BITS)
        size = ADDRESS_PREFIX_IPV4_BITS / 8;
    else if (range->family == ADDRESS_IPV6 && range->bits <= ADDRESS_PREFIX_IPV6_BITS)
        size = ADDRESS_PREFIX_IPV6_BITS / 8;
    if (size == 0 || fields_left(fields) < size) {
        fields->failed = true;
        return;
    }
    memcpy(range->bytes, fields->at, size);
    fields->at += size;
    struct address_prefix canonical = *range;
    canonical.bits = (uint8_t)(size * 8);
    canonical = address_prefix_cut(&canonical, range->bits);
    fields->failed |= address_prefix_compare(&canonical, range) != 0;
}

static void take_target(struct fields *fields, struct change *change)
{
    switch (fields_number(fields, 1)) {
    case WIRE_TARGET_NAME:
        change->target = fields_name(fields);
        return;
    case WIRE_TARGET_RANGE:
        take_range(fields, &change->range);
        return;
    default:
        fields->failed = true;
    }
}

static void take_settings(struct fields *fields, struct change *change)
{
    change->changed = (unsigned)fields_number(fields, 1);
    change->settings = (unsigned)fields_number(fields, 1);
    change->key = fields_text(fields, 1, ROOM_KEY_MAX);
    bool locked = (change->settings & CHANGE_LOCKED) != 0;
    if (change->changed == 0 || (change->changed & ~(unsigned)SETTINGS_ALL) != 0 ||
        (change->settings & ~change->changed) != 0 || locked != (change->key.length > 0))
        fields->failed = true;
}

static void take_limits(struct fields *fields, struct change_limits *limits)
{
    limits->max_rooms = fields_number(fields, 8);
    limits->rooms_per_client = fields_number(fields, 8);
    fields->failed |= limits->max_rooms == 0 || limits->rooms_per_client == 0;
}

static enum change_rank take_rank(struct fields *fields)
{
    uint64_t rank = fields_number(fields, 1);
    fields->failed |= rank > CHANGE_OPERATOR;
    return fields->failed ? CHANGE_STRANGER : (enum change_rank)rank;
}

void wire_take_message(struct fields *fields, struct message *message)
{
    *message = (struct message){0};
    uint64_t kind = fields_number(fields, 1);
    fields->failed |= kind != WIRE_SAID && kind != WIRE_ACTED;
    message->kind = kind == WIRE_ACTED ? MESSAGE_ACT : MESSAGE_SAY;
    message->author = fields_id(fields);
    message->time = fields_time(fields);
    message->name = fields_name(fields);
    message->text = fields_text(fields, 4, WIRE_BYTES_MAX);
}

/* Walks over all messages, so that each is checked. */
static void take_messages(struct fields *fields, struct change_messages *messages)
{
    struct message message;
    messages->count = (uint32_t)fields_number(fields, 4);
    messages->at = fields->at;
    fields->failed |= messages->count == 0;
    for (uint32_t i = 0; i < messages->count && !fields->failed; i++)
        wire_take_message(fields, &message);
    messages->end = fields->at;
}

static void take_numbers(struct fields *fields, struct change_numbers *numbers)
{
    uint64_t count = fields_number(fields, 2);
    numbers->at = fields->at;
    numbers->count = (uint32_t)count;
    if (count == 0 || count > WIRE_NUMBERS_MAX || fields_left(fields) < count * WIRE_NUMBER_BYTES)
        fields->failed = true;
    else
        fields->at += count * WIRE_NUMBER_BYTES;
}

bool wire_is_node_name(struct words name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
    bool is = name.length > 0 && name.length <= WIRE_NODE_NAME_MAX;
    for (size_t i = 0; i < name.length && is; i++)
        is = memchr(allowed, name.bytes[i], sizeof allowed - 1) != NULL;
    return is;
}

/* The text of these kinds is a name, or empty. */
static bool has_bad_name(const struct change *change)
{
    return (change->kind == CHANGE_STATE_OWNER || change->kind == CHANGE_STATE_INVITED) &&
           change->text.length > 0 && !name_is_well_made(change->text.bytes, change->text.length);
}

static void take_fields(struct fields *fields, const struct wire_shape *shape,
                        struct change *change)
{
    unsigned has = shape->fields;
    if (has & (HAS_ROOM | HAS_PLACE))
        change->room = wire_take_room(fields, (has & HAS_PLACE) != 0);
    if (has & HAS_USER)
        change->user = fields_id(fields);
    if (has & HAS_NAME)
        change->name = fields_name(fields);
    if (has & HAS_TARGET)
        take_target(fields, change);
    if (has & HAS_AUTHOR)
        take_author(fields, change);
    if (has & HAS_TEXT)
        change->text = fields_text(fields, 2, shape->text_max);
    if (has & HAS_TIME)
        change->time = fields_time(fields);
    if (has & HAS_END)
        change->end = fields_time(fields);
    if (has & HAS_SETTINGS)
        take_settings(fields, change);
    if (has & HAS_GIVEN)
        change->given = fields_flag(fields);
    if (has & HAS_NODE)
        change->node = fields_id(fields);
    if (change->kind == CHANGE_NODE_BEGIN || change->kind == CHANGE_STATE_MACHINE)
        fields->failed |= !wire_is_node_name(change->text);
    if (has & HAS_MESSAGES)
        take_messages(fields, &change->messages);
    if (has & HAS_RANK)
        change->rank = take_rank(fields);
    if (has & HAS_BOOT)
        change->boot = fields_id(fields);
    if (has & HAS_NUMBER)
        change->number = fields_number(fields, WIRE_NUMBER_BYTES);
    if (has & HAS_NUMBERS)
        take_numbers(fields, &change->numbers);
    if (has & HAS_LIMITS)
        take_limits(fields, &change->limits);
    fields->failed |= has_bad_name(change);
    if (has & HAS_STATES)
        change->states = (unsigned)fields_number(fields, 1);
}

/*
 * Takes a change of whatever kind. Returns whether the kind is known; if not, *needed is set if it
 * may not be skipped. What follows the fields that are known is from a newer version.
 */
static bool take_change(struct fields *changes, bool newer, struct change *change, bool *needed)
{
    unsigned kind = (unsigned)fields_number(changes, 1);
    unsigned flags = (unsigned)fields_number(changes, 1);
    struct words body = fields_words(changes, 4);
    const struct wire_shape *shape = wire_shape_of(kind);
    *change = (struct change){0};
    if (shape == NULL) {
        changes->failed |= !newer;
        *needed |= (flags & WIRE_MAY_SKIP) == 0;
        return false;
    }
    struct fields fields = fields_of(body.bytes, body.length);
    fields.failed = changes->failed;
    change->kind = (enum change_kind)kind;
    take_fields(&fields, shape, change);
    changes->failed |= fields.failed || (!newer && (fields_left(&fields) > 0 || flags != 0));
    return true;
}

enum sealed_result wire_check_changes(struct fields changes, bool newer, unsigned *skipped)
{
    struct change change;
    bool needed = false;
    *skipped = 0;
    do
        *skipped += !take_change(&changes, newer, &change, &needed);
    while (!changes.failed && fields_left(&changes) > 0);
    if (changes.failed)
        return SEALED_GARBLED;
    return needed ? SEALED_NEWER : SEALED_OK;
}

static bool take_header(struct fields *fields, bool newer, struct wire_header *header)
{
    uint64_t flags = fields_number(fields, 2);
    header->node = fields_id(fields);
    header->boot = fields_id(fields);
    header->number = fields_id(fields);
    return !fields->failed && (newer || flags == 0);
}

enum sealed_result wire_open(struct wire_reader *reader, const void *bytes, size_t length,
                             struct wire_header *header)
{
    struct fields fields;
    bool newer;
    enum sealed_result result = sealed_open(&wire_form, bytes, length, &fields, &newer);
    if (result != SEALED_OK)
        return result;
    if (!take_header(&fields, newer, header))
        return SEALED_GARBLED;
    reader->at = fields.at;
    reader->end = fields.end;
    reader->taken = 0;
    return wire_check_changes(fields, newer, &reader->skipped);
}

/* What was checked with less indulgence passes with more. */
bool wire_next(struct wire_reader *reader, struct change *change)
{
    struct fields fields = fields_of(reader->at, (size_t)(reader->end - reader->at));
    bool known = false;
    bool needed = false;
    for (; !known && fields_left(&fields) > 0; reader->taken++)
        known = take_change(&fields, true, change, &needed);
    reader->at = fields.at;
    return known;
}

bool wire_next_message(struct change_messages *messages, struct message *message)
{
    if (messages->count == 0)
        return false;
    struct fields fields = fields_of(messages->at, (size_t)(messages->end - messages->at));
    wire_take_message(&fields, message);
    messages->at = fields.at;
    messages->count--;
    return true;
}

uint32_t wire_numbers(const struct change_numbers *numbers, uint64_t list[WIRE_NUMBERS_MAX])
{
    struct fields fields = fields_of(numbers->at, (size_t)numbers->count * WIRE_NUMBER_BYTES);
    for (uint32_t i = 0; i < numbers->count; i++)
        list[i] = fields_number(&fields, WIRE_NUMBER_BYTES);
    return numbers->count;
}
