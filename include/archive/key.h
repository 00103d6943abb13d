/* key: the forms of a name by which an archive finds it. */
#ifndef ARCHIVE_KEY_H
#define ARCHIVE_KEY_H

#include "chat/message.h"
#include "chat/name.h"

#include <stdbool.h>

/* A name as it is compared with others (name_fold()). */
struct key {
    char folded[NAME_FOLDED_SIZE];
};

/* Makes the key of a name. Returns false for what is no name: too long, or without a form. */
bool key_make(struct key *key, struct words name);

/* Copies a name with a NUL behind it. Returns false if it is too long to be one. */
bool key_copy_name(char copy[NAME_SIZE], struct words name);

#endif
