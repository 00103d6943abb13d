/*
 * meter: how much somebody has used of what may be used in a time. It is a leaky bucket (GCRA): the
 * moment until which the allowance is used up, which may lie ahead of now by a burst.
 *
 * A meter belongs to one thread, or is guarded by its owner's lock. All zero: nothing was ever
 * used. Moments are those of clock_now().
 */
#ifndef BASE_METER_H
#define BASE_METER_H

#include <stdint.h>

struct meter {
    int64_t used_until; /* 0: nothing is left of any use */
};

/* Charges at the time `now` for a use that is worth so many nanoseconds of the allowance. */
void meter_charge(struct meter *meter, int64_t nanoseconds, int64_t now);

/*
 * How many nanoseconds it takes until no more than `burst` nanoseconds of use lie ahead; 0: no more
 * do now.
 */
int64_t meter_debt(const struct meter *meter, int64_t burst, int64_t now);

/* Makes a meter of which nothing lies ahead what it was at first: used_until is 0. */
void meter_relax(struct meter *meter, int64_t now);

#endif
