/*
 * tally: a count that any thread may read while others add to it. Adding orders nothing: a reader
 * sees each count as it was a moment ago, and two of them not at the same moment.
 *
 * An all-zero tally is 0.
 */
#ifndef BASE_TALLY_H
#define BASE_TALLY_H

#include <stdatomic.h>
#include <stdint.h>

struct tally {
    _Atomic uint64_t count;
};

/* Adds to a tally to which several threads add. Costs them a cache line: once for many is best. */
static inline void tally_add(struct tally *tally, uint64_t number)
{
    atomic_fetch_add_explicit(&tally->count, number, memory_order_relaxed);
}

/* The same, for a tally to which one thread at a time adds, as the owner's lock is held or so. */
static inline void tally_add_alone(struct tally *tally, uint64_t number)
{
    uint64_t count = atomic_load_explicit(&tally->count, memory_order_relaxed);
    atomic_store_explicit(&tally->count, count + number, memory_order_relaxed);
}

static inline uint64_t tally_read(struct tally *tally)
{
    return atomic_load_explicit(&tally->count, memory_order_relaxed);
}

#endif
