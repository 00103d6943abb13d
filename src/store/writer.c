#include "base/platform.h"

#include "base/clock.h"
#include "store/room_row.h"
#include "store/talk.h"
#include "store/writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    QUEUE_BYTES =
        8 * 1024 * 1024,        /* some 100,000 lines, of which there are two: seconds of a flood */
    POSTED_BYTES = 1024 * 1024, /* of these, for jobs alone, which no flood may crowd out */
    JOBS_MAX = 1024,
    INDEXED_AT_ONCE = 2000, /* messages, when nobody searches: some milliseconds */
    RETIRED_AT_ONCE = 200   /* messages in one transaction: some milliseconds */
};

#define COMMIT_AFTER (100 * CLOCK_MILLISECOND)
#define RETRY_AFTER  CLOCK_SECOND
#define RETIRE_PAUSE (50 * CLOCK_MILLISECOND) /* between transactions, while there is more */
#define RETIRE_EVERY (600 * CLOCK_SECOND)

/*
 * The header of a message in the queue, with room, author and text behind it; or of a job that
 * nobody waits for, with its context as the text.
 */
struct record {
    job_run *run; /* NULL: a message */
    enum archive_kind kind;
    uint64_t seq;
    int64_t time;
    size_t room, author, text; /* lengths */
};

struct queue {
    size_t length;
    char bytes[QUEUE_BYTES];
};

struct writer {
    struct writer_config config;
    pthread_t thread;
    struct condition filled, committed;

    struct lock lock;    /* guards what follows */
    struct queue *queue; /* one of the queues; the thread has the other one */
    int64_t queued_at;   /* clock_now() of the first message in the queue */
    uint64_t appended;   /* messages that were queued */
    uint64_t stored;     /* of these */
    uint64_t missing;    /* messages that were not queued, since the start */
    uint64_t missed;     /* the highest seq of those that were not to be queued */
    uint64_t spare;      /* the number behind which the spare block begins (talk.h) */
    bool overflowed;     /* since the thread took the queue */
    bool unsure;         /* writer_doubt() was called */
    unsigned failures;   /* transactions that failed, */
    bool last_failed;    /* and whether the last one did */
    size_t taken_length; /* bytes that the thread has taken, and that are not stored */
    bool wanted;         /* somebody waits for a commit */
    bool stopping, ended;
    struct job_queue jobs;
    int64_t retire; /* when to remove old messages; the time that they are kept is guarded, too */

    /* The thread's own. */
    struct queue *taken; /* what is being written, or is to be tried again */
    uint64_t taken_end;  /* `appended` when it was taken */
    uint64_t reported;   /* of the missing */
    bool failing;        /* the last transaction failed */
    int64_t retry;       /* when to do so */
    struct talk talk;
    uint64_t next_spare; /* `spare` when the transaction is committed */
    size_t unindexed;    /* messages since some were indexed */

    struct queue queues[2]; /* fixed arrays: a page that is never used takes no memory */
};

/*
 * The queue
 */

static void copy(char **place, const void *bytes, size_t length)
{
    if (length > 0)
        memcpy(*place, bytes, length);
    *place += length;
}

static void add(struct queue *queue, job_run *run, const struct archive_message *message)
{
    const struct record record = {.run = run,
                                  .kind = message->kind,
                                  .seq = message->seq,
                                  .time = message->time,
                                  .room = message->room.length,
                                  .author = message->author.length,
                                  .text = message->text.length};
    char *place = queue->bytes + queue->length;
    copy(&place, &record, sizeof record);
    copy(&place, message->room.bytes, message->room.length);
    copy(&place, message->author.bytes, message->author.length);
    copy(&place, message->text.bytes, message->text.length);
    queue->length = (size_t)(place - queue->bytes);
}

/* Whether a message, or a job, can be queued, `most` bytes being for such ones. */
static bool fits(const struct queue *queue, const struct archive_message *message, size_t most)
{
    size_t left = queue->length < most ? most - queue->length : 0;
    size_t wanted = sizeof(struct record) + message->room.length + message->author.length;
    return wanted <= left && message->text.length <= left - wanted;
}

/* Wants the lock held. */
static void append(struct writer *writer, job_run *run, const struct archive_message *message)
{
    struct queue *queue = writer->queue;
    size_t before = queue->length;
    if (before == 0)
        writer->queued_at = clock_now();
    add(queue, run, message);
    writer->appended++;
    if (before == 0 || (before < QUEUE_BYTES / 2 && queue->length >= QUEUE_BYTES / 2))
        condition_signal(&writer->filled);
}

