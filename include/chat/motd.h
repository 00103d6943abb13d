/*
 * motd: the message of the day: the lines of a file, for whoever comes in. It knows no door: what
 * stands around a line is the door's.
 *
 * All functions but motd_open() and motd_close() may be called by any thread; they take the motd's
 * lock.
 */
#ifndef CHAT_MOTD_H
#define CHAT_MOTD_H

#include "base/buffer.h"

#include <stdbool.h>

struct motd;

enum { MOTD_BYTES_MAX = 16 * 1024 }; /* of the file */

/*
 * Reads the file at `path`; NULL: there is no message. Returns 0 and the message in *result, or an
 * errno, as file_read() for a file of MOTD_BYTES_MAX.
 */
int motd_open(struct motd **result, const char *path);

void motd_close(struct motd *motd);

/*
 * Reads the file at `path`, or another one; NULL: there is no message any more. Returns 0 or an
 * errno; the message is then the same as before. May wait for the disk, with no lock held.
 */
int motd_reload(struct motd *motd, const char *path);

/*
 * Appends each line between `before` and `behind`. Lines are clean (text_clean()), without blanks
 * at their ends, and never empty. Returns false, with a part appended, when memory is out.
 */
bool motd_append(struct motd *motd, const char *before, const char *behind, struct buffer *out);

#endif
