/*
 * Graphemes: what a person sees as one character, a base with all that joins it. Editing moves by
 * graphemes.
 *
 * The rules are those of Unicode Standard Annex 29 as far as a terminal shows them: combining and
 * zero-width characters and spacing marks stay with their base, joined pictographs with one
 * another, two regional indicators make one flag, Hangul letters make one syllable. Prepended marks
 * and Indic conjuncts are not joined.
 *
 * Text must be valid UTF-8, and an offset is in bytes and on a character's boundary.
 */
#ifndef EDIT_GRAPHEME_H
#define EDIT_GRAPHEME_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Longer runs are split, so that the time for a step is bounded whatever the text is. No language
 * needs this many; it is the bound of Unicode's stream-safe text format (30 marks after a base),
 * rounded up.
 */
enum { GRAPHEME_CHARACTERS_MAX = 32 };

/* Whether a grapheme boundary is at offset, which is from 0 to length. */
bool grapheme_boundary(const char *text, size_t length, size_t offset);

/* The end of the grapheme that begins at offset; length if offset is length. */
size_t grapheme_next(const char *text, size_t length, size_t offset);

/* The start of the grapheme that ends at offset; 0 if offset is 0. */
size_t grapheme_previous(const char *text, size_t length, size_t offset);

#endif
