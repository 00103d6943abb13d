/*
 * pipe: a pipe that a thread polls and others write to, to wake it. Both ends are non-blocking
 * and closed on exec.
 */
#ifndef NET_PIPE_H
#define NET_PIPE_H

/* Opens one. Returns 0 or an errno, with both ends -1. */
int pipe_open(int ends[2]);

/* Makes ends[0] readable. Safe in a signal handler; leaves errno as it was. */
void pipe_wake(const int ends[2]);

/* Takes out all that was written, so that ends[0] is readable no more. */
void pipe_clear(const int ends[2]);

/* Closes what is open. */
void pipe_close(int ends[2]);

#endif