bool writer_append(struct writer *writer, const struct archive_message *message)
{
    lock_take(&writer->lock);
    /* Once one is missing, so are the next: the gap stays in one place. */
    bool queued = !writer->stopping && !writer->overflowed &&
                  fits(writer->queue, message, QUEUE_BYTES - POSTED_BYTES);
    if (queued) {
        append(writer, NULL, message);
    } else {
        writer->overflowed = true;
        writer->missing++;
    }
    lock_release(&writer->lock);
    return queued;
}

bool writer_post(struct writer *writer, job_run *run, const void *bytes, size_t length)
{
    const struct archive_message message = {
        .room = {"", 0}, .author = {"", 0}, .text = {bytes, length}};
    lock_take(&writer->lock);
    bool queued = !writer->stopping && fits(writer->queue, &message, QUEUE_BYTES);
    if (queued)
        append(writer, run, &message);
    lock_release(&writer->lock);
    return queued;
}

void writer_miss(struct writer *writer, uint64_t last, uint64_t count)
{
    lock_take(&writer->lock);
    writer->missing += count;
    if (writer->missed < last)
        writer->missed = last;
    lock_release(&writer->lock);
}

void writer_doubt(struct writer *writer)
{
    lock_take(&writer->lock);
    writer->unsure = true;
    lock_release(&writer->lock);
}

enum archive_result writer_sync(struct writer *writer)
{
    lock_assert_none_held();
    lock_take(&writer->lock);
    uint64_t end = writer->appended;
    unsigned failures = writer->failures;
    if (writer->stored < end) {
        writer->wanted = true;
        condition_signal(&writer->filled);
    }
    while (writer->stored < end && writer->failures == failures && !writer->ended)
        condition_wait(&writer->committed, &writer->lock);
    bool stored = writer->stored >= end;
    lock_release(&writer->lock);
    return stored ? ARCHIVE_OK : ARCHIVE_FAILED;
}

enum archive_result writer_ask(struct writer *writer, job_run *run, void *context)
{
    lock_assert_none_held();
    lock_take(&writer->lock);
    enum archive_result result = ARCHIVE_FAILED;
    if (!writer->stopping)
        result = job_ask(&writer->jobs, JOBS_MAX, run, context, &writer->lock, &writer->filled);
    lock_release(&writer->lock);
    return result;
}

void writer_read(struct writer *writer, struct writer_status *status)
{
    lock_take(&writer->lock);
    *status = (struct writer_status){.up = !writer->last_failed,
                                     .queued = writer->queue->length + writer->taken_length,
                                     .jobs = writer->jobs.count,
                                     .stored = writer->stored,
                                     .missing = writer->missing,
                                     .failures = writer->failures};
    lock_release(&writer->lock);
}

static enum archive_result open_room(void *context, struct database *database)
{
    return room_row_open(database, context);
}

/*
 * Returns the number behind which a room begins that could not be opened: in the spare block, and
 * behind what other rooms were given of it, as one of them may have had that name.
 */
static uint64_t last_unknown(struct writer *writer)
{
    lock_take(&writer->lock);
    uint64_t last = writer->missed > writer->spare ? writer->missed : writer->spare;
    lock_release(&writer->lock);
    return last;
}

enum archive_result writer_open_room(struct writer *writer, struct words room, uint64_t given,
                                     uint64_t *last)
{
    struct room_opening opening = {.room = room, .given = given};
    lock_take(&writer->lock);
    opening.missing = writer->missing > 0;
    opening.unsure = writer->unsure;
    lock_release(&writer->lock);
    enum archive_result result = writer_ask(writer, open_room, &opening);
    *last = result == ARCHIVE_OK ? opening.last : last_unknown(writer);
    return result;
}

/*
 * Transactions. These run without the lock.
 */

static struct words take_words(const char **place, size_t length)
{
    struct words words = {*place, length};
    *place += length;
    return words;
}

/* Indexes messages when there are many. What is tried again is counted twice, which does no harm.
 */
static bool index_some(struct writer *writer, size_t count)
{
    writer->unindexed += count;
    if (writer->unindexed < INDEXED_AT_ONCE)
        return true;
    writer->unindexed = 0;
    return talk_index(writer->config.database);
}

/* Does a job with a copy of its context, which it may change, and behind the messages before it. */
static bool do_posted(struct writer *writer, job_run *run, struct words context)
{
    struct database *database = writer->config.database;
    char *copy = malloc(context.length);
    if (copy == NULL)
        return false;
    if (!talk_flush(&writer->talk, database)) {
        free(copy);
        return false;
    }
    memcpy(copy, context.bytes, context.length);
    bool well = run(copy, database) != ARCHIVE_FAILED;
    free(copy);
    return well;
}

