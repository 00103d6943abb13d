/*
 * A wrap: a line of printed text, broken into the rows of a terminal's screen.
 *
 * A terminal continues in the first column when a row is full. There a piece of a member's text
 * would look like the beginning of a line, which is where names are. So lines are broken here,
 * before the terminal breaks them, and all rows of a line but its first are indented: under the
 * text, if the line marks where that begins.
 *
 * A row takes at most the columns of the screen less one, however wide this terminal draws doubtful
 * characters: terminals differ in what they do behind the last column. A row ends at a blank, which
 * is not shown there, or before or behind a wide character. Words are kept whole where possible:
 *
 *   - A word that fits into a row of its own is not broken. It is indented less if necessary, but
 *     by at least one column.
 *   - A word that is longer than a row is written whole, and the terminal breaks it, so that a URL
 *     can be clicked and copied. This is done only if the part in the first column cannot look like
 *     the beginning of a line: the word is ASCII, and behind its first row it has none of the
 *     characters one of which precedes the first blank of every line. The text behind the word
 *     begins a new row, so the part in the first column has no blank behind it.
 *   - Any other word is broken where the row is full.
 *
 * Escape sequences, graphemes and TABs are not broken, except for a grapheme that is wider than a
 * row.
 */
#ifndef EDIT_WRAP_H
#define EDIT_WRAP_H

#include "edit/sink.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Marks where the text of a line begins, behind the time and the name. It has no width and is not
 * written. The further rows are indented to its column, but by at most a third of the screen.
 * Without it they are indented by 4 columns, or by a fifth of a screen of less than 20.
 */
#define WRAP_TEXT_BEGINS '\v'

/* The fields are private; the struct is here so that a caller can hold one by value. */
struct wrap {
    const char *text; /* the rest of the line */
    size_t length;    /* in bytes */
    size_t columns;   /* that a row may take */
    size_t indent;    /* of all rows but the first */
    bool begun;       /* the first row was returned */
    bool in_word;     /* the rest begins in the middle of a word that was broken */
};

/* A row of the line. */
struct wrap_row {
    size_t indent; /* blanks before it */
    const char *text;
    size_t length; /* in bytes */
};

/*
 * Begins with a line, without its line end, on a screen of screen_columns columns, at least 1. The
 * line is valid UTF-8 that may contain CSI sequences, TABs, BELs and WRAP_TEXT_BEGINS. The text is
 * not copied, and must stay until the last wrap_next.
 */
void wrap_init(struct wrap *wrap, const char *text, size_t length, size_t screen_columns);

/* Stores the next row; returns false if there is none. An empty line has one row. */
bool wrap_next(struct wrap *wrap, struct wrap_row *row);

/* Writes the text of a row without marks. The caller writes the indent and the line end. */
void wrap_write_text(const struct wrap_row *row, const struct sink *sink);

/*
 * Breaks lines and writes the rows, with their indents, each ended by CR LF. Each line ends with LF
 * or CR LF; the last may lack it.
 */
void wrap_write_lines(const char *lines, size_t length, size_t screen_columns,
                      const struct sink *sink);

#endif
