/*
 * A histogram of times with a constant relative error: 128 steps for each power of two, so a
 * percentile is correct to within 0.8 % from a microsecond to a minute. Recording takes a few
 * instructions and never allocates, as it is done for millions of deliveries a second.
 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

enum {
    HISTOGRAM_STEP_BITS = 7,
    HISTOGRAM_STEPS = 1 << HISTOGRAM_STEP_BITS,
    HISTOGRAM_BUCKETS = (64 - HISTOGRAM_STEP_BITS + 1) * HISTOGRAM_STEPS
};

struct histogram {
    uint64_t count;
    uint64_t max_ns;
    uint64_t buckets[HISTOGRAM_BUCKETS];
};

/* Removes all recorded times. */
void histogram_clear(struct histogram *histogram);

/* Adds one time. */
void histogram_record(struct histogram *histogram, uint64_t ns);

/*
 * Returns the time in nanoseconds that `fraction` (0 to 1) of the recorded times do not exceed: the
 * upper end of its bucket, so never less than the exact value. 0 if no time is recorded.
 */
uint64_t histogram_percentile(const struct histogram *histogram, double fraction);

#endif
