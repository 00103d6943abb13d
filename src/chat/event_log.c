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
#include <string.h>

enum { PRINT_SIZE = 384 }; /* enough for two names and a peer; on the stack of client threads */

struct event_log {
    struct lock lock; /* guards the queues of the writers */
    const char *program;
    struct log_writer *console;
    _Atomic(struct log_writer *) file; /* or NULL; written with the lock held */
    struct log_writer
        *former; /* a file's that ends; NULL: none. Of the thread that moves the log */
    atomic_bool quiet;
    atomic_bool hushed;
};

/* Returns the file's writer. What is added to it wants the lock held since before. */
static struct log_writer *file_of(struct event_log *event_log)
{
    return atomic_load_explicit(&event_log->file, memory_order_relaxed);
}

void event_log_write(struct event_log *event_log, enum event_log_kind kind, const char *lines,
                     size_t length)
{
    bool on_console =
        kind != EVENT_LOG_TALK || !atomic_load_explicit(&event_log->quiet, memory_order_relaxed);
    if (atomic_load_explicit(&event_log->hushed, memory_order_relaxed))
        return;
    if (!on_console && file_of(event_log) == NULL)
        return; /* no writer wants the lines */
    lock_take(&event_log->lock);
    int64_t now = log_sink_now(); /* with the lock held, so that times in the log never go back */
    if (on_console)
        log_writer_add(event_log->console, now, lines, length);
    struct log_writer *file = file_of(event_log);
    if (file != NULL)
        log_writer_add(file, now, lines, length);
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
    lock_take(&event_log->lock);
    struct log_writer *file = file_of(event_log);
    if (file != NULL)
        log_writer_reopen(file);
    lock_release(&event_log->lock);
}

void event_log_hide_talk(struct event_log *event_log, bool quiet)
{
    atomic_store_explicit(&event_log->quiet, quiet, memory_order_relaxed);
}

/* Frees the writer of a file that was given up. Returns false if it has not ended yet. */
static bool forget_former(struct event_log *event_log)
{
    if (event_log->former != NULL && !log_writer_await_end(event_log->former, clock_now()))
        return false;
    if (event_log->former != NULL)
        log_writer_free(event_log->former);
    event_log->former = NULL;
    return true;
}

/* Begins a file where there was none. Returns 0 or an errno. */
static int begin_file(struct event_log *event_log, const char *path)
{
    const struct log_writer_config config = {
        .program = event_log->program, .path = path, .lock = &event_log->lock};
    struct log_writer *file;
    int error = log_writer_start(&file, &config);
    if (error != 0)
        return error;
    lock_take(&event_log->lock);
    atomic_store_explicit(&event_log->file, file, memory_order_relaxed);
    lock_release(&event_log->lock);
    return 0;
}

/* Gives the file up. Its writer writes what is queued, and nobody waits for that. */
static int end_file(struct event_log *event_log)
{
    if (!forget_former(event_log))
        return EBUSY;
    lock_take(&event_log->lock);
    event_log->former = file_of(event_log);
    atomic_store_explicit(&event_log->file, NULL, memory_order_relaxed);
    log_writer_stop(event_log->former);
    lock_release(&event_log->lock);
    return 0;
}

static int exchange_file(struct event_log *event_log, const char *path)
{
    struct log_file file;
    int error = log_file_open(&file, path);
    if (error != 0)
        return error;
    lock_take(&event_log->lock);
    log_writer_move(file_of(event_log), &file);
    lock_release(&event_log->lock);
    log_file_close(&file);
    return 0;
}

int event_log_move(struct event_log *event_log, const char *path)
{
    if (file_of(event_log) == NULL)
        return path == NULL ? 0 : begin_file(event_log, path);
    return path == NULL ? end_file(event_log) : exchange_file(event_log, path);
}

const char *event_log_explain(int error)
{
    return log_sink_explain(error);
}

void event_log_read(struct event_log *event_log, struct event_log_status *status)
{
    lock_take(&event_log->lock);
    struct log_writer *file = file_of(event_log);
    *status = (struct event_log_status){.has_file = file != NULL};
    status->console.queued = log_writer_queued(event_log->console, &status->console.lost);
    if (file != NULL)
        status->file.queued = log_writer_queued(file, &status->file.lost);
    lock_release(&event_log->lock);
}

/* Makes all writers end. Returns whether they have ended by the deadline. */
static bool stop_writers(struct event_log *event_log, int64_t deadline)
{
    struct log_writer *file = file_of(event_log);
    struct log_writer *const others[] = {file, event_log->former};
    lock_take(&event_log->lock);
    log_writer_stop(event_log->console);
    if (file != NULL)
        log_writer_stop(file);
    lock_release(&event_log->lock);
    bool ended = log_writer_await_end(event_log->console, deadline);
    for (int i = 0; i < 2; i++)
        ended = (others[i] == NULL || log_writer_await_end(others[i], deadline)) && ended;
    return ended;
}

/* Starts a writer for the console, and one for the file if there is one. Returns 0 or an errno. */
static int start_writers(struct event_log *event_log, const struct event_log_config *config)
{
    const struct log_writer_config writer = {.program = config->program, .lock = &event_log->lock};
    int error = log_writer_start(&event_log->console, &writer);
    if (error != 0 || config->path == NULL)
        return error;
    error = begin_file(event_log, config->path);
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
    event_log->program = config->program;
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
    if (file_of(event_log) != NULL)
        log_writer_free(file_of(event_log));
    if (event_log->former != NULL)
        log_writer_free(event_log->former);
    lock_destroy(&event_log->lock);
    free(event_log);
}
