/*
 * writer: the one thread that changes the data file. Messages are copied into a queue of fixed size
 * and committed together, 100 ms after the first of them at most, or at once when somebody waits.
 * While the file cannot be written, the thread keeps what it has and tries again each second; what
 * the queue cannot take meanwhile is missing.
 */
#ifndef STORE_WRITER_H
#define STORE_WRITER_H

#include "chat/archive.h"
#include "store/database.h"
#include "archive/job.h"

struct writer;

struct writer_config {
    struct database *database; /* for the thread alone; must outlive it */
    int64_t retain;            /* milliseconds that messages are kept; 0: for ever */

    /*
     * Is told, as a sentence, that messages cannot be stored, and later that they can or that the
     * writer ends, and how many are missing. Called by the thread, with no lock held.
     */
    void (*report)(void *context, const char *sentence);
    void *context;
};

/* Starts the thread. Returns 0 or an errno. */
int writer_start(struct writer **writer, const struct writer_config *config);

/* Changes how many milliseconds messages are kept. Takes the writer's lock. */
void writer_retain(struct writer *writer, int64_t retain);

/*
 * As archive_talk's append() and sync(). Take the writer's lock; sync waits with no other held.
 */
bool writer_append(struct writer *writer, const struct archive_message *message);
enum archive_result writer_sync(struct writer *writer);

/*
 * Has a job done in a transaction, after all messages that were queued before, and waits until it
 * has been committed. A job whose result is not ARCHIVE_OK is undone. The caller holds no lock.
 */
enum archive_result writer_ask(struct writer *writer, job_run *run, void *context);

/*
 * Queues a job with a copy of `length` bytes, in the order of the messages, and does not wait for
 * it: it may be called with locks held. `run` is given the copy, which is not aligned;
 * ARCHIVE_FAILED means that the file failed, and that all is to be tried again. A part of the queue
 * is for jobs alone. Returns false if that is full, too.
 */
bool writer_post(struct writer *writer, job_run *run, const void *bytes, size_t length);

/*
 * Counts messages as missing that were never to be queued, up to a seq of their room. Takes the
 * writer's lock.
 */
void writer_miss(struct writer *writer, uint64_t last, uint64_t count);

/* From now on the file may not know which rooms are gone, or guarded. Takes the writer's lock. */
void writer_doubt(struct writer *writer);

/* What is told of it in figures. */
struct writer_status {
    uint64_t up;       /* 1: the last transaction did not fail */
    uint64_t queued;   /* bytes that wait, also those that are to be tried again */
    uint64_t jobs;     /* that wait */
    uint64_t stored;   /* messages, since the start, as the next ones */
    uint64_t missing;  /* that will not be stored */
    uint64_t failures; /* transactions */
};

/* Takes the writer's lock. */
void writer_read(struct writer *writer, struct writer_status *status);

/* As archive_talk's open(). */
enum archive_result writer_open_room(struct writer *writer, struct words room, uint64_t given,
                                     uint64_t *last);

/*
 * Writes what is queued, or tries once if the file cannot be written; ends the thread. Nothing is
 * taken from then on.
 */
void writer_stop(struct writer *writer);

/* Frees a writer that has been stopped, and that no thread calls any more. */
void writer_free(struct writer *writer);

#endif