static bool write_messages(struct writer *writer)
{
    struct database *database = writer->config.database;
    size_t count = 0;
    const char *place = writer->taken->bytes;
    const char *end = place + writer->taken->length;
    while (place < end) {
        struct record record;
        memcpy(&record, place, sizeof record);
        place += sizeof record;
        count++;
        struct archive_message message = {
            .kind = record.kind, .seq = record.seq, .time = record.time};
        message.room = take_words(&place, record.room);
        message.author = take_words(&place, record.author);
        message.text = take_words(&place, record.text);
        if (record.run != NULL ? !do_posted(writer, record.run, message.text)
                               : !talk_add(&writer->talk, database, &message))
            return false;
    }
    return talk_flush(&writer->talk, database) && index_some(writer, count);
}

/* Does a job, and undoes what it did unless it succeeded. Returns false if the file fails. */
static bool do_job(struct database *database, struct job *job)
{
    if (!database_run(database, "SAVEPOINT job"))
        return false;
    job->result = job->run(job->context, database);
    return (job->result == ARCHIVE_OK || database_run(database, "ROLLBACK TO job")) &&
           database_run(database, "RELEASE job");
}

static bool do_jobs(struct database *database, struct job *jobs)
{
    for (struct job *job = jobs; job != NULL; job = job->next)
        if (!do_job(database, job))
            return false;
    return true;
}

static bool transact(struct writer *writer, struct job *jobs)
{
    struct database *database = writer->config.database;
    if (database_run(database, "BEGIN IMMEDIATE") && write_messages(writer) &&
        do_jobs(database, jobs) && room_rows_find_spare(database, &writer->next_spare) &&
        database_run(database, "COMMIT"))
        return true;
    int error = database->error;
    talk_forget(&writer->talk);
    sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL,
                 NULL); /* SQLite may have done it itself */
    database->error = error;
    return false;
}

