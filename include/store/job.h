/*
 * job: a request that one thread makes of another, and waits for. A job is on the stack of the
 * thread that waits; a queue refers to it. The owner's lock guards both.
 */
#ifndef STORE_JOB_H
#define STORE_JOB_H

#include "base/lock.h"
#include "chat/archive.h"

#include <stdbool.h>
#include <stddef.h>

struct database;

/* What is asked for. `database` is the connection of the thread that runs it, or NULL. */
typedef enum archive_result job_run(void *context, struct database *database);

struct job {
    job_run *run;
    void *context;
    enum archive_result result;
    bool done;
    struct condition finished;
    struct job *next;
};

struct job_queue {
    struct job *first, *last;
    size_t count;
};

/*
 * Queues a job and waits until it has been finished; signals `filled` for the other thread. Returns
 * the result; ARCHIVE_BUSY if `limit` jobs are queued already. Wants the lock held, and no other;
 * releases it while waiting.
 */
enum archive_result job_ask(struct job_queue *queue, size_t limit, job_run *run, void *context,
                            struct lock *lock, struct condition *filled);

/* Takes the first job, or all of them as a list; NULL if there is none. Want the lock held. */
struct job *job_take(struct job_queue *queue);
struct job *job_take_all(struct job_queue *queue);

/* Wakes the thread that waits for a job; the job is gone then. Wants the lock held. */
void job_finish(struct job *job, enum archive_result result);

#endif
