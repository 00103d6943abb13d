/*
 * The extent of a text: the room it takes when a terminal prints it on one row.
 */
#ifndef EDIT_EXTENT_H
#define EDIT_EXTENT_H

#include <stdbool.h>
#include <stddef.h>

enum { EXTENT_TAB_COLUMNS = 8 }; /* from one tab stop to the next */

struct extent {
    size_t columns; /* the most it takes on any terminal */
    bool doubtful;  /* some terminals give it fewer columns */
};

/*
 * Measures text. CSI sequences (colours) take no room; a TAB counts as eight columns and is
 * doubtful, since it depends on where it stands; other control characters take none; a byte that is
 * not valid UTF-8 counts as one column and is doubtful.
 */
struct extent extent_of(const char *text, size_t length);

/*
 * The length in bytes of the CSI sequence that text begins with, up to its end or that of the text;
 * 0 if it begins with none.
 */
size_t extent_sequence_length(const char *text, size_t length);

#endif
