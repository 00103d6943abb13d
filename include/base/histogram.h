/*
 * histogram: how long things took, counted in classes from 0.1 ms to 10 s. Any thread may add and
 * read. An all-zero histogram is empty.
 */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include "base/tally.h"

#include <stdint.h>

enum { HISTOGRAM_CLASSES = 17 }; /* the last one is for all that took longer */

struct histogram {
    struct tally counts[HISTOGRAM_CLASSES];
    struct tally nanoseconds; /* of all together */
};

/* What a histogram showed at one moment. */
struct histogram_reading {
    uint64_t counts[HISTOGRAM_CLASSES]; /* of each class by itself */
    uint64_t nanoseconds;
};

/* Returns the longest time of a class but the last one, in nanoseconds. */
int64_t histogram_bound(unsigned class);

/* Adds `number` things of which each took `nanoseconds`. */
void histogram_add(struct histogram *histogram, int64_t nanoseconds, uint64_t number);

void histogram_read(struct histogram *histogram, struct histogram_reading *reading);

#endif
