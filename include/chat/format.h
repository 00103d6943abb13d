/*
 * format: how messages read. A format is a function from a message to text; everybody who has the
 * same format is sent the same bytes, which are made once for all of them (chat/batch.h). A door
 * for another kind of program brings its own format; nothing here knows which ones there are.
 */
#ifndef CHAT_FORMAT_H
#define CHAT_FORMAT_H

#include "base/buffer.h"
#include "chat/message.h"

#include <stdbool.h>

struct format {
    /*
     * Appends a message as whole lines, each with its LF. Returns false, with `out` as it was or
     * with a part of the message, when memory is out.
     */
    bool (*render)(const struct message *message, struct buffer *out);
};

/* Plain lines, as docs/PROTOCOL.md has them: "Alice: hi", "*** Alice has joined the chat ***". */
extern const struct format format_lines;

#endif
