/*
 * An edit row: the row of a terminal's screen that shows a prompt and a line being edited.
 *
 * It remembers what it has drawn and sends only the difference. The row is always the last one that
 * is written to; messages are printed in its place, and it is drawn again below them. A line that
 * is longer than the row is scrolled sideways, with < and > where more of it is. The last column is
 * never written to, so the terminal never wraps a row.
 *
 * Where terminals disagree about a character's width (edit/character), the row reserves space for
 * the widest, and places the cursor by writing the text before it again: the cursor is then where
 * this terminal has it.
 *
 * It uses of a terminal: CR, LF, BS, BEL, and of ECMA-48 CUF, CUB, CUU, EL, ED, CUP (to clear the
 * screen) and DSR (after the screen became narrower, and only where a missing answer does no harm).
 */
#ifndef EDIT_EDIT_ROW_H
#define EDIT_EDIT_ROW_H

#include "edit/edit_line.h"
#include "edit/extent.h"
#include "edit/sink.h"

#include <stdbool.h>
#include <stddef.h>

/* The fields are private; the struct is here so that an editor can hold one by value. */
struct edit_row {
    char *prompt;
    size_t prompt_length; /* in bytes */
    struct extent prompt_extent;
    char *label; /* what is shown in the prompt's place for a while, or NULL */
    size_t label_length;
    struct extent label_extent;
    unsigned columns; /* of the screen */

    /* What is on the screen. */
    bool drawn;           /* if false, the cursor is at the start of an empty row */
    bool outdated;        /* the whole row must be written again */
    bool resized;         /* the screen's width has changed since */
    bool doubtful;        /* the columns below are upper bounds */
    size_t window;        /* offset in the line of what is shown first */
    size_t window_end;    /* and of the end of what is shown */
    size_t width_columns; /* from the prompt to the last mark */
    size_t cursor_column; /* counted from 0 */

    /*
     * What is above the row of its earlier output, which the terminal may have broken into several
     * rows when it became narrower.
     */
    size_t remains_rows;   /* how many rows, if this terminal does break rows */
    size_t remains_column; /* the cursor's column in that case, from 0 */
    size_t rows_up;        /* how far above the cursor the row begins, as the terminal reported */
    bool breaks;           /* this terminal breaks rows; it has shown that once */
};

enum { EDIT_ROW_DEFAULT_COLUMNS = 80 };

/* Makes a row without a prompt, not drawn, on a screen of EDIT_ROW_DEFAULT_COLUMNS. */
void edit_row_init(struct edit_row *row);

/* Frees what the row holds. */
void edit_row_destroy(struct edit_row *row);

/* Copies the prompt. Returns 0, or -1 with errno ENOMEM and the old prompt kept. */
int edit_row_set_prompt(struct edit_row *row, const char *prompt, size_t length);

/*
 * Shows a copy of the label instead of the prompt, or the prompt again if label is NULL or memory
 * is out.
 */
void edit_row_set_label(struct edit_row *row, const char *label, size_t length);

/* Sets the width of the screen in columns; 0 is unknown. */
void edit_row_resize(struct edit_row *row, unsigned columns);

/* Reports the terminal's answer about its cursor: row and column, counted from 1. */
void edit_row_locate(struct edit_row *row, unsigned screen_row, unsigned column);

/* Makes the screen show the line with its cursor, and settles the line. */
void edit_row_draw(struct edit_row *row, struct edit_line *line, const struct sink *sink);

/*
 * Writes text in the row's place, broken into rows by edit/wrap. Each line ends with LF or CR LF;
 * the last may lack it. Afterwards the row is not drawn.
 */
void edit_row_print(struct edit_row *row, const char *text, size_t length, const struct sink *sink);

/* As edit_row_print(), for text that wrap_write_lines() has broken for a screen of this width. */
void edit_row_print_rows(struct edit_row *row, const char *rows, size_t length,
                         const struct sink *sink);

/* Removes the row from the screen, and leaves the cursor at its start. */
void edit_row_erase(struct edit_row *row, const struct sink *sink);

/* Clears the screen and moves the cursor to its top. */
void edit_row_clear_screen(struct edit_row *row, const struct sink *sink);

#endif
