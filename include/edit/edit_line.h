/*
 * An edit line: a line of text while it is being written, with a cursor in it.
 *
 * It knows nothing of keys and nothing of the screen. The text is valid UTF-8, and the cursor and
 * every offset (in bytes) lie on a character's boundary. An empty line holds no memory; what a
 * secret line held is wiped before it is given back.
 *
 * Nothing here looks at more of the line than what is near the cursor, however long it is; only
 * bytes are moved or copied, when something is put in or taken out.
 */
#ifndef EDIT_EDIT_LINE_H
#define EDIT_EDIT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Its fields are to be read by others, and changed only by the functions below. All zero but limit,
 * it is empty.
 */
struct edit_line {
    const char *text;
    char *memory;    /* where the text is; NULL if it is somebody else's, or empty */
    size_t length;   /* in bytes */
    size_t capacity; /* of memory, in bytes */
    size_t limit;    /* the most that length can become, in bytes */
    size_t cursor;
    size_t changed_from; /* since edit_line_settle, nothing before this offset has changed */
    bool secret;
};

#define EDIT_LINE_UNCHANGED SIZE_MAX

/* Makes an empty line that can hold limit bytes. */
void edit_line_init(struct edit_line *line, size_t limit);

/* The text, never NULL, not NUL-terminated; valid until the line is changed. */
const char *edit_line_text(const struct edit_line *line);

/*
 * Longer words, and longer runs of what is not part of a word, are taken in pieces: longer than any
 * word or address that a person writes, and looking through as much takes no longer than drawing
 * the row.
 */
enum { EDIT_LINE_WORD_BYTES_MAX = 1024 };

/* Empties the line and gives its memory back. */
void edit_line_clear(struct edit_line *line);

/* Says that somebody has seen all changes so far. */
void edit_line_settle(struct edit_line *line);

/*
 * Puts text in at the cursor, which goes behind it. Returns false, and does nothing, if the line
 * would become longer than its limit or memory is short.
 */
bool edit_line_insert(struct edit_line *line, const char *text, size_t length);

/*
 * Takes out what stands from one offset to another, not before it; the cursor is then where it
 * stood. Returns false, and does nothing, if the text was somebody else's and memory is short.
 */
bool edit_line_erase(struct edit_line *line, size_t from, size_t to);

/*
 * Shows a text of somebody else's in the place of everything, with the cursor at its end. It is
 * copied when the line is changed, and must stay as it is until then, or until the line is cleared,
 * kept or shows another one. It must not be longer than the limit.
 */
void edit_line_show(struct edit_line *line, const char *text, size_t length);

/* Makes the text the line's own. Returns false if memory is short. */
bool edit_line_keep(struct edit_line *line);

/*
 * Puts the text of another line of the same limit in the place of everything, with the cursor at
 * its end. The other line is empty then; nothing is copied.
 */
void edit_line_take(struct edit_line *line, struct edit_line *from);

/*
 * Exchanges the graphemes on both sides of the cursor, or the last two if it is at the end, and
 * goes behind them. Returns false, and does nothing, if there are no two, or as edit_line_erase
 * does.
 */
bool edit_line_transpose(struct edit_line *line);

/* Where the cursor would be one grapheme further to the left or to the right. */
size_t edit_line_left(const struct edit_line *line);
size_t edit_line_right(const struct edit_line *line);

/* Where the word before the cursor begins, and where the one behind it ends. */
size_t edit_line_word_left(const struct edit_line *line);
size_t edit_line_word_right(const struct edit_line *line);

/*
 * Where the last run of blanks and other characters before the cursor begins: "a b  " gives b's
 * offset.
 */
size_t edit_line_argument_left(const struct edit_line *line);

#endif
