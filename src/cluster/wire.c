#include "base/platform.h"

#include "base/checksum.h"
#include "base/text.h"
#include "chat/name.h"
#include "chat/room_name.h"
#include "chat/room_settings.h"
#include "chat/sanctions.h"
#include "chat/user.h"
#include "cluster/wire.h"

#include <errno.h>
#include <string.h>

enum {
    MAGIC_BYTES = 4,
    VERSION_AT = MAGIC_BYTES,
    NEEDS_AT,
    CHECKSUM_BYTES = 4,
    HEADER_BYTES = 32,
    CHANGE_HEADER_BYTES = 6,
    CHANGE_LENGTH_AT = 2, /* in a change */
    SETTINGS_ALL = CHANGE_HIDDEN | CHANGE_LOCKED | CHANGE_CLOSED | CHANGE_KEPT | CHANGE_MODERATED
};

static const unsigned char magic[MAGIC_BYTES] = {0x8F, 'P', 'L', 'C'};

/*
 * The kinds, and their fields. Fields are on the wire in the order of their bits.
 */

enum field {
    ROOM = 1 << 0,
    PLACE = 1 << 1, /* a room or none */
    USER = 1 << 2,
    NAME = 1 << 3,
    TARGET = 1 << 4,
    AUTHOR = 1 << 5,
    TEXT = 1 << 6,
    TIME = 1 << 7,
    END = 1 << 8,
    SETTINGS = 1 << 9,
    GIVEN = 1 << 10,
    NODE = 1 << 11,
    MESSAGES = 1 << 12
};

static const struct shape {
    unsigned fields;
    size_t text_max; /* bytes of the text */
} shapes[] = {
    [CHANGE_TALK] = {ROOM | MESSAGES, 0},
    [CHANGE_ENTER] = {NAME | TIME, 0},
    [CHANGE_JOIN] = {ROOM | USER | TEXT | TIME, ROOM_KEY_MAX},
    [CHANGE_LEAVE] = {PLACE | USER | TEXT | TIME,
                      NAME_BYTES_MAX + sizeof ": " - 1 + SANCTION_REASON_BYTES_MAX},
    [CHANGE_RENAME] = {USER | NAME | TIME, 0},
    [CHANGE_AWAY] = {USER | TEXT | TIME | GIVEN, USER_AWAY_MAX},
    [CHANGE_TOPIC] = {ROOM | AUTHOR | TEXT | TIME, ROOM_TOPIC_MAX},
    [CHANGE_SETTINGS] = {ROOM | AUTHOR | SETTINGS | TIME, 0},
    [CHANGE_BAN] = {PLACE | TARGET | AUTHOR | TEXT | TIME | END, SANCTION_REASON_BYTES_MAX},
    [CHANGE_UNBAN] = {PLACE | TARGET | AUTHOR | TIME, 0},
    [CHANGE_MUTE] = {PLACE | TARGET | AUTHOR | TEXT | TIME | END, SANCTION_REASON_BYTES_MAX},
    [CHANGE_UNMUTE] = {PLACE | TARGET | AUTHOR | TIME, 0},
    [CHANGE_KICK] = {PLACE | USER | AUTHOR | TEXT | TIME, SANCTION_REASON_BYTES_MAX},
    [CHANGE_OP] = {USER | AUTHOR | TIME, 0},
    [CHANGE_DEOP] = {USER | AUTHOR | TIME, 0},
    [CHANGE_INVITE] = {ROOM | USER | AUTHOR | TIME, 0},
    [CHANGE_ROOM_MUTE] = {ROOM | USER | AUTHOR | TIME | END | GIVEN, 0},
    [CHANGE_TELL] = {USER | AUTHOR | TEXT | TIME, WIRE_TELL_MAX},
    [CHANGE_HAND] = {ROOM | USER | AUTHOR | TIME, 0},
    [CHANGE_FLOOR] = {ROOM | USER | AUTHOR | GIVEN | TIME, 0},
    [CHANGE_NODE_BEGIN] = {NODE | TEXT | TIME, WIRE_NODE_NAME_MAX},
    [CHANGE_NODE_BEAT] = {NODE | TIME, 0},
    [CHANGE_NODE_END] = {NODE | TIME, 0},
};

/* Returns the shape of a kind, or NULL if there is no such kind. */
static const struct shape *find_shape(unsigned kind)
{
    bool known = kind < sizeof shapes / sizeof *shapes && shapes[kind].fields != 0;
    return known ? &shapes[kind] : NULL;
}

