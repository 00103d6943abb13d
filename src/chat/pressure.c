#include "base/platform.h"

#include "base/clock.h"
#include "chat/pressure.h"

#include <assert.h>

int pressure_init(struct pressure *pressure)
{
    *pressure = (struct pressure){.hurries = false};
    atomic_init(&pressure->everywhere_until, 0);
    pressure->gauges.next = pressure->gauges.previous = &pressure->gauges;
    int error = lock_init(&pressure->lock, LOCK_RANK_PRESSURE, "pressure");
    if (error != 0)
        return error;
    error = condition_init(&pressure->changed);
    if (error != 0)
        lock_destroy(&pressure->lock);
    return error;
}

void pressure_destroy(struct pressure *pressure)
{
    assert(pressure->gauges.next == &pressure->gauges);
    condition_destroy(&pressure->changed);
    lock_destroy(&pressure->lock);
}

static void unlist(struct pressure_gauge *gauge)
{
    gauge->listed = false;
    gauge->previous->next = gauge->next;
    gauge->next->previous = gauge->previous;
}

void pressure_note(struct pressure_gauge *gauge)
{
    struct pressure *pressure = gauge->pressure;
    if (pressure == NULL)
        return;
    lock_take(&pressure->lock);
    if (!gauge->listed) {
        gauge->listed = true;
        gauge->previous = pressure->gauges.previous;
        gauge->next = &pressure->gauges;
        gauge->previous->next = gauge->next->previous = gauge;
        condition_signal(&pressure->changed);
    }
    lock_release(&pressure->lock);
}

void pressure_forget(struct pressure_gauge *gauge)
{
    struct pressure *pressure = gauge->pressure;
    if (pressure == NULL)
        return;
    lock_take(&pressure->lock);
    if (gauge->listed)
        unlist(gauge);
    lock_release(&pressure->lock);
}

/* Whoever makes something go on again notes that afterwards, so it is not missed. */
void pressure_read(struct pressure *pressure,
                   void (*found)(void *context, const char *room, unsigned states), void *context)
{
    lock_take(&pressure->lock);
    struct pressure_gauge *gauge = pressure->gauges.next;
    while (gauge != &pressure->gauges) {
        struct pressure_gauge *next = gauge->next;
        unsigned states;
        if (gauge->read(gauge, &states))
            found(context, gauge->room, states);
        else
            unlist(gauge);
        gauge = next;
    }
    lock_release(&pressure->lock);
}

void pressure_spread(struct pressure *pressure, int64_t end)
{
    atomic_store_explicit(&pressure->everywhere_until, end, memory_order_relaxed);
}

static int64_t wakes_at(const struct pressure *pressure, int64_t earliest, int64_t deadline)
{
    return pressure->gauges.next == &pressure->gauges ? deadline : earliest;
}

void pressure_wait(struct pressure *pressure, int64_t earliest, int64_t deadline)
{
    lock_assert_none_held();
    lock_take(&pressure->lock);
    while (!pressure->hurries && condition_wait_until(&pressure->changed, &pressure->lock,
                                                      wakes_at(pressure, earliest, deadline)))
        ;
    lock_release(&pressure->lock);
}

void pressure_hurry(struct pressure *pressure)
{
    lock_take(&pressure->lock);
    pressure->hurries = true;
    condition_signal(&pressure->changed);
    lock_release(&pressure->lock);
}
