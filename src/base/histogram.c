#include "base/platform.h"

#include "base/histogram.h"

#define MICROSECOND INT64_C(1000) /* nanoseconds */

static const int64_t bounds[HISTOGRAM_CLASSES - 1] = {
    100 * MICROSECOND,     250 * MICROSECOND,     500 * MICROSECOND,     1000 * MICROSECOND,
    2500 * MICROSECOND,    5000 * MICROSECOND,    10000 * MICROSECOND,   25000 * MICROSECOND,
    50000 * MICROSECOND,   100000 * MICROSECOND,  250000 * MICROSECOND,  500000 * MICROSECOND,
    1000000 * MICROSECOND, 2500000 * MICROSECOND, 5000000 * MICROSECOND, 10000000 * MICROSECOND};

int64_t histogram_bound(unsigned class)
{
    return bounds[class];
}

void histogram_add(struct histogram *histogram, int64_t nanoseconds, uint64_t number)
{
    unsigned class = 0;
    if (nanoseconds < 0)
        nanoseconds = 0;
    while (class < HISTOGRAM_CLASSES - 1 && nanoseconds > bounds[class])
        class ++;
    tally_add(&histogram->counts[class], number);
    tally_add(&histogram->nanoseconds, (uint64_t)nanoseconds * number);
}

void histogram_read(struct histogram *histogram, struct histogram_reading *reading)
{
    for (unsigned class = 0; class < HISTOGRAM_CLASSES; class ++)
        reading->counts[class] = tally_read(&histogram->counts[class]);
    reading->nanoseconds = tally_read(&histogram->nanoseconds);
}