/* The kinds of messages in talk, as they are on the wire. */
enum { SAID = 1, ACTED = 2 };

/*
 * Reading
 */

/* Bytes that are read. What is behind their end reads as zero, and is noted. */
struct cursor {
    const unsigned char *at, *end;
    bool failed;
    bool unknown; /* there was a change that may not be skipped, of a kind that is not known */
};

static size_t left(const struct cursor *cursor)
{
    return (size_t)(cursor->end - cursor->at);
}

static uint64_t take_number(struct cursor *cursor, size_t bytes)
{
    uint64_t number = 0;
    if (left(cursor) < bytes) {
        cursor->failed = true;
        cursor->at = cursor->end;
        return 0;
    }
    for (size_t i = 0; i < bytes; i++)
        number = number << 8 | *cursor->at++;
    return number;
}

/* A moment is not negative. */
static int64_t take_time(struct cursor *cursor)
{
    uint64_t time = take_number(cursor, 8);
    cursor->failed |= time > INT64_MAX;
    return cursor->failed ? 0 : (int64_t)time;
}

static uint64_t take_id(struct cursor *cursor)
{
    uint64_t id = take_number(cursor, 8);
    cursor->failed |= id == 0;
    return id;
}

static struct words take_words(struct cursor *cursor, size_t length_bytes)
{
    uint64_t length = take_number(cursor, length_bytes);
    if (length > left(cursor)) {
        cursor->failed = true;
        length = 0;
    }
    struct words words = {(const char *)cursor->at, (size_t)length};
    cursor->at += length;
    return words;
}

static struct words take_text(struct cursor *cursor, size_t length_bytes, size_t most)
{
    struct words text = take_words(cursor, length_bytes);
    cursor->failed |= text.length > most || !text_is_clean(text.bytes, text.length);
    return text;
}

static struct words take_name(struct cursor *cursor)
{
    struct words name = take_words(cursor, 1);
    cursor->failed |= name_fault(name.bytes, name.length) != NULL;
    return name;
}

static struct words take_room(struct cursor *cursor, bool may_be_none)
{
    char name[NAME_SIZE];
    struct words room = take_words(cursor, 1);
    bool none = room.length == 0 && may_be_none;
    /* The name of a room is kept without the '#', which would be read over. */
    if (!none &&
        (room.length == 0 || *room.bytes == '#' || !room_name_read(room.bytes, room.length, name)))
        cursor->failed = true;
    return room;
}

static void take_author(struct cursor *cursor, struct change *change)
{
    change->author = take_number(cursor, 8);
    if (change->author != 0)
        change->author_name = take_name(cursor);
}

/* Only the canonical form of a range is one. */
static void take_range(struct cursor *cursor, struct address_prefix *range)
{
    size_t size = 0;
    range->family = (uint8_t)take_number(cursor, 1);
    range->bits = (uint8_t)take_number(cursor, 1);
    if (range->family == ADDRESS_IPV4 && range->bits <= ADDRESS_PREFIX_IPV4_BITS)
        size = ADDRESS_PREFIX_IPV4_BITS / 8;
    else if (range->family == ADDRESS_IPV6 && range->bits <= ADDRESS_PREFIX_IPV6_BITS)
        size = ADDRESS_PREFIX_IPV6_BITS / 8;
    if (size == 0 || left(cursor) < size) {
        cursor->failed = true;
        return;
    }
    memcpy(range->bytes, cursor->at, size);
    cursor->at += size;
    struct address_prefix canonical = *range;
    canonical.bits = (uint8_t)(size * 8);
    canonical = address_prefix_cut(&canonical, range->bits);
    cursor->failed |= address_prefix_compare(&canonical, range) != 0;
}

enum { TARGET_NAME = 1, TARGET_RANGE = 2 };

static void take_target(struct cursor *cursor, struct change *change)
{
    switch (take_number(cursor, 1)) {
    case TARGET_NAME:
        change->target = take_name(cursor);
        return;
    case TARGET_RANGE:
        take_range(cursor, &change->range);
        return;
    default:
        cursor->failed = true;
    }
}

