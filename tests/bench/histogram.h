/*
 * A histogram of times with a constant relative error: 128 steps to each power of two, so a
 * percentile is right to within 0.8 % whether it is a microsecond or a minute. Recording is a
 * few instructions and never allocates: it stands in the path of millions of deliveries a second.
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

/* Forgets everything recorded. */
void histogram_clear(struct histogram *histogram);

/* Adds one time. */
void histogram_record(struct histogram *histogram, uint64_t ns);

/*
 * The time, in nanoseconds, that `fraction` (0 to 1) of the recorded ones do not exceed: the upper
 * end of its bucket, so never less than the truth. 0 if nothing has been recorded.
 */
uint64_t histogram_percentile(const struct histogram *histogram, double fraction);

#endif
