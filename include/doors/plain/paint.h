/*
 * paint: how lines look on one person's terminal: names in colours, notices dim, private messages
 * and mentions of the person bold and with a bell, the time before each line, and the date before
 * the first line of a day. It makes text from text, with colours (ECMA-48, SGR) and marks for line
 * breaking (edit/wrap.h), and knows nothing else of terminals.
 *
 * It has no lock: the owner guards it. Functions return false when memory is out.
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
    bool color, time, bell; /* switches that the person has set */
    int date;               /* of the last line that was shown (clock_local()); 0: none yet */
    char name[NAME_SIZE];   /* name of the person; "" at the prompt for a name */
    const char *room;       /* name of the room that the prompt shows; NULL: none */
};

/*
 * Call before a line is shown that has this date: appends a line with the date if times are shown
 * and the last line was of an earlier day.
 */
bool paint_date(struct paint *paint, int date, struct buffer *out);

/*
 * Returns the format of messages that do not name the person: the same for all persons with the
 * same settings. With `elsewhere`, the lines begin with the name of the room. The messages must
 * have a time.
 */
const struct format *paint_format(const struct paint *paint, bool elsewhere);

/* Whether a text has a name as a word of its own; never if the name is "". */
bool paint_mentions(const char *name, const char *text, size_t length);

/* Whether a message to all members names the person. */
bool paint_names(const struct paint *paint, const struct message *message);

/*
 * Append a message, of the current room or from elsewhere, or a line of the server (with its LF),
 * as this person sees it, with paint_date() in front.
 */
bool paint_message(struct paint *paint, const struct message *message, bool elsewhere,
                   struct buffer *out);
bool paint_notice(struct paint *paint, const char *line, size_t length, struct buffer *out);

/*
 * Appends what the person said, as its own terminal keeps it: "Alice: text", with its LF. `text` is
 * clean.
 */
bool paint_own(struct paint *paint, const char *text, size_t length, struct buffer *out);

/* Appends the prompt: "Alice> ", "#ops Alice> ", or the login prompt while there is no name. */
bool paint_prompt(const struct paint *paint, const char *login_prompt, struct buffer *out);

/* Appends a line that was typed but is not said, as its own terminal keeps it, with its LF. */
bool paint_typed(const struct paint *paint, const char *login_prompt, const char *text,
                 size_t length, struct buffer *out);

#endif