static void take_settings(struct cursor *cursor, struct change *change)
{
    change->changed = (unsigned)take_number(cursor, 1);
    change->settings = (unsigned)take_number(cursor, 1);
    change->key = take_text(cursor, 1, ROOM_KEY_MAX);
    bool locked = (change->settings & CHANGE_LOCKED) != 0;
    if (change->changed == 0 || (change->changed & ~(unsigned)SETTINGS_ALL) != 0 ||
        (change->settings & ~change->changed) != 0 || locked != (change->key.length > 0))
        cursor->failed = true;
}

static bool take_flag(struct cursor *cursor)
{
    uint64_t flag = take_number(cursor, 1);
    cursor->failed |= flag > 1;
    return flag == 1;
}

static void take_message(struct cursor *cursor, struct message *message)
{
    *message = (struct message){0};
    uint64_t kind = take_number(cursor, 1);
    cursor->failed |= kind != SAID && kind != ACTED;
    message->kind = kind == ACTED ? MESSAGE_ACT : MESSAGE_SAY;
    message->author = take_id(cursor);
    message->time = take_time(cursor);
    message->name = take_name(cursor);
    message->text = take_text(cursor, 4, WIRE_BYTES_MAX);
}

/* Walks over all messages, so that each is checked. */
static void take_messages(struct cursor *cursor, struct change_messages *messages)
{
    struct message message;
    messages->count = (uint32_t)take_number(cursor, 4);
    messages->at = cursor->at;
    cursor->failed |= messages->count == 0;
    for (uint32_t i = 0; i < messages->count && !cursor->failed; i++)
        take_message(cursor, &message);
    messages->end = cursor->at;
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

static void take_fields(struct cursor *cursor, const struct shape *shape, struct change *change)
{
    unsigned fields = shape->fields;
    if (fields & (ROOM | PLACE))
        change->room = take_room(cursor, (fields & PLACE) != 0);
    if (fields & USER)
        change->user = take_id(cursor);
    if (fields & NAME)
        change->name = take_name(cursor);
    if (fields & TARGET)
        take_target(cursor, change);
    if (fields & AUTHOR)
        take_author(cursor, change);
    if (fields & TEXT)
        change->text = take_text(cursor, 2, shape->text_max);
    if (fields & TIME)
        change->time = take_time(cursor);
    if (fields & END)
        change->end = take_time(cursor);
    if (fields & SETTINGS)
        take_settings(cursor, change);
    if (fields & GIVEN)
        change->given = take_flag(cursor);
    if (fields & NODE)
        change->node = take_id(cursor);
    if (change->kind == CHANGE_NODE_BEGIN)
        cursor->failed |= !wire_is_node_name(change->text);
    if (fields & MESSAGES)
        take_messages(cursor, &change->messages);
}

/*
 * Takes a change of whatever kind. Returns whether the kind is known. What follows the fields that
 * are known is from a newer version.
 */
static bool take_change(struct cursor *cursor, bool newer, struct change *change)
{
    unsigned kind = (unsigned)take_number(cursor, 1);
    unsigned flags = (unsigned)take_number(cursor, 1);
    struct words body = take_words(cursor, 4);
    const struct shape *shape = find_shape(kind);
    *change = (struct change){0};
    if (shape == NULL) {
        cursor->failed |= !newer;
        cursor->unknown |= (flags & WIRE_MAY_SKIP) == 0;
        return false;
    }
    struct cursor fields = {.at = (const unsigned char *)body.bytes,
                            .end = (const unsigned char *)body.bytes + body.length,
                            .failed = cursor->failed};
    change->kind = (enum change_kind)kind;
    take_fields(&fields, shape, change);
    cursor->failed |= fields.failed || (!newer && (left(&fields) > 0 || flags != 0));
    return true;
}

/* Checks all changes, and counts those of unknown kinds. There is at least one. */
static enum wire_result check_changes(struct cursor cursor, bool newer, unsigned *skipped)
{
    struct change change;
    *skipped = 0;
    do
        *skipped += !take_change(&cursor, newer, &change);
    while (!cursor.failed && left(&cursor) > 0);
    if (cursor.failed)
        return WIRE_GARBLED;
    return cursor.unknown ? WIRE_NEWER : WIRE_OK;
}

static bool take_header(struct cursor *cursor, bool newer, struct wire_header *header)
{
    cursor->at += VERSION_AT + 2;
    uint64_t flags = take_number(cursor, 2);
    header->node = take_id(cursor);
    header->boot = take_id(cursor);
    header->number = take_id(cursor);
    return !cursor->failed && (newer || flags == 0);
}

enum wire_result wire_open(struct wire_reader *reader, const void *bytes, size_t length,
                           struct wire_header *header)
{
    const unsigned char *start = bytes;
    if (length < MAGIC_BYTES || memcmp(start, magic, MAGIC_BYTES) != 0)
        return WIRE_FOREIGN;
    if (length < NEEDS_AT + 1 + CHECKSUM_BYTES)
        return WIRE_GARBLED;
    struct cursor cursor = {.at = start + length - CHECKSUM_BYTES, .end = start + length};
    if (take_number(&cursor, CHECKSUM_BYTES) != checksum_of(start, length - CHECKSUM_BYTES))
        return WIRE_GARBLED;
    unsigned version = start[VERSION_AT];
    unsigned needs = start[NEEDS_AT];
    if (version == 0 || needs == 0 || needs > version)
        return WIRE_GARBLED;
    if (needs > WIRE_VERSION)
        return WIRE_NEWER;
    cursor = (struct cursor){.at = start, .end = start + length - CHECKSUM_BYTES};
    bool newer = version > WIRE_VERSION;
    if (length < HEADER_BYTES + CHECKSUM_BYTES || length > WIRE_BYTES_MAX ||
        !take_header(&cursor, newer, header))
        return WIRE_GARBLED;
    reader->at = cursor.at;
    reader->end = cursor.end;
    return check_changes(cursor, newer, &reader->skipped);
}

/* What was checked with less indulgence passes with more. */
bool wire_next(struct wire_reader *reader, struct change *change)
{
    struct cursor cursor = {.at = reader->at, .end = reader->end};
    bool known = false;
    while (!known && left(&cursor) > 0)
        known = take_change(&cursor, true, change);
    reader->at = cursor.at;
    return known;
}

bool wire_next_message(struct change_messages *messages, struct message *message)
{
    if (messages->count == 0)
        return false;
    struct cursor cursor = {.at = messages->at, .end = messages->end};
    take_message(&cursor, message);
    messages->at = cursor.at;
    messages->count--;
    return true;
}

const char *wire_describe(enum wire_result result)
{
    switch (result) {
    case WIRE_OK:
        return "it is in order";
    case WIRE_FOREIGN:
        return "it is not from a partyline";
    case WIRE_GARBLED:
        return "it is garbled";
    case WIRE_NEWER:
        break;
    }
    return "a newer version wrote it, and this one cannot go on without it";
}

/*
 * Writing
 */

static void store_number(unsigned char *place, uint64_t number, size_t bytes)
{
    for (size_t i = bytes; i > 0; i--, number >>= 8)
        place[i - 1] = (unsigned char)(number & 0xFF);
}

static bool put_number(struct buffer *out, uint64_t number, size_t bytes)
{
    unsigned char place[8];
    store_number(place, number, bytes);
    return buffer_append(out, place, bytes);
}

/*
 * A length that does not fit is written as the highest one, which the reader's check refuses: no
 * words may be that long.
 */
static bool put_words(struct buffer *out, struct words words, size_t length_bytes)
{
    uint64_t highest = (UINT64_C(1) << 8 * length_bytes) - 1;
    return put_number(out, words.length < highest ? words.length : highest, length_bytes) &&
           buffer_append(out, words.length > 0 ? words.bytes : "", words.length);
}

static bool put_target(struct buffer *out, const struct change *change)
{
    size_t size = change->range.family == ADDRESS_IPV4 ? ADDRESS_PREFIX_IPV4_BITS / 8
                                                       : ADDRESS_PREFIX_IPV6_BITS / 8;
    if (change->range.family == ADDRESS_NONE)
        return put_number(out, TARGET_NAME, 1) && put_words(out, change->target, 1);
    return put_number(out, TARGET_RANGE, 1) && put_number(out, change->range.family, 1) &&
           put_number(out, change->range.bits, 1) && buffer_append(out, change->range.bytes, size);
}

static bool put_author(struct buffer *out, const struct change *change)
{
    return put_number(out, change->author, 8) &&
           (change->author == 0 || put_words(out, change->author_name, 1));
}

static bool put_settings(struct buffer *out, const struct change *change)
{
    return put_number(out, change->changed, 1) && put_number(out, change->settings, 1) &&
           put_words(out, change->key, 1);
}

static bool put_fields(struct buffer *out, const struct change *change)
{
    unsigned fields = shapes[change->kind].fields;
    return (!(fields & (ROOM | PLACE)) || put_words(out, change->room, 1)) &&
           (!(fields & USER) || put_number(out, change->user, 8)) &&
           (!(fields & NAME) || put_words(out, change->name, 1)) &&
           (!(fields & TARGET) || put_target(out, change)) &&
           (!(fields & AUTHOR) || put_author(out, change)) &&
           (!(fields & TEXT) || put_words(out, change->text, 2)) &&
           (!(fields & TIME) || put_number(out, (uint64_t)change->time, 8)) &&
           (!(fields & END) || put_number(out, (uint64_t)change->end, 8)) &&
           (!(fields & SETTINGS) || put_settings(out, change)) &&
           (!(fields & GIVEN) || put_number(out, change->given, 1)) &&
           (!(fields & NODE) || put_number(out, change->node, 8));
}

/* Returns where an offset of a buffer is in memory, to be written. */
static unsigned char *place_in(struct buffer *out, size_t offset)
{
    return (unsigned char *)out->memory + out->start + offset;
}

static bool fits(const struct buffer *out)
{
    return buffer_length(out) + CHECKSUM_BYTES <= WIRE_BYTES_MAX;
}

/* Stores the length of the change that begins at `start` and ends with the buffer. */
static void end_change(struct buffer *out, size_t start)
{
    store_number(place_in(out, start + CHANGE_LENGTH_AT),
                 buffer_length(out) - start - CHANGE_HEADER_BYTES, 4);
}

static bool begin_change(struct buffer *out, enum change_kind kind)
{
    return put_number(out, kind, 1) && put_number(out, 0, 1) && put_number(out, 0, 4);
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
    if (buffer_append(out, magic, sizeof magic) && put_number(out, WIRE_VERSION, 1) &&
        put_number(out, 1, 1) && put_number(out, 0, 2) && put_number(out, header->node, 8) &&
        put_number(out, header->boot, 8) && put_number(out, header->number, 8))
        return 0;
    return undo(out, 0, ENOMEM);
}

/* The reader's rules are the only ones: what was written is read. */
int wire_add(struct buffer *out, const struct change *change)
{
    size_t start = buffer_length(out);
    unsigned skipped;
    if (find_shape(change->kind) == NULL || change->kind == CHANGE_TALK)
        return EINVAL;
    if (!begin_change(out, change->kind) || !put_fields(out, change))
        return undo(out, start, ENOMEM);
    end_change(out, start);
    if (!fits(out))
        return undo(out, start, EMSGSIZE);
    const struct cursor written = {.at = place_in(out, start),
                                   .end = place_in(out, buffer_length(out))};
    return check_changes(written, false, &skipped) == WIRE_OK ? 0 : undo(out, start, EINVAL);
}

int wire_begin_talk(struct wire_talk *talk, struct buffer *out, struct words room)
{
    *talk = (struct wire_talk){.out = out, .start = buffer_length(out)};
    if (!begin_change(out, CHANGE_TALK) || !put_words(out, room, 1))
        return undo(out, talk->start, ENOMEM);
    talk->place = buffer_length(out);
    if (!put_number(out, 0, 4))
        return undo(out, talk->start, ENOMEM);
    struct cursor written = {.at = place_in(out, talk->start + CHANGE_HEADER_BYTES),
                             .end = place_in(out, talk->place)};
    take_room(&written, false);
    if (written.failed || left(&written) > 0)
        return undo(out, talk->start, EINVAL);
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
    if (!put_number(out, message->kind == MESSAGE_ACT ? ACTED : SAID, 1) ||
        !put_number(out, message->author, 8) || !put_number(out, (uint64_t)message->time, 8) ||
        !put_words(out, message->name, 1) || !put_words(out, message->text, 4))
        return undo(out, start, ENOMEM);
    if (!fits(out))
        return undo(out, start, EMSGSIZE);
    struct cursor written = {.at = place_in(out, start), .end = place_in(out, buffer_length(out))};
    take_message(&written, &read);
    if (written.failed || left(&written) > 0)
        return undo(out, start, EINVAL);
    talk->count++;
    return 0;
}

int wire_end_talk(struct wire_talk *talk)
{
    if (talk->count == 0)
        return undo(talk->out, talk->start, EINVAL);
    store_number(place_in(talk->out, talk->place), talk->count, 4);
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
    uint32_t sum = checksum_of(buffer_bytes(out), buffer_length(out));
    return put_number(out, sum, CHECKSUM_BYTES) ? 0 : ENOMEM;
}
