/*
 * meter: measures use against a rate, as a leaky bucket (GCRA). Its state is one moment: until when
 * the allowance is used up. The moment lies in the future while use is ahead of the rate; how far
 * ahead use may be, the burst, is the caller's decision.
 *
 * A meter belongs to one thread, or is guarded by its owner's lock. An all-zero meter has recorded
 * no use. Moments are those of clock_now().
 */
#ifndef BASE_METER_H
#define BASE_METER_H

#include <stdint.h>

struct meter {
    int64_t used_until; /* 0: no recorded use matters any more */
};

/* Records a use at the time `now` that costs `nanoseconds` of the allowance. */
void meter_charge(struct meter *meter, int64_t nanoseconds, int64_t now);

/*
 * Returns how many nanoseconds after `now` use will be ahead of the rate by at most `burst`
 * nanoseconds; 0 if it is so already.
 */
int64_t meter_debt(const struct meter *meter, int64_t burst, int64_t now);

/*
 * Sets used_until to 0 if it has passed, so that the owner can tell that no use matters any more.
 */
void meter_relax(struct meter *meter, int64_t now);

#endif
