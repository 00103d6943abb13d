#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "net/flusher.h"
#include "net/pipe.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>

/* How long to wait when there is no memory to poll one more socket. */
#define RETRY_NANOSECONDS (50 * CLOCK_MILLISECOND)

struct flusher {
    struct lock lock;              /* guards the next two */
    struct flusher_task *arrivals; /* list of tasks added since the thread last took them */
    bool stopping;

    int wake[2]; /* a pipe that interrupts the thread's poll() */
    pthread_t thread;

    /* For the thread only: polled[0] is the pipe, polled[i] the socket of tasks[i]. */
    struct pollfd *polled;
    struct flusher_task **tasks;
    size_t count, capacity;
};

void flusher_add(struct flusher *flusher, struct flusher_task *task)
{
    lock_take(&flusher->lock);
    bool first = flusher->arrivals == NULL;
    task->next = flusher->arrivals;
    flusher->arrivals = task;
    lock_release(&flusher->lock);
    if (first)
        pipe_wake(flusher->wake);
}

static bool reserve(struct flusher *flusher)
{
    if (flusher->count < flusher->capacity)
        return true;
    size_t capacity = 2 * flusher->capacity;
    struct pollfd *polled = realloc(flusher->polled, capacity * sizeof *polled);
    if (polled == NULL)
        return false;
    flusher->polled = polled;
    struct flusher_task **tasks = realloc(flusher->tasks, capacity * sizeof(struct flusher_task *));
    if (tasks == NULL)
        return false;
    flusher->tasks = tasks;
    flusher->capacity = capacity;
    return true;
}

/* Takes the added tasks. Returns false if memory is out and some had to stay in the list. */
static bool take_arrivals(struct flusher *flusher)
{
    lock_take(&flusher->lock);
    while (flusher->arrivals != NULL && reserve(flusher)) {
        struct flusher_task *task = flusher->arrivals;
        flusher->arrivals = task->next;
        flusher->polled[flusher->count] = (struct pollfd){.fd = task->fd, .events = POLLOUT};
        flusher->tasks[flusher->count++] = task;
    }
    bool all = flusher->arrivals == NULL;
    lock_release(&flusher->lock);
    return all;
}

/* Calls every task whose socket poll() found ready, and removes those that are done. */
static void flush_ready(struct flusher *flusher)
{
    for (size_t i = flusher->count - 1; i > 0; i--) {
        struct flusher_task *task = flusher->tasks[i];
        if (flusher->polled[i].revents == 0 || task->flush(task))
            continue;
        flusher->count--;
        flusher->polled[i] = flusher->polled[flusher->count];
        flusher->tasks[i] = flusher->tasks[flusher->count];
    }
}

static bool is_stopping(struct flusher *flusher)
{
    lock_take(&flusher->lock);
    bool stopping = flusher->stopping;
    lock_release(&flusher->lock);
    return stopping;
}

static void *flusher_thread(void *argument)
{
    struct flusher *flusher = argument;
    while (!is_stopping(flusher)) {
        bool all = take_arrivals(flusher);
        int64_t deadline = all ? CLOCK_NEVER : clock_now() + RETRY_NANOSECONDS;
        int ready = poll(flusher->polled, (nfds_t)flusher->count, clock_poll_timeout(deadline));
        if (ready < 0 && errno != EINTR)
            clock_sleep_until(clock_now() + RETRY_NANOSECONDS);
        if (ready <= 0)
            continue;
        if (flusher->polled[0].revents != 0)
            pipe_clear(flusher->wake);
        flush_ready(flusher);
    }
    return NULL;
}

static void release(struct flusher *flusher)
{
    pipe_close(flusher->wake);
    lock_destroy(&flusher->lock);
    free(flusher->polled);
    free(flusher->tasks);
    free(flusher);
}

int flusher_start(struct flusher **result)
{
    enum { FIRST_CAPACITY = 64 };
    struct flusher *flusher = calloc(1, sizeof *flusher);
    if (flusher == NULL)
        return ENOMEM;
    int error = lock_init(&flusher->lock, LOCK_RANK_FLUSHER, "flusher");
    if (error != 0) {
        free(flusher);
        return error;
    }
    flusher->wake[0] = flusher->wake[1] = -1;
    flusher->capacity = FIRST_CAPACITY;
    flusher->polled = calloc(FIRST_CAPACITY, sizeof *flusher->polled);
    flusher->tasks = calloc(FIRST_CAPACITY, sizeof *flusher->tasks);
    error = flusher->polled == NULL || flusher->tasks == NULL ? ENOMEM : pipe_open(flusher->wake);
    if (error == 0) {
        flusher->polled[flusher->count++] =
            (struct pollfd){.fd = flusher->wake[0], .events = POLLIN};
        error = pthread_create(&flusher->thread, NULL, flusher_thread, flusher);
    }
    if (error != 0) {
        release(flusher);
        return error;
    }
    *result = flusher;
    return 0;
}

/* Its socket has been shut down, so `flush` must find nothing left to send. */
static void end_task(struct flusher_task *task)
{
    bool more = task->flush(task);
    assert(!more);
    (void)more;
}

void flusher_stop(struct flusher *flusher)
{
    lock_take(&flusher->lock);
    flusher->stopping = true;
    lock_release(&flusher->lock);
    pipe_wake(flusher->wake);
    pthread_join(flusher->thread, NULL);
    for (size_t i = 1; i < flusher->count; i++)
        end_task(flusher->tasks[i]);
    while (flusher->arrivals != NULL) { /* no task may be added any more */
        struct flusher_task *task = flusher->arrivals;
        flusher->arrivals = task->next;
        end_task(task);
    }
    release(flusher);
}
