/*
 * Preloaded into a server, this delays the return of connect() by some tenths of a second. What
 * connect() reported about a listener may no longer hold by then.
 */
#define _GNU_SOURCE /* RTLD_NEXT */

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

typedef int connect_function(int, const struct sockaddr *, socklen_t);

int connect(int fd, const struct sockaddr *address, socklen_t length)
{
    /* ISO C does not convert the object pointer that dlsym() returns to a function pointer. */
    void *symbol = dlsym(RTLD_NEXT, "connect");
    connect_function *real;
    memcpy(&real, &symbol, sizeof real);
    int result = symbol != NULL ? real(fd, address, length) : -1;
    int error = errno;
    struct timespec late = {.tv_nsec = 300 * 1000 * 1000};
    nanosleep(&late, NULL);
    errno = error;
    return result;
}
