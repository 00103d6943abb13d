#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "net/conn.h"
#include "net/outbox.h"
#include "net/pipe.h"
#include "net/postman.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>

/* How long to wait for memory when there is none for one more socket to poll. */
#define RETRY_NANOSECONDS (50 * CLOCK_MILLISECOND)

struct postman {
    struct lock lock;        /* guards the next two */
    struct outbox *arrivals; /* parked since the thread last looked, in a list */
    bool stopping;

    int wake[2]; /* a pipe that ends the thread's poll() */
    pthread_t thread;

    /* The thread's own: polled[0] is the pipe, polled[i] the socket of outboxes[i]. */
    struct pollfd *polled;
    struct outbox **outboxes;
    size_t count, capacity;
};

void postman_park(struct postman *postman, struct outbox *outbox)
{
    conn_acquire(outbox->conn);
    lock_take(&postman->lock);
    bool first = postman->arrivals == NULL;
    outbox->next_parked = postman->arrivals;
    postman->arrivals = outbox;
    lock_release(&postman->lock);
    if (first)
        pipe_wake(postman->wake);
}

static bool make_room(struct postman *postman)
{
    if (postman->count < postman->capacity)
        return true;
    size_t capacity = 2 * postman->capacity;
    struct pollfd *polled = realloc(postman->polled, capacity * sizeof *polled);
    if (polled == NULL)
        return false;
    postman->polled = polled;
    struct outbox **outboxes = realloc(postman->outboxes, capacity * sizeof(struct outbox *));
    if (outboxes == NULL)
        return false;
    postman->outboxes = outboxes;
    postman->capacity = capacity;
    return true;
}

/* Takes in what was parked. Returns false if memory is out and some had to stay where it was. */
static bool take_arrivals(struct postman *postman)
{
    lock_take(&postman->lock);
    while (postman->arrivals != NULL && make_room(postman)) {
        struct outbox *outbox = postman->arrivals;
        postman->arrivals = outbox->next_parked;
        postman->polled[postman->count] = (struct pollfd){.fd = outbox->fd, .events = POLLOUT};
        postman->outboxes[postman->count++] = outbox;
    }
    bool all = postman->arrivals == NULL;
    lock_release(&postman->lock);
    return all;
}

/* Serves every socket that poll() found ready, and forgets those that are done. */
static void deliver(struct postman *postman)
{
    for (size_t i = postman->count - 1; i > 0; i--) {
        struct outbox *outbox = postman->outboxes[i];
        if (postman->polled[i].revents == 0 || outbox_send_on(outbox))
            continue;
        postman->count--;
        postman->polled[i] = postman->polled[postman->count];
        postman->outboxes[i] = postman->outboxes[postman->count];
        conn_release(outbox->conn);
    }
}

static bool is_stopping(struct postman *postman)
{
    lock_take(&postman->lock);
    bool stopping = postman->stopping;
    lock_release(&postman->lock);
    return stopping;
}

static void *postman_thread(void *argument)
{
    struct postman *postman = argument;
    while (!is_stopping(postman)) {
        bool all = take_arrivals(postman);
        int64_t deadline = all ? CLOCK_NEVER : clock_now() + RETRY_NANOSECONDS;
        int ready = poll(postman->polled, (nfds_t)postman->count, clock_poll_timeout(deadline));
        if (ready < 0 && errno != EINTR)
            clock_sleep_until(clock_now() + RETRY_NANOSECONDS);
        if (ready <= 0)
            continue;
        if (postman->polled[0].revents != 0)
            pipe_clear(postman->wake);
        deliver(postman);
    }
    return NULL;
}

static void release(struct postman *postman)
{
    pipe_close(postman->wake);
    lock_destroy(&postman->lock);
    free(postman->polled);
    free(postman->outboxes);
    free(postman);
}

int postman_start(struct postman **result)
{
    enum { FIRST_CAPACITY = 64 };
    struct postman *postman = calloc(1, sizeof *postman);
    if (postman == NULL)
        return ENOMEM;
    int error = lock_init(&postman->lock, LOCK_RANK_POSTMAN, "postman");
    if (error != 0) {
        free(postman);
        return error;
    }
    postman->wake[0] = postman->wake[1] = -1;
    postman->capacity = FIRST_CAPACITY;
    postman->polled = calloc(FIRST_CAPACITY, sizeof *postman->polled);
    postman->outboxes = calloc(FIRST_CAPACITY, sizeof *postman->outboxes);
    error =
        postman->polled == NULL || postman->outboxes == NULL ? ENOMEM : pipe_open(postman->wake);
    if (error == 0) {
        postman->polled[postman->count++] =
            (struct pollfd){.fd = postman->wake[0], .events = POLLIN};
        error = pthread_create(&postman->thread, NULL, postman_thread, postman);
    }
    if (error != 0) {
        release(postman);
        return error;
    }
    *result = postman;
    return 0;
}

void postman_stop(struct postman *postman)
{
    lock_take(&postman->lock);
    postman->stopping = true;
    lock_release(&postman->lock);
    pipe_wake(postman->wake);
    pthread_join(postman->thread, NULL);
    while (!take_arrivals(postman))
        ;
    for (size_t i = 1; i < postman->count; i++) {
        outbox_send_on(postman->outboxes[i]);
        conn_release(postman->outboxes[i]->conn);
    }
    release(postman);
}