/* Returns milliseconds since 1970. */
static int64_t time_of_day(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Removes a few messages that are older than this. A failure is found by the next commit, too.
 * Returns for how many nanoseconds there is nothing to remove.
 */
static int64_t retire(struct writer *writer, int64_t retain)
{
    struct database *database = writer->config.database;
    int removed = -1;
    if (database_run(database, "BEGIN IMMEDIATE")) {
        removed = talk_retire(database, time_of_day() - retain, RETIRED_AT_ONCE);
        if (removed < 0 || !database_run(database, "COMMIT"))
            sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
    }
    return removed > 0 ? RETIRE_PAUSE : RETIRE_EVERY;
}

/* Tells once that messages cannot be stored, and once that they can. */
static void report_change(struct writer *writer, bool well)
{
    char sentence[512] = "";
    lock_take(&writer->lock);
    uint64_t missing = writer->missing;
    lock_release(&writer->lock);
    unsigned long long more = missing - writer->reported;
    if (!well && !writer->failing)
        snprintf(sentence, sizeof sentence,
                 "The data file cannot be written: %s. Nothing is stored until it can be.",
                 sqlite3_errstr(writer->config.database->error));
    else if (well && (writer->failing || more > 0))
        snprintf(sentence, sizeof sentence,
                 "The data file %s; %llu more messages are missing in it.",
                 writer->failing ? "can be written again" : "was too slow", more);
    if (sentence[0] != '\0')
        writer->config.report(writer->config.context, sentence);
    if (well)
        writer->reported = missing;
    writer->failing = !well;
}

static uint64_t count_messages(const struct queue *queue)
{
    uint64_t count = 0;
    for (const char *place = queue->bytes; place < queue->bytes + queue->length;) {
        struct record record;
        memcpy(&record, place, sizeof record);
        place += sizeof record + record.room + record.author + record.text;
        count += record.run == NULL;
    }
    return count;
}

/* Tells at the end what will not be stored. Wants the lock held, and releases it meanwhile. */
static void report_end(struct writer *writer)
{
    char sentence[128];
    unsigned long long lost = writer->missing - writer->reported + count_messages(writer->taken) +
                              count_messages(writer->queue);
    if (lost == 0)
        return;
    snprintf(sentence, sizeof sentence,
             "The data file could not be written to the end; %llu more messages are missing in it.",
             lost);
    lock_release(&writer->lock);
    writer->config.report(writer->config.context, sentence);
    lock_take(&writer->lock);
}

/*
 * The thread
 */

static int64_t earlier(int64_t left, int64_t right)
{
    return left < right ? left : right;
}

/* Returns when there is a transaction to be made; clock_now() or earlier: now. */
static int64_t next_commit(const struct writer *writer)
{
    bool pending = writer->taken->length > 0 || writer->queue->length > 0;
    if (writer->stopping || writer->jobs.count > 0 || (writer->wanted && pending))
        return 0;
    if (writer->failing)
        return writer->retry;
    if (writer->overflowed || writer->queue->length >= QUEUE_BYTES / 2)
        return 0;
    return pending ? writer->queued_at + COMMIT_AFTER : CLOCK_NEVER;
}

/*
 * Takes the queue, unless what was taken before could not be written yet. Returns whether there is
 * nothing left that was queued before the jobs.
 */
static bool take_queue(struct writer *writer)
{
    if (writer->taken->length > 0)
        return writer->queue->length == 0;
    struct queue *taken = writer->queue;
    writer->queue = writer->taken;
    writer->taken = taken;
    writer->taken_end = writer->appended;
    writer->taken_length = taken->length;
    writer->overflowed = false;
    return true;
}

static void finish_jobs(struct job *jobs, bool well)
{
    while (jobs != NULL) {
        struct job *job = jobs;
        jobs = job->next;
        job_finish(job, well ? job->result : ARCHIVE_FAILED);
    }
}

/*
 * Makes a transaction. Jobs do not overtake what was queued before them: they wait for the next
 * one, unless this one fails. Wants the lock held, and releases it meanwhile.
 */
static void commit(struct writer *writer)
{
    struct job *jobs = take_queue(writer) ? job_take_all(&writer->jobs) : NULL;
    writer->wanted = false;
    lock_release(&writer->lock);
    bool well = transact(writer, jobs);
    report_change(writer, well);
    writer->retry = clock_now() + RETRY_AFTER;
    lock_take(&writer->lock);
    if (well) {
        writer->taken->length = writer->taken_length = 0;
        writer->stored = writer->taken_end;
        writer->spare = writer->next_spare;
    }
    writer->last_failed = !well;
    writer->failures += !well;
    finish_jobs(jobs, well);
    if (!well)
        finish_jobs(job_take_all(&writer->jobs), false);
    condition_broadcast(&writer->committed);
}

/* Reserved seqs are given back at an orderly end. Wants the lock held, and releases it meanwhile.
 */
static void settle(struct writer *writer)
{
    uint64_t missing = writer->missing;
    lock_release(&writer->lock);
    if (!writer->failing && missing == 0)
        room_rows_settle(writer->config.database);
    lock_take(&writer->lock);
}

/* Wants the lock held, and releases it meanwhile. */
static void retire_some(struct writer *writer)
{
    int64_t retain = writer->config.retain;
    lock_release(&writer->lock);
    int64_t pause = retire(writer, retain);
    lock_take(&writer->lock);
    if (writer->config.retain == retain)
        writer->retire = clock_now() + pause;
}

static void *write_all(void *argument)
{
    struct writer *writer = argument;
    lock_take(&writer->lock);
    while (!writer->stopping) {
        int64_t due = next_commit(writer);
        int64_t now = clock_now();
        if (due <= now) {
            commit(writer);
        } else if (writer->retire <= now && !writer->failing) {
            retire_some(writer);
        } else {
            condition_wait_until(&writer->filled, &writer->lock,
                                 earlier(due, writer->failing ? CLOCK_NEVER : writer->retire));
        }
    }
    do
        commit(writer);
    while (!writer->failing && (writer->queue->length > 0 || writer->jobs.count > 0));
    if (writer->failing)
        report_end(writer);
    settle(writer);
    writer->ended = true;
    condition_broadcast(&writer->committed);
    lock_release(&writer->lock);
    return NULL;
}

int writer_start(struct writer **result, const struct writer_config *config)
{
    struct writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        return ENOMEM;
    writer->config = *config;
    writer->queue = writer->queues;
    writer->taken = writer->queues + 1;
    writer->retire = config->retain > 0 ? clock_now() : CLOCK_NEVER;
    int error = room_rows_find_spare(config->database, &writer->spare) ? 0 : EIO;
    if (error == 0)
        error = lock_init(&writer->lock, LOCK_RANK_STORE, "store writer");
    if (error != 0)
        goto no_lock;
    error = condition_init(&writer->filled);
    if (error != 0)
        goto no_filled;
    error = condition_init(&writer->committed);
    if (error != 0)
        goto no_committed;
    error = pthread_create(&writer->thread, NULL, write_all, writer);
    if (error != 0)
        goto no_thread;
    *result = writer;
    return 0;
no_thread:
    condition_destroy(&writer->committed);
no_committed:
    condition_destroy(&writer->filled);
no_filled:
    lock_destroy(&writer->lock);
no_lock:
    free(writer);
    return error;
}

void writer_retain(struct writer *writer, int64_t retain)
{
    lock_take(&writer->lock);
    writer->config.retain = retain;
    writer->retire = retain > 0 ? clock_now() : CLOCK_NEVER;
    condition_signal(&writer->filled);
    lock_release(&writer->lock);
}

void writer_stop(struct writer *writer)
{
    lock_take(&writer->lock);
    writer->stopping = true;
    condition_signal(&writer->filled);
    lock_release(&writer->lock);
    pthread_join(writer->thread, NULL);
}

void writer_free(struct writer *writer)
{
    condition_destroy(&writer->committed);
    condition_destroy(&writer->filled);
    lock_destroy(&writer->lock);
    free(writer);
}
