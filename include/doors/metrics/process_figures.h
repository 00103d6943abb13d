/*
 * process_figures: what the system tells of this process, by the names that Prometheus' own clients
 * have for it. Some of it stands in /proc, where there is one as Linux has it; elsewhere it is left
 * out.
 */
#ifndef DOORS_METRICS_PROCESS_FIGURES_H
#define DOORS_METRICS_PROCESS_FIGURES_H

#include "base/metric.h"

struct process {
    int folder;                /* /proc/self, or -1 */
    int64_t began;             /* clock_utc() */
    struct metric_facts build; /* what it is made of */
};

/* Begins, with the build still to be set. Opens /proc/self, which may not be there later. */
void process_open(struct process *process);
void process_close(struct process *process);

/* The owner is a struct process. */
extern const struct metric_table process_metrics;

#endif
