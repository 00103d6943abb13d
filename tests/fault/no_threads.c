/*
 * Preloaded into a server, this makes pthread_create() fail as when the system has no threads left,
 * as long as the file exists that the environment variable NO_THREADS_WHILE names.
 */
#define _GNU_SOURCE /* RTLD_NEXT */

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef int create_function(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *argument)
{
    const char *file = getenv("NO_THREADS_WHILE");
    if (file != NULL && access(file, F_OK) == 0)
        return EAGAIN;

    /* ISO C does not convert the object pointer that dlsym() returns to a function pointer. */
    void *symbol = dlsym(RTLD_NEXT, "pthread_create");
    if (symbol == NULL)
        return EAGAIN;
    create_function *create;
    memcpy(&create, &symbol, sizeof create);
    return create(thread, attributes, start, argument);
}
