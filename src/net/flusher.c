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

/*
 * Times are measured in ticks. There is a list of tasks for each tick, so that thousands of tasks
 * need no search.
 */
#define TICK (4 * CLOCK_MILLISECOND)

enum { TICKS_AHEAD = FLUSHER_LONGEST_WAIT / TICK + 1 };

struct flusher {
    struct lock lock;              /* guards the next five */
    struct flusher_task *arrivals; /* list of tasks added since the thread last took them */
    struct flusher_task *waiting[TICKS_AHEAD]; /* lists for ticks, each at tick % TICKS_AHEAD */
    int64_t passed;                            /* no task waits for this tick or an earlier one */
    int64_t wakes_at; /* the first tick that a task waits for, or CLOCK_NEVER */
    bool stopping;

    int wake[2]; /* a pipe that interrupts the thread's poll() */
    pthread_t thread;

    /* For the thread only: polled[0] is the pipe, polled[i] the socket of tasks[i]. */
    struct pollfd *polled;
    struct flusher_task **tasks;
    size_t count, capacity;
};

/* Returns the first tick that begins after a time. With the lock held. */
static int64_t tick_of(struct flusher *flusher, int64_t until)
{
    int64_t now = clock_now() / TICK;
    int64_t tick = until / TICK + 1;
    if (flusher->wakes_at == CLOCK_NEVER)
        flusher->passed = now - 1;
    if (tick > flusher->passed + TICKS_AHEAD)
        tick = flusher->passed + TICKS_AHEAD;
    return tick > flusher->passed ? tick : flusher->passed + 1;
}

/* Puts a task into its list. Returns whether the thread must be woken for it. With the lock held.
 */
static bool put(struct flusher *flusher, struct flusher_task *task, int64_t until)
{
    struct flusher_task **list = &flusher->arrivals;
    bool earlier = flusher->arrivals == NULL;
    if (until != FLUSHER_WHEN_READY) {
        int64_t tick = tick_of(flusher, until);
        list = &flusher->waiting[tick % TICKS_AHEAD];
        earlier = tick < flusher->wakes_at;
        if (earlier)
            flusher->wakes_at = tick;
    }
    task->next = *list;
    *list = task;
    return earlier;
}

void flusher_add(struct flusher *flusher, struct flusher_task *task, int64_t until)
{
    lock_take(&flusher->lock);
    bool wakes = put(flusher, task, until);
    lock_release(&flusher->lock);
    if (wakes)
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

/*
 * Takes the added tasks. Returns the time until which the thread may wait: the first tick with
 * tasks, or soon if memory is out and some tasks had to stay in the list.
 */
static int64_t take_arrivals(struct flusher *flusher)
{
    lock_take(&flusher->lock);
    while (flusher->arrivals != NULL && reserve(flusher)) {
        struct flusher_task *task = flusher->arrivals;
        flusher->arrivals = task->next;
        flusher->polled[flusher->count] = (struct pollfd){.fd = task->fd, .events = POLLOUT};
        flusher->tasks[flusher->count++] = task;
    }
    int64_t deadline = flusher->wakes_at == CLOCK_NEVER ? CLOCK_NEVER : flusher->wakes_at * TICK;
    if (flusher->arrivals != NULL && clock_now() + RETRY_NANOSECONDS < deadline)
        deadline = clock_now() + RETRY_NANOSECONDS;
    lock_release(&flusher->lock);
    return deadline;
}

/* Returns the first tick after `passed` that a task waits for. With the lock held. */
static int64_t next_tick(const struct flusher *flusher, int64_t passed)
{
    for (int64_t tick = passed + 1; tick <= passed + TICKS_AHEAD; tick++)
        if (flusher->waiting[tick % TICKS_AHEAD] != NULL)
            return tick;
    return CLOCK_NEVER;
}

/* Takes the tasks of the first tick that has begun, if there is one. */
static struct flusher_task *take_due(struct flusher *flusher)
{
    struct flusher_task *due = NULL;
    lock_take(&flusher->lock);
    int64_t tick = flusher->wakes_at;
    if (tick != CLOCK_NEVER && tick * TICK <= clock_now()) {
        due = flusher->waiting[tick % TICKS_AHEAD];
        flusher->waiting[tick % TICKS_AHEAD] = NULL;
        flusher->passed = tick;
        flusher->wakes_at = next_tick(flusher, tick);
    }
    lock_release(&flusher->lock);
    return due;
}

/* Calls a task that is in no list, and puts it into one if it is to wait again. */
static void run(struct flusher *flusher, struct flusher_task *task)
{
    int64_t until = task->flush(task);
    if (until != FLUSHER_DONE)
        flusher_add(flusher, task, until);
}

/* Calls every task whose tick has begun. */
static void flush_due(struct flusher *flusher)
{
    struct flusher_task *task;
    while ((task = take_due(flusher)) != NULL) {
        while (task != NULL) {
            struct flusher_task *next = task->next;
            run(flusher, task);
            task = next;
        }
    }
}

/* Calls every task whose socket poll() found ready, and removes those that do not wait for it. */
static void flush_ready(struct flusher *flusher)
{
    for (size_t i = flusher->count - 1; i > 0; i--) {
        struct flusher_task *task = flusher->tasks[i];
        if (flusher->polled[i].revents == 0)
            continue;
        int64_t until = task->flush(task);
        if (until == FLUSHER_WHEN_READY)
            continue;
        if (until != FLUSHER_DONE)
            flusher_add(flusher, task, until);
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
        flush_due(flusher);
        int64_t deadline = take_arrivals(flusher);
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
    flusher->wakes_at = CLOCK_NEVER;
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
    int64_t until = task->flush(task);
    assert(until == FLUSHER_DONE);
    (void)until;
}

static void end_list(struct flusher_task *task)
{
    while (task != NULL) {
        struct flusher_task *next = task->next;
        end_task(task);
        task = next;
    }
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
    end_list(flusher->arrivals); /* no task may be added any more */
    for (int i = 0; i < TICKS_AHEAD; i++)
        end_list(flusher->waiting[i]);
    release(flusher);
}
