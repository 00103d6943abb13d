#include "suites.h"

#include "base/clock.h"
#include "base/meter.h"

#include <CUnit/CUnit.h>

#define START (1000 * CLOCK_SECOND)
#define BURST (4 * CLOCK_SECOND)

static void a_burst_is_free(void)
{
    struct meter meter = {0};
    meter_charge(&meter, BURST, START);
    CU_ASSERT_EQUAL(meter_debt(&meter, BURST, START), 0);
    meter_charge(&meter, CLOCK_SECOND, START);
    CU_ASSERT_EQUAL(meter_debt(&meter, BURST, START), CLOCK_SECOND);
}

static void a_debt_is_paid_by_waiting(void)
{
    struct meter meter = {0};
    meter_charge(&meter, BURST + CLOCK_SECOND, START);
    CU_ASSERT_EQUAL(meter_debt(&meter, BURST, START + CLOCK_SECOND / 4), CLOCK_SECOND * 3 / 4);
    CU_ASSERT_EQUAL(meter_debt(&meter, BURST, START + CLOCK_SECOND), 0);
}

/* Who keeps to the measure never waits, and who did nothing for long has one burst, not many. */
static void the_measure_lasts(void)
{
    struct meter meter = {0};
    int64_t now = START;
    for (int i = 0; i < 1000; i++, now += CLOCK_SECOND) {
        meter_charge(&meter, CLOCK_SECOND, now);
        CU_ASSERT_EQUAL(meter_debt(&meter, BURST, now), 0);
    }
    now += 1000 * CLOCK_SECOND;
    meter_charge(&meter, BURST + CLOCK_SECOND, now);
    CU_ASSERT_EQUAL(meter_debt(&meter, BURST, now), CLOCK_SECOND);
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
