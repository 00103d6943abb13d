/*
 * name: what a person may be called, and when two names are the same.
 */
#ifndef CHAT_NAME_H
#define CHAT_NAME_H

#include "base/text.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    NAME_CHARACTERS_MAX = 32,
    NAME_BYTES_MAX = NAME_CHARACTERS_MAX * TEXT_CHARACTER_BYTES_MAX,
    NAME_SIZE = NAME_BYTES_MAX + 1 /* with the NUL */
};

/* All that is asked of a name, as a sentence for whoever does not know what to answer. */
#define NAME_RULES "A name has 1 to 32 characters, no blanks, and does not begin with / # @ or *."

/*
 * Tells what is wrong with a name of `length` bytes as a whole sentence for its author, or NULL
 * if it may be used: then it has at most NAME_BYTES_MAX bytes and no NUL. Whether it is taken is
 * the registry's business.
 */
const char *name_fault(const char *bytes, size_t length);

/*
 * Makes a name of one whose only fault is blanks: each run of them becomes one '_'. Returns false
 * if it has no blank or has another fault, too; what is written then has no meaning.
 */
bool name_suggest(const char *bytes, size_t length, char suggestion[NAME_SIZE]);

/* Writes the name (a string without a fault) as it is compared: without regard to case. */
void name_fold(const char *name, char folded[NAME_SIZE]);

/* Whether a name of so many bytes begins with a text, without regard to case. */
bool name_begins_with(const char *name, size_t name_length, const char *text, size_t length);

#endif
