#include "base/platform.h"

#include "base/text.h"
#include "chat/log_sink.h"
#include "chat/log_writer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { QUEUE_BYTES = 512 * 1024 }; /* a few thousand lines: seconds of a busy room */

/* The header of the lines of one call in the queue. */
struct record {
    int64_t milliseconds; /* since the epoch */
    size_t length;        /* of the lines behind it */
};

/* Records, each with its lines, and the gap behind them. */
struct queue {
    size_t length;
    size_t missing;     /* lines that did not fit */
    int64_t missing_at; /* time of the last missing line */
    char bytes[QUEUE_BYTES];
};

struct log_writer {
    struct lock *lock; /* guards what follows */
    struct condition filled, finished;
    struct queue *queue; /* one of the queues; the other one is empty or being written */
    bool reopen, stopping, ended;
    struct log_file next; /* the file that is to be used */
    size_t turn;          /* the bytes in the queue that go to the one before it */
    uint64_t lost;        /* lines that have not come to the thread, ever */

    /* The thread's own. */
    struct log_sink sink;
    char *sink_path; /* the sink's name; NULL: the console */

    /* Of the thread that stops the writer. */
    pthread_t thread;
    bool joined;

    struct queue queues[2]; /* fixed arrays: a page that is never used takes no memory */
};

static bool is_empty(const struct queue *queue)
{
    return queue->length == 0 && queue->missing == 0;
}

void log_writer_add(struct log_writer *writer, int64_t milliseconds, const char *lines,
                    size_t length)
{
    lock_assert_held(writer->lock);
    struct queue *queue = writer->queue;
    struct record record = {.milliseconds = milliseconds, .length = length};
    size_t room = sizeof queue->bytes - queue->length;
    if (is_empty(queue))
        condition_signal(&writer->filled);
    /*
     * Once lines are missing, all that follow are dropped as well until the thread takes the queue:
     * the gap stays in one place.
     */
    if (queue->missing > 0 || room < sizeof record || room - sizeof record < length) {
        size_t count = text_count_lines(lines, length);
        queue->missing += count;
        writer->lost += count;
        queue->missing_at = milliseconds;
        return;
    }
    memcpy(queue->bytes + queue->length, &record, sizeof record);
    memcpy(queue->bytes + queue->length + sizeof record, lines, length);
    queue->length += sizeof record + length;
}

size_t log_writer_queued(struct log_writer *writer, uint64_t *lost)
{
    lock_assert_held(writer->lock);
    *lost = writer->lost + tally_read(&writer->sink.lost);
    return writer->queue->length;
}

void log_writer_reopen(struct log_writer *writer)
{
    lock_assert_held(writer->lock);
    writer->reopen = true;
    condition_signal(&writer->filled);
}

int log_file_open(struct log_file *file, const char *path)
{
    int error = 0;
    file->path = strdup(path);
    if (file->path == NULL)
        return ENOMEM;
    error = log_sink_open(path, &file->fd);
    if (error != 0)
        free(file->path);
    return error;
}

void log_file_close(struct log_file *file)
{
    if (file->path == NULL)
        return;
    close(file->fd);
    free(file->path);
    file->path = NULL;
}

void log_writer_move(struct log_writer *writer, struct log_file *file)
{
    struct log_file former = writer->next; /* the lines for it go to this one */
    lock_assert_held(writer->lock);
    writer->next = *file;
    *file = former;
    if (former.path == NULL)
        writer->turn = writer->queue->length;
    condition_signal(&writer->filled);
}

void log_writer_stop(struct log_writer *writer)
{
    lock_assert_held(writer->lock);
    writer->stopping = true;
    condition_signal(&writer->filled);
}

bool log_writer_await_end(struct log_writer *writer, int64_t deadline)
{
    bool in_time = true;
    lock_take(writer->lock);
    while (!writer->ended && in_time)
        in_time = condition_wait_until(&writer->finished, writer->lock, deadline);
    bool ended = writer->ended;
    lock_release(writer->lock);
    if (ended && !writer->joined) {
        pthread_join(writer->thread, NULL);
        writer->joined = true;
    }
    return ended;
}

