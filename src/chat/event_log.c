#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "chat/event_log.h"
#include "chat/log_sink.h"
#include "chat/log_writer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { PRINT_SIZE = 384 }; /* enough for two names and a peer; on the stack of client threads */

struct event_log {
    struct lock lock; /* guards the queues of the writers */

    /* These do not change. */
    struct log_writer *console;
    struct log_writer *file; /* or NULL */
    bool quiet;

    atomic_bool hushed;
};

void event_log_write(struct event_log *event_log, enum event_log_kind kind, const char *lines,
                     size_t length)
{
    bool on_console = kind != EVENT_LOG_TALK || !event_log->quiet;
    if (atomic_load_explicit(&event_log->hushed, memory_order_relaxed))
        return;
    if (!on_console && event_log->file == NULL)
        return; /* no writer wants the lines */
    lock_take(&event_log->lock);
    int64_t now = log_sink_now(); /* with the lock held, so that times in the log never go back */
    if (on_console)
        log_writer_add(event_log->console, now, lines, length);
    if (event_log->file != NULL)
        log_writer_add(event_log->file, now, lines, length);
    lock_release(&event_log->lock);
}

void event_log_print(struct event_log *event_log, enum event_log_kind kind, const char *format, ...)
{
    char line[PRINT_SIZE + 1];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, PRINT_SIZE, format, arguments);
    va_end(arguments);
    if (length < 0)
        return;
    size_t end = length < PRINT_SIZE ? (size_t)length : PRINT_SIZE - 1;
    line[end] = '\n';
    event_log_write(event_log, kind, line, end + 1);
}

void event_log_join(struct event_log *event_log, enum event_log_kind kind,
                    const char *const *pieces)
{
    char line[PRINT_SIZE];
    size_t length = 0;
    for (; *pieces != NULL; pieces++)
        for (const char *byte = *pieces; *byte != '\0' && length < PRINT_SIZE - 1; byte++)
            line[length++] = *byte;
    line[length++] = '\n';
    event_log_write(event_log, kind, line, length);
}

void event_log_hush(struct event_log *event_log, bool hushed)
{
    atomic_store_explicit(&event_log->hushed, hushed, memory_order_relaxed);
}

void event_log_reopen(struct event_log *event_log)
{
    if (event_log->file == NULL)
        return;
    lock_take(&event_log->lock);
    log_writer_reopen(event_log->file);
    lock_release(&event_log->lock);
}

/* Makes all writers end. Returns whether they have ended by the deadline. */
static bool stop_writers(struct event_log *event_log, int64_t deadline)
{
    lock_take(&event_log->lock);
    log_writer_stop(event_log->console);
    if (event_log->file != NULL)
        log_writer_stop(event_log->file);
    lock_release(&event_log->lock);
    bool ended = log_writer_await_end(event_log->console, deadline);
    if (event_log->file != NULL)
        ended = log_writer_await_end(event_log->file, deadline) && ended;
    return ended;
}

/* Starts a writer for the console, and one for the file if there is one. Returns 0 or an errno. */
static int start_writers(struct event_log *event_log, const struct event_log_config *config)
{
    struct log_writer_config writer = {.program = config->program, .lock = &event_log->lock};
    int error = log_writer_start(&event_log->console, &writer);
    if (error != 0 || config->path == NULL)
        return error;
    writer.path = config->path;
    error = log_writer_start(&event_log->file, &writer);
    if (error != 0) {
        stop_writers(event_log, CLOCK_NEVER);
        log_writer_free(event_log->console);
    }
    return error;
}

int event_log_start(struct event_log **result, const struct event_log_config *config)
{
    struct event_log *event_log = calloc(1, sizeof *event_log);
    if (event_log == NULL)
        return ENOMEM;
    event_log->quiet = config->quiet;
    int error = lock_init(&event_log->lock, LOCK_RANK_EVENT_LOG, "event_log");
    if (error != 0)
        goto no_lock;
    error = start_writers(event_log, config);
    if (error != 0)
        goto no_writers;
    *result = event_log;
    return 0;
no_writers:
    lock_destroy(&event_log->lock);
no_lock:
    free(event_log);
    return error;
}

bool event_log_stop(struct event_log *event_log, int64_t patience)
{
    return stop_writers(event_log, clock_now() + patience);
}

void event_log_free(struct event_log *event_log)
{
    log_writer_free(event_log->console);
    if (event_log->file != NULL)
        log_writer_free(event_log->file);
    lock_destroy(&event_log->lock);
    free(event_log);
}
