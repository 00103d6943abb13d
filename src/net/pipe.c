#include "base/platform.h"

#include "net/pipe.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int pipe_open(int ends[2])
{
    if (pipe(ends) < 0) {
        int error = errno;
        ends[0] = ends[1] = -1;
        return error;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFL, O_NONBLOCK);
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    }
    return 0;
}

void pipe_wake(const int ends[2])
{
    int saved = errno;
    /* EAGAIN is harmless: a full pipe is readable already. */
    ssize_t written = write(ends[1], "", 1);
    (void)written;
    errno = saved;
}

void pipe_clear(const int ends[2])
{
    char bytes[64];
    while (read(ends[0], bytes, sizeof bytes) > 0)
        ;
}

void pipe_close(int ends[2])
{
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0)
            close(ends[i]);
        ends[i] = -1;
    }
}
