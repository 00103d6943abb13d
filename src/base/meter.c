#include "base/platform.h"

#include "base/meter.h"

void meter_charge(struct meter *meter, int64_t nanoseconds, int64_t now)
{
    if (meter->used_until < now)
        meter->used_until = now;
    meter->used_until += nanoseconds;
}

int64_t meter_debt(const struct meter *meter, int64_t burst, int64_t now)
{
    int64_t ahead = meter->used_until - now;
    return ahead > burst ? ahead - burst : 0;
}

void meter_relax(struct meter *meter, int64_t now)
{
    if (meter->used_until <= now)
        meter->used_until = 0;
}
