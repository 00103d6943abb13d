/*
 * timers: one thread that calls functions when they are due. A timer belongs to whoever made it,
 * and is set and set again without memory.
 */
#ifndef BASE_TIMERS_H
#define BASE_TIMERS_H

#include <stdint.h>

struct timers;

struct timer {
    struct timers *timers;
    void (*fire)(struct timer *timer);
    int64_t due; /* clock_now(); CLOCK_NEVER: not set. This and the next are the timers' own. */
    struct timer *previous, *next;
};

/* Starts the thread. Returns 0 and the timers, or an errno. */
int timers_start(struct timers **timers);

/* Ends the thread. There must be no timers any more. */
void timers_stop(struct timers *timers);

/*
 * Makes a timer that is not set. `fire` is called on the thread of the timers, with no lock held;
 * it may set its timer again, and must not take long: other timers wait. Takes the timers lock.
 */
void timer_init(struct timer *timer, struct timers *timers, void (*fire)(struct timer *timer));

/* Has the timer fire at that time (clock_now()), and at no other. Takes the timers lock. */
void timer_set(struct timer *timer, int64_t due);

/*
 * Ends a timer; if it is firing, waits until that is over. It does not fire again, even if `fire`
 * has set it. Hold no lock that `fire` takes. Not to be called by `fire`. Takes the timers lock.
 */
void timer_end(struct timer *timer);

#endif
