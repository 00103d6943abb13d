/*
 * signals: what the system tells the process while it serves. A pipe makes a signal something that
 * poll() wakes up for. There is one set of them, as there is one process.
 */
#ifndef NET_SIGNALS_H
#define NET_SIGNALS_H

#include <pthread.h>
#include <stdbool.h>

/*
 * From now on SIGTERM and SIGINT ask to stop and, if that is wanted, SIGHUP to reopen files, on
 * whatever thread they are handled. SIGPIPE and SIGXFSZ are ignored. Returns 0 or an errno. It is
 * for the process's whole life: the pipe stays open, and what was asked before it was called again
 * is forgotten.
 */
int signals_catch(bool hangup);

/* Readable when a signal has come, or signals_wake() was called, until signals_clear(). */
int signals_descriptor(void);
void signals_clear(void);
void signals_wake(void);

/* How often the process was asked to stop: 0, 1, or 2 for more than once. */
int signals_stops(void);

/*
 * Whether a SIGHUP has come since the last call; one that comes during it is for this call or the
 * next. Clear the pipe before, not after.
 */
bool signals_take_hangup(void);

/*
 * Ends a thread's wait for input, if it waits. A nudge that comes just before it begins to wait is
 * lost, so nudge again.
 */
void signals_nudge(pthread_t thread);

#endif
