/*
 * A history: the last lines that were entered, to go back to.
 *
 * Each line is held in an allocation of its own size; an empty history holds none. When memory is
 * short it forgets rather than fails.
 */
#ifndef EDIT_HISTORY_H
#define EDIT_HISTORY_H

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
    struct history_entry *draft; /* that line, as it was left */
    size_t count;
};

/*
 * Remembers a copy of the line, which becomes the newest; the oldest goes when there are more than
 * HISTORY_LINES_MAX. An empty line and a repetition of the newest are not remembered. Ends going
 * through the lines.
 */
void history_add(struct history *history, const char *text, size_t length);

/*
 * Goes one line back. current is what stands in the line now; on leaving the line being written a
 * copy is kept, to be found by history_newer. Returns the line, valid until the next history_add,
 * with its length in *found, or NULL if there is none.
 */
const char *history_older(struct history *history, const char *current, size_t length,
                          size_t *found);

/* Goes one line forward, at last to the line being written. Returns as history_older does. */
const char *history_newer(struct history *history, size_t *found);

/* Ends going through the lines; what was being written is forgotten. */
void history_rewind(struct history *history);

/* Forgets everything; the history is empty and can be used again. */
void history_clear(struct history *history);

#endif
