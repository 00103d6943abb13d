#include "base/platform.h"

#include "chat/format.h"

#include <inttypes.h>
#include <string.h>

static const struct format_frame frames[] = {
    [MESSAGE_SAY] = {"", ": ", "\n"},
    [MESSAGE_ACT] = {"* ", " ", "\n"},
    [MESSAGE_TELL] = {"[private] ", ": ", "\n"},
    [MESSAGE_JOIN] = {"*** ", " has joined the chat", " ***\n"},
    [MESSAGE_LEAVE] = {"*** ", " has left the chat", " ***\n"},
    [MESSAGE_KICK] = {"*** ", " has been kicked by ", " ***\n"},
    [MESSAGE_RENAME] = {"*** ", " is now known as ", " ***\n"},
    [MESSAGE_TOPIC] = {"*** ", " has set the topic: ", " ***\n"},
    [MESSAGE_HIDE] = {"*** ", " has hidden this room", " ***\n"},
    [MESSAGE_SHOW] = {"*** ", " has made this room open to see", " ***\n"},
    [MESSAGE_LOCK] = {"*** ", " has set a key for this room", " ***\n"},
    [MESSAGE_UNLOCK] = {"*** ", " has removed the key of this room", " ***\n"},
    [MESSAGE_CLOSE] = {"*** ", " lets only who is invited into this room", " ***\n"},
    [MESSAGE_OPEN] = {"*** ", " lets anyone into this room", " ***\n"},
    [MESSAGE_KEEP] = {"*** ", " keeps this room when nobody is here", " ***\n"},
    [MESSAGE_LET_GO] = {"*** ", " lets this room go when nobody is here", " ***\n"},
    [MESSAGE_MODERATE] = {"*** ", " has made this room moderated: /hand asks for the floor",
                          " ***\n"},
    [MESSAGE_UNMODERATE] = {"*** ", " lets everyone speak in this room", " ***\n"},
    [MESSAGE_GIVE_FLOOR] = {"*** ", " gives the floor to ", " ***\n"},
    [MESSAGE_TAKE_FLOOR] = {"*** ", " takes the floor from ", " ***\n"},
    [MESSAGE_OP] = {"*** ", " has made you an operator", " ***\n"},
    [MESSAGE_DEOP] = {"*** ", " has decided that you are no operator any more", " ***\n"},
    [MESSAGE_LINK_DOWN] = {"*** The link to the other machines is down.", " What you say waits.",
                           " ***\n"},
    [MESSAGE_LINK_UP] = {"*** The link is back.", "", " ***\n"},
    [MESSAGE_WALL] = {"*** ", ", to all: ", " ***\n"},
    [MESSAGE_WELCOME] = {"*** Welcome, ", ". Type /help for commands. Here now: ", ". ***\n"},
};

static char *put(char *place, struct words words)
{
    memcpy(place, words.bytes, words.length);
    return place + words.length;
}

const struct format_frame *format_frame(enum message_kind kind)
{
    return &frames[kind];
}

static bool render_frame(const struct message *message, struct buffer *out)
{
    const struct format_frame *frame = format_frame(message->kind);
    const struct words pieces[] = {words_of(frame->before), message->name, words_of(frame->between),
                                   message->text, words_of(frame->behind)};
    enum { PIECES = sizeof pieces / sizeof *pieces };
    size_t length = 0;
    for (int i = 0; i < PIECES; i++)
        length += pieces[i].length;
    char *place = buffer_reserve(out, length);
    if (place == NULL)
        return false;
    for (int i = 0; i < PIECES; i++)
        if (pieces[i].length > 0)
            place = put(place, pieces[i]);
    buffer_commit(out, length);
    return true;
}

static bool render_summary(const struct message *message, struct buffer *out)
{
    const struct message_counts *counts = &message->counts;
    return buffer_append_string(out, "*** ") && buffer_append_number(out, counts->joined) &&
           buffer_append_string(out, " joined, ") && buffer_append_number(out, counts->left) &&
           buffer_append_string(out, " left; ") && buffer_append_number(out, counts->here) &&
           buffer_append_string(out, " here ***\n");
}

/* The list as people read it. Returns false when memory is out. */
static bool write_list(const struct message *message, struct buffer *list)
{
    unsigned unnamed = message->counts.unnamed;
    if (message->text.length == 0)
        return buffer_append_string(list, "nobody else");
    return buffer_append(list, message->text.bytes, message->text.length) &&
           (unnamed == 0 ||
            (buffer_append_string(list, " and ") && buffer_append_number(list, unnamed) &&
             buffer_append_string(list, unnamed == 1 ? " other" : " others")));
}

static bool render_welcome(const struct message *message, struct buffer *out)
{
    struct message listed = *message;
    struct buffer list = {0};
    bool whole = write_list(message, &list);
    listed.text = (struct words){buffer_bytes(&list), buffer_length(&list)};
    whole = whole && render_frame(&listed, out);
    buffer_free(&list);
    return whole;
}

/* Appends the words of a notice about a room: "*** Alice has joined #ops ***". */
static bool render_about_room(const struct message *message, const char *between,
                              const char *behind, struct buffer *out)
{
    return buffer_append_string(out, "*** ") &&
           buffer_append(out, message->name.bytes, message->name.length) &&
           buffer_append_string(out, between) &&
           buffer_append(out, message->room.bytes, message->room.length) &&
           buffer_append_string(out, behind);
}

static bool render_invite(const struct message *message, struct buffer *out)
{
    return render_about_room(message, " invites you to #", ": /join ", out) &&
           buffer_append(out, message->room.bytes, message->room.length) &&
           buffer_append_string(out, " ***\n");
}

