/*
 * format: how messages are rendered. A format is a function from a message to text. All users with
 * the same format are sent the same bytes, which are made once (chat/batch.h). A door for another
 * kind of program brings its own format; nothing here depends on which formats exist.
 */
#ifndef CHAT_FORMAT_H
#define CHAT_FORMAT_H

#include "base/buffer.h"
#include "chat/message.h"

#include <stdbool.h>

struct format {
    /*
     * Appends a message to `out` as whole lines, each with its LF. Returns false, with `out`
     * unchanged or with a part of the message appended, when memory is out.
     */
    bool (*render)(const struct message *message, struct buffer *out);
};

/*
 * What the plain line of a message has before, between and behind its name and its text. Lines that
 * consist of other things as well have none: a summary, and what names a room.
 */
struct format_frame {
    const char *before, *between, *behind;
};

const struct format_frame *format_frame(enum message_kind kind);

/* Plain lines, as docs/PROTOCOL.md has them: "Alice: hi", "*** Alice has joined the chat ***". */
extern const struct format format_lines;

/* The same for members whose current room is another one: "#ops Alice: hi". */
extern const struct format format_lines_elsewhere;

/* Appends "[14:02] " before a message that is past. Returns false when memory is out. */
bool format_put_time(const struct message *message, struct buffer *out);

/*
 * Appends "#ops " before a message of the room in a line for a member that is elsewhere, unless the
 * message is of all rooms. Returns false when memory is out.
 */
bool format_put_room(const struct message *message, struct buffer *out);

#endif
