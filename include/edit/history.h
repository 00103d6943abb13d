/*
 * A history: the last lines that were entered, to recall.
 *
 * Each line has its own allocation of its own size; an empty history holds none. When memory is
 * out, lines are forgotten and no function fails. Moving through the lines copies nothing.
 */
#ifndef EDIT_HISTORY_H
#define EDIT_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

enum {
    HISTORY_LINES_MAX = 50,
    HISTORY_SEARCHED_BYTES_MAX = 1024 /* of each line: more than a person types */
};

struct history_entry;

/*
 * The fields are private; the struct is here so that an editor can hold one by value. All zero, it
 * is empty.
 */
struct history {
    struct history_entry *newest;
    struct history_entry *oldest;
    struct history_entry *shown; /* the recalled line; NULL at the line being written */
    size_t count;
};

/*
 * Adds a copy of the line as the newest, and removes the oldest beyond HISTORY_LINES_MAX. An empty
 * line and a repetition of the newest are not added. Returns to the line being written.
 */
void history_add(struct history *history, const char *text, size_t length);

/* Removes the newest line, if it is this text. Its memory is wiped. */
void history_forget(struct history *history, const char *text, size_t length);

/* Whether a recalled line is shown, and not the one being written. */
bool history_is_shown(const struct history *history);

/*
 * Moves one line back. Returns the line, valid until history_add or history_clear, with its length
 * in *length, or NULL, without moving, if there is none.
 */
const char *history_older(struct history *history, size_t *length);

/*
 * Moves one line forward. Returns the line as history_older does, or NULL if that is the line being
 * written.
 */
const char *history_newer(struct history *history, size_t *length);

/* A line that contains a text, valid as that of history_older, and the offset of the text. */
struct history_match {
    const char *text;
    size_t length;
    size_t at;
};

/*
 * Goes to the newest line that contains the text, which is not empty, ignoring the case of ASCII
 * letters. Begins with the shown line, or with `older` behind it. Only the first
 * HISTORY_SEARCHED_BYTES_MAX of each line are searched. Returns false, and stays where it is, if
 * there is none. Adds the number of comparisons of bytes to *compared.
 */
bool history_find(struct history *history, const char *text, size_t length, bool older,
                  struct history_match *match, size_t *compared);

/* The place in the history, valid until history_add or history_clear, and returning to it. */
struct history_entry *history_place(const struct history *history);
void history_go(struct history *history, struct history_entry *place);

/* Returns to the line being written. */
void history_rewind(struct history *history);

/* Removes all lines; the history can be used again. */
void history_clear(struct history *history);

#endif
