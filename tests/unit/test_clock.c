#include "suites.h"

#include "base/clock.h"

#include <CUnit/CUnit.h>
#include <limits.h>
#include <poll.h>

static void never_goes_back(void)
{
    int64_t last = clock_now();
    for (int i = 0; i < 100000; i++) {
        int64_t now = clock_now();
        if (!EXPECT(now >= last, "from %lld to %lld", (long long)last, (long long)now))
            break;
        last = now;
    }
}

static void counts_nanoseconds(void)
{
    int64_t before = clock_now();
    poll(NULL, 0, 50);
    int64_t passed = clock_now() - before;
    CU_ASSERT_TRUE(passed >= 50 * CLOCK_MILLISECOND);
    CU_ASSERT_TRUE(passed < 30 * CLOCK_SECOND);
}

static void passed_is_zero(void)
{
    CU_ASSERT_EQUAL(clock_poll_timeout(0), 0);
    CU_ASSERT_EQUAL(clock_poll_timeout(clock_now()), 0);
    CU_ASSERT_EQUAL(clock_poll_timeout(clock_now() - CLOCK_SECOND), 0);
}

static void never_is_for_ever(void)
{
    CU_ASSERT_EQUAL(clock_poll_timeout(CLOCK_NEVER), -1);
}

/* A caller that woke early would find its deadline still ahead and spin. */
static void rounds_up(void)
{
    for (int i = 0; i < 200; i++) {
        int64_t deadline = clock_now() + CLOCK_MILLISECOND / 2;
        int timeout = clock_poll_timeout(deadline);
        EXPECT(timeout == 1 || clock_now() >= deadline, "%d ms for half a millisecond", timeout);
    }
    int timeout = clock_poll_timeout(clock_now() + 100 * CLOCK_SECOND);
    CU_ASSERT_TRUE(timeout <= 100000);
    CU_ASSERT_TRUE(timeout > 60000);
}

static void far_away_is_finite(void)
{
    CU_ASSERT_EQUAL(clock_poll_timeout(CLOCK_NEVER - 1), INT_MAX);
}

static const struct test tests[] = {
    {"the clock never goes back", never_goes_back},
    {"it counts nanoseconds", counts_nanoseconds},
    {"a deadline that has passed leaves no time", passed_is_zero},
    {"CLOCK_NEVER is poll()'s for ever", never_is_for_ever},
    {"the time left is rounded up, so that nobody wakes early", rounds_up},
    {"a deadline beyond what poll() can count is as far as it can", far_away_is_finite},
};

void add_clock_suite(void)
{
    SUITE_ADD("clock", tests);
}
