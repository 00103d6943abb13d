/*
 * lock: a mutex that knows its place. Every lock has a rank, and a thread may only take a lock
 * of a higher rank than any it holds, so no two threads can wait for each other. Builds with
 * LOCK_WITNESS (tests and sanitizers) check that on every call and abort with both names;
 * other builds pay nothing for it.
 *
 * No lock is ever held across a call that can block.
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* The order of the whole house: a later one may be taken while an earlier one is held. */
enum lock_rank {
    LOCK_RANK_SERVER = 1, /* the list of client threads */
    LOCK_RANK_ORDER,      /* a room's order of messages */
    LOCK_RANK_OUTBOX,     /* one client's undelivered output */
    LOCK_RANK_FLOW,       /* which readers have fallen behind, and who talks */
    LOCK_RANK_FLUSHER,    /* outboxes left to the flusher */
    LOCK_RANK_TIMERS,     /* what is due when */
    LOCK_RANK_DIRECTORY,  /* all users, and their names */
    LOCK_RANK_EVENT_LOG   /* the queues of events to be logged */
};

struct lock {
    pthread_mutex_t mutex;
#ifdef LOCK_WITNESS
    enum lock_rank rank;
    const char *name;
#endif
};

struct condition {
    pthread_cond_t cond;
};

/* Makes a lock; name (not copied) and rank are for the witness. Returns 0 or an errno. */
int lock_init(struct lock *lock, enum lock_rank rank, const char *name);

/* The lock must not be held. */
void lock_destroy(struct lock *lock);

void lock_take(struct lock *lock);
void lock_release(struct lock *lock);

/* Asserts, in witness builds, that the calling thread holds the lock. */
void lock_assert_held(const struct lock *lock);

/* Asserts, in witness builds, that the calling thread holds no lock: it is about to wait. */
void lock_assert_none_held(void);

/* Makes a condition whose waits are timed by clock_now(). Returns 0 or an errno. */
int condition_init(struct condition *condition);
void condition_destroy(struct condition *condition);

/* Waits with the lock given up meanwhile. May wake without a signal, as all conditions may. */
void condition_wait(struct condition *condition, struct lock *lock);

/*
 * The same, at the latest until deadline (as of clock_now(); CLOCK_NEVER for no end).
 * Returns false when the deadline ended the wait.
 */
bool condition_wait_until(struct condition *condition, struct lock *lock, int64_t deadline);

void condition_signal(struct condition *condition);
void condition_broadcast(struct condition *condition);

#endif
