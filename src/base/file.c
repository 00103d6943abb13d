#include "base/platform.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether a file may be read: it does not block, and has an end. Returns 0 or an errno. */
static int check(int fd, bool *exposed)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return errno;
    if (S_ISDIR(status.st_mode))
        return EISDIR;
    if (!S_ISREG(status.st_mode))
        return EOPNOTSUPP;
    *exposed = (status.st_mode & S_IROTH) != 0;
    return 0;
}

/* Reads to the end, or one byte more than the limit. Returns 0 or an errno. */
static int read_to_end(int fd, size_t limit, struct buffer *bytes)
{
    char *room = buffer_reserve(bytes, limit + 1); /* at once, so that no copy stays behind */
    if (room == NULL)
        return ENOMEM;
    for (;;) {
        size_t length = buffer_length(bytes);
        ssize_t got = read(fd, room + length, limit + 1 - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        buffer_commit(bytes, (size_t)got);
        if (got == 0 || buffer_length(bytes) > limit)
            return got == 0 ? 0 : EFBIG;
    }
}

int file_read(const char *path, size_t limit, struct file_content *content)
{
    *content = (struct file_content){.exposed = false};
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int error = check(fd, &content->exposed);
    if (error == 0)
        error = read_to_end(fd, limit, &content->bytes);
    close(fd);
    if (error != 0)
        buffer_free(&content->bytes);
    return error;
}

const char *file_explain(int error, size_t limit, char cause[FILE_CAUSE_SIZE])
{
    if (error == EOPNOTSUPP)
        return "it is no regular file";
    if (error != EFBIG)
        return strerror(error);
    if (limit % 1024 == 0)
        snprintf(cause, FILE_CAUSE_SIZE, "it has more than %zu KiB", limit / 1024);
    else
        snprintf(cause, FILE_CAUSE_SIZE, "it has more than %zu bytes", limit);
    return cause;
}
