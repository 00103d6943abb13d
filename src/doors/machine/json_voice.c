#include "base/platform.h"

#include "base/json.h"
#include "doors/machine/json_format.h"
#include "doors/machine/json_voice.h"

#include <string.h>

static bool put(struct buffer *out, const char *key, const char *value)
{
    return json_string(out, key, value, strlen(value));
}

static bool prompt(const char *question, struct buffer *out)
{
    return json_begin_typed(out, "prompt") && put(out, "text", question) && json_end_line(out);
}

static bool reply(const struct reply *reply, struct buffer *out)
{
    return json_begin_typed(out, "reply") &&
           json_boolean(out, "ok", reply_code_is_good(reply->code)) &&
           put(out, "code", reply_code_name(reply->code)) &&
           (reply->first == 0 || json_number(out, "first", reply->first)) &&
           json_string(out, "text", reply->text.bytes, reply->text.length) && json_end_line(out);
}

static bool confirm(struct words token, struct buffer *out)
{
    return json_begin_typed(out, "sync") && json_string(out, "token", token.bytes, token.length) &&
           json_end_line(out);
}

static bool put_entries(struct buffer *out, const struct room_entry *entries, size_t count)
{
    bool whole = json_open_array(out, "members");
    for (size_t i = 0; i < count && whole; i++)
        whole = json_open_object(out, NULL) && put(out, "name", entries[i].name) &&
                json_number(out, "idle", entries[i].idle_seconds) &&
                (!entries[i].is_away || put(out, "away", entries[i].away)) &&
                json_close_object(out);
    return whole && json_close_array(out);
}

static bool list_members(const struct member_page *page, struct buffer *out)
{
    return json_begin_typed(out, "members") &&
           json_string(out, "room", page->room.bytes, page->room.length) &&
           json_number(out, "here", page->here) && put_entries(out, page->entries, page->count) &&
           json_boolean(out, "more", !page->last) && json_end_line(out);
}

static bool list_rooms(const struct room_page *page, struct buffer *out)
{
    bool whole = json_begin_typed(out, "rooms") && json_number(out, "count", page->rooms) &&
                 json_open_array(out, "rooms");
    for (size_t i = 0; i < page->count && whole; i++)
        whole = json_open_object(out, NULL) && put(out, "room", page->lines[i].name) &&
                json_number(out, "here", page->lines[i].room.count) &&
                put(out, "topic", page->lines[i].room.topic) && json_close_object(out);
    return whole && json_close_array(out) && json_boolean(out, "more", !page->last) &&
           json_end_line(out);
}

static const struct {
    const char *code, *text;
} goodbyes[] = {
    [GOODBYE_FULL] = {"full", "The chat is full. Try again later."},
    [GOODBYE_QUIT] = {"quit", "Goodbye."},
    [GOODBYE_CLOSED] = {"closed", "You have closed the connection."},
    [GOODBYE_IDLE] = {"idle", "Idle timeout."},
    [GOODBYE_SILENT] = {"no-answer", "Your side does not answer any more."},
    [GOODBYE_TRIES] = {"too-many-tries", "None of your answers will do."},
    [GOODBYE_SHUTDOWN] = {"shutdown", "The server is shutting down."},
    [GOODBYE_BANNED] = {"banned", "You are banned."},
    [GOODBYE_NAME_TAKEN] = {"name-taken", "Your name was taken while this machine was cut off."},
    [GOODBYE_REPLACED] = {"replaced", "You have come in from elsewhere."},
    [GOODBYE_KICKED] = {"kicked", "You have been kicked."},
    [GOODBYE_PASSWORDS] = {"wrong-passwords", "Too many wrong passwords."},
};

static bool turn_away(enum goodbye why, const char *text, struct buffer *out)
{
    return json_begin_typed(out, "bye") && put(out, "code", goodbyes[why].code) &&
           put(out, "text", text) && json_end_line(out);
}

static bool say_goodbye(enum goodbye why, struct buffer *out)
{
    return turn_away(why, goodbyes[why].text, out);
}

const struct voice json_voice = {.acknowledges = true,
                                 .prompt = prompt,
                                 .reply = reply,
                                 .confirm = confirm,
                                 .list_members = list_members,
                                 .list_rooms = list_rooms,
                                 .say_goodbye = say_goodbye,
                                 .turn_away = turn_away};
