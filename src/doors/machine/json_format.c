#include "base/platform.h"

#include "base/clock.h"
#include "base/json.h"
#include "doors/machine/json_format.h"

#include <string.h>

/*
 * What an object has for a kind of message: its type, the keys of the author's name and of the
 * text, and what has changed. NULL: it has no such member.
 */
struct shape {
    const char *type, *name, *text, *change;
};

static const struct shape shapes[] = {
    [MESSAGE_SAY] = {"say", "from", "text", NULL},
    [MESSAGE_ACT] = {"act", "from", "text", NULL},
    [MESSAGE_TELL] = {"tell", "from", "text", NULL},
    [MESSAGE_JOIN] = {"join", "name", NULL, NULL},
    [MESSAGE_LEAVE] = {"leave", "name", NULL, NULL},
    [MESSAGE_ENTER] = {"join", "name", NULL, NULL},
    [MESSAGE_EXIT] = {"leave", "name", NULL, NULL},
    [MESSAGE_KICK] = {"kick", "name", NULL, NULL},
    [MESSAGE_EXPEL] = {"kick", "name", NULL, NULL},
    [MESSAGE_RENAME] = {"nick", "from", "name", NULL},
    [MESSAGE_TOPIC] = {"topic", "from", "text", NULL},
    [MESSAGE_HIDE] = {"room", "from", NULL, "hidden"},
    [MESSAGE_SHOW] = {"room", "from", NULL, "open"},
    [MESSAGE_LOCK] = {"room", "from", NULL, "key"},
    [MESSAGE_UNLOCK] = {"room", "from", NULL, "no-key"},
    [MESSAGE_CLOSE] = {"room", "from", NULL, "members"},
    [MESSAGE_OPEN] = {"room", "from", NULL, "anyone"},
    [MESSAGE_KEEP] = {"room", "from", NULL, "kept"},
    [MESSAGE_LET_GO] = {"room", "from", NULL, "not-kept"},
    [MESSAGE_MODERATE] = {"room", "from", NULL, "moderated"},
    [MESSAGE_UNMODERATE] = {"room", "from", NULL, "not-moderated"},
    [MESSAGE_GIVE_FLOOR] = {"floor", "from", "name", "given"},
    [MESSAGE_TAKE_FLOOR] = {"floor", "from", "name", "taken"},
    [MESSAGE_WALL] = {"wall", "from", "text", NULL},
    [MESSAGE_OP] = {"operator", "from", NULL, "on"},
    [MESSAGE_DEOP] = {"operator", "from", NULL, "off"},
    [MESSAGE_HAND] = {"hand", "from", NULL, NULL},
    [MESSAGE_LINK_DOWN] = {"link", NULL, NULL, "down"},
    [MESSAGE_LINK_UP] = {"link", NULL, NULL, "up"},
    [MESSAGE_SUMMARY] = {"members", NULL, NULL, NULL},
    [MESSAGE_WELCOME] = {"welcome", "name", NULL, NULL},
    [MESSAGE_ENTERED] = {"welcome", "name", NULL, NULL},
    [MESSAGE_INVITE] = {"invite", "from", NULL, NULL},
    [MESSAGE_EXPELLED] = {"kick", "name", NULL, NULL},
    [MESSAGE_DATE] = {NULL, NULL, NULL, NULL}, /* each object has its time */
    [MESSAGE_GAP] = {"gap", NULL, NULL, NULL},
    [MESSAGE_SKIP] = {"gap", NULL, NULL, NULL},
};

bool json_begin_typed(struct buffer *out, const char *type)
{
    return json_begin_line(out) && json_string(out, "type", type, strlen(type));
}

static bool put_words(struct buffer *out, const char *key, struct words words)
{
    return json_string(out, key, words.bytes, words.length);
}

static bool put_time(struct buffer *out, int64_t milliseconds)
{
    char time[CLOCK_UTC_SIZE];
    clock_write_utc(milliseconds, time);
    return json_string(out, "time", time, strlen(time));
}

/* Appends where the message has its place: room, number and time. */
static bool put_place(struct buffer *out, const struct message *message)
{
    bool nowhere = message->room.length == 0 || message_is_of_all_rooms(message->kind);
    return (nowhere || put_words(out, "room", message->room)) &&
           (message->seq == 0 || json_number(out, "seq", message->seq)) &&
           put_time(out, message->time != 0 ? message->time : clock_utc());
}

/* Removes the first name from a list. A name has neither a comma nor a blank, so these end it. */
static struct words take_name(struct words *list)
{
    const char *comma = memchr(list->bytes, ',', list->length);
    struct words name = {list->bytes, comma != NULL ? (size_t)(comma - list->bytes) : list->length};
    size_t taken = name.length + (comma != NULL ? strlen(", ") : 0);
    *list = (struct words){list->bytes + taken, list->length - taken};
    return name;
}

static unsigned count_names(struct words list)
{
    unsigned count = 0;
    for (; list.length > 0; count++)
        take_name(&list);
    return count;
}

/* How many are in the room, the reader too, and the others that are listed. */
static bool put_company(struct buffer *out, const struct message *message)
{
    struct words list = message->text;
    unsigned others = count_names(list) + message->counts.unnamed;
    bool whole = json_number(out, "here", (uint64_t)others + 1) && json_open_array(out, "members");
    while (list.length > 0 && whole)
        whole = put_words(out, NULL, take_name(&list));
    return whole && json_close_array(out);
}

static bool put_counts(struct buffer *out, const struct message_counts *counts)
{
    return json_number(out, "here", counts->here) && json_number(out, "joined", counts->joined) &&
           json_number(out, "left", counts->left);
}

/* By whom somebody was made to leave, and why: "Olga: REASON"; no name has a colon. */
static bool put_author(struct buffer *out, struct words text)
{
    const char *colon = memchr(text.bytes, ':', text.length);
    struct words by = {text.bytes, colon != NULL ? (size_t)(colon - text.bytes) : text.length};
    size_t taken = by.length + (colon != NULL ? strlen(": ") : 0);
    struct words reason = {text.bytes + taken, text.length - taken};
    return put_words(out, "by", by) && put_words(out, "text", reason);
}

static bool render(const struct message *message, struct buffer *out)
{
    const struct shape *shape = &shapes[message->kind];
    if (shape->type == NULL)
        return true;
    bool whole = json_begin_typed(out, shape->type) && put_place(out, message);
    if (shape->name != NULL)
        whole = whole && put_words(out, shape->name, message->name);
    if (shape->text != NULL)
        whole = whole && put_words(out, shape->text, message->text);
    if (shape->change != NULL)
        whole = whole && json_string(out, "change", shape->change, strlen(shape->change));
    if (message->kind == MESSAGE_WELCOME || message->kind == MESSAGE_ENTERED)
        whole = whole && put_words(out, "topic", message->topic) && put_company(out, message);
    if (message_tells_of_order(message->kind) || message->kind == MESSAGE_EXPELLED)
        whole = whole && put_author(out, message->text);
    if (message->kind == MESSAGE_SUMMARY)
        whole = whole && put_counts(out, &message->counts);
    if (message->kind == MESSAGE_GAP || message->kind == MESSAGE_SKIP)
        whole = whole && json_number(out, "last", message->seq + message->counts.missing - 1);
    if (message->past)
        whole = whole && json_boolean(out, "past", true);
    return whole && json_end_line(out);
}

const struct format json_format = {render};

static bool encode(const char *text, size_t length, unsigned columns, struct buffer *out)
{
    (void)columns;
    return length == 0 || *text != '{' || buffer_append(out, text, length);
}

const struct encoding json_encoding = {encode};
