/*
 * completion: the word before the cursor, and the candidates that could replace it, of which only
 * their number and what they have in common is kept.
 */
#ifndef EDIT_COMPLETION_H
#define EDIT_COMPLETION_H

#include "edit/edit_line.h"

#include <stdbool.h>
#include <stddef.h>

enum { COMPLETION_BYTES_MAX = 256 }; /* of a candidate */

struct completion {
    size_t count;
    size_t prefix_length; /* of the prefix that all candidates share */
    char prefix[COMPLETION_BYTES_MAX];
};

/*
 * Finds candidates: calls completion_add() for each text that could replace the word. word is the
 * length bytes from the last blank to the cursor, perhaps none, not NUL-terminated; begins_line is
 * true if only blanks, at most 256 of them, are before it. It is not called for a word of more than
 * COMPLETION_BYTES_MAX bytes.
 */
typedef void completion_finder(void *context, const char *word, size_t length, bool begins_line,
                               struct completion *completion);

/*
 * Adds a candidate: valid UTF-8 without control characters, of at most COMPLETION_BYTES_MAX bytes
 * (a longer one is ignored). It replaces the whole word. So it includes the text that should follow
 * it if it is the only one, such as a blank or a colon. The text is needed during the call only.
 */
void completion_add(struct completion *completion, const char *text, size_t length);

/* Returns where the word before the cursor starts; the cursor if it is longer than any candidate.
 */
size_t completion_word(const struct edit_line *line);

/* Whether only blanks are before a word's start, and at most 256 of them. */
bool completion_stands_first(const struct edit_line *line, size_t start);

/* Whether the word before the cursor is too long to be completed. */
bool completion_is_too_long(const struct edit_line *line);

/*
 * Replaces the word by the candidates' common prefix. Returns false if the line has no room for it.
 */
bool completion_replace(struct edit_line *line, const struct completion *completion);

#endif
