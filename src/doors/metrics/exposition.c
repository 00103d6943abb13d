#include "base/platform.h"

#include "base/clock.h"
#include "doors/metrics/exposition.h"

#include <stdlib.h>
#include <string.h>

struct exposition {
    struct buffer *out;
    bool openmetrics;
    bool whole; /* memory was not out */
};

static void put(struct exposition *exposition, const char *text)
{
    exposition->whole = exposition->whole && buffer_append_string(exposition->out, text);
}

static void put_number(struct exposition *exposition, uint64_t number)
{
    exposition->whole =
        exposition->whole && buffer_format(exposition->out, "%llu", (unsigned long long)number);
}

/* Writes nanoseconds as seconds, with one digit behind the point at least: a bound is "1.0". */
static void put_seconds(struct exposition *exposition, uint64_t nanoseconds)
{
    uint64_t fraction = nanoseconds % (uint64_t)CLOCK_SECOND;
    int digits = 9;
    while (digits > 1 && fraction % 10 == 0) {
        fraction /= 10;
        digits--;
    }
    exposition->whole =
        exposition->whole && buffer_format(exposition->out, "%llu.%0*llu",
                                           (unsigned long long)nanoseconds / CLOCK_SECOND, digits,
                                           (unsigned long long)fraction);
}

/* Writes a value of a label, in which three characters are escaped. */
static void put_quoted(struct exposition *exposition, const char *text)
{
    char character[2] = "";
    put(exposition, "\"");
    for (; *text != '\0'; text++) {
        *character = *text;
        put(exposition, *text == '\n'   ? "\\n"
                        : *text == '"'  ? "\\\""
                        : *text == '\\' ? "\\\\"
                                        : character);
    }
    put(exposition, "\"");
}

static const char *suffix_of(const struct metric *row)
{
    return row->type == METRIC_COUNTER ? "_total" : "";
}

/* The older form has the suffix in the name of a counter. */
static void put_head(struct exposition *exposition, const struct metric *row)
{
    static const char *const types[] = {
        [METRIC_COUNTER] = "counter", [METRIC_GAUGE] = "gauge", [METRIC_HISTOGRAM] = "histogram"};
    const char *suffix = exposition->openmetrics ? "" : suffix_of(row);
    const char *const pieces[] = {"# HELP ", row->name,        suffix,    " ",
                                  row->help, ".\n# TYPE ",     row->name, suffix,
                                  " ",       types[row->type], "\n"};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
        put(exposition, pieces[i]);
    if (!exposition->openmetrics || *row->unit == '\0')
        return;
    put(exposition, "# UNIT ");
    put(exposition, row->name);
    put(exposition, " ");
    put(exposition, row->unit);
    put(exposition, "\n");
}

/* Begins a line. */
static void put_name(struct exposition *exposition, const struct metric *row, const char *suffix)
{
    put(exposition, row->name);
    put(exposition, suffix);
}

static void put_label(struct exposition *exposition, const char *label, const char *value)
{
    put(exposition, label);
    put(exposition, "=");
    put_quoted(exposition, value);
}

static void put_value(struct exposition *exposition, const struct metric *row, uint64_t value)
{
    put(exposition, " ");
    if (row->form == METRIC_SECONDS)
        put_seconds(exposition, value);
    else
        put_number(exposition, value);
    put(exposition, "\n");
}

static void put_series(struct exposition *exposition, const struct metric *row,
                       const struct metric_series *series)
{
    for (size_t i = 0; i < series->count; i++) {
        put_name(exposition, row, suffix_of(row));
        put(exposition, "{");
        put_label(exposition, row->label, series->samples[i].word);
        put(exposition, "}");
        put_value(exposition, row, series->samples[i].value);
    }
}

static void put_facts(struct exposition *exposition, const struct metric *row,
                      const struct metric_facts *facts)
{
    put_name(exposition, row, "");
    for (size_t i = 0; i < facts->count; i++) {
        put(exposition, i == 0 ? "{" : ",");
        put_label(exposition, facts->facts[i].label, facts->facts[i].text);
    }
    put(exposition, facts->count > 0 ? "} 1\n" : " 1\n");
}

/* Writes the classes, each with those below it. */
static void put_classes(struct exposition *exposition, const struct metric *row,
                        const struct histogram_reading *reading)
{
    uint64_t count = 0;
    for (unsigned class = 0; class < HISTOGRAM_CLASSES; class ++) {
        bool last = class == HISTOGRAM_CLASSES - 1;
        count += reading->counts[class];
        put_name(exposition, row, "_bucket{le=\"");
        if (last)
            put(exposition, "+Inf");
        else
            put_seconds(exposition, (uint64_t)histogram_bound(class));
        put(exposition, "\"} ");
        put_number(exposition, count);
        put(exposition, "\n");
    }
    put_name(exposition, row, "_count ");
    put_number(exposition, count);
    put(exposition, "\n");
    put_name(exposition, row, "_sum ");
    put_seconds(exposition, reading->nanoseconds);
    put(exposition, "\n");
}

static void put_row(struct exposition *exposition, const struct metric *row, const void *place)
{
    bool single = row->form == METRIC_NUMBER || row->form == METRIC_SECONDS;
    uint64_t value = 0;
    if (single)
        memcpy(&value, place, sizeof value);
    if (single && value == METRIC_UNKNOWN)
        return;
    put_head(exposition, row);
    switch (row->form) {
    case METRIC_NUMBER:
    case METRIC_SECONDS:
        put_name(exposition, row, suffix_of(row));
        put_value(exposition, row, value);
        break;
    case METRIC_SERIES:
        put_series(exposition, row, place);
        break;
    case METRIC_FACTS:
        put_facts(exposition, row, place);
        break;
    case METRIC_CLASSES:
        put_classes(exposition, row, place);
        break;
    }
}

bool exposition_add(struct buffer *out, const struct metric_table *table, void *owner,
                    bool openmetrics)
{
    struct exposition exposition = {out, openmetrics, true};
    char *figures = calloc(1, table->size);
    if (figures == NULL)
        return false;
    table->read(owner, figures);
    for (size_t i = 0; i < table->count; i++)
        put_row(&exposition, &table->rows[i], figures + table->rows[i].offset);
    free(figures);
    return exposition.whole;
}

bool exposition_end(struct buffer *out, bool openmetrics)
{
    return !openmetrics || buffer_append_string(out, "# EOF\n");
}
