/*
 * meter: what one client has the server do. Everything that a client asks for costs it something,
 * in bytes of answers; who is beyond its measure is read more slowly, and loses nothing.
 *
 * It is a leaky bucket (GCRA): the time until which the client has used up its measure, and a burst
 * by which that may lie ahead. A meter belongs to one thread, or is guarded by its owner's lock.
 * All zero: nothing was ever charged.
 */
#ifndef NET_METER_H
#define NET_METER_H

#include "base/clock.h"

#include <stdint.h>

/*
 * A person needs a fraction of it; a program that asks all day gets on. The burst is a list of a
 * few thousand people, or 250 small requests.
 */
#define METER_BYTES_PER_SECOND INT64_C(65536)
#define METER_BURST_BYTES      INT64_C(262144)

struct meter {
    int64_t used_until; /* nanoseconds, as of clock_now(); 0: nothing is left of any charge */
};

/* Charges so many bytes, at most 2^32 at once, at the time `now`. */
void meter_charge(struct meter *meter, uint64_t bytes, int64_t now);

/* How many nanoseconds the client must wait until it is within its burst again; mostly 0. */
int64_t meter_debt(const struct meter *meter, int64_t now);

/* Makes a meter with nothing left on it what it was at first: used_until is 0. */
void meter_relax(struct meter *meter, int64_t now);

#endif
