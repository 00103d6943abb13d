/*
 * metric: what a module tells of itself in figures. The owner of the figures reads all of them into
 * a struct at once; each row of its table says where in that struct a figure stands, and what it
 * means. How they are written down is the business of whoever reads the table (doors/metrics).
 *
 * Names and units follow Prometheus' conventions. What a label can say is a closed list of a few
 * words: never a name of a user or a room, or an address.
 */
#ifndef BASE_METRIC_H
#define BASE_METRIC_H

#include "base/histogram.h"

#include <stddef.h>
#include <stdint.h>

enum metric_type {
    METRIC_COUNTER, /* it only grows; its name ends in _total */
    METRIC_GAUGE,
    METRIC_HISTOGRAM /* in seconds; a struct histogram_reading */
};

/* What stands at the place of a figure. */
enum metric_form {
    METRIC_NUMBER,  /* a uint64_t; METRIC_UNKNOWN: the figure is left out */
    METRIC_SECONDS, /* the same, in nanoseconds, but told in seconds */
    METRIC_SERIES,  /* a struct metric_series */
    METRIC_FACTS,   /* a struct metric_facts: the value is 1, and the labels tell */
    METRIC_CLASSES  /* a struct histogram_reading */
};

#define METRIC_UNKNOWN UINT64_MAX

enum { METRIC_SERIES_MAX = 20, METRIC_FACTS_MAX = 6 };

/* One value for each value of a label. The words must live as long as the owner. */
struct metric_series {
    size_t count;
    struct metric_sample {
        const char *word;
        uint64_t value;
    } samples[METRIC_SERIES_MAX];
};

struct metric_facts {
    size_t count;
    struct metric_fact {
        const char *label, *text;
    } facts[METRIC_FACTS_MAX];
};

struct metric {
    const char *name; /* without the suffix of its type */
    enum metric_type type;
    const char *unit;  /* the end of the name, as "seconds"; "": none */
    const char *label; /* of a series; NULL: none */
    enum metric_form form;
    size_t offset;    /* of its place in the struct */
    const char *help; /* a sentence without its end */
};

struct metric_table {
    const struct metric *rows;
    size_t count;
    size_t size; /* bytes of the struct */

    /* Reads all figures of the owner, at any time and by any thread; `figures` is all zero. */
    void (*read)(void *owner, void *figures);
};

/* Adds a value to a series, which must have room for it. */
static inline void metric_series_add(struct metric_series *series, const char *word, uint64_t value)
{
    series->samples[series->count++] = (struct metric_sample){word, value};
}

#endif
