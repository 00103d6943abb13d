/*
 * A history: the last lines that were entered, to go back to.
 *
 * Each line is held in an allocation of its own size; an empty history holds none. When memory is
 * short it forgets rather than fails. Going through the lines copies nothing.
 */
#ifndef EDIT_HISTORY_H
#define EDIT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

enum { HISTORY_LINES_MAX = 50 };

struct history_entry;

/*
 * Its fields are its own; it stands here so that an editor can hold one by value. All zero, it is
 * empty.
 */
struct history {
    struct history_entry *newest;
    struct history_entry *oldest;
    struct history_entry *shown; /* where the person is; NULL at the line being written */
    size_t count;
};

/*
 * Remembers a copy of the line, which becomes the newest; the oldest goes when there are more than
 * HISTORY_LINES_MAX. An empty line and a repetition of the newest are not remembered. Ends going
 * through the lines.
 */
void history_add(struct history *history, const char *text, size_t length);

/* Whether the person is at a line that was entered, and not at the one being written. */
bool history_is_shown(const struct history *history);

/*
 * Goes one line back. Returns the line, valid until history_add or history_clear, with its length
 * in *length, or NULL, having gone nowhere, if there is none.
 */
const char *history_older(struct history *history, size_t *length);

/*
 * Goes one line forward. Returns the line as history_older does, or NULL if that is the line being
 * written.
 */
const char *history_newer(struct history *history, size_t *length);

/* Ends going through the lines: the person is at the line being written. */
void history_rewind(struct history *history);

/* Forgets everything; the history is empty and can be used again. */
void history_clear(struct history *history);

#endif
