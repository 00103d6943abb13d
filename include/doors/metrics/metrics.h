/*
 * metrics: the door for programs that ask, by HTTP, how the server is: its figures at /metrics, and
 * whether it serves at /healthz. Each connection is answered once and closed.
 */
#ifndef DOORS_METRICS_METRICS_H
#define DOORS_METRICS_METRICS_H

#include "base/metric.h"
#include "base/tally.h"
#include "doors/metrics/process_figures.h"
#include "net/conn.h"
#include "net/door.h"

#include <stdint.h>

enum {
    METRICS_CONNECTIONS_MAX = 8, /* at a time */
    METRICS_SOURCES_MAX = 8,
    METRICS_ANSWERS = 10 /* kinds of them */
};

/* How long a request may take at most, in nanoseconds, whatever it sends. */
#define METRICS_TIMEOUT (10 * CLOCK_SECOND)

/* The door of its addresses. */
extern const struct door metrics_door;

struct metrics {
    struct process process;
    struct tally answers[METRICS_ANSWERS];
    size_t count; /* of the sources */
    struct metrics_source {
        const struct metric_table *table;
        void *owner;
    } sources[METRICS_SOURCES_MAX];
};

/* Begins; all zero before. What the figures of others are is still to be added. */
void metrics_open(struct metrics *metrics);

/* Adds figures of others, before anybody asks. The owner must outlive all that ask. */
void metrics_add(struct metrics *metrics, const struct metric_table *table, void *owner);

void metrics_close(struct metrics *metrics);

/*
 * Serves one connection. The whole request must have come in the time that the conn gives for a
 * line. For a thread of its own.
 */
void metrics_serve(struct metrics *metrics, struct conn *conn);

#endif
