/*
 * exposition: writes tables of figures (base/metric.h) as text: as OpenMetrics 1.0 has it, or as
 * Prometheus had it before (its text format 0.0.4), which its tools read.
 */
#ifndef DOORS_METRICS_EXPOSITION_H
#define DOORS_METRICS_EXPOSITION_H

#include "base/buffer.h"
#include "base/metric.h"

#include <stdbool.h>

#define EXPOSITION_OPENMETRICS "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define EXPOSITION_PLAIN       "text/plain; version=0.0.4; charset=utf-8"

/* Appends all figures of a table. Returns false, with some of them appended, when memory is out. */
bool exposition_add(struct buffer *out, const struct metric_table *table, void *owner,
                    bool openmetrics);

/* Appends the end. Returns false when memory is out. */
bool exposition_end(struct buffer *out, bool openmetrics);

#endif
