#include "base/platform.h"

#include "base/clock.h"
#include "net/pulse.h"

void pulse_start(struct pulse *pulse, int64_t now)
{
    pulse->asked = false;
    pulse->due = pulse->interval > 0 ? now + pulse->interval : 0;
}

void pulse_stop(struct pulse *pulse)
{
    pulse->due = 0;
}

void pulse_hear(struct pulse *pulse, int64_t now)
{
    if (pulse->due != 0)
        pulse_start(pulse, now);
}

void pulse_answer(struct pulse *pulse)
{
    if (pulse->answers < PULSE_TRUSTED)
        pulse->answers++;
}

int64_t pulse_left(const struct pulse *pulse, int64_t now)
{
    return pulse->due != 0 ? pulse->due - now : CLOCK_NEVER;
}

enum pulse_finding pulse_take(struct pulse *pulse, int64_t now, bool stuck)
{
    bool first = !pulse->asked;
    if (pulse_left(pulse, now) > 0)
        return PULSE_FINE;
    pulse->asked = true;
    pulse->due = now + pulse->interval;
    if (first)
        return PULSE_ASK;
    if (stuck)
        return PULSE_FINE;
    if (pulse->answers == PULSE_TRUSTED)
        return PULSE_GONE;
    pulse_stop(pulse);
    return PULSE_FINE;
}
