/*
 * chance: repeatable randomness.
 *
 * Every simulated client draws from its own stream, so that its actions depend only on the seed and
 * its serial number, not on how the server scheduled other clients.
 */
#ifndef STRESS_CHANCE_H
#define STRESS_CHANCE_H

#include <stdbool.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

/* Returns a stream that is fixed by the three numbers; streams of different numbers are unrelated.
 */
struct chance chance_stream(uint64_t seed, uint64_t first, uint64_t second);

/* Returns the next number of the stream that is at least 0 and less than bound; bound is above 0.
 */
uint32_t chance_below(struct chance *chance, uint32_t bound);

/* Returns true once in odds draws, on average. */
bool chance_one_in(struct chance *chance, uint32_t odds);

#endif
