#include "suites.h"

#include "base/clock.h"
#include "base/number.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>

#define ROWS(table) (sizeof table / sizeof *table)

static void reads_whole_numbers(void)
{
    static const struct {
        const char *text;
        uint64_t low, high, value;
    } rows[] = {
        {"0", 0, 10, 0},
        {"7", 0, 10, 7},
        {"10", 0, 10, 10},
        {"1", 1, 1, 1},
        {"007", 0, 10, 7},
        {"00000000000000000000000000010", 10, 10, 10},
        {"4294967296", 0, UINT64_MAX, UINT64_C(4294967296)},
        {"18446744073709551615", 0, UINT64_MAX, UINT64_MAX},
        {"9", 5, 9, 9},
        {"5", 5, 9, 5},
        {"0", 0, 0, 0},
        {"3", 0, 3, 3},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint64_t value = 99;
        bool read = number_parse(rows[i].text, rows[i].low, rows[i].high, &value);
        EXPECT(read && value == rows[i].value, "'%s' gives %d, %" PRIu64, rows[i].text, read,
               value);
    }
}

static void refuses_other_texts(void)
{
    static const char *const texts[] = {
        "",    " ",    "-1",  "+1",  "-0",  " 1",    "1 ",  "1\n", "1k",
        "1s",  "0x10", "1.0", "1e3", ".",   "1,000", "one", "--1", "1-",
        "\t1", "१",    "１",  "∞",   "nan", "1_0",   "1'0", "/",   ":",
    };
    for (size_t i = 0; i < ROWS(texts); i++) {
        uint64_t value = 99;
        bool read = number_parse(texts[i], 0, UINT64_MAX, &value);
        EXPECT(!read && value == 99, "'%s' gives %d, %" PRIu64, texts[i], read, value);
    }
}

static void refuses_what_is_out_of_range(void)
{
    static const struct {
        const char *text;
        uint64_t low, high;
    } rows[] = {
        {"0", 1, 10},
        {"11", 1, 10},
        {"4", 5, 9},
        {"10", 5, 9},
        {"1", 0, 0},
        {"100", 0, 99},
        {"99999999999999999999999999999999999999", 0, UINT64_MAX},
        {"18446744073709551616", 0, UINT64_MAX},
        {"18446744073709551620", 0, UINT64_MAX},
        {"184467440737095516150", 0, UINT64_MAX},
        {"18446744073709551617", 0, 10},
        {"4294967297", 0, 10},
        {"9", 0, 3},
        {"39", 0, 38},
        {"110", 0, 11},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint64_t value = 99;
        bool read = number_parse(rows[i].text, rows[i].low, rows[i].high, &value);
        EXPECT(!read && value == 99, "'%s' gives %d, %" PRIu64, rows[i].text, read, value);
    }
}

/* All small numbers in all small ranges, against comparison alone. */
static void ranges_include_their_ends(void)
{
    for (unsigned number = 0; number < 120; number++) {
        char text[8];
        snprintf(text, sizeof text, "%u", number);
        for (unsigned low = 0; low < 30; low++) {
            for (unsigned high = low; high < 115; high += 3) {
                uint64_t value = 999;
                bool fits = number >= low && number <= high;
                EXPECT(number_parse(text, low, high, &value) == fits &&
                           value == (fits ? number : 999),
                       "%u from %u to %u", number, low, high);
            }
        }
    }
}

static void reads_seconds(void)
{
    static const struct {
        const char *text;
        uint64_t high;
        int64_t nanoseconds;
    } rows[] = {
        {"0", 0, 0},
        {"2", 10, 2 * CLOCK_SECOND},
        {"10", 10, 10 * CLOCK_SECOND},
        {"10.0", 10, 10 * CLOCK_SECOND},
        {"10.000000000", 10, 10 * CLOCK_SECOND},
        {"9.999999999", 10, 10 * CLOCK_SECOND - 1},
        {"0.25", 10, 250 * CLOCK_MILLISECOND},
        {".5", 10, 500 * CLOCK_MILLISECOND},
        {".000000001", 10, 1},
        {"0.1", 1, 100 * CLOCK_MILLISECOND},
        {"1.123456789", 10, 1123456789},
        {"01.10", 10, 1100 * CLOCK_MILLISECOND},
        {"31536000", 31536000, 31536000 * CLOCK_SECOND},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int64_t value = 99;
        bool read = number_parse_seconds(rows[i].text, rows[i].high, &value);
        EXPECT(read && value == rows[i].nanoseconds, "'%s' gives %d, %" PRId64, rows[i].text, read,
               value);
    }
}

static void refuses_other_seconds(void)
{
    static const char *const texts[] = {
        "",
        ".",
        "1.",
        "-1",
        "+1",
        "-.5",
        " 1",
        "1 ",
        ".5 ",
        "1.5s",
        "1,5",
        "1e1",
        "0x1",
        "1.2.3",
        "..5",
        "1..5",
        "1.-5",
        "1.+5",
        "inf",
        "nan",
        "1. 5",
        "10.1",
        "11",
        "10.000000001",
        "0.1234567890",
        ".0000000001",
        "5.0000000000",
        "99999999999999999999999",
        "1.5\n",
    };
    for (size_t i = 0; i < ROWS(texts); i++) {
        int64_t value = 99;
        bool read = number_parse_seconds(texts[i], 10, &value);
        EXPECT(!read && value == 99, "'%s' gives %d, %" PRId64, texts[i], read, value);
    }
}

static void point_is_a_point_everywhere(void)
{
    static const char *const locales[] = {"",        "C",           "POSIX",
                                          "C.UTF-8", "de_DE.UTF-8", "fr_FR.UTF-8"};
    for (size_t i = 0; i < ROWS(locales); i++) {
        int64_t value = 0;
        setlocale(LC_ALL, locales[i]);
        CU_ASSERT_TRUE(number_parse_seconds("0.5", 1, &value));
        CU_ASSERT_EQUAL(value, CLOCK_SECOND / 2);
        CU_ASSERT_FALSE(number_parse_seconds("0,5", 1, &value));
    }
    setlocale(LC_ALL, "C");
}

static const struct test tests[] = {
    {"whole numbers are read as they are", reads_whole_numbers},
    {"signs, blanks, units and other texts are refused", refuses_other_texts},
    {"numbers out of range, however long, are refused", refuses_what_is_out_of_range},
    {"both ends of a range belong to it", ranges_include_their_ends},
    {"seconds are read to the nanosecond", reads_seconds},
    {"other texts and too long times are refused as seconds", refuses_other_seconds},
    {"the decimal point does not depend on the locale", point_is_a_point_everywhere},
};

void add_number_suite(void)
{
    SUITE_ADD("number", tests);
}
