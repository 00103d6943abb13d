#include "base/platform.h"

#include "chat/format.h"

#include <string.h>

/* The text before, between and behind the name and the text of a message, for each kind. */
static const struct frame {
    const char *before, *between, *behind;
} frames[] = {
    [MESSAGE_SAY] = {"", ": ", "\n"},
    [MESSAGE_ACT] = {"* ", " ", "\n"},
    [MESSAGE_TELL] = {"[private] ", ": ", "\n"},
    [MESSAGE_JOIN] = {"*** ", " has joined the chat", " ***\n"},
    [MESSAGE_LEAVE] = {"*** ", " has left the chat", " ***\n"},
    [MESSAGE_RENAME] = {"*** ", " is now known as ", " ***\n"},
    [MESSAGE_SUMMARY] = {"*** ", "", " ***\n"},
    [MESSAGE_WELCOME] = {"*** Welcome, ", ". Type /help for commands. Here now: ", ". ***\n"},
};

static char *put(char *place, struct words words)
{
    memcpy(place, words.bytes, words.length);
    return place + words.length;
}

static bool render_line(const struct message *message, struct buffer *out)
{
    const struct frame *frame = &frames[message->kind];
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

const struct format format_lines = {render_line};
