/*
 * A search: an incremental search in the history for a line that contains a text.
 *
 * It knows nothing of keys and nothing of the screen. During the search the edit line shows the
 * found line, with the cursor at the text; the line as it was before is kept. It is allocated for
 * the duration of the search.
 */
#ifndef EDIT_SEARCH_H
#define EDIT_SEARCH_H

#include "edit/edit_line.h"
#include "edit/history.h"

#include <stdbool.h>
#include <stddef.h>

enum { SEARCH_TEXT_BYTES_MAX = 64 };

/* Its fields are to be read by others, and changed only by the functions below. */
struct search {
    struct edit_line *line;
    struct history *history;
    struct edit_line before; /* the line, its cursor and the place in the history */
    size_t cursor;           /* as they were before the search */
    struct history_entry *place;
    size_t compared; /* bytes so far, each time counted */
    bool found;      /* the line shows a line of the history */
    bool failed;     /* the present text was not found */
    size_t length;   /* of the text, in bytes */
    char text[SEARCH_TEXT_BYTES_MAX];
};

/*
 * Begins a search with an empty text, at the current place in the history. Line and history must
 * outlive it, and must not be changed by others meanwhile. Returns NULL, and does nothing, when
 * memory is out.
 */
struct search *search_begin(struct edit_line *line, struct history *history);

/*
 * The next three return false if there is no such line; the edit line is then left as it is.
 */

/* Appends a character to the text. Also returns false if there is no room for it. */
bool search_extend(struct search *search, const char *character, size_t length);

/* Removes the last character of the text, and searches again from where the search began. */
bool search_shorten(struct search *search);

/* Finds an older line with the same text. */
bool search_older(struct search *search);

/*
 * Ends the search, with the found line in the edit line. What was being written is moved to the
 * draft. If nothing was found, everything is restored.
 */
void search_accept(struct search *search, struct edit_line *draft);

/* Ends the search, and restores everything. */
void search_give_up(struct search *search);

/* Frees the search, and leaves line and history alone. NULL is allowed. */
void search_free(struct search *search);

#endif
