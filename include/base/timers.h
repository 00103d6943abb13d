/*
 * timers: one thread that calls functions when they are due. The memory of a timer is its owner's;
 * setting a timer allocates nothing.
 */
#ifndef BASE_TIMERS_H
#define BASE_TIMERS_H

#include <stdint.h>

struct timers;

struct timer {
    struct timers *timers;
    void (*fire)(struct timer *timer);

    /* Guarded by the timers lock. */
    int64_t due; /* clock_now(); CLOCK_NEVER: not set */
    struct timer *previous, *next;
};

/* Starts the thread. Returns 0 and stores the timers, or returns an errno. */
int timers_start(struct timers **timers);

/*
 * Ends the thread, waits for it, and frees the timers. Every timer must have ended. Takes the
 * timers lock.
 */
void timers_stop(struct timers *timers);

/*
 * Initializes a timer that is not set. The timers' thread calls `fire`, with no lock held, when the
 * timer is due. `fire` may set its timer again. It delays all other timers, so it must be quick.
 * Takes the timers lock.
 */
void timer_init(struct timer *timer, struct timers *timers, void (*fire)(struct timer *timer));

/*
 * Sets the timer to fire at `due` (clock_now()) instead of any time set before; CLOCK_NEVER unsets
 * it. Takes the timers lock.
 */
void timer_set(struct timer *timer, int64_t due);

/*
 * Ends a timer, after which it does not fire, even if `fire` sets it. If it is firing, waits until
 * `fire` has returned: the caller holds no lock, and is not `fire` itself. Takes the timers lock.
 */
void timer_end(struct timer *timer);

#endif
