/*
 * What a terminal does with one character: how many columns it takes and whether it joins the one
 * before it.
 *
 * The facts are those of the Unicode Character Database (src/edit/character_table.h names the
 * version), not of the locale, which is the server's and says nothing about the client's terminal.
 * Terminals differ in some characters, above all emoji. These are marked doubtful; code that draws
 * one cannot know the cursor's column afterwards. East Asian "ambiguous" characters take one
 * column.
 */
#ifndef EDIT_CHARACTER_H
#define EDIT_CHARACTER_H

#include <stdbool.h>
#include <stdint.h>

struct character_shape {
    unsigned char columns; /* 0, 1 or 2; of a doubtful character the most that any terminal uses */
    bool extends;          /* joins the character before it, as combining marks do */
    bool doubtful; /* terminals disagree about its width, or its effect on its neighbours' width */
};

/* The shape of a character that is text (below); of any other it is one column. */
struct character_shape character_shape(uint32_t code_point);

/*
 * Whether the character may be in a line of text: not a control character (C0, DEL, C1), a line or
 * paragraph separator, or a bidirectional embedding, override or isolate, all of which would
 * rearrange the screen.
 */
bool character_is_text(uint32_t code_point);

/*
 * Whether the character belongs to a word: letters, digits and all that is not known to be blank or
 * punctuation.
 */
bool character_is_word(uint32_t code_point);

/* Whether the character is a picture that a zero-width joiner may join to the one before it. */
bool character_is_pictograph(uint32_t code_point);

/* Whether the character is one of the 26 regional indicators, of which two make a flag. */
bool character_is_regional_indicator(uint32_t code_point);

/* Whether the character is a Hangul initial consonant or a whole syllable, in this order. */
bool character_is_hangul_initial(uint32_t code_point);
bool character_is_hangul_syllable(uint32_t code_point);

enum { CHARACTER_ZERO_WIDTH_JOINER = 0x200D };

#endif
