/*
 * worker: a thread that does jobs one at a time, in their order, from a bounded queue. An archive
 * has one for reading and one for hashing passwords: a client's stack is too small for either, and
 * a hundred who log in at once must not take all processors.
 */
#ifndef ARCHIVE_WORKER_H
#define ARCHIVE_WORKER_H

#include "archive/job.h"

struct worker;

/*
 * Starts a thread whose jobs are given `database`, which may be NULL and must outlive it. Returns 0
 * or an errno.
 */
int worker_start(struct worker **worker, struct database *database);

/* Has a job done, and waits for it. The caller holds no lock. Takes the worker's lock. */
enum archive_result worker_ask(struct worker *worker, job_run *run, void *context);

/*
 * Has a job done for which nobody waits, with a copy of its context. Returns false if it will not
 * be. Never waits. Takes the worker's lock.
 */
bool worker_post(struct worker *worker, job_run *run, const void *context, size_t size);

/* Returns how many jobs wait. Takes the worker's lock. */
size_t worker_count(struct worker *worker);

/*
 * Refuses the jobs that somebody waits for, and all others from then on: a thousand logins would
 * take much longer than stopping may. Does those that were posted, and ends the thread.
 */
void worker_stop(struct worker *worker);

/* Frees a worker that has been stopped, and that no thread calls any more. */
void worker_free(struct worker *worker);

#endif
