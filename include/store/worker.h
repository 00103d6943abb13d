/*
 * worker: a thread that does jobs one at a time, in their order, from a bounded queue. The store
 * has one for reading the file and one for hashing passwords: a client's stack is too small for
 * either, and a hundred who log in at once must not take all processors.
 */
#ifndef STORE_WORKER_H
#define STORE_WORKER_H

#include "store/job.h"

struct worker;

/*
 * Starts a thread whose jobs are given `database`, which may be NULL and must outlive it. Returns 0
 * or an errno.
 */
int worker_start(struct worker **worker, struct database *database);

/* Has a job done, and waits for it. The caller holds no lock. Takes the worker's lock. */
enum archive_result worker_ask(struct worker *worker, job_run *run, void *context);

/*
 * Refuses the jobs that are queued, and all others from then on: a thousand logins would take much
 * longer than stopping may. Waits for the one that is being done, and ends the thread.
 */
void worker_stop(struct worker *worker);

/* Frees a worker that has been stopped, and that no thread calls any more. */
void worker_free(struct worker *worker);

#endif
