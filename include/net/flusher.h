/*
 * flusher: one thread that waits for sockets whose send buffer is full, and calls a function for
 * each one that is writable again. It knows only descriptors and functions, not their owners.
 */
#ifndef NET_FLUSHER_H
#define NET_FLUSHER_H

#include <stdbool.h>

struct flusher;

/*
 * A socket and what to call for it. The owner keeps the task: from flusher_add() until `flush`
 * returns false, the task must not move and its descriptor must stay open.
 */
struct flusher_task {
    int fd;
    /*
     * Called by the flusher's thread, with no lock held, when the socket is writable or has failed.
     * Returns whether the flusher continues to wait for the socket; after false it does not touch
     * the task again.
     */
    bool (*flush)(struct flusher_task *task);
    struct flusher_task *next; /* for the flusher */
};

/* Starts the thread. Returns 0 and the flusher in *flusher, or an errno. */
int flusher_start(struct flusher **flusher);

/*
 * Adds a task that is not in the flusher. Takes the flusher lock; an outbox lock may be held. Never
 * waits and never fails.
 */
void flusher_add(struct flusher *flusher, struct flusher_task *task);

/*
 * Ends the thread, calls `flush` once for each task that is left, and frees the flusher. All their
 * sockets must have been shut down, so that `flush` returns false. No task may be added during the
 * call or after it.
 */
void flusher_stop(struct flusher *flusher);

#endif
