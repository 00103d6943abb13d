/*
 * lock: a mutex with a rank. A thread may take a lock only if its rank is above that of every lock
 * that the thread holds, so threads cannot wait for each other in a circle. Locks of one rank may
 * be taken together if they are in a sequence (lock_take_next()). Builds with LOCK_WITNESS (tests
 * and sanitizers) check this at each call and abort with the names of both locks; other builds pay
 * nothing for it.
 *
 * No lock is held across a call that can block.
 */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* All ranks, in the order in which locks may be taken. */
enum lock_rank {
    LOCK_RANK_SERVER = 1, /* the list of client threads */
    LOCK_RANK_TURNSTILE,  /* whose turn it is */
    LOCK_RANK_ORDER,      /* a room's order of messages */
    LOCK_RANK_OUTBOX,     /* one client's pending output */
    LOCK_RANK_PRESSURE,   /* which rooms have something to tell other machines */
    LOCK_RANK_FLOW,       /* which readers are behind */
    LOCK_RANK_TALKERS,    /* which authors talk, in all rooms */
    LOCK_RANK_FLUSHER,    /* outboxes left to the flusher */
    LOCK_RANK_ROOMS,      /* all rooms, and their names */
    LOCK_RANK_KEPT_ROOMS, /* the rooms that the archive keeps */
    LOCK_RANK_TIMERS,     /* what is due when */
    LOCK_RANK_DIRECTORY,  /* all users, their names, and the rooms that they are in */
    LOCK_RANK_ATTEMPTS,   /* hosts that gave wrong passwords */
    LOCK_RANK_SANCTIONS,  /* the bans and mutes */
    LOCK_RANK_RELOADED,   /* what SIGHUP reads anew */
    LOCK_RANK_STORE,      /* what the store's threads are to do */
    LOCK_RANK_CLUSTER,    /* who publishes to the stream, or sends letters */
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

/*
 * Initializes a lock. The witness uses rank and name, which is not copied. Returns 0 or an errno.
 */
int lock_init(struct lock *lock, enum lock_rank rank, const char *name);

/* The lock must not be held. */
void lock_destroy(struct lock *lock);

/*
 * As lock_take(), for the next of several locks of one rank, whose sequence is the same for all
 * threads. `last` is the one that was taken before it, or NULL.
 */
void lock_take_next(struct lock *lock, const struct lock *last);

/* Take the lock, which waits while another thread holds it, and release it. It is not recursive. */
void lock_take(struct lock *lock);
void lock_release(struct lock *lock);

/* Asserts, in witness builds, that the calling thread holds the lock. */
void lock_assert_held(const struct lock *lock);

/*
 * Asserts, in witness builds, that the calling thread, which may be about to block, holds no lock.
 */
void lock_assert_none_held(void);

/* Initializes a condition whose deadlines are clock_now()'s. Returns 0 or an errno. */
int condition_init(struct condition *condition);
void condition_destroy(struct condition *condition);

/*
 * Waits for a signal. Wants the lock held, and no other; releases it while waiting. May return
 * without a signal.
 */
void condition_wait(struct condition *condition, struct lock *lock);

/*
 * As condition_wait(), but waits no longer than until `deadline` (clock_now(); CLOCK_NEVER: no
 * limit). Returns false if the deadline ended the wait.
 */
bool condition_wait_until(struct condition *condition, struct lock *lock, int64_t deadline);

/* Wake one waiting thread, or all of them. */
void condition_signal(struct condition *condition);
void condition_broadcast(struct condition *condition);

#endif
