/*
 * log_writer: writes the log to one sink, from a bounded queue, on a thread of its own. So a sink
 * that blocks delays neither the threads that log nor another sink. Events that the queue cannot
 * hold are counted, and marked as missing in this sink.
 *
 * The owner's lock guards the queue. Several writers may share one lock: an event that is added to
 * each of them while the lock is held has the same place in all of them.
 */
#ifndef CHAT_LOG_WRITER_H
#define CHAT_LOG_WRITER_H

#include "base/lock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_writer;

struct log_writer_config {
    const char *program; /* how warnings on stderr begin */
    const char *path;    /* of a file, whose lines get their times; NULL: the console */
    struct lock *lock;   /* the owner's, for what says so below; must outlive the writer */
};

/* Opens the file and starts the thread. Returns 0 and the writer, or an errno. */
int log_writer_start(struct log_writer **writer, const struct log_writer_config *config);

/*
 * Queues a copy of whole lines of what happened at `milliseconds` since the epoch; counts them as
 * missing when the queue is full. Never waits and allocates nothing. Wants the lock held.
 */
void log_writer_add(struct log_writer *writer, int64_t milliseconds, const char *lines,
                    size_t length);

/* Has the thread open its file anew before it writes on. Wants the lock held. */
void log_writer_reopen(struct log_writer *writer);

/* Asks the thread to write what is queued, and to end. Wants the lock held. */
void log_writer_stop(struct log_writer *writer);

/*
 * Waits for the thread to end, at most until the deadline (as of clock_now()). Returns whether it
 * has ended. For one thread at a time. Takes the lock.
 */
bool log_writer_await_end(struct log_writer *writer, int64_t deadline);

/* Closes the file and frees the writer, after log_writer_await_end() has returned true. */
void log_writer_free(struct log_writer *writer);

#endif
