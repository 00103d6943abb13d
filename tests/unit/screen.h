/*
 * A screen: what a terminal would show of the bytes it is sent, for tests to look at.
 *
 * It models a VT100 as xterm made it: autowrap with the wrap pending in the last column, scrolling
 * at the bottom, erasing that does not wrap. It knows CR, LF, BS, BEL, CUU CUD CUF CUB CHA CUP, EL,
 * ED, DSR 6 and the bracketed paste mode; SGR and every other mode are ignored; anything else is
 * counted as an error. Widths are the model's own, for the characters that tests use; terminals
 * that differ in emoji can be chosen.
 */
#ifndef TESTS_SCREEN_H
#define TESTS_SCREEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct screen;

/* Kinds of terminals, which differ in what they make of emoji and of combining marks. */
enum screen_kind {
    SCREEN_XTERM, /* each code point by itself; a mark joins what was written last */
    SCREEN_TMUX,  /* joined pictographs and flags; a mark joins what is before the cursor */
    SCREEN_OLD,   /* one column for each emoji, as before Unicode 9; marks as tmux */
    SCREEN_KITTY  /* as SCREEN_XTERM; misplaces the cursor as kitty before 0.40: screen_resize() */
};

/* The columns, 0 to 2, of a code point. */
typedef int screen_width(uint32_t code_point);

/* Makes an empty screen with the cursor at its top left. Ends the program if memory is short. */
struct screen *screen_new(int columns, int rows, enum screen_kind kind);
void screen_free(struct screen *screen);

/* Has another function tell the width of characters. */
void screen_set_width(struct screen *screen, screen_width *width);

/* Interprets bytes, which may be cut anywhere. */
void screen_write(struct screen *screen, const char *bytes, size_t length);

/*
 * Changes the size, as a terminal does that breaks lines anew (reflow), or as one that cuts them
 * off. SCREEN_KITTY breaks wide characters, too. It moves the cursor a column to the right, also
 * when only the height changes, and once more where the first row becomes full by that; and it does
 * not move the cursor up when the rows below it scroll the screen.
 */
void screen_resize(struct screen *screen, int columns, int rows, bool reflow);

/* A row's text without blanks at its end, counted from 0 at the top; valid until the next call. */
const char *screen_row(struct screen *screen, int row);

/*
 * All rows that were ever written, each ended by LF, those that scrolled away too; valid until the
 * next call.
 */
const char *screen_text(struct screen *screen);

int screen_cursor_row(const struct screen *screen);
int screen_cursor_column(const struct screen *screen);

/* The text of the cell that the cursor is on, "" beyond what was written. */
const char *screen_under_cursor(const struct screen *screen);

/* How often a row was full and a character went on in the first column of the next one. */
int screen_wraps(const struct screen *screen);

int screen_bells(const struct screen *screen);
bool screen_bracketed_paste(const struct screen *screen);

/* How many bytes or sequences came that a terminal might show as rubbish. */
int screen_errors(const struct screen *screen);

/* What the terminal answers, once; "" if nothing. Valid until the next call. */
const char *screen_reply(struct screen *screen);

#endif
