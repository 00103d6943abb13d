/*
 * Graphemes: what a person takes for one character, a base with all that joins it. Editing steps
 * over these.
 *
 * The rules are those of Unicode Standard Annex 29 in so far as a terminal shows them: combining
 * and zero-width characters and spacing marks stay with their base, joined pictographs with one
 * another, two regional indicators make one flag, Hangul letters make one syllable. Prepended marks
 * and Indic conjuncts are not joined.
 *
 * Text is valid UTF-8 throughout, and an offset is in bytes and lies on a character's boundary.
 */
#ifndef EDIT_GRAPHEME_H
#define EDIT_GRAPHEME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A longer run is stepped over in pieces, so that no step takes long whatever the text is. No
 * language needs this many; it is the bound of Unicode's stream-safe text format (30 marks after a
 * base), rounded up.
 */
enum { GRAPHEME_CHARACTERS_MAX = 32 };

/* Whether a grapheme ends, and the next begins, at offset, from 0 to length. */
bool grapheme_boundary(const char *text, size_t length, size_t offset);

/* The end of the grapheme that begins at offset; length if offset is length. */
size_t grapheme_next(const char *text, size_t length, size_t offset);

/* The start of the grapheme that ends at offset; 0 if offset is 0. */
size_t grapheme_previous(const char *text, size_t length, size_t offset);

#endif