static bool render_hand(const struct message *message, struct buffer *out)
{
    return render_about_room(message, " asks for the floor in #", ": /floor ", out) &&
           buffer_append(out, message->name.bytes, message->name.length) &&
           buffer_append_string(out, " ***\n");
}

/* Appends the words of a notice that somebody was made to leave a room. */
static bool render_expel(const struct message *message, const char *before, struct words name,
                         const char *between, struct buffer *out)
{
    return buffer_append_string(out, before) && buffer_append(out, name.bytes, name.length) &&
           buffer_append_string(out, between) &&
           buffer_append(out, message->room.bytes, message->room.length) &&
           buffer_append_string(out, " by ") &&
           buffer_append(out, message->text.bytes, message->text.length) &&
           buffer_append_string(out, " ***\n");
}

static bool render_topic(const struct message *message, struct buffer *out)
{
    if (message->text.length > 0)
        return render_frame(message, out);
    return buffer_append_string(out, "*** ") &&
           buffer_append(out, message->name.bytes, message->name.length) &&
           buffer_append_string(out, " has removed the topic ***\n");
}

static bool render_entered(const struct message *message, struct buffer *out)
{
    struct buffer list = {0};
    bool whole = write_list(message, &list) && buffer_append_string(out, "*** You are in #") &&
                 buffer_append(out, message->room.bytes, message->room.length) &&
                 buffer_append_string(out, ". ");
    if (message->topic.length > 0)
        whole = whole && buffer_append_string(out, "Topic: ") &&
                buffer_append(out, message->topic.bytes, message->topic.length) &&
                buffer_append_string(out, ". ");
    whole = whole && buffer_append_string(out, "Here now: ") &&
            buffer_append(out, buffer_bytes(&list), buffer_length(&list)) &&
            buffer_append_string(out, ". ***\n");
    buffer_free(&list);
    return whole;
}

static bool render_date(const struct message *message, struct buffer *out)
{
    int date = message->at.date;
    return buffer_format(out, "*** %04d-%02d-%02d ***\n", date / 10000, date / 100 % 100,
                         date % 100);
}

static bool render_gap(const struct message *message, struct buffer *out)
{
    uint64_t count = message->counts.missing;
    return buffer_format(out, "*** %" PRIu64 " line%s missing here ***\n", count,
                         count == 1 ? " is" : "s are");
}

bool format_put_time(const struct message *message, struct buffer *out)
{
    return !message->past || !message_is_dated(message->kind) ||
           buffer_format(out, "[%02d:%02d] ", message->at.minute / 60, message->at.minute % 60);
}

/* Appends a line without the time. */
static bool render_bare(const struct message *message, struct buffer *out)
{
    switch (message->kind) {
    case MESSAGE_DATE:
        return render_date(message, out);
    case MESSAGE_GAP:
        return render_gap(message, out);
    case MESSAGE_SKIP: /* programs are told, as they count */
        return true;
    case MESSAGE_SUMMARY:
        return render_summary(message, out);
    case MESSAGE_WELCOME:
        return render_welcome(message, out);
    case MESSAGE_ENTER:
        return render_about_room(message, " has joined #", " ***\n", out);
    case MESSAGE_EXIT:
        return render_about_room(message, " has left #", " ***\n", out);
    case MESSAGE_EXPEL:
        return render_expel(message, "*** ", message->name, " has been kicked out of #", out);
    case MESSAGE_HAND:
        return render_hand(message, out);
    case MESSAGE_EXPELLED:
        return render_expel(message, "*** You have been kicked out of #", words_of(""), "", out);
    case MESSAGE_TOPIC:
        return render_topic(message, out);
    case MESSAGE_ENTERED:
        return render_entered(message, out);
    case MESSAGE_INVITE:
        return render_invite(message, out);
    case MESSAGE_SAY:
    case MESSAGE_ACT:
    case MESSAGE_TELL:
    case MESSAGE_JOIN:
    case MESSAGE_LEAVE:
    case MESSAGE_KICK:
    case MESSAGE_RENAME:
    case MESSAGE_HIDE:
    case MESSAGE_SHOW:
    case MESSAGE_LOCK:
    case MESSAGE_UNLOCK:
    case MESSAGE_CLOSE:
    case MESSAGE_OPEN:
    case MESSAGE_KEEP:
    case MESSAGE_LET_GO:
    case MESSAGE_MODERATE:
    case MESSAGE_UNMODERATE:
    case MESSAGE_GIVE_FLOOR:
    case MESSAGE_TAKE_FLOOR:
    case MESSAGE_WALL:
    case MESSAGE_OP:
    case MESSAGE_DEOP:
    case MESSAGE_LINK_DOWN:
    case MESSAGE_LINK_UP:
        break;
    }
    return render_frame(message, out);
}

static bool render_line(const struct message *message, struct buffer *out)
{
    return format_put_time(message, out) && render_bare(message, out);
}

const struct format format_lines = {render_line};

bool format_put_room(const struct message *message, struct buffer *out)
{
    return message->room.length == 0 || message_is_of_all_rooms(message->kind) ||
           (buffer_append(out, "#", 1) &&
            buffer_append(out, message->room.bytes, message->room.length) &&
            buffer_append(out, " ", 1));
}

static bool render_line_elsewhere(const struct message *message, struct buffer *out)
{
    return format_put_room(message, out) && render_line(message, out);
}

const struct format format_lines_elsewhere = {render_line_elsewhere};
