#include "base/platform.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/text.h"
#include "chat/keeping.h"
#include "chat/room_name.h"
#include "chat/room_policy.h"
#include "chat/session_membership.h"
#include "doors/plain/command.h"

#include <string.h>

/* A blank that cleaning takes away, as a vertical tab, parts no words. */
static bool parts_words(uint32_t character, const char *bytes, size_t size)
{
    return text_is_blank(character) && text_is_clean(bytes, size);
}

struct arguments arguments_take_word(struct arguments *rest)
{
    struct arguments word = {rest->bytes, 0};
    while (word.length < rest->length) {
        uint32_t character;
        size_t size =
            text_decode(rest->bytes + word.length, rest->length - word.length, &character);
        if (parts_words(character, rest->bytes + word.length, size))
            break;
        word.length += size;
    }
    rest->bytes += word.length;
    rest->length -= word.length;
    text_strip(&rest->bytes, &rest->length);
    return word;
}

bool arguments_are(struct arguments word, const char *expected)
{
    size_t i = 0;
    while (i < word.length && expected[i] != '\0' &&
           text_lower((unsigned char)word.bytes[i]) == (unsigned char)expected[i])
        i++;
    return i == word.length && expected[i] == '\0';
}

bool arguments_read_switch(struct arguments word, bool *on)
{
    *on = !arguments_are(word, "off");
    return word.length == 0 || arguments_are(word, "on") || !*on;
}

bool arguments_take_end(struct caller *caller, struct arguments *rest, int64_t *end)
{
    struct arguments behind = *rest;
    struct arguments word = arguments_take_word(&behind);
    int64_t seconds;
    *end = 0;
    switch (duration_parse(word.bytes, word.length, &seconds)) {
    case DURATION_READ:
        *end = clock_utc() + seconds * 1000;
        *rest = behind;
        return true;
    case DURATION_OTHER:
        return true;
    case DURATION_NO_UNIT:
    case DURATION_OUT_OF_RANGE:
        break;
    }
    caller_reply(caller, REPLY_USAGE, "%s", DURATION_RULES);
    return false;
}

bool arguments_quote(struct caller *caller, struct arguments word, char shown[NAME_SIZE])
{
    struct buffer clean = {0};
    bool whole = text_clean(&clean, word.bytes, word.length);
    const char *bytes = buffer_bytes(&clean);
    size_t kept = text_cut(bytes, buffer_length(&clean), COMMAND_SHOWN_MAX);
    memcpy(shown, bytes, kept);
    shown[kept] = '\0';
    buffer_free(&clean);
    if (!whole)
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. Nothing was done.");
    return whole;
}

struct user *arguments_look_up_user(struct caller *caller, struct arguments word,
                                    char name[NAME_SIZE])
{
    strcpy(name, "");
    if (name_fault(word.bytes, word.length) != NULL)
        return NULL;
    memcpy(name, word.bytes, word.length);
    name[word.length] = '\0';
    return directory_find(caller->session.chat->directory, name);
}

void arguments_refuse_user(struct caller *caller, struct arguments word)
{
    char shown[NAME_SIZE];
    if (arguments_quote(caller, word, shown))
        caller_reply(caller, REPLY_NO_SUCH_NAME, "There is no one here called %s.", shown);
}

struct user *arguments_find_user(struct caller *caller, struct arguments word)
{
    char name[NAME_SIZE];
    struct user *user = arguments_look_up_user(caller, word, name);
    if (user == NULL)
        arguments_refuse_user(caller, word);
    return user;
}

bool arguments_read_room(struct caller *caller, struct arguments word, char name[NAME_SIZE])
{
    bool allowed = room_name_read(word.bytes, word.length, name);
    if (!allowed)
        caller_reply(caller, REPLY_BAD_ROOM_NAME, "%s", ROOM_NAME_RULES);
    return allowed;
}

bool caller_sees(struct caller *caller, struct room *room)
{
    return !room_is_hidden(room) || session_member(&caller->session, room) != NULL ||
           room_shows_itself(room, caller->session.user);
}

struct room *arguments_find_room(struct caller *caller, struct arguments word)
{
    struct rooms *rooms = caller->session.chat->rooms;
    char name[NAME_SIZE];
    if (!arguments_read_room(caller, word, name))
        return NULL;
    struct room *room = keeping_find(caller->session.chat, name);
    if (room != NULL && caller_sees(caller, room))
        return room;
    if (room != NULL)
        rooms_release(rooms, room);
    caller_reply(caller, REPLY_NO_SUCH_ROOM, "There is no room #%s.", name);
    return NULL;
}

struct member *arguments_find_member(struct caller *caller, struct arguments word)
{
    struct rooms *rooms = caller->session.chat->rooms;
    char name[NAME_SIZE];
    if (!arguments_read_room(caller, word, name))
        return NULL;
    struct room *room = rooms_find(rooms, name);
    struct member *member = room != NULL ? session_member(&caller->session, room) : NULL;
    if (room != NULL)
        rooms_release(rooms, room);
    if (member == NULL)
        caller_reply(caller, REPLY_NOT_IN_ROOM, "You are not in #%s.", name);
    return member;
}
