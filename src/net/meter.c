#include "base/platform.h"

#include "net/meter.h"

#define BYTE_NANOSECONDS  (CLOCK_SECOND / METER_BYTES_PER_SECOND)
#define BURST_NANOSECONDS (METER_BURST_BYTES * BYTE_NANOSECONDS)

void meter_charge(struct meter *meter, uint64_t bytes, int64_t now)
{
    if (meter->used_until < now)
        meter->used_until = now;
    meter->used_until += (int64_t)bytes * BYTE_NANOSECONDS;
}

int64_t meter_debt(const struct meter *meter, int64_t now)
{
    int64_t ahead = meter->used_until - now;
    return ahead > BURST_NANOSECONDS ? ahead - BURST_NANOSECONDS : 0;
}

void meter_relax(struct meter *meter, int64_t now)
{
    if (meter->used_until <= now)
        meter->used_until = 0;
}
