/*
 * A wrap: a line of printed text, broken into the rows of a terminal's screen.
 *
 * A terminal goes on in the first column when a row is full. There a piece of somebody's text would
 * look like the beginning of a line, which is where names stand. So lines are broken here, before
 * the terminal would, and all rows of a line but its first are indented.
 *
 * A row takes at most the columns of the screen less one, however wide this terminal makes the
 * characters that are in doubt: what a terminal does behind the last column differs. It ends at its
 * last blank, if that is in its second half, or else where it is full; blanks are not shown where a
 * row ends. Escape sequences, graphemes and TABs are not broken, but for a grapheme that is wider
 * than a row.
 */
#ifndef EDIT_WRAP_H
#define EDIT_WRAP_H

#include <stdbool.h>
#include <stddef.h>

/* Its fields are its own; it stands here so that a caller can hold one by value. */
struct wrap {
    const char *text; /* what is left of the line */
    size_t length;    /* in bytes */
    size_t columns;   /* that a row may take */
    size_t indent;    /* of all rows but the first */
    bool begun;       /* the first row has been given out */
};

/* A row of the line. */
struct wrap_row {
    size_t indent; /* so many blanks stand before it */
    const char *text;
    size_t length; /* in bytes */
};

/*
 * Begins with a line, without its end, on a screen of so many columns, at least 1. The line is
 * valid UTF-8 that may contain CSI sequences, TABs and BELs. The text is not copied.
 */
void wrap_init(struct wrap *wrap, const char *text, size_t length, size_t screen_columns);

/* Stores the next row; returns false if there is none. An empty line has one. */
bool wrap_next(struct wrap *wrap, struct wrap_row *row);

#endif
