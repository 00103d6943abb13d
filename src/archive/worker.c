#include "base/platform.h"

#include "archive/worker.h"

#include <errno.h>
#include <stdlib.h>

enum { JOBS_MAX = 1024 };

struct worker {
    struct database *database;
    pthread_t thread;
    struct condition filled;
    struct lock lock; /* guards what follows */
    struct job_queue queue;
    bool stopping;
};

/* Does a job, or refuses it, as the worker stops. Wants the lock held, which it releases. */
static void finish_late(struct worker *worker, struct job *job)
{
    lock_release(&worker->lock);
    if (job->posted)
        job->run(job->context, worker->database);
    lock_take(&worker->lock);
    job_finish(job, ARCHIVE_FAILED);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    lock_take(&worker->lock);
    for (;;) {
        while (worker->queue.count == 0 && !worker->stopping)
            condition_wait(&worker->filled, &worker->lock);
        if (worker->stopping)
            break;
        struct job *job = job_take(&worker->queue);
        lock_release(&worker->lock);
        enum archive_result result = job->run(job->context, worker->database);
        lock_take(&worker->lock);
        job_finish(job, result);
    }
    for (struct job *job; (job = job_take(&worker->queue)) != NULL;)
        finish_late(worker, job);
    lock_release(&worker->lock);
    return NULL;
}

size_t worker_count(struct worker *worker)
{
    lock_take(&worker->lock);
    size_t count = worker->queue.count;
    lock_release(&worker->lock);
    return count;
}

int worker_start(struct worker **result, struct database *database)
{
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL)
        return ENOMEM;
    worker->database = database;
    int error = lock_init(&worker->lock, LOCK_RANK_STORE, "store worker");
    if (error != 0)
        goto no_lock;
    error = condition_init(&worker->filled);
    if (error != 0)
        goto no_condition;
    error = pthread_create(&worker->thread, NULL, work, worker);
    if (error != 0)
        goto no_thread;
    *result = worker;
    return 0;
no_thread:
    condition_destroy(&worker->filled);
no_condition:
    lock_destroy(&worker->lock);
no_lock:
    free(worker);
    return error;
}

enum archive_result worker_ask(struct worker *worker, job_run *run, void *context)
{
    lock_assert_none_held();
    lock_take(&worker->lock);
    enum archive_result result = ARCHIVE_FAILED;
    if (!worker->stopping)
        result = job_ask(&worker->queue, JOBS_MAX, run, context, &worker->lock, &worker->filled);
    lock_release(&worker->lock);
    return result;
}

bool worker_post(struct worker *worker, job_run *run, const void *context, size_t size)
{
    lock_take(&worker->lock);
    bool posted = !worker->stopping &&
                  job_post(&worker->queue, JOBS_MAX, run, context, size, &worker->filled);
    lock_release(&worker->lock);
    return posted;
}

void worker_stop(struct worker *worker)
{
    lock_take(&worker->lock);
    worker->stopping = true;
    condition_signal(&worker->filled);
    lock_release(&worker->lock);
    pthread_join(worker->thread, NULL);
}

void worker_free(struct worker *worker)
{
    condition_destroy(&worker->filled);
    lock_destroy(&worker->lock);
    free(worker);
}
