/*
 * paint: how lines look on one person's terminal: names in a colour of their own, notices dim,
 * what concerns the person bold and with a bell, and the time before each line. It makes text of
 * text, and knows nothing of terminals beyond their colours (ECMA-48, SGR).
 */
#ifndef DOORS_PLAIN_PAINT_H
#define DOORS_PLAIN_PAINT_H

#include "base/buffer.h"
#include "chat/format.h"
#include "chat/message.h"
#include "chat/name.h"

#include <stdbool.h>
#include <stddef.h>

struct paint {
    bool color, time, bell; /* what the person wants */
    char name[NAME_SIZE];   /* the person's; "" at the prompt for one */
};

/*
 * Appends a message, or a line that the server says (with its LF), as this person should see it.
 * False: memory is out.
 */
bool paint_message(const struct paint *paint, const struct message *message, struct buffer *out);
bool paint_notice(const struct paint *paint, const char *line, size_t length, struct buffer *out);

/*
 * Appends what the person said, as it stands on their own screen: "Alice: text", with its LF.
 * `text` needs no cleaning any more.
 */
bool paint_own(const struct paint *paint, const char *text, size_t length, struct buffer *out);

/* Appends the prompt: "Alice> ". */
bool paint_prompt(const struct paint *paint, struct buffer *out);

#endif
