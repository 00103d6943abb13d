/*
 * log_sink: one place that the log is written to, and what it could not take. A sink belongs to
 * the journal's thread.
 */
#ifndef CHAT_LOG_SINK_H
#define CHAT_LOG_SINK_H

#include "base/buffer.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_sink {
    const char *program; /* how its warnings begin */
    const char *name;    /* what they call it */
    int fd;              /* -1: none */
    bool timed;          /* every line is led by its time */
    struct buffer out;   /* lines to be written next */
    size_t missing;      /* lines that it has not got */
    bool mid_line;       /* the last write ended within a line */
    bool warned;         /* the present trouble has been told */
};

/*
 * Adds whole lines that are of `milliseconds` since the epoch, to be written by
 * log_sink_write() or when there are many.
 */
void log_sink_add(struct log_sink *sink, int64_t milliseconds, const char *lines, size_t length);

/* Adds a line that says how many events are missing at this place. */
void log_sink_add_gap(struct log_sink *sink, int64_t milliseconds, size_t missing);

/*
 * Writes what was added, waiting for the disk or terminal. On an error it warns on stderr, once
 * for each trouble, and counts what is missing; when writing works again that is said in place.
 */
void log_sink_write(struct log_sink *sink);

/* Milliseconds since the epoch. */
int64_t log_sink_now(void);

#endif
