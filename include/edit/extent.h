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

/* A place on a terminal that continues a full row in the next one. */
struct extent_place {
    size_t rows;   /* above it, since the text's beginning */
    size_t column; /* from 0; the number of columns, behind a text that fills its last row */
};

/*
 * Finds the place of the character at an offset, in bytes, of a text that begins a row of a screen
 * of `columns` columns (at least 1); the offset may be the length: the place behind the text. A
 * wide character that does not fit into a row is in the next one. With `least`, a doubtful
 * character takes the fewest columns that any terminal gives it, otherwise the most.
 */
struct extent_place extent_place(const char *text, size_t length, size_t offset, size_t columns,
                                 bool least);

/*
 * The length in bytes of the CSI sequence at the start of text, up to its end or that of the text;
 * 0 if there is none.
 */
size_t extent_sequence_length(const char *text, size_t length);

#endif
