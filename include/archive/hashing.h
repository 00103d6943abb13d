/*
 * hashing: hashes of passwords, made by crypt(3). The scheme is the strongest that the system
 * recommends: yescrypt where libxcrypt has it. For one thread at a time.
 */
#ifndef ARCHIVE_HASHING_H
#define ARCHIVE_HASHING_H

#include "chat/message.h"

#include <stdbool.h>

enum {
    HASHING_PASSWORD_MAX = 256,
    HASHING_SIZE = 384 /* with the NUL */
};

/*
 * Returns the name of the scheme by which new passwords are hashed, as "yescrypt"; NULL if the
 * system has none that is safe.
 */
const char *hashing_scheme(void);

/*
 * Hashes a password with a new salt. Takes some milliseconds or more of processor time. Returns
 * false if it is empty or too long, without memory, or without a scheme.
 */
bool hashing_make(struct words password, char hash[HASHING_SIZE]);

/*
 * Whether a hash is that of a password. The comparison takes the same time wherever they differ. Of
 * the password no copy is left in memory.
 */
bool hashing_matches(struct words password, const char *hash);

#endif