/* Adds the records of these bytes of a queue. */
static void add_records(struct log_sink *sink, const struct queue *queue, size_t begin,
                        size_t end_at)
{
    const char *bytes = queue->bytes + begin;
    const char *end = queue->bytes + end_at;
    while (bytes < end) {
        struct record record;
        memcpy(&record, bytes, sizeof record);
        bytes += sizeof record;
        log_sink_add(sink, record.milliseconds, bytes, record.length);
        bytes += record.length;
    }
}

/* Uses a file, with its name, instead of the one that the sink has. */
static void use_file(struct log_writer *writer, const struct log_file *file)
{
    writer->sink.name = file->path;
    free(writer->sink_path);
    writer->sink_path = file->path;
    log_sink_use(&writer->sink, file->fd);
}

/* Writes what was logged before another file was given, which takes the former one's place then. */
static void change_file(struct log_writer *writer, const struct queue *taken, size_t turn,
                        const struct log_file *file)
{
    add_records(&writer->sink, taken, 0, turn);
    log_sink_write(&writer->sink);
    use_file(writer, file);
}

/* Takes the queue and writes it. Wants the lock held, and releases it meanwhile. */
static void write_queue(struct log_writer *writer)
{
    struct queue *taken = writer->queue;
    bool reopens = writer->reopen;
    struct log_file next = writer->next;
    size_t turn = next.path != NULL ? writer->turn : 0;
    writer->queue = taken == writer->queues ? writer->queues + 1 : writer->queues;
    writer->reopen = false;
    writer->next.path = NULL;
    lock_release(writer->lock);
    if (next.path != NULL)
        change_file(writer, taken, turn, &next);
    else if (reopens)
        log_sink_reopen(&writer->sink);
    add_records(&writer->sink, taken, turn, taken->length);
    log_sink_skip(&writer->sink, taken->missing_at, taken->missing);
    log_sink_write(&writer->sink);
    taken->length = taken->missing = 0;
    lock_take(writer->lock);
}

/* Whether there is nothing for the thread to do. */
static bool is_idle(const struct log_writer *writer)
{
    return !writer->reopen && writer->next.path == NULL && is_empty(writer->queue);
}

static void *writer_thread(void *argument)
{
    struct log_writer *writer = argument;
    lock_take(writer->lock);
    do {
        while (!writer->stopping && is_idle(writer))
            condition_wait(&writer->filled, writer->lock);
        write_queue(writer); /* even an empty one: the mark of a gap may be pending */
    } while (!writer->stopping || !is_idle(writer));
    writer->ended = true;
    condition_signal(&writer->finished);
    lock_release(writer->lock);
    return NULL;
}

/* Creates the conditions and the thread. Returns 0, or an errno with nothing created. */
static int start_thread(struct log_writer *writer)
{
    int error = condition_init(&writer->filled);
    if (error != 0)
        return error;
    error = condition_init(&writer->finished);
    if (error != 0)
        goto no_finished;
    error = pthread_create(&writer->thread, NULL, writer_thread, writer);
    if (error == 0)
        return 0;
    condition_destroy(&writer->finished);
no_finished:
    condition_destroy(&writer->filled);
    return error;
}

static void open_console(struct log_sink *sink)
{
    sink->name = "the console";
    sink->fd = STDOUT_FILENO;
}

static int open_file(struct log_writer *writer, const char *path)
{
    struct log_file file;
    int error = log_file_open(&file, path);
    writer->sink.fd = -1;
    writer->sink.timed = true;
    if (error == 0)
        use_file(writer, &file);
    return error;
}

static void release(struct log_writer *writer)
{
    if (writer->sink.fd >= 0 && writer->sink.fd != STDOUT_FILENO)
        close(writer->sink.fd);
    free(writer->sink_path);
    log_file_close(&writer->next);
    free(writer);
}

int log_writer_start(struct log_writer **result, const struct log_writer_config *config)
{
    struct log_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        return ENOMEM;
    writer->lock = config->lock;
    writer->queue = writer->queues;
    writer->sink.program = config->program;
    int error = 0;
    if (config->path != NULL)
        error = open_file(writer, config->path);
    else
        open_console(&writer->sink);
    if (error == 0)
        error = start_thread(writer);
    if (error != 0) {
        release(writer);
        return error;
    }
    *result = writer;
    return 0;
}

void log_writer_free(struct log_writer *writer)
{
    condition_destroy(&writer->finished);
    condition_destroy(&writer->filled);
    release(writer);
}
