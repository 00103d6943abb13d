#include "base/platform.h"

#include "archive/job.h"

#include <stdlib.h>
#include <string.h>

static void add(struct job_queue *queue, struct job *job)
{
    if (queue->first == NULL)
        queue->first = job;
    else
        queue->last->next = job;
    queue->last = job;
    queue->count++;
}

enum archive_result job_ask(struct job_queue *queue, size_t limit, job_run *run, void *context,
                            struct lock *lock, struct condition *filled)
{
    struct job job = {.run = run, .context = context};
    if (queue->count >= limit)
        return ARCHIVE_BUSY;
    if (condition_init(&job.finished) != 0)
        return ARCHIVE_FAILED;
    add(queue, &job);
    condition_signal(filled);
    while (!job.done)
        condition_wait(&job.finished, lock);
    condition_destroy(&job.finished);
    return job.result;
}

bool job_post(struct job_queue *queue, size_t limit, job_run *run, const void *context, size_t size,
              struct condition *filled)
{
    struct job *job = queue->count < limit ? malloc(sizeof *job + size) : NULL;
    if (job == NULL)
        return false;
    *job = (struct job){.run = run, .context = job + 1, .posted = true};
    memcpy(job + 1, context, size);
    add(queue, job);
    condition_signal(filled);
    return true;
}

struct job *job_take(struct job_queue *queue)
{
    struct job *job = queue->first;
    if (job != NULL) {
        queue->first = job->next;
        queue->count--;
    }
    return job;
}

struct job *job_take_all(struct job_queue *queue)
{
    struct job *jobs = queue->first;
    queue->first = NULL;
    queue->count = 0;
    return jobs;
}

void job_finish(struct job *job, enum archive_result result)
{
    if (job->posted) {
        free(job);
        return;
    }
    job->result = result;
    job->done = true;
    condition_signal(&job->finished);
}
