#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "base/timers.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

struct timers {
    struct lock lock; /* guards the rest, and the timers' own fields in each timer */
    struct condition changed;
    struct timer ring; /* head of a ring: every timer */
    struct timer *firing;
    int64_t wakes_at; /* when the thread wakes by itself */
    bool stopping;
    pthread_t thread;
};

/* Returns the timer that is due first. A linear search does, as timers are few. */
static struct timer *earliest(struct timers *timers)
{
    struct timer *first = &timers->ring; /* the head is never due */
    for (struct timer *timer = timers->ring.next; timer != &timers->ring; timer = timer->next)
        if (timer->due < first->due)
            first = timer;
    return first;
}

/* Calls a timer's function. Releases the timers lock meanwhile. */
static void let_fire(struct timers *timers, struct timer *timer)
{
    timer->due = CLOCK_NEVER;
    timers->firing = timer;
    lock_release(&timers->lock);
    timer->fire(timer);
    lock_take(&timers->lock);
    timers->firing = NULL;
    condition_broadcast(&timers->changed);
}

static void *timers_thread(void *argument)
{
    struct timers *timers = argument;
    lock_take(&timers->lock);
    while (!timers->stopping) {
        struct timer *next = earliest(timers);
        if (next->due <= clock_now()) {
            let_fire(timers, next);
            continue;
        }
        timers->wakes_at = next->due;
        condition_wait_until(&timers->changed, &timers->lock, next->due);
    }
    lock_release(&timers->lock);
    return NULL;
}

int timers_start(struct timers **result)
{
    struct timers *timers = calloc(1, sizeof *timers);
    if (timers == NULL)
        return ENOMEM;
    timers->ring =
        (struct timer){.due = CLOCK_NEVER, .previous = &timers->ring, .next = &timers->ring};
    int error = lock_init(&timers->lock, LOCK_RANK_TIMERS, "timers");
    if (error != 0)
        goto no_lock;
    error = condition_init(&timers->changed);
    if (error != 0)
        goto no_condition;
    error = pthread_create(&timers->thread, NULL, timers_thread, timers);
    if (error != 0)
        goto no_thread;
    *result = timers;
    return 0;
no_thread:
    condition_destroy(&timers->changed);
no_condition:
    lock_destroy(&timers->lock);
no_lock:
    free(timers);
    return error;
}

void timers_stop(struct timers *timers)
{
    lock_take(&timers->lock);
    assert(timers->ring.next == &timers->ring);
    timers->stopping = true;
    condition_broadcast(&timers->changed);
    lock_release(&timers->lock);
    pthread_join(timers->thread, NULL);
    condition_destroy(&timers->changed);
    lock_destroy(&timers->lock);
    free(timers);
}

void timer_init(struct timer *timer, struct timers *timers, void (*fire)(struct timer *timer))
{
    *timer = (struct timer){.timers = timers, .fire = fire, .due = CLOCK_NEVER};
    lock_take(&timers->lock);
    timer->previous = timers->ring.previous;
    timer->next = &timers->ring;
    timer->previous->next = timer->next->previous = timer;
    lock_release(&timers->lock);
}

void timer_set(struct timer *timer, int64_t due)
{
    struct timers *timers = timer->timers;
    lock_take(&timers->lock);
    timer->due = due;
    if (due < timers->wakes_at)
        condition_broadcast(&timers->changed);
    lock_release(&timers->lock);
}

void timer_end(struct timer *timer)
{
    struct timers *timers = timer->timers;
    lock_take(&timers->lock);
    timer->previous->next = timer->next; /* it cannot fire again, even if `fire` sets it */
    timer->next->previous = timer->previous;
    while (timers->firing == timer)
        condition_wait(&timers->changed, &timers->lock);
    lock_release(&timers->lock);
}
