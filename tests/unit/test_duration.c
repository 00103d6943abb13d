#include "suites.h"

#include "base/duration.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <string.h>

#define ROWS(table) (sizeof table / sizeof *table)

static void reads_each_unit(void)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } rows[] = {
        {"1s", 1},
        {"30s", 30},
        {"10m", 600},
        {"2h", 7200},
        {"7d", 604800},
        {"4w", 2419200},
        {"2H", 7200},
        {"007D", 604800},
        {"0000000000000000000000000030s", 30},
        {"315360000s", DURATION_SECONDS_MAX},
        {"87600h", DURATION_SECONDS_MAX},
        {"3650d", DURATION_SECONDS_MAX},
        {"521w", INT64_C(521) * 604800},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int64_t seconds = 99;
        enum duration_result result = duration_parse(rows[i].text, strlen(rows[i].text), &seconds);
        EXPECT(result == DURATION_READ && seconds == rows[i].seconds, "'%s' gives %d, %" PRId64,
               rows[i].text, (int)result, seconds);
    }
}

static void tells_why_not(void)
{
    static const struct {
        const char *text;
        enum duration_result result;
    } rows[] = {
        {"0s", DURATION_OUT_OF_RANGE},
        {"000w", DURATION_OUT_OF_RANGE},
        {"315360001s", DURATION_OUT_OF_RANGE},
        {"3651d", DURATION_OUT_OF_RANGE},
        {"522w", DURATION_OUT_OF_RANGE},
        {"99999999999999999999999999999999w", DURATION_OUT_OF_RANGE},
        {"18446744073709551617s", DURATION_OUT_OF_RANGE}, /* 1 if it wrapped */
        {"10", DURATION_NO_UNIT},
        {"0", DURATION_NO_UNIT},
        {"", DURATION_OTHER},
        {"s", DURATION_OTHER},
        {"10x", DURATION_NO_UNIT},
        {"10 m", DURATION_OTHER},
        {" 10m", DURATION_OTHER},
        {"10m ", DURATION_OTHER},
        {"10min", DURATION_NO_UNIT},
        {"1h30m", DURATION_NO_UNIT},
        {"-1h", DURATION_OTHER},
        {"+1h", DURATION_OTHER},
        {"1.5h", DURATION_NO_UNIT},
        {"spam", DURATION_OTHER},
        {"24/7", DURATION_OTHER},
        {"2\xC4\xA5", DURATION_OTHER},
        {"\xD9\xA1s", DURATION_OTHER}, /* a digit, but of another script */
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int64_t seconds = 99;
        enum duration_result result = duration_parse(rows[i].text, strlen(rows[i].text), &seconds);
        EXPECT(result == rows[i].result && seconds == 99, "'%s' gives %d, %" PRId64, rows[i].text,
               (int)result, seconds);
    }
}

/* The text is a piece of a line: what is behind it does not count. */
static void reads_no_further(void)
{
    int64_t seconds;
    CU_ASSERT_EQUAL(duration_parse("10m spam", 3, &seconds), DURATION_READ);
    CU_ASSERT_EQUAL(seconds, 600);
    CU_ASSERT_EQUAL(duration_parse("10m", 2, &seconds), DURATION_NO_UNIT);
    CU_ASSERT_EQUAL(duration_parse("10\0m", 4, &seconds), DURATION_OTHER);
}

static const struct test tests[] = {
    {"a number with s, m, h, d or w is a duration, up to ten years", reads_each_unit},
    {"what is no duration is told from a mistake in one", tells_why_not},
    {"only the given bytes are read", reads_no_further},
};

void add_duration_suite(void)
{
    SUITE_ADD("duration", tests);
}
