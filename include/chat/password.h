/*
 * password: a password that everybody is asked for, from the first line of a file.
 *
 * All functions but password_open() and password_close() may be called by any thread; they take the
 * password's lock.
 */
#ifndef CHAT_PASSWORD_H
#define CHAT_PASSWORD_H

#include "base/file.h"

#include <stdbool.h>
#include <stddef.h>

struct password;

enum {
    PASSWORD_BYTES_MAX = 255,
    PASSWORD_UNFIT = -1 /* the first line of the file is no password */
};

/* What a password must be, for whoever wrote the file. */
#define PASSWORD_RULES "the first line must be 1 to 255 bytes of text in UTF-8"

/*
 * Reads the file at `path`; NULL: there is no password. Returns 0 and the password in *result; or
 * an errno, as file_read(), or PASSWORD_UNFIT. A password is text without control characters, and
 * without blanks at its ends, which nobody would see.
 */
int password_open(struct password **result, const char *path);

/* Returns why that failed, as a clause, which may be written to `cause`. */
const char *password_explain(int error, char cause[FILE_CAUSE_SIZE]);

void password_close(struct password *password);

/* Whether there is one. */
bool password_is_wanted(struct password *password);

/* Whether everybody on this machine could read the file when it was last read. */
bool password_is_exposed(struct password *password);

/*
 * Reads the file at `path`, or another one, or has no password any more, as password_open(); after
 * a failure the password is the same as before. May wait for the disk, with no lock held.
 */
int password_reload(struct password *password, const char *path);

/*
 * Whether a text is the password, apart from blanks at its ends. Takes the same time wherever the
 * two differ.
 */
bool password_matches(struct password *password, const char *text, size_t length);

#endif
