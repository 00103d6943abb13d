/*
 * log_sink: one place that the log is written to, the console or a file. It counts the events that
 * it could not take, and marks the gap in place. It allocates nothing, so it loses nothing when
 * memory is out.
 *
 * A sink belongs to one thread. Opening, adding and writing may block for as long as the disk or
 * terminal does.
 */
#ifndef CHAT_LOG_SINK_H
#define CHAT_LOG_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_SINK_BYTES = 64 * 1024 }; /* written in one go */

/* Made by setting the first four; the rest is 0. */
struct log_sink {
    const char *program; /* how its warnings begin */
    const char *name;    /* what they call it; the path, if it is a file */
    int fd;              /* -1: not open */
    bool timed;          /* every line is led by its time */

    size_t missing;     /* events that it has not got */
    int64_t missing_at; /* when the last of these happened */
    int64_t latest;     /* when the last event happened that it was given */
    bool mid_line;      /* the last write ended within a line */
    bool warned;        /* the present trouble has been told */
    size_t length;      /* of the lines to be written next */
    char out[LOG_SINK_BYTES];
};

/*
 * Opens the file that is called `name` to append to it, and closes the one that was open. Returns 0
 * or an errno; then the sink has what it had.
 */
int log_sink_open(struct log_sink *sink);

/* The same; an error is told on stderr, unless that would have to wait. */
void log_sink_reopen(struct log_sink *sink);

/*
 * Adds whole lines of what happened at `milliseconds` since the epoch, to be written by
 * log_sink_write() or when there are many.
 */
void log_sink_add(struct log_sink *sink, int64_t milliseconds, const char *lines, size_t length);

/* So many events, of which the last happened at `milliseconds`, are missing at this place. */
void log_sink_skip(struct log_sink *sink, int64_t milliseconds, size_t missing);

/*
 * Writes what was added, and before it the mark of the gap if something is missing. On an error it
 * warns on stderr, once for each trouble, and counts what is missing. A warning that would have to
 * wait for whoever reads stderr is put off.
 */
void log_sink_write(struct log_sink *sink);

/* Milliseconds since the epoch. */
int64_t log_sink_now(void);

#endif
