#include "suites.h"

#include "net/meter.h"

#include <CUnit/CUnit.h>

#define START (1000 * CLOCK_SECOND)

static void a_burst_is_free(void)
{
    struct meter meter = {0};
    meter_charge(&meter, (uint64_t)METER_BURST_BYTES, START);
    CU_ASSERT_EQUAL(meter_debt(&meter, START), 0);
    meter_charge(&meter, 65536, START);
    CU_ASSERT_TRUE(meter_debt(&meter, START) > CLOCK_SECOND * 9 / 10);
    CU_ASSERT_TRUE(meter_debt(&meter, START) <= CLOCK_SECOND);
}

static void a_debt_is_paid_by_waiting(void)
{
    struct meter meter = {0};
    meter_charge(&meter, (uint64_t)(METER_BURST_BYTES + METER_BYTES_PER_SECOND), START);
    CU_ASSERT_TRUE(meter_debt(&meter, START + CLOCK_SECOND / 2) > 0);
    CU_ASSERT_EQUAL(meter_debt(&meter, START + CLOCK_SECOND), 0);
}

/* Who keeps to the measure never waits, and who did nothing for long has one burst, not many. */
static void the_measure_lasts(void)
{
    struct meter meter = {0};
    int64_t now = START;
    for (int i = 0; i < 1000; i++, now += CLOCK_SECOND) {
        meter_charge(&meter, (uint64_t)METER_BYTES_PER_SECOND, now);
        CU_ASSERT_EQUAL(meter_debt(&meter, now), 0);
    }
    now += 1000 * CLOCK_SECOND;
    meter_charge(&meter, (uint64_t)(METER_BURST_BYTES + METER_BYTES_PER_SECOND), now);
    CU_ASSERT_TRUE(meter_debt(&meter, now) > 0);
}

static void what_is_paid_is_forgotten(void)
{
    struct meter meter = {0};
    meter_charge(&meter, 100, START);
    meter_relax(&meter, START);
    CU_ASSERT_NOT_EQUAL(meter.used_until, 0);
    meter_relax(&meter, START + CLOCK_SECOND);
    CU_ASSERT_EQUAL(meter.used_until, 0);
}

void add_meter_suite(void)
{
    static const struct test tests[] = {
        {"a burst is free", a_burst_is_free},
        {"a debt is paid by waiting", a_debt_is_paid_by_waiting},
        {"the measure lasts", the_measure_lasts},
        {"what is paid is forgotten", what_is_paid_is_forgotten},
    };
    SUITE_ADD("meter", tests);
}
