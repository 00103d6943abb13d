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
 * When the screen becomes narrower, some terminals break a row that is too long into several, with
 * the cursor in one of them, and others cut it off and keep the cursor in the last column. The row
 * counts, character by character, where it begins then, and asks the terminal for the cursor's
 * position. When only the height changes, the row is drawn again, as kitty before 0.40 moves the
 * cursor then.
 *
 * It uses of a terminal: CR, LF, BS, BEL, and of ECMA-48 CUF, CUB, CUU, EL, ED, CUP (to clear the
 * screen) and DSR (after the screen became narrower, and only where a missing answer does no harm).
 */
#ifndef EDIT_EDIT_ROW_H
#define EDIT_EDIT_ROW_H

#include "base/buffer.h"
#include "edit/edit_line.h"
#include "edit/extent.h"
#include "edit/sink.h"

#include <stdbool.h>
#include <stddef.h>

/* What this terminal does with a row that is too long for a narrower screen. */
enum edit_row_habit { EDIT_ROW_UNKNOWN, EDIT_ROW_BREAKS, EDIT_ROW_CUTS };

/* The fields are private; the struct is here so that an editor can hold one by value. */
struct edit_row {
    char *prompt;
    size_t prompt_length; /* in bytes */
    struct extent prompt_extent;
    char *label; /* what is shown in the prompt's place for a while, or NULL */
    size_t label_length;
    struct extent label_extent;
    bool ascii;                    /* the terminal shows nothing else */
    unsigned columns, screen_rows; /* of the screen; the rows are 0 if not known */

    /* What is on the screen. */
    bool drawn;           /* if false, the cursor is at the start of an empty row */
    bool outdated;        /* the whole row must be written again */
    bool resized;         /* the screen's width has changed since, */
    bool resized_again;   /* and then its size once more */
    bool doubtful;        /* the columns below are upper bounds */
    size_t window;        /* offset in the line of what is shown first */
    size_t window_end;    /* and of the end of what is shown */
    size_t width_columns; /* from the prompt to the last mark */
    size_t cursor_column; /* counted from 0 */

    /* For finding the row's start after a change of width. */
    enum edit_row_habit habit;
    bool asking;         /* the terminal was asked for the cursor's position: edit_row_ask() */
    bool located;        /* it has answered, and the next field is known */
    size_t rows_up;      /* how far above the cursor the row begins */
    unsigned unanswered; /* how many requests were given up and may be answered yet */
    struct buffer shown; /* what was drawn; empty if not known */
    size_t shown_cursor; /* the cursor's offset in it */
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

/* Sets whether the terminal shows nothing but ASCII: then other text is drawn as question marks. */
void edit_row_set_ascii(struct edit_row *row, bool ascii);

/*
 * Sets the size of the screen; 0 is unknown. `line` is the line that was drawn last, perhaps with
 * changes that were not drawn. Returns whether the width is another than before.
 */
bool edit_row_resize(struct edit_row *row, const struct edit_line *line, unsigned columns,
                     unsigned screen_rows);

/*
 * After a change of width: asks the terminal for the cursor's position, if it may have broken the
 * row. Returns whether it asked; `asking` is set until the answer has arrived. Whoever draws,
 * prints or erases before gives the request up.
 */
bool edit_row_ask(struct edit_row *row, const struct sink *sink);

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
