/*
 * chance: repeatable randomness. It is neither secret nor evenly distributed; a test needs the same
 * numbers on every machine, which the C library's generators do not guarantee.
 */
#include "chance.h"

#include <assert.h>

/* Steele, Lea and Flood's SplitMix64: one addition to the state, then the bits are mixed. */
static uint64_t chance_next(struct chance *chance)
{
    uint64_t bits = chance->state += UINT64_C(0x9e3779b97f4a7c15);

    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    return bits ^ (bits >> 31);
}

struct chance chance_stream(uint64_t seed, uint64_t first, uint64_t second)
{
    struct chance chance = {seed};

    chance.state = chance_next(&chance) ^ first;
    chance.state = chance_next(&chance) ^ second;
    chance.state = chance_next(&chance);
    return chance;
}

uint32_t chance_below(struct chance *chance, uint32_t bound)
{
    assert(bound > 0);
    return (uint32_t)((chance_next(chance) >> 32) * bound >> 32);
}

bool chance_one_in(struct chance *chance, uint32_t odds)
{
    return chance_below(chance, odds) == 0;
}
