/* object: a JSON object that a program is sent. */
#include "object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A member's value as it was sent, a string without its quotes. */
struct value {
    const char *bytes;
    size_t length;
};

/* Returns where the value that begins at `at` ends: the comma or brace behind it. */
static size_t value_end(const char *bytes, size_t length, size_t at)
{
    unsigned depth = 0;
    bool quoted = false;

    for (; at < length; at++) {
        char byte = bytes[at];

        if (quoted) {
            if (byte == '\\') {
                at++;
            } else if (byte == '"') {
                quoted = false;
            }
        } else if (byte == '"') {
            quoted = true;
        } else if (byte == '[' || byte == '{') {
            depth++;
        } else if (depth == 0 && (byte == ',' || byte == '}')) {
            break;
        } else if (byte == ']' || byte == '}') {
            depth--;
        }
    }
    return at;
}

/* Finds a member of the outermost object. Its value is empty if there is none. */
static struct value member_of(const char *bytes, size_t length, const char *name)
{
    size_t at = 1;

    while (at < length) {
        size_t end = value_end(bytes, length, at);
        const char *colon = memchr(bytes + at, ':', end - at);

        if (colon == NULL) {
            break;
        }
        if ((size_t)(colon - (bytes + at)) == strlen(name) + 2 &&
            memcmp(bytes + at + 1, name, strlen(name)) == 0) {
            struct value value = {colon + 1, (size_t)(bytes + end - (colon + 1))};

            if (value.length >= 2 && value.bytes[0] == '"') {
                value.bytes++;
                value.length -= 2;
            }
            return value;
        }
        at = end + 1;
    }
    return (struct value){"", 0};
}

static bool value_is(struct value value, const char *text)
{
    return value.length == strlen(text) && memcmp(value.bytes, text, value.length) == 0;
}

static void add(struct script_line *line, const char *bytes, size_t length)
{
    if (sizeof line->bytes - line->length >= length) {
        memcpy(line->bytes + line->length, bytes, length);
        line->length += length;
    }
}

static void add_text(struct script_line *line, const char *text)
{
    add(line, text, strlen(text));
}

/* Adds a string without its escapes. What the script says needs no \u but of controls. */
static void add_value(struct script_line *line, struct value value)
{
    static const char escapes[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";

    for (size_t i = 0; i < value.length; i++) {
        const char *escape = NULL;

        if (value.bytes[i] == '\\' && i + 1 < value.length) {
            escape = strchr(escapes, value.bytes[i + 1]);
        }
        if (escape != NULL) {
            add(line, &meanings[escape - escapes], 1);
            i++;
        } else {
            add(line, &value.bytes[i], 1);
        }
    }
}

/* What people read of it: each % is replaced by one of the members, in their order. */
static const struct form {
    const char *type;
    const char *text;
    const char *members[3];
} forms[] = {
    {"say", "%: %", {"from", "text"}},
    {"act", "* % %", {"from", "text"}},
    {"nick", "*** % is now known as % ***", {"from", "name"}},
    {"reply", "*** % ***", {"text"}},
};

static void render(const char *bytes, size_t length, const char *text, const char *const *members,
                   struct script_line *line)
{
    for (; *text != '\0'; text++) {
        if (*text == '%') {
            add_value(line, member_of(bytes, length, *members++));
        } else {
            add(line, text, 1);
        }
    }
}

/* Comings and goings, of a room or of the chat. */
static bool render_presence(const char *bytes, size_t length, const struct object *object,
                            struct value type, struct script_line *line)
{
    bool joins = value_is(type, "join");
    char name[EVENT_ROOM_BYTES];

    if (!joins && !value_is(type, "leave")) {
        return false;
    }
    add_text(line, "*** ");
    add_value(line, member_of(bytes, length, "name"));
    add_text(line, joins ? " has joined " : " has left ");
    if (object->room == EVENT_NO_ROOM || (joins && object->room == 0)) {
        add_text(line, "the chat");
    } else {
        event_room_name(object->room, name);
        add_text(line, "#");
        add_text(line, name);
    }
    add_text(line, " ***");
    return true;
}

/* Out of a room, or out of the chat. */
static bool render_kick(const char *bytes, size_t length, const struct object *object,
                        struct value type, struct script_line *line)
{
    bool everywhere = object->room == EVENT_NO_ROOM;
    const char *text = everywhere ? "*** % has been kicked by %: % ***"
                                  : "*** % has been kicked out of #% by % ***";

    if (!value_is(type, "kick")) {
        return false;
    }
    render(bytes, length, text,
           everywhere ? (const char *const[]){"name", "by", "text"}
                      : (const char *const[]){"name", "room", "by"},
           line);
    return true;
}

/* What a warden does. */
static bool render_order(const char *bytes, size_t length, struct value type,
                         struct script_line *line)
{
    struct value change = member_of(bytes, length, "change");
    const char *text = NULL;

    if (value_is(type, "floor")) {
        text = value_is(change, "given") ? "*** % gives the floor to % ***"
                                         : "*** % takes the floor from % ***";
    } else if (value_is(type, "room")) {
        text = value_is(change, "moderated")
                   ? "*** % has made this room moderated: /hand asks for the floor ***"
                   : "*** % lets everyone speak in this room ***";
    } else {
        return false;
    }
    render(bytes, length, text, (const char *const[]){"from", "name"}, line);
    return true;
}

static enum object_type type_of(struct value type)
{
    if (value_is(type, "welcome")) {
        return OBJECT_WELCOME;
    }
    if (value_is(type, "reply")) {
        return OBJECT_REPLY;
    }
    if (value_is(type, "sync")) {
        return OBJECT_SYNC;
    }
    return value_is(type, "bye") ? OBJECT_BYE : OBJECT_OTHER;
}

static uint64_t number_of(const char *bytes, size_t length, const char *name)
{
    struct value value = member_of(bytes, length, name);

    return value.length > 0 ? strtoull(value.bytes, NULL, 10) : 0;
}

bool object_read(const char *bytes, size_t length, struct object *object)
{
    struct value type, room, code;

    if (length < 2 || bytes[0] != '{' || bytes[length - 1] != '}') {
        return false;
    }
    type = member_of(bytes, length, "type");
    room = member_of(bytes, length, "room");
    object->type = type_of(type);
    object->ok = value_is(member_of(bytes, length, "ok"), "true");
    object->past = value_is(member_of(bytes, length, "past"), "true");
    object->room = event_room(room.bytes, room.length);
    object->seq = number_of(bytes, length, "seq");
    object->first = number_of(bytes, length, "first");
    code = member_of(bytes, length, object->type == OBJECT_SYNC ? "token" : "code");
    snprintf(object->code, sizeof object->code, "%.*s", (int)code.length, code.bytes);
    object->line.length = 0;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (value_is(type, forms[i].type)) {
            render(bytes, length, forms[i].text, forms[i].members, &object->line);
        }
    }
    if ((object->line.length > 0 && object->type == OBJECT_OTHER) ||
        render_presence(bytes, length, object, type, &object->line) ||
        render_kick(bytes, length, object, type, &object->line) ||
        render_order(bytes, length, type, &object->line)) {
        object->type = OBJECT_EVENT;
    }
    return type.length > 0;
}
