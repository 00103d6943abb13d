#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "chat/journal.h"
#include "chat/log_sink.h"
#include "chat/log_writer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { PRINT_SIZE = 384 }; /* two names and a peer; on the stack of every client's thread */

struct journal {
    struct lock lock; /* guards the queues of the writers */

    /* These do not change. */
    struct log_writer *console;
    struct log_writer *file; /* or NULL */
    bool quiet;
};

void journal_write(struct journal *journal, enum journal_kind kind, const char *lines,
                   size_t length)
{
    bool on_console = kind != JOURNAL_TALK || !journal->quiet;
    if (!on_console && journal->file == NULL)
        return; /* nobody wants to know */
    lock_take(&journal->lock);
    int64_t now = log_sink_now(); /* in here, so that the log's times never go back */
    if (on_console)
        log_writer_add(journal->console, now, lines, length);
    if (journal->file != NULL)
        log_writer_add(journal->file, now, lines, length);
    lock_release(&journal->lock);
}

void journal_print(struct journal *journal, enum journal_kind kind, const char *format, ...)
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
    journal_write(journal, kind, line, end + 1);
}

void journal_reopen(struct journal *journal)
{
    if (journal->file == NULL)
        return;
    lock_take(&journal->lock);
    log_writer_reopen(journal->file);
    lock_release(&journal->lock);
}

/* Has the writers there are end. Returns whether all have ended by the deadline. */
static bool stop_writers(struct journal *journal, int64_t deadline)
{
    lock_take(&journal->lock);
    log_writer_stop(journal->console);
    if (journal->file != NULL)
        log_writer_stop(journal->file);
    lock_release(&journal->lock);
    bool ended = log_writer_await_end(journal->console, deadline);
    if (journal->file != NULL)
        ended = log_writer_await_end(journal->file, deadline) && ended;
    return ended;
}

/* Starts a writer for the console, and one for the file if there is one. Returns 0 or an errno. */
static int start_writers(struct journal *journal, const struct journal_config *config)
{
    struct log_writer_config writer = {.program = config->program, .lock = &journal->lock};
    int error = log_writer_start(&journal->console, &writer);
    if (error != 0 || config->path == NULL)
        return error;
    writer.path = config->path;
    error = log_writer_start(&journal->file, &writer);
    if (error != 0) {
        stop_writers(journal, CLOCK_NEVER);
        log_writer_free(journal->console);
    }
    return error;
}

int journal_start(struct journal **result, const struct journal_config *config)
{
    struct journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL)
        return ENOMEM;
    journal->quiet = config->quiet;
    int error = lock_init(&journal->lock, LOCK_RANK_JOURNAL, "journal");
    if (error != 0)
        goto no_lock;
    error = start_writers(journal, config);
    if (error != 0)
        goto no_writers;
    *result = journal;
    return 0;
no_writers:
    lock_destroy(&journal->lock);
no_lock:
    free(journal);
    return error;
}

bool journal_stop(struct journal *journal, int64_t patience)
{
    return stop_writers(journal, clock_now() + patience);
}

void journal_free(struct journal *journal)
{
    log_writer_free(journal->console);
    if (journal->file != NULL)
        log_writer_free(journal->file);
    lock_destroy(&journal->lock);
    free(journal);
}
