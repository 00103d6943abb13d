/*
 * signals: the signals that the process handles while it serves. A pipe makes a signal wake poll().
 * The state is global, since signals are the process's.
 */
#ifndef NET_SIGNALS_H
#define NET_SIGNALS_H

#include <pthread.h>
#include <stdbool.h>

/*
 * Puts SIGHUP, which would end the process, off until signals_catch(): one that has come by then
 * asks to reopen files as if it came then. To be called before there are threads, and by the one
 * that calls signals_catch().
 */
void signals_defer_hangup(void);

/*
 * From now on SIGTERM and SIGINT ask to stop and, if `hangup`, SIGHUP asks to reopen files, on
 * whatever thread they are handled. SIGPIPE and SIGXFSZ are ignored. Returns 0 or an errno. The
 * handlers and the pipe stay for the process's life; another call forgets earlier requests,
 * but not those that were put off.
 */
int signals_catch(bool hangup);

/* A descriptor that is readable after a signal or signals_wake(), until signals_clear(). */
int signals_descriptor(void);
void signals_clear(void);
void signals_wake(void);

/* How often a stop was requested: 0, 1, or 2 for more than once. */
int signals_stops(void);

/*
 * Whether SIGHUP was received since the last call; one that arrives during the call counts for this
 * call or the next. Clear the pipe before the call, not after it.
 */
bool signals_take_hangup(void);

/*
 * Interrupts a thread's wait for input, if it waits. A nudge just before the wait begins is lost,
 * so callers repeat it.
 */
void signals_nudge(pthread_t thread);

#endif
