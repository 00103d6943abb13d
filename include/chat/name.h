/*
 * name: which names are allowed, and which names are equal or look alike.
 *
 * Names are compared by Unicode's tables (base/unicode), never by those of the C library, so that
 * results are the same on every machine.
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

    /* A folded name: no character takes more than 8 bytes (U+FDF2 becomes four letters). */
    NAME_FOLDED_BYTES_MAX = NAME_CHARACTERS_MAX * 8,
    NAME_FOLDED_SIZE = NAME_FOLDED_BYTES_MAX + 1,

    /* How a name looks: no character becomes more than seven. */
    NAME_LOOK_SIZE = NAME_CHARACTERS_MAX * 7 * TEXT_CHARACTER_BYTES_MAX + 1
};

/* The rules for names, as a sentence for users. */
#define NAME_RULES                                                                                 \
    "A name has 1 to 32 characters: letters and digits of today's scripts, emoji, and - . _ ', "   \
    "but no blanks."

/*
 * Returns a sentence that tells the user what is wrong with a name of `length` bytes, or NULL if
 * the name is allowed: it then has at most NAME_BYTES_MAX bytes and no NUL. Whether the name is
 * taken is checked by the directory.
 */
const char *name_fault(const char *bytes, size_t length);

/*
 * Whether a name is allowed, but that it may be the server's own. This is what is asked of a name
 * that is stored, sent by another machine, or a room's: a name is the server's own only where
 * somebody takes it, and more of them may be so in another version.
 */
bool name_is_well_made(const char *bytes, size_t length);

/*
 * Writes an allowed name that is made from one whose only fault is blanks: each run of blanks
 * becomes one '_'. Returns false, with `suggestion` undefined, if the name has no blank, or another
 * fault as well.
 */
bool name_suggest(const char *bytes, size_t length, char suggestion[NAME_SIZE]);

/*
 * Writes the folded form of an allowed name: NFKC_Casefold, which removes differences of case and
 * of ways to write the same letters. For any other string the result is cut off, or empty.
 */
void name_fold(const char *name, char folded[NAME_FOLDED_SIZE]);

/* Whether two names have equal folded forms. */
bool name_equals(const char *left, const char *right);

/*
 * Two names look alike if their skeletons are equal in one of two views: caseless, as "alice" and
 * "аlice" with a Cyrillic а; or as typed, as "Alice" and "AIice" with a capital I. Names that are
 * equal look alike.
 */
enum name_view { NAME_CASELESS, NAME_AS_TYPED, NAME_VIEWS };

bool name_looks_like(const char *left, const char *right);

/*
 * Whether a name means `one` rather than `other`, both of which look like it, but perhaps not like
 * each other: the one that it is, or else the first one by its bytes, so that it is the same on all
 * machines.
 */
bool name_means(const char *name, const char *one, const char *other);

/*
 * Writes how a name looks in a view, as UTF-8 that is equal for all names that look alike in it.
 * Empty for a string that is no name.
 */
void name_look(const char *name, enum name_view view, char look[NAME_LOOK_SIZE]);

/*
 * Returns a hash of how a name looks in a view: the same for all names that look alike in it, and
 * hardly ever for others.
 */
uint64_t name_hash(const char *name, enum name_view view);

/*
 * Whether a name of `name_length` bytes begins with a text, without regard to case. The text may
 * leave out marks on its last letter: "Jose" begins "José".
 */
bool name_begins_with(const char *name, size_t name_length, const char *text, size_t length);

/*
 * Returns how many bytes at the beginning of a text are the name, without regard to case; 0 if it
 * does not begin with the name.
 */
size_t name_match(const char *name, const char *text, size_t length);

#endif
