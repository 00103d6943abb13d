/*
 * name: what a person may be called, and when two names are the same.
 *
 * Names are compared by Unicode's tables (base/unicode), never by the C library's, so that two
 * names that are one here are one everywhere.
 */
#ifndef CHAT_NAME_H
#define CHAT_NAME_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NAME_CHARACTERS_MAX = 32,
    NAME_BYTES_MAX = NAME_CHARACTERS_MAX * TEXT_CHARACTER_BYTES_MAX,
    NAME_SIZE = NAME_BYTES_MAX + 1, /* with the NUL */

    /* No character of a name takes more bytes when it is folded (U+FDF2 becomes four letters). */
    NAME_FOLDED_BYTES_MAX = NAME_CHARACTERS_MAX * 8,
    NAME_FOLDED_SIZE = NAME_FOLDED_BYTES_MAX + 1
};

/* All that is asked of a name, as a sentence for whoever does not know what to answer. */
#define NAME_RULES                                                                                 \
    "A name has 1 to 32 characters: letters and digits of today's scripts, emoji, and - . _ ', "   \
    "but no blanks."

/*
 * Tells what is wrong with a name of `length` bytes as a whole sentence for its author, or NULL
 * if it may be used: then it has at most NAME_BYTES_MAX bytes and no NUL. Whether it is taken is
 * the directory's business.
 */
const char *name_fault(const char *bytes, size_t length);

/*
 * Makes a name of one whose only fault is blanks: each run of them becomes one '_'. Returns false
 * if it has no blank or has another fault, too; what is written then has no meaning.
 */
bool name_suggest(const char *bytes, size_t length, char suggestion[NAME_SIZE]);

/*
 * Writes the name (a string without a fault) without regard to case and to ways of writing the same
 * letters: its NFKC_Casefold. Of any other string it writes no more than there is room for.
 */
void name_fold(const char *name, char folded[NAME_FOLDED_SIZE]);

/* Whether two names have the same letters, whatever their case. */
bool name_equals(const char *left, const char *right);

/*
 * Two names look alike if they do so in either of two views: without case, as in "alice" and
 * "аlice" with a Cyrillic а; or as they are, as in "AIice" with a capital I. Names that
 * name_equals() finds equal look alike.
 */
enum name_view { NAME_CASELESS, NAME_AS_TYPED, NAME_VIEWS };

bool name_looks_like(const char *left, const char *right);

/* The same for all names that look alike in that view, and hardly ever for others. */
uint64_t name_hash(const char *name, enum name_view view);

/*
 * Whether a name of so many bytes begins with a text, without regard to case. Marks that follow a
 * letter may be left out at the text's end: "Jose" begins "José".
 */
bool name_begins_with(const char *name, size_t name_length, const char *text, size_t length);

/* How many bytes at the beginning of a text are the name, without regard to case; 0: they are not.
 */
size_t name_match(const char *name, const char *text, size_t length);

#endif
