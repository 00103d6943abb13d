/* file: reads a small file as a whole, such as one that is given by an option. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>

struct file_content {
    struct buffer bytes;
    bool exposed; /* everybody on this machine may read the file, not only its owner and group */
};

/*
 * Reads a regular file of at most `limit` bytes; the caller frees the buffer. Returns 0 or an
 * errno, with nothing to free: EFBIG for a longer file, EISDIR for a directory, EOPNOTSUPP
 * for what is no regular file either, as a FIFO, of which the end might never come. May wait for
 * the disk.
 */
int file_read(const char *path, size_t limit, struct file_content *content);

enum { FILE_CAUSE_SIZE = 128 };

/*
 * Returns why file_read() failed, as a clause, which may be written to `cause`: the system's words
 * fit neither a file of more than `limit` bytes nor what is no regular file.
 */
const char *file_explain(int error, size_t limit, char cause[FILE_CAUSE_SIZE]);

#endif
