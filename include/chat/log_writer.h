/*
 * log_writer: writes the log to one sink, from a bounded queue, on a thread of its own. So a sink
 * that blocks delays neither the threads that log nor another sink. Events that do not fit the
 * queue are counted, and marked as missing in this sink.
 *
 * The owner's lock guards the queue. Several writers may share one lock: events that are added to
 * all of them while the lock is held have the same order in all of them.
 */
#ifndef CHAT_LOG_WRITER_H
#define CHAT_LOG_WRITER_H

#include "base/lock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log_writer;

struct log_writer_config {
    const char *program; /* prefix of warnings on stderr; must outlive the writer */
    const char *path;    /* path of a file, whose lines get their times; NULL: the console */
    struct lock *lock;   /* guards the queue; must outlive the writer */
};

/* Opens the file and starts the thread. Returns 0 and stores the writer, or returns an errno. */
int log_writer_start(struct log_writer **writer, const struct log_writer_config *config);

/*
 * Queues a copy of whole lines of an event of the time `milliseconds` since the epoch, or counts
 * them as missing if the queue is full. Never waits, and allocates nothing. Wants the lock held.
 */
void log_writer_add(struct log_writer *writer, int64_t milliseconds, const char *lines,
                    size_t length);

/*
 * Returns how many bytes wait for the thread, and stores how many events are missing so far. Wants
 * the lock held.
 */
size_t log_writer_queued(struct log_writer *writer, uint64_t *lost);

/* Makes the thread reopen its file before it writes again. Wants the lock held. */
void log_writer_reopen(struct log_writer *writer);

/* A file that is open, and its name, which was allocated; NULL: there is none. */
struct log_file {
    char *path;
    int fd;
};

/* Opens a file for a writer. Returns 0 or an errno. May wait for the disk. */
int log_file_open(struct log_file *file, const char *path);

/* Closes a file that no writer has. */
void log_file_close(struct log_file *file);

/*
 * Gives the thread another file, for what is added from now on; it closes its own. Stores in *file
 * what it was given before and has not used: that is the caller's to close. Wants the lock held.
 */
void log_writer_move(struct log_writer *writer, struct log_file *file);

/* Makes the thread write what is queued, and end. Wants the lock held. */
void log_writer_stop(struct log_writer *writer);

/*
 * Waits for the thread to end, until `deadline` (clock_now()) at most. Returns whether it has
 * ended. For one thread at a time. Takes the lock.
 */
bool log_writer_await_end(struct log_writer *writer, int64_t deadline);

/* Closes the file and frees the writer. log_writer_await_end() must have returned true. */
void log_writer_free(struct log_writer *writer);

#endif
