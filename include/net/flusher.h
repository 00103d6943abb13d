/*
 * flusher: one thread that waits for sockets whose send buffer is full, and calls a function for
 * each one that is writable again; or calls it at a time, for output that is delayed on purpose. It
 * knows only descriptors and functions, not their owners.
 */
#ifndef NET_FLUSHER_H
#define NET_FLUSHER_H

#include "base/clock.h"

#include <stdint.h>

struct flusher;

/* What a task waits for: one of these, or a time (clock_now()). */
#define FLUSHER_DONE       INT64_C(0) /* nothing: the flusher releases the task */
#define FLUSHER_WHEN_READY INT64_C(1) /* the socket is writable or has failed */

/* The longest time that a task can wait for; a longer one is shortened to this. */
#define FLUSHER_LONGEST_WAIT (100 * CLOCK_MILLISECOND)

/*
 * A socket and what to call for it. The owner keeps the task: from flusher_add() until `flush`
 * returns FLUSHER_DONE, the task must not move and its descriptor must stay open.
 */
struct flusher_task {
    int fd;
    /*
     * Called by the flusher's thread, with no lock held, when the task has waited; for a time, it
     * may be called early. Returns what the task waits for next; after FLUSHER_DONE the flusher
     * does not touch the task again.
     */
    int64_t (*flush)(struct flusher_task *task);
    struct flusher_task *next; /* for the flusher */
};

/* Starts the thread. Returns 0 and the flusher in *flusher, or an errno. */
int flusher_start(struct flusher **flusher);

/*
 * Adds a task that is not in the flusher, and that waits for FLUSHER_WHEN_READY or for a time,
 * which is observed to a few milliseconds. Takes the flusher lock; an outbox lock may be held.
 * Never waits and never fails.
 */
void flusher_add(struct flusher *flusher, struct flusher_task *task, int64_t until);

/*
 * Ends the thread, calls `flush` once for each task that is left, and frees the flusher. All their
 * sockets must have been shut down, so that `flush` returns FLUSHER_DONE. No task may be added
 * during the call or after it.
 */
void flusher_stop(struct flusher *flusher);

#endif
