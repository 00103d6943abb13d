#include "suites.h"

#include "base/clock.h"

#include <CUnit/CUnit.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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

/* What is in a number of the form 20261125. */
static void tells_day_and_minute(void)
{
    struct clock_local before = clock_local();
    time_t now = time(NULL);
    struct clock_local after = clock_local();
    char date[16];
    struct tm local;
    CU_ASSERT_PTR_NOT_NULL_FATAL(localtime_r(&now, &local));
    strftime(date, sizeof date, "%Y%m%d", &local);
    CU_ASSERT_TRUE(before.date <= atoi(date) && atoi(date) <= after.date);
    CU_ASSERT_TRUE(before.minute >= 0 && before.minute < 24 * 60);
    if (before.date == after.date && before.minute == after.minute)
        CU_ASSERT_EQUAL(before.minute, local.tm_hour * 60 + local.tm_min);
}

static void tells_the_time_of_day(void)
{
    const int64_t minute = 60 * 1000; /* somebody may set the clock meanwhile */
    int64_t before = (int64_t)time(NULL) * 1000 - minute;
    int64_t now = clock_utc();
    int64_t after = (int64_t)time(NULL) * 1000 + minute;
    CU_ASSERT_TRUE(before <= now && now <= after);
}

static void is_written_as_in_rfc_3339(void)
{
    char text[CLOCK_UTC_SIZE];
    clock_write_utc(0, text);
    CU_ASSERT_STRING_EQUAL(text, "1970-01-01T00:00:00.000Z");
    clock_write_utc(INT64_C(1795528931042), text);
    CU_ASSERT_STRING_EQUAL(text, "2026-11-24T14:02:11.042Z");
}

/* 2100-03-01, 12:34:56.789 UTC, which no time_t of 32 bits has */
#define FAR_AWAY INT64_C(4107587696789)

static void knows_times_beyond_a_time_t(void)
{
    static const struct {
        int64_t time;
        const char *text;
    } rows[] = {
        {INT64_C(2147483648000), "2038-01-19T03:14:08.000Z"},
        {INT64_C(4107542399999), "2100-02-28T23:59:59.999Z"},
        {INT64_C(4107542400000), "2100-03-01T00:00:00.000Z"},
        {INT64_C(951782400000), "2000-02-29T00:00:00.000Z"},
        {INT64_C(4107587696789), "2100-03-01T12:34:56.789Z"},
        {INT64_C(-1), "1969-12-31T23:59:59.999Z"},
        {INT64_C(253402300799000), "9999-12-31T23:59:59.000Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[CLOCK_UTC_SIZE];
        clock_write_utc(rows[i].time, text);
        EXPECT(strcmp(text, rows[i].text) == 0, "%s instead of %s", text, rows[i].text);
    }
}

/* Each day that a time_t of 32 bits has, at some time of it, as the C library knows it. */
static void knows_the_calendar(void)
{
    for (int64_t seconds = 0; seconds < INT32_MAX; seconds += 24 * 60 * 60 + 1) {
        struct clock_civil civil = clock_civil_of(seconds);
        time_t time = (time_t)seconds;
        struct tm utc;
        if (gmtime_r(&time, &utc) == NULL || civil.year != utc.tm_year + 1900 ||
            civil.month != utc.tm_mon + 1 || civil.day != utc.tm_mday ||
            civil.hour != utc.tm_hour || civil.minute != utc.tm_min || civil.second != utc.tm_sec) {
            EXPECT(false, "%ld s is another time", (long)seconds);
            return;
        }
    }
}

static void set_zone(const char *zone)
{
    if (zone != NULL)
        setenv("TZ", zone, 1);
    else
        unsetenv("TZ");
    tzset();
}

static void knows_the_local_time_far_away(void)
{
    const char *zone = getenv("TZ");
    char *former = zone != NULL ? strdup(zone) : NULL;
    set_zone("EAST-5:30");
    struct clock_local east = clock_local_of(FAR_AWAY);
    set_zone("WEST13");
    struct clock_local west = clock_local_of(FAR_AWAY);
    set_zone(former);
    free(former);
    CU_ASSERT_EQUAL(east.date, 21000301);
    CU_ASSERT_EQUAL(east.minute, 18 * 60 + 4);
    CU_ASSERT_EQUAL(west.date, 21000228);
    CU_ASSERT_EQUAL(west.minute, 23 * 60 + 34);
}

static const struct test tests[] = {
    {"the time of day is in milliseconds since 1970", tells_the_time_of_day},
    {"the time of day is written as RFC 3339 has it", is_written_as_in_rfc_3339},
    {"also beyond the end of a time_t", knows_times_beyond_a_time_t},
    {"dates are those of the calendar", knows_the_calendar},
    {"the local time is known beyond the end of a time_t", knows_the_local_time_far_away},
    {"the local time is a date and a minute of that day", tells_day_and_minute},
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
