/*
 * Figures as text, in both forms, and the histogram of which they are made.
 */
#include "suites.h"

#include "base/clock.h"
#include "base/histogram.h"
#include "doors/metrics/exposition.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

struct sample_figures {
    uint64_t lines, unknown, time;
    struct metric_series series;
    struct metric_facts facts;
    struct histogram_reading classes;
};

#define AT(member) offsetof(struct sample_figures, member)

static const struct metric rows[] = {
    {"unit_lines", METRIC_COUNTER, "", NULL, METRIC_NUMBER, AT(lines), "Lines"},
    {"unit_unknown", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(unknown), "Nobody knows"},
    {"unit_time_seconds", METRIC_GAUGE, "seconds", NULL, METRIC_SECONDS, AT(time), "A time"},
    {"unit_bytes", METRIC_COUNTER, "bytes", "way", METRIC_SERIES, AT(series), "Bytes"},
    {"unit_info", METRIC_GAUGE, "", NULL, METRIC_FACTS, AT(facts), "What it is"},
    {"unit_wait_seconds", METRIC_HISTOGRAM, "seconds", NULL, METRIC_CLASSES, AT(classes), "Waits"},
};

static void read_sample(void *owner, void *place)
{
    struct sample_figures *figures = place;
    CU_ASSERT_EQUAL(figures->lines, 0);
    figures->lines = UINT64_C(18446744073709551614);
    figures->unknown = METRIC_UNKNOWN;
    figures->time = 1500000000 + 25;
    metric_series_add(&figures->series, "in", 3);
    metric_series_add(&figures->series, "o\"u\\t\n", 0);
    figures->facts = (struct metric_facts){2, {{"a", "b"}, {"c", "d"}}};
    histogram_read(owner, &figures->classes);
}

static const struct metric_table table = {rows, sizeof rows / sizeof *rows,
                                          sizeof(struct sample_figures), read_sample};

/* Returns the text up to the buckets, and what is behind them, which the caller frees. */
static struct buffer write_all(bool openmetrics)
{
    struct histogram histogram = {0};
    struct buffer out = {0};
    histogram_add(&histogram, 100000, 2);
    histogram_add(&histogram, 100001, 1);
    histogram_add(&histogram, 11 * CLOCK_SECOND, 1);
    CU_ASSERT_TRUE(exposition_add(&out, &table, &histogram, openmetrics));
    CU_ASSERT_TRUE(exposition_end(&out, openmetrics));
    CU_ASSERT_TRUE_FATAL(buffer_append(&out, "", 1));
    return out;
}

static void has(const struct buffer *out, const char *text)
{
    EXPECT(strstr(buffer_bytes(out), text) != NULL, "it lacks\n%s\n%s", text, buffer_bytes(out));
}

static const char classes[] = "unit_wait_seconds_bucket{le=\"0.0001\"} 2\n"
                              "unit_wait_seconds_bucket{le=\"0.00025\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"0.0005\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"0.001\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"0.0025\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"0.005\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"0.01\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"0.025\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"0.05\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"0.1\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"0.25\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"0.5\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"1.0\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"2.5\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"5.0\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"10.0\"} 3\n"
                              "unit_wait_seconds_bucket{le=\"+Inf\"} 4\n"
                              "unit_wait_seconds_count 4\n"
                              "unit_wait_seconds_sum 11.000300001\n";

static void writes_openmetrics(void)
{
    struct buffer out = write_all(true);
    has(&out, "# HELP unit_lines Lines.\n"
              "# TYPE unit_lines counter\n"
              "unit_lines_total 18446744073709551614\n"
              "# HELP unit_time_seconds A time.\n"
              "# TYPE unit_time_seconds gauge\n"
              "# UNIT unit_time_seconds seconds\n"
              "unit_time_seconds 1.500000025\n"
              "# HELP unit_bytes Bytes.\n"
              "# TYPE unit_bytes counter\n"
              "# UNIT unit_bytes bytes\n"
              "unit_bytes_total{way=\"in\"} 3\n"
              "unit_bytes_total{way=\"o\\\"u\\\\t\\n\"} 0\n"
              "# HELP unit_info What it is.\n"
              "# TYPE unit_info gauge\n"
              "unit_info{a=\"b\",c=\"d\"} 1\n"
              "# HELP unit_wait_seconds Waits.\n"
              "# TYPE unit_wait_seconds histogram\n"
              "# UNIT unit_wait_seconds seconds\n");
    has(&out, classes);
    CU_ASSERT_STRING_EQUAL(buffer_bytes(&out) + buffer_length(&out) - 7, "# EOF\n");
    buffer_free(&out);
}

static void writes_the_older_text(void)
{
    struct buffer out = write_all(false);
    has(&out, "# HELP unit_lines_total Lines.\n"
              "# TYPE unit_lines_total counter\n"
              "unit_lines_total 18446744073709551614\n");
    has(&out, "# TYPE unit_bytes_total counter\nunit_bytes_total{way=\"in\"} 3\n");
    has(&out, classes);
    CU_ASSERT_PTR_NULL(strstr(buffer_bytes(&out), "# UNIT"));
    CU_ASSERT_PTR_NULL(strstr(buffer_bytes(&out), "# EOF"));
    buffer_free(&out);
}

static void leaves_out_what_is_not_known(void)
{
    struct buffer out = write_all(true);
    CU_ASSERT_PTR_NULL(strstr(buffer_bytes(&out), "unit_unknown"));
    buffer_free(&out);
}

static void classes_ascend_from_a_tenth_of_a_millisecond_to_ten_seconds(void)
{
    struct histogram histogram = {0};
    struct histogram_reading reading;
    for (unsigned class = 0; class < HISTOGRAM_CLASSES - 1; class ++) {
        CU_ASSERT_TRUE(class == 0 || histogram_bound(class) > histogram_bound(class - 1));
        histogram_add(&histogram, histogram_bound(class), 1);
    }
    CU_ASSERT_EQUAL(histogram_bound(0), 100000);
    CU_ASSERT_EQUAL(histogram_bound(HISTOGRAM_CLASSES - 2), 10 * CLOCK_SECOND);
    histogram_add(&histogram, histogram_bound(HISTOGRAM_CLASSES - 2) + 1, 5);
    histogram_add(&histogram, -1, 1); /* a clock of another thread */
    histogram_read(&histogram, &reading);
    for (unsigned class = 0; class < HISTOGRAM_CLASSES; class ++)
        CU_ASSERT_EQUAL(reading.counts[class], class == 0                       ? 2
                                               : class == HISTOGRAM_CLASSES - 1 ? 5
                                                                                : 1);
}

void add_exposition_suite(void)
{
    static const struct test tests[] = {
        {"OpenMetrics has types, units, labels and an end", writes_openmetrics},
        {"the older text has the suffix of a counter in its name", writes_the_older_text},
        {"what is not known is left out", leaves_out_what_is_not_known},
        {"a histogram's bounds belong to the class below",
         classes_ascend_from_a_tenth_of_a_millisecond_to_ten_seconds}};
    SUITE_ADD("exposition", tests);
}
