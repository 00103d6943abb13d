/* event: what a line of a room tells. */
#include "event.h"

#include "script.h"

#include <stdio.h>
#include <string.h>

#define NOTICE_START "*** "
#define NOTICE_END   " ***"
#define LOBBY        "lobby"

struct text {
    const char *bytes;
    size_t length;
};

void event_room_name(int room, char name[EVENT_ROOM_BYTES])
{
    if (room == 0) {
        snprintf(name, EVENT_ROOM_BYTES, "%s", LOBBY);
    } else {
        snprintf(name, EVENT_ROOM_BYTES, "%s%d", EVENT_ROOM, room);
    }
}

/* Takes a text from the beginning. Returns false if it does not begin so. */
static bool take(struct text *text, const char *start)
{
    size_t length = strlen(start);

    if (text->length < length || memcmp(text->bytes, start, length) != 0) {
        return false;
    }
    text->bytes += length;
    text->length -= length;
    return true;
}

/* Takes a decimal number from the beginning. */
static bool take_number(struct text *text, uint32_t *number)
{
    size_t digits = 0;

    *number = 0;
    while (digits < text->length && digits < 9 && text->bytes[digits] >= '0' &&
           text->bytes[digits] <= '9') {
        *number = 10 * *number + (uint32_t)(text->bytes[digits++] - '0');
    }
    text->bytes += digits;
    text->length -= digits;
    return digits > 0;
}

/* Takes what comes before the next blank, colon or full stop that a name cannot have. */
static struct text take_word(struct text *text)
{
    struct text word = {text->bytes, 0};

    while (word.length < text->length && text->bytes[word.length] != ' ' &&
           text->bytes[word.length] != ':') {
        word.length++;
    }
    text->bytes += word.length;
    text->length -= word.length;
    return word;
}

int event_room(const char *name, size_t length)
{
    struct text text = {name, length};
    uint32_t number;

    if (length == strlen(LOBBY) && memcmp(name, LOBBY, length) == 0) {
        return 0;
    }
    if (!take(&text, EVENT_ROOM) || !take_number(&text, &number) || text.length > 0) {
        return EVENT_NO_ROOM;
    }
    return (int)number;
}

static bool take_client(struct text *text, uint32_t *serial, uint32_t *name)
{
    struct text word = take_word(text);

    return script_owner(word.bytes, word.length, serial, name);
}

/* Takes a room, behind its #. What the word ends with is no part of a room's name. */
static bool take_room(struct text *text, int *room)
{
    struct text word;

    if (!take(text, "#")) {
        return false;
    }
    word = take_word(text);
    *room = event_room(word.bytes, word.length);
    return *room != EVENT_NO_ROOM;
}

/* The rest of a notice, behind the name of a client. */
static bool read_client_notice(struct text rest, struct event *event)
{
    if (take(&rest, " has joined ") || take(&rest, " has left ")) {
        bool joins = rest.bytes[-2] == 'd';

        event->kind = joins ? EVENT_JOIN : EVENT_EXIT;
        if (take(&rest, "the chat")) {
            event->kind = joins ? EVENT_JOIN : EVENT_LEAVE;
            event->room = joins ? 0 : EVENT_NO_ROOM;
            return rest.length == 0;
        }
        return take_room(&rest, &event->room) && rest.length == 0;
    }
    if (take(&rest, " is now known as ")) {
        uint32_t serial;

        event->kind = EVENT_NICK;
        return take_client(&rest, &serial, &event->number) && rest.length == 0 &&
               serial == event->serial;
    }
    if (take(&rest, " has been kicked by " EVENT_WARDEN "0: ")) {
        event->kind = EVENT_LEAVE;
        event->number = EVENT_KICKED;
        return true;
    }
    event->kind = EVENT_KICK;
    return take(&rest, " has been kicked out of ") && take_room(&rest, &event->room);
}

static uint32_t hash_of(struct text text)
{
    uint32_t hash = 2166136261U;

    for (size_t i = 0; i < text.length; i++) {
        hash = (hash ^ (unsigned char)text.bytes[i]) * 16777619U;
    }
    return hash;
}

static bool read_notice(struct text rest, struct event *event)
{
    struct text whole = rest;
    uint32_t warden;

    if (take(&rest, EVENT_WARDEN) && take_number(&rest, &warden)) {
        event->kind = EVENT_ORDER;
        event->room = (int)warden;
        /* What the warden itself is told by the reply alone has no place in its order. */
        event->number =
            take(&rest, " has made this room moderated") || take(&rest, " lets everyone speak")
                ? 0
                : hash_of(whole);
        return true;
    }
    rest = whole;
    return take_client(&rest, &event->serial, &event->name) && read_client_notice(rest, event);
}

static bool read_talk(uint64_t seed, const char *bytes, size_t length, struct event *event)
{
    struct text rest = {bytes, length};
    struct script_line wanted;
    const char *mark;
    uint32_t serial;

    event->kind = EVENT_TALK;
    take(&rest, "* ");
    if (!take_client(&rest, &event->serial, &event->name) ||
        (mark = memchr(rest.bytes, '#', rest.length)) == NULL) {
        return false;
    }
    rest = (struct text){mark + 1, rest.length - (size_t)(mark + 1 - rest.bytes)};
    if (!take_number(&rest, &serial) || serial != event->serial || !take(&rest, ".") ||
        !take_number(&rest, &event->number)) {
        return false;
    }
    script_heard(seed, serial, event->name, event->number, &wanted);
    return script_line_is(&wanted, bytes, length);
}

bool event_read(uint64_t seed, const char *bytes, size_t length, struct event *event)
{
    struct text rest = {bytes, length};
    size_t end = strlen(NOTICE_END);

    *event = (struct event){.room = EVENT_NO_ROOM};
    if (!take(&rest, NOTICE_START)) {
        return read_talk(seed, bytes, length, event);
    }
    if (rest.length < end || memcmp(bytes + length - end, NOTICE_END, end) != 0) {
        return false;
    }
    rest.length -= end;
    return read_notice(rest, event);
}

bool event_is_everywhere(const struct event *event)
{
    return event->kind == EVENT_NICK || event->kind == EVENT_LEAVE;
}

bool event_is_presence(const struct event *event)
{
    return event->kind == EVENT_JOIN || event->kind == EVENT_EXIT ||
           (event->kind == EVENT_LEAVE && event->number != EVENT_KICKED);
}

bool event_equals(const struct event *one, const struct event *other)
{
    return one->kind == other->kind && one->serial == other->serial && one->name == other->name &&
           one->number == other->number;
}
