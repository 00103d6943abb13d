/*
 * turnstile: lets so many threads at once through a piece of work, while others wait for their
 * turn: of thousands that could run at the same time, the scheduler would give each as much as
 * those that carry talk.
 */
#ifndef NET_TURNSTILE_H
#define NET_TURNSTILE_H

#include "base/lock.h"

struct turnstile {
    struct lock lock; /* guards the rest */
    struct condition left;
    unsigned places; /* that are free */
};

/* Returns 0 or an errno. */
int turnstile_init(struct turnstile *turnstile, unsigned places);

/* Nobody may be inside, or wait. */
void turnstile_destroy(struct turnstile *turnstile);

/* Waits for a place and takes it. No lock may be held. */
void turnstile_enter(struct turnstile *turnstile);

/* Gives the place back. */
void turnstile_leave(struct turnstile *turnstile);

#endif
