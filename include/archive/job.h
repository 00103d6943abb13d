/*
 * job: a request that one thread makes of another, and waits for. A job is on the stack of the
 * thread that waits; a queue refers to it. Or nobody waits, and the queue has it. The owner's lock
 * guards both.
 */
#ifndef ARCHIVE_JOB_H
#define ARCHIVE_JOB_H

#include "base/lock.h"
#include "chat/archive.h"

#include <stdbool.h>
#include <stddef.h>

struct database;

/* What is asked for. `database` is what the thread that runs it works with, or NULL. */
typedef enum archive_result job_run(void *context, struct database *database);

struct job {
    job_run *run;
    void *context;
    enum archive_result result;
    bool posted; /* nobody waits for it: the queue has it, with a copy of the context behind it */
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

/*
 * Queues a job that nobody waits for, with a copy of its context. Returns false if `limit` jobs are
 * queued already, or without memory. Wants the lock held.
 */
bool job_post(struct job_queue *queue, size_t limit, job_run *run, const void *context, size_t size,
              struct condition *filled);

/* Takes the first job, or all of them as a list; NULL if there is none. Want the lock held. */
struct job *job_take(struct job_queue *queue);
struct job *job_take_all(struct job_queue *queue);

/* Wakes the thread that waits for a job, if one does; the job is gone then. Wants the lock held. */
void job_finish(struct job *job, enum archive_result result);

#endif
