/*
 * An edit line: a line of text while it is being written, with a cursor in it.
 *
 * It knows neither keys nor the screen. The text is valid UTF-8, and the cursor and every offset
 * (in bytes) are on a character's boundary. An empty line holds no memory; memory that held a
 * secret line is wiped before it is freed.
 *
 * Every function examines only the text near the cursor, however long the line is; inserting and
 * erasing also move or copy bytes.
 */
#ifndef EDIT_EDIT_LINE_H
#define EDIT_EDIT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Other modules may read the fields, and change them only by the functions below. All zero but
 * limit, it is empty.
 */
struct edit_line {
    const char *text;
    char *memory;    /* the text's memory; NULL if the text is borrowed or empty */
    size_t length;   /* in bytes */
    size_t capacity; /* of memory, in bytes */
    size_t limit;    /* the greatest length, in bytes */
    size_t cursor;
    size_t changed_from; /* nothing before this offset has changed since edit_line_settle */
    bool secret;
};

#define EDIT_LINE_UNCHANGED SIZE_MAX

/* The result of an insertion. */
enum edit_line_result {
    EDIT_LINE_DONE,
    EDIT_LINE_FULL,     /* nothing was inserted: the line would exceed its limit */
    EDIT_LINE_NO_MEMORY /* nothing was inserted: memory is out */
};

/* Makes an empty line that can hold limit bytes. */
void edit_line_init(struct edit_line *line, size_t limit);

/* The text, never NULL, not NUL-terminated; valid until the line is changed. */
const char *edit_line_text(const struct edit_line *line);

/*
 * Longer words, and longer runs of other characters, are processed in pieces. The bound exceeds any
 * word or address that a person writes, and searching this much takes no longer than drawing the
 * row.
 */
enum { EDIT_LINE_WORD_BYTES_MAX = 1024 };

/* Empties the line and frees its memory. */
void edit_line_clear(struct edit_line *line);

/* Marks all changes so far as seen. */
void edit_line_settle(struct edit_line *line);

/* Inserts text at the cursor, which moves behind it. */
enum edit_line_result edit_line_insert(struct edit_line *line, const char *text, size_t length);

/*
 * Erases the text from one offset to another, which must not be smaller; the cursor is then at the
 * first. Returns false, and does nothing, if the text was borrowed and memory is out.
 */
bool edit_line_erase(struct edit_line *line, size_t from, size_t to);

/*
 * Replaces the whole line by a borrowed text, with the cursor at its end. The text is copied when
 * the line is changed, and must not change until then, or until the line is cleared, kept or shows
 * another text. It must not be longer than the limit.
 */
void edit_line_show(struct edit_line *line, const char *text, size_t length);

/* Copies a borrowed text, so that the line owns it. Returns false if memory is out. */
bool edit_line_keep(struct edit_line *line);

/*
 * Moves the text of another line of the same limit here, in the place of everything, with the
 * cursor at its end. The other line is empty afterwards; nothing is copied.
 */
void edit_line_take(struct edit_line *line, struct edit_line *from);

/* Moves the cursor to an offset on a character's boundary, or before the grapheme that that is in.
 */
void edit_line_go(struct edit_line *line, size_t offset);

/*
 * Exchanges the graphemes on both sides of the cursor, or the last two if it is at the end, and
 * moves behind them. Returns false, and does nothing, if there are fewer than two, or as
 * edit_line_erase does.
 */
bool edit_line_transpose(struct edit_line *line);

/* The offset one grapheme to the left or to the right of the cursor. */
size_t edit_line_left(const struct edit_line *line);
size_t edit_line_right(const struct edit_line *line);

/* The start of the word before the cursor, and the end of the word behind it. */
size_t edit_line_word_left(const struct edit_line *line);
size_t edit_line_word_right(const struct edit_line *line);

/*
 * The start of the last run of blanks and other characters before the cursor: "a b " gives b's
 * offset.
 */
size_t edit_line_argument_left(const struct edit_line *line);

#endif
