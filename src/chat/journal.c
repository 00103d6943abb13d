#include "base/platform.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/lock.h"
#include "base/text.h"
#include "chat/journal.h"
#include "chat/log_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    QUEUE_BYTES_MAX = 512 * 1024, /* a few thousand lines: seconds of a busy room */
    PRINT_SIZE = 384              /* two names and a peer; on the stack of every client's thread */
};

/* What leads the lines of one call in the queue. */
struct record {
    int64_t milliseconds; /* since the epoch */
    size_t length;        /* of the lines behind it */
    enum journal_kind kind;
};

struct journal {
    struct lock lock; /* guards what follows */
    struct condition filled, finished;
    struct buffer queue; /* records and their lines */
    size_t missing;      /* lines for which the queue had no room since it was last emptied */
    bool reopen, stopping, done;

    struct journal_config config; /* does not change */

    /* The thread's own. */
    pthread_t thread;
    struct log_sink console, file;
};

/* Opens the log file. Returns 0 or an errno; the sink keeps what it had then. */
static int open_file(struct journal *journal)
{
    int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOCTTY | O_CLOEXEC;
    int fd = open(journal->config.path, flags, 0640);
    if (fd < 0)
        return errno;
    if (journal->file.fd >= 0)
        close(journal->file.fd);
    journal->file.fd = fd;
    journal->file.mid_line = false;
    return 0;
}

static void reopen_file(struct journal *journal)
{
    if (journal->config.path == NULL)
        return;
    int error = open_file(journal);
    if (error != 0)
        fprintf(stderr, "%s: cannot reopen the log %s: %s; the one that is open stays in use\n",
                journal->config.program, journal->config.path, strerror(error));
}

void journal_write(struct journal *journal, enum journal_kind kind, const char *lines,
                   size_t length)
{
    if (kind == JOURNAL_TALK && journal->config.quiet && journal->config.path == NULL)
        return; /* nobody wants to know */
    struct record record = {.milliseconds = log_sink_now(), .length = length, .kind = kind};
    lock_take(&journal->lock);
    bool was_empty = buffer_length(&journal->queue) == 0 && journal->missing == 0;
    size_t after = buffer_length(&journal->queue) + sizeof record + length;
    char *room = NULL;
    /* Once something is missing, so is all that follows, until the gap has been marked. */
    if (journal->missing == 0 && after <= QUEUE_BYTES_MAX)
        room = buffer_room(&journal->queue, sizeof record + length);
    if (room != NULL) {
        memcpy(room, &record, sizeof record);
        memcpy(room + sizeof record, lines, length);
        buffer_grew(&journal->queue, sizeof record + length);
    } else {
        journal->missing += text_count_lines(lines, length);
    }
    if (was_empty)
        condition_signal(&journal->filled);
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
    lock_take(&journal->lock);
    journal->reopen = true;
    condition_signal(&journal->filled);
    lock_release(&journal->lock);
}

/* Writes what was taken out of the queue. */
static void write_records(struct journal *journal, const struct buffer *queue, size_t missing)
{
    const char *bytes = buffer_bytes(queue);
    const char *end = bytes + buffer_length(queue);
    while (bytes < end) {
        struct record record;
        memcpy(&record, bytes, sizeof record);
        bytes += sizeof record;
        log_sink_add(&journal->file, record.milliseconds, bytes, record.length);
        if (record.kind == JOURNAL_EVENT || !journal->config.quiet)
            log_sink_add(&journal->console, record.milliseconds, bytes, record.length);
        bytes += record.length;
    }
    if (missing > 0) {
        log_sink_add_gap(&journal->file, log_sink_now(), missing);
        log_sink_add_gap(&journal->console, log_sink_now(), missing);
    }
    log_sink_write(&journal->file);
    log_sink_write(&journal->console);
}

static void *journal_thread(void *argument)
{
    struct journal *journal = argument;
    lock_take(&journal->lock);
    for (;;) {
        bool nothing = buffer_length(&journal->queue) == 0 && journal->missing == 0;
        if (nothing && !journal->reopen) {
            if (journal->stopping)
                break;
            condition_wait(&journal->filled, &journal->lock);
            continue;
        }
        struct buffer queue = journal->queue;
        size_t missing = journal->missing;
        bool reopen = journal->reopen;
        journal->queue = (struct buffer){0};
        journal->missing = 0;
        journal->reopen = false;
        lock_release(&journal->lock);
        if (reopen)
            reopen_file(journal);
        write_records(journal, &queue, missing);
        buffer_free(&queue);
        lock_take(&journal->lock);
    }
    journal->done = true;
    condition_signal(&journal->finished);
    lock_release(&journal->lock);
    return NULL;
}

static void release(struct journal *journal)
{
    if (journal->file.fd >= 0)
        close(journal->file.fd);
    buffer_free(&journal->queue);
    free(journal);
}

/* Makes the locks and starts the thread. Returns 0 or an errno, with nothing left behind. */
static int start_thread(struct journal *journal)
{
    int error = lock_init(&journal->lock, LOCK_RANK_JOURNAL, "journal");
    if (error != 0)
        return error;
    error = condition_init(&journal->filled);
    if (error != 0)
        goto no_filled;
    error = condition_init(&journal->finished);
    if (error != 0)
        goto no_finished;
    error = pthread_create(&journal->thread, NULL, journal_thread, journal);
    if (error == 0)
        return 0;
    condition_destroy(&journal->finished);
no_finished:
    condition_destroy(&journal->filled);
no_filled:
    lock_destroy(&journal->lock);
    return error;
}

int journal_start(struct journal **result, const struct journal_config *config)
{
    struct journal *journal = calloc(1, sizeof *journal);
    if (journal == NULL)
        return ENOMEM;
    journal->config = *config;
    journal->console =
        (struct log_sink){.program = config->program, .name = "the console", .fd = STDOUT_FILENO};
    journal->file = (struct log_sink){
        .program = config->program, .name = config->path, .fd = -1, .timed = true};
    int error = config->path != NULL ? open_file(journal) : 0;
    if (error == 0)
        error = start_thread(journal);
    if (error != 0) {
        release(journal);
        return error;
    }
    *result = journal;
    return 0;
}

bool journal_stop(struct journal *journal, int64_t patience)
{
    int64_t deadline = clock_now() + patience;
    lock_take(&journal->lock);
    journal->stopping = true;
    condition_signal(&journal->filled);
    bool in_time = true;
    while (!journal->done && in_time)
        in_time = condition_wait_until(&journal->finished, &journal->lock, deadline);
    bool done = journal->done;
    lock_release(&journal->lock);
    if (done)
        pthread_join(journal->thread, NULL);
    return done;
}

void journal_free(struct journal *journal)
{
    condition_destroy(&journal->finished);
    condition_destroy(&journal->filled);
    lock_destroy(&journal->lock);
    release(journal);
}
