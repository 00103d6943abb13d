/*
 * flusher: one thread that waits for sockets that are full, and calls a function for each when it
 * can take more. It knows a descriptor and a function, and not whose they are.
 */
#ifndef NET_FLUSHER_H
#define NET_FLUSHER_H

#include <stdbool.h>

struct flusher;

/*
 * What the flusher has to do for one socket. It is its owner's to keep: from flusher_add() until
 * `flush` returns false, the task must stay where it is, and its descriptor open.
 */
struct flusher_task {
    int fd;
    /*
     * Called by the flusher's thread, with no lock held, when the socket can take more, or has
     * failed. Returns whether the flusher is to go on waiting for it; if not, the task is not
     * touched any more.
     */
    bool (*flush)(struct flusher_task *task);
    struct flusher_task *next; /* the flusher's */
};

/* Starts the thread. Returns 0 and the flusher, or an errno. */
int flusher_start(struct flusher **flusher);

/*
 * Hands over a task that the flusher does not have. Takes the flusher lock, and may be called with
 * an outbox lock held; never waits, never fails.
 */
void flusher_add(struct flusher *flusher, struct flusher_task *task);

/*
 * Ends the thread, and calls `flush` once more for each task that is left. All their sockets must
 * have been shut down, so that it returns false; nobody may add a task any more.
 */
void flusher_stop(struct flusher *flusher);

#endif
