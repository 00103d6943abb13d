/*
 * A wrap: a line of printed text, broken into the rows of a terminal's screen.
 *
 * A terminal continues in the first column when a row is full. There a piece of a member's text
 * would look like the beginning of a line, which is where names are. So lines are broken here,
 * before the terminal breaks them, and all rows of a line but its first are indented.
 *
 * A row takes at most the columns of the screen less one, however wide this terminal draws doubtful
 * characters: terminals differ in what they do behind the last column. A row ends at its last
 * blank, if that is in its second half, or else where it is full; blanks are not shown at the end
 * of a row. Escape sequences, graphemes and TABs are not broken, except for a grapheme that is
 * wider than a row.
 */
#ifndef EDIT_WRAP_H
#define EDIT_WRAP_H

#include <stdbool.h>
#include <stddef.h>

/* The fields are private; the struct is here so that a caller can hold one by value. */
struct wrap {
    const char *text; /* the rest of the line */
    size_t length;    /* in bytes */
    size_t columns;   /* that a row may take */
    size_t indent;    /* of all rows but the first */
    bool begun;       /* the first row was returned */
};

/* A row of the line. */
struct wrap_row {
    size_t indent; /* blanks before it */
    const char *text;
    size_t length; /* in bytes */
};

/*
 * Begins with a line, without its line end, on a screen of screen_columns columns, at least 1. The
 * line is valid UTF-8 that may contain CSI sequences, TABs and BELs. The text is not copied, and
 * must stay until the last wrap_next.
 */
void wrap_init(struct wrap *wrap, const char *text, size_t length, size_t screen_columns);

/* Stores the next row; returns false if there is none. An empty line has one row. */
bool wrap_next(struct wrap *wrap, struct wrap_row *row);

#endif
