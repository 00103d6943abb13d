/* A histogram with a constant relative error; see histogram.h. */
#include "histogram.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/*
 * Values below HISTOGRAM_STEPS have a bucket each. Above, the bucket is the position of the
 * highest bit, followed by the HISTOGRAM_STEP_BITS bits after it.
 */
static size_t bucket_of(uint64_t ns)
{
    unsigned shift;

    if (ns < HISTOGRAM_STEPS)
        return (size_t)ns;
    shift = 63U - (unsigned)__builtin_clzll(ns) - HISTOGRAM_STEP_BITS;
    return ((size_t)(shift + 1) << HISTOGRAM_STEP_BITS) + ((ns >> shift) & (HISTOGRAM_STEPS - 1));
}

static uint64_t bucket_end(size_t bucket)
{
    size_t shift;
    uint64_t step;

    if (bucket < HISTOGRAM_STEPS)
        return bucket;
    shift = (bucket >> HISTOGRAM_STEP_BITS) - 1;
    step = (bucket & (HISTOGRAM_STEPS - 1)) + HISTOGRAM_STEPS;
    return ((step + 1) << shift) - 1;
}

void histogram_clear(struct histogram *histogram)
{
    memset(histogram, 0, sizeof *histogram);
}

void histogram_record(struct histogram *histogram, uint64_t ns)
{
    histogram->count++;
    histogram->buckets[bucket_of(ns)]++;
    if (ns > histogram->max_ns)
        histogram->max_ns = ns;
}

uint64_t histogram_percentile(const struct histogram *histogram, double fraction)
{
    uint64_t wanted = (uint64_t)ceil(fraction * (double)histogram->count);
    uint64_t seen = 0;

    if (histogram->count == 0)
        return 0;
    for (size_t bucket = 0; bucket < HISTOGRAM_BUCKETS; bucket++) {
        seen += histogram->buckets[bucket];
        if (seen >= wanted && seen > 0) {
            uint64_t end = bucket_end(bucket);
            return end < histogram->max_ns ? end : histogram->max_ns;
        }
    }
    return histogram->max_ns;
}
