/*
 * event_log: the log of events, on the console and in a file. Each of the two has a log_writer,
 * with a thread and a bounded queue of its own, so a slow disk or terminal delays neither the chat
 * nor the other writer. Events that a writer cannot take are missing there, and its log marks the
 * gap in place.
 *
 * All functions but event_log_start(), event_log_stop() and event_log_free() may be called by any
 * thread.
 */
#ifndef CHAT_EVENT_LOG_H
#define CHAT_EVENT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_log;

enum event_log_kind {
    EVENT_LOG_EVENT, /* joins, leaves, and events of the server */
    EVENT_LOG_TALK   /* messages; left out on a quiet console */
};

struct event_log_config {
    const char *program; /* prefix of warnings on stderr; must outlive the event log */
    const char *path;    /* path of the log file; NULL: none */
    bool quiet;          /* no EVENT_LOG_TALK on the console */
};

/*
 * Opens the file and starts the threads. Returns 0 and stores the event log, or returns an errno.
 * Waits for no reader of a FIFO: it must have one.
 */
int event_log_start(struct event_log **event_log, const struct event_log_config *config);

/* Returns why a file could not be opened, of the errno of event_log_start() or event_log_move(). */
const char *event_log_explain(int error);

/*
 * Logs whole lines, each with its LF, with the present time. Copies them into the queue of each
 * writer that wants this kind. Never waits, and allocates nothing. Takes the event log lock, the
 * last in the order, unless no writer wants them.
 */
void event_log_write(struct event_log *event_log, enum event_log_kind kind, const char *lines,
                     size_t length);

/* Logs one line, formatted as by printf(), without its LF. Cuts it off after 383 bytes. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void event_log_print(struct event_log *event_log, enum event_log_kind kind, const char *format, ...);

/*
 * The same for pieces of a line, up to NULL, which are joined. For who comes in: printf() would
 * take a page of each client's stack.
 */
void event_log_join(struct event_log *event_log, enum event_log_kind kind,
                    const char *const *pieces);

/*
 * While an event log is hushed, nothing is logged: what happens has happened before, elsewhere.
 */
void event_log_hush(struct event_log *event_log, bool hushed);

/*
 * Makes the file's writer reopen the file by its path, for logrotate(8). If that fails, the old
 * file stays in use. Does nothing without a file. Never waits. Takes the event log lock.
 */
void event_log_reopen(struct event_log *event_log);

/* The state of each log: bytes that wait to be written, and events that are missing in it so far.
 */
struct event_log_status {
    struct event_log_state {
        size_t queued;
        uint64_t lost;
    } console, file;
    bool has_file;
};

/* Reads it. Takes the event log lock. */
void event_log_read(struct event_log *event_log, struct event_log_status *status);

/*
 * Has another file be written, or one where there was none; NULL: none is any more. Whatever was
 * logged before goes to the former one. Returns 0; or an errno, with the former one in use: EBUSY
 * if a file that was given up takes no lines, and has not taken all of them yet. For one thread at
 * a time. May wait for the disk. Takes the event log lock.
 */
int event_log_move(struct event_log *event_log, const char *path);

/* Changes whether the console is quiet. */
void event_log_hide_talk(struct event_log *event_log, bool quiet);

/*
 * Makes both writers write what is queued, and end. Waits for them for at most `patience`
 * nanoseconds in all; a writer that is blocked does not affect the other. Events logged from now on
 * may be dropped. Returns false if a writer has not ended in time: its thread then still uses the
 * event log. Takes the event log lock.
 */
bool event_log_stop(struct event_log *event_log, int64_t patience);

/*
 * Frees an event log for which event_log_stop() has returned true, and that no thread uses any
 * more.
 */
void event_log_free(struct event_log *event_log);

#endif
