/*
 * unicode: properties of characters, and the forms of a text by which it is compared: decomposed,
 * composed, caseless, and as it looks. The tables are the program's own (scripts/unicode-tables),
 * so results are the same on every machine and in every locale.
 *
 * This module handles code points only. base/text handles their encoding.
 */
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNICODE_VERSION "15.0"

enum {
    UNICODE_DECOMPOSED_MAX = 4, /* code points of the longest canonical decomposition */
    UNICODE_CASELESS_MAX = 18   /* code points of the longest caseless form (U+FDFA) */
};

/*
 * Bits. Letters, digits and emoji are those that names may have, as scripts/unicode-tables selects
 * them.
 */
enum unicode_property {
    UNICODE_DEFINED = 1,     /* assigned, and not for private use */
    UNICODE_IGNORED = 2,     /* Default_Ignorable_Code_Point: invisible */
    UNICODE_WORD = 4,        /* letters, digits, their marks, and connectors ('_') */
    UNICODE_LETTER = 8,      /* the letters and digits among those */
    UNICODE_MARK = 16,       /* the marks among those */
    UNICODE_NONSPACING = 32, /* the marks that take no column of their own */
    UNICODE_STACKER = 64,    /* invisible, joins the letter behind it to the one before it */
    UNICODE_EMOJI = 128
};

/* Returns the properties of a character; 0 for what is no code point. */
unsigned unicode_properties(uint32_t character);

/* Returns the Canonical_Combining_Class: 0, or above 0 for most nonspacing marks. */
unsigned unicode_combining_class(uint32_t character);

/* A text of `count` code points, in an array of `capacity` that the caller owns. */
struct unicode_text {
    uint32_t *characters;
    size_t count, capacity;
};

/*
 * Each of these functions takes a text in any form and changes it in place. Returns false if it, or
 * an intermediate result, exceeds the capacity; the contents are then undefined.
 *
 * - decompose: Normalization Form D.
 * - compose: Normalization Form C.
 * - caseless: NFKC_Casefold, in Form D. Texts whose caseless forms are equal differ only in case
 *   and in compatible ways to write the same characters (The Unicode Standard, D147).
 * - skeleton: how the text looks (UTS #39, section 4), in Form D. Texts whose skeletons are equal
 *   look alike. Where UTS #39 maps a character to one that it maps again, the skeleton has the last
 *   one.
 */
bool unicode_decompose(struct unicode_text *text);
bool unicode_compose(struct unicode_text *text);
bool unicode_caseless(struct unicode_text *text);
bool unicode_skeleton(struct unicode_text *text);

#endif
