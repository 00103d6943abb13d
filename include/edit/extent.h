/* The extent of a text: the columns it takes when a terminal prints it on one row. */
#ifndef EDIT_EXTENT_H
#define EDIT_EXTENT_H

#include <stdbool.h>
#include <stddef.h>

enum { EXTENT_TAB_COLUMNS = 8 }; /* from one tab stop to the next */

struct extent {
    size_t columns; /* the most that it takes on any terminal */
    bool doubtful;  /* some terminals give it fewer columns */
};

/*
 * Measures text. CSI sequences (colours) take no columns. A TAB counts as eight columns and is
 * doubtful, since its width depends on its position. Other control characters take none. A byte
 * that is not valid UTF-8 counts as one column and is doubtful.
 */
struct extent extent_of(const char *text, size_t length);

/*
 * The length in bytes of the CSI sequence at the start of text, up to its end or that of the text;
 * 0 if there is none.
 */
size_t extent_sequence_length(const char *text, size_t length);

#endif
