/*
 * log_sink: one destination of the log, the console or a file. It counts the events that it cannot
 * write, and marks the gap in place. It allocates nothing, so it loses no event when memory is out.
 *
 * A sink belongs to one thread. Functions may block for as long as the disk or terminal does.
 */
#ifndef CHAT_LOG_SINK_H
#define CHAT_LOG_SINK_H

#include "base/tally.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_SINK_BYTES = 64 * 1024 }; /* bytes of lines that are collected for one write */

/* The owner sets the first four members, and the rest to 0. */
struct log_sink {
    const char *program; /* prefix of warnings */
    const char *name;    /* name in warnings; the path, if it is a file */
    int fd;              /* -1: not open */
    bool timed;          /* each line begins with its time */

    size_t missing;     /* events missing at this place */
    int64_t missing_at; /* time of the last missing event, milliseconds since the epoch */
    struct tally lost;  /* events that could not be written, ever; any thread may read it */
    int64_t latest;     /* time of the last event that was added or is missing */
    bool mid_line;      /* the last write ended within a line */
    bool warned;        /* a warning of the present error has been printed */
    size_t length;      /* bytes in `out` */
    char out[LOG_SINK_BYTES];
};

/*
 * Opens a file for appending. Returns 0 with *fd, or an errno; ENXIO for a FIFO that nobody reads.
 * May wait for the disk, but for no reader of a FIFO: only writing to one does.
 */
int log_sink_open(const char *path, int *fd);

/* Returns why log_sink_open() failed, as a clause: the system's words for ENXIO say nothing. */
const char *log_sink_explain(int error);

/* Writes to this file from now on, and closes the one that was open. */
void log_sink_use(struct log_sink *sink, int fd);

/*
 * Opens the file `name` again, and uses it. Prints an error on stderr, unless that would block;
 * then the one that is open stays in use.
 */
void log_sink_reopen(struct log_sink *sink);

/*
 * Adds whole lines of an event of the time `milliseconds` since the epoch. They are written by
 * log_sink_write(), or earlier when `out` is full.
 */
void log_sink_add(struct log_sink *sink, int64_t milliseconds, const char *lines, size_t length);

/*
 * Records that `missing` events are missing at this place, the last of the time `milliseconds`
 * since the epoch.
 */
void log_sink_skip(struct log_sink *sink, int64_t milliseconds, size_t missing);

/*
 * Writes the lines that were added, and before them the mark of the gap, if events are missing. On
 * an error, prints a warning on stderr, once for each series of errors, and counts the lines as
 * missing. A warning that would block is put off.
 */
void log_sink_write(struct log_sink *sink);

/* Returns the time of day in milliseconds since the epoch. */
int64_t log_sink_now(void);

#endif
