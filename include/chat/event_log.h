/*
 * event_log: the event log, to the console and to a file. Each of the two has a log_writer, with a
 * thread and a bounded queue of its own, so a slow disk or terminal delays neither the chat nor the
 * other one. What one of them cannot take is missing there, and its log says so in place.
 */
#ifndef CHAT_EVENT_LOG_H
#define CHAT_EVENT_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct event_log;

enum event_log_kind {
    EVENT_LOG_EVENT, /* who comes and goes, and what befalls the server */
    EVENT_LOG_TALK   /* what people say; not on a quiet console */
};

struct event_log_config {
    const char *program; /* how warnings on stderr begin */
    const char *path;    /* of the log file; NULL: none. Must outlive the event log */
    bool quiet;          /* no talk on the console */
};

/* Opens the file and starts the threads. Returns 0 and the event log, or an errno. */
int event_log_start(struct event_log **event_log, const struct event_log_config *config);

/*
 * Logs whole lines, each with its LF, as of now. Copies them once for each writer that wants them.
 * Never waits and allocates nothing. Takes the event log lock, the last in the order, unless no
 * writer wants them.
 */
void event_log_write(struct event_log *event_log, enum event_log_kind kind, const char *lines,
                     size_t length);

/* Logs one line, made as printf() makes it, without its LF and at most 383 bytes long. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void event_log_print(struct event_log *event_log, enum event_log_kind kind, const char *format, ...);

/*
 * Has the file's thread open the file anew by its name, as logrotate(8) wants. The old one stays if
 * that fails. Does nothing without a file. Never waits. Takes the event log lock.
 */
void event_log_reopen(struct event_log *event_log);

/*
 * Has both writers write what is queued and end, and waits for them, for at most so many
 * nanoseconds. A writer that is stuck keeps the other one from nothing. What is logged from then on
 * may be dropped. Returns false if the console or the disk did not take it all in time; its thread
 * then still uses the event log.
 */
bool event_log_stop(struct event_log *event_log, int64_t patience);

/* Frees an event log that event_log_stop() has stopped in time, and that nobody uses any more. */
void event_log_free(struct event_log *event_log);

#endif
