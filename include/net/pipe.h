/*
 * pipe: a pipe that wakes a thread which polls it. Both ends are non-blocking and closed on exec.
 */
#ifndef NET_PIPE_H
#define NET_PIPE_H

/* Opens a pipe. Returns 0, or an errno with both ends -1. */
int pipe_open(int ends[2]);

/* Makes ends[0] readable. Safe in a signal handler; preserves errno. */
void pipe_wake(const int ends[2]);

/* Reads all that was written, so that ends[0] is no longer readable. */
void pipe_clear(const int ends[2]);

/* Closes the ends that are open. */
void pipe_close(int ends[2]);

#endif
