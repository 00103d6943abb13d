/*
 * unicode: what Unicode's tables say of characters, and the forms of a text that are compared:
 * decomposed, composed, without case, and as it looks. The tables are the program's own
 * (scripts/unicode-tables), so the answers are the same on every machine, in every locale.
 *
 * It knows code points alone. How they are encoded is base/text's business.
 */
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UNICODE_VERSION "15.0"

enum {
    UNICODE_DECOMPOSED_MAX = 4, /* code points of the longest canonical decomposition of one */
    UNICODE_CASELESS_MAX = 18   /* the same without case (U+FDFA) */
};

/* Bits. Letters, digits and emoji are those of names: scripts/unicode-tables says which. */
enum unicode_property {
    UNICODE_DEFINED = 1,     /* means something: assigned, and not for private use */
    UNICODE_IGNORED = 2,     /* Default_Ignorable_Code_Point: shows nothing */
    UNICODE_WORD = 4,        /* letters, digits, marks on them, and what joins them ('_') */
    UNICODE_LETTER = 8,      /* letters and digits, among those */
    UNICODE_MARK = 16,       /* marks that stand on a letter, or beside it, among those */
    UNICODE_NONSPACING = 32, /* those that take no place of their own */
    UNICODE_STACKER = 64,    /* joins the letter behind it to the one before, and shows nothing */
    UNICODE_EMOJI = 128
};

/* The bits of a character. None for what is no code point. */
unsigned unicode_properties(uint32_t character);

/* Canonical_Combining_Class: 0, or above for most marks that do not take a place of their own. */
unsigned unicode_combining_class(uint32_t character);

/* A text of `count` code points, in an array of the caller's with room for `capacity`. */
struct unicode_text {
    uint32_t *characters;
    size_t count, capacity;
};

/*
 * Each of these takes a text in any form and changes it in place. False: there is no room for what
 * it becomes on the way, and it has no meaning any more.
 *
 * - decompose: Normalization Form D.
 * - compose: Normalization Form C.
 * - caseless: NFKC_Casefold, in Form D. Two texts differ by no more than case and ways of writing
 *   the same if these are the same (The Unicode Standard, D147).
 * - skeleton: what it looks like (UTS #39, section 4), in Form D. Two texts look alike if these are
 *   the same. Where UTS #39 maps a character to one that it maps further, this goes to the end.
 */
bool unicode_decompose(struct unicode_text *text);
bool unicode_compose(struct unicode_text *text);
bool unicode_caseless(struct unicode_text *text);
bool unicode_skeleton(struct unicode_text *text);

#endif
