/*
 * The witness is a minimal form of BSD's witness(4): for each thread, a short stack of the locks
 * that it holds.
 */
#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef LOCK_WITNESS

enum { WITNESS_DEPTH_MAX = 110 }; /* somebody may be in a hundred rooms */

static _Thread_local const struct lock *held[WITNESS_DEPTH_MAX];
static _Thread_local int held_count;

static void witness_fail(const char *what, const struct lock *lock, const struct lock *other)
{
    fprintf(stderr, "lock witness: %s: %s%s%s\n", what, lock->name, other ? " with " : "",
            other ? other->name : "");
    abort();
}

/* `before`: a lock of the same rank that precedes this one, or NULL. */
static void witness_take(const struct lock *lock, const struct lock *before)
{
    const struct lock *last = held_count > 0 ? held[held_count - 1] : NULL;
    bool in_sequence = last != NULL && last == before && last->rank == lock->rank;
    if (last != NULL && last->rank >= lock->rank && !in_sequence)
        witness_fail("taken out of order", lock, last);
    assert(held_count < WITNESS_DEPTH_MAX);
    held[held_count++] = lock;
}

static void witness_release(const struct lock *lock)
{
    for (int i = held_count - 1; i >= 0; i--) {
        if (held[i] == lock) {
            for (held_count--; i < held_count; i++)
                held[i] = held[i + 1];
            return;
        }
    }
    witness_fail("released but not held", lock, NULL);
}

static void witness_wait(const struct lock *lock)
{
    if (held_count != 1 || held[0] != lock)
        witness_fail("waits while another lock is held", lock, held_count ? held[0] : NULL);
}

void lock_assert_held(const struct lock *lock)
{
    for (int i = 0; i < held_count; i++)
        if (held[i] == lock)
            return;
    witness_fail("should be held and is not", lock, NULL);
}

void lock_assert_none_held(void)
{
    if (held_count > 0)
        witness_fail("held across a call that can block", held[0], NULL);
}

#else

static void witness_take(const struct lock *lock, const struct lock *before)
{
    (void)lock;
    (void)before;
}

static void witness_release(const struct lock *lock)
{
    (void)lock;
}

static void witness_wait(const struct lock *lock)
{
    (void)lock;
}

void lock_assert_held(const struct lock *lock)
{
    (void)lock;
}

void lock_assert_none_held(void)
{
}

#endif

int lock_init(struct lock *lock, enum lock_rank rank, const char *name)
{
#ifdef LOCK_WITNESS
    lock->rank = rank;
    lock->name = name;
#else
    (void)rank;
    (void)name;
#endif
    return pthread_mutex_init(&lock->mutex, NULL);
}

void lock_destroy(struct lock *lock)
{
    pthread_mutex_destroy(&lock->mutex);
}

void lock_take(struct lock *lock)
{
    lock_take_next(lock, NULL);
}

void lock_take_next(struct lock *lock, const struct lock *last)
{
    witness_take(lock, last);
    int error = pthread_mutex_lock(&lock->mutex);
    assert(error == 0);
    (void)error;
}

void lock_release(struct lock *lock)
{
    witness_release(lock);
    pthread_mutex_unlock(&lock->mutex);
}

#ifdef PLATFORM_RELATIVE_CONDITION_WAIT

int condition_init(struct condition *condition)
{
    return pthread_cond_init(&condition->cond, NULL);
}

static int timed_wait(struct condition *condition, struct lock *lock, int64_t deadline)
{
    int64_t left = deadline - clock_now();
    if (left <= 0)
        return ETIMEDOUT;
    struct timespec span = {(time_t)(left / CLOCK_SECOND), (long)(left % CLOCK_SECOND)};
    return pthread_cond_timedwait_relative_np(&condition->cond, &lock->mutex, &span);
}

#else

int condition_init(struct condition *condition)
{
    pthread_condattr_t attributes;
    int error = pthread_condattr_init(&attributes);
    if (error != 0)
        return error;
    error = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (error == 0)
        error = pthread_cond_init(&condition->cond, &attributes);
    pthread_condattr_destroy(&attributes);
    return error;
}

static int timed_wait(struct condition *condition, struct lock *lock, int64_t deadline)
{
    struct timespec until = {(time_t)(deadline / CLOCK_SECOND), (long)(deadline % CLOCK_SECOND)};
    return pthread_cond_timedwait(&condition->cond, &lock->mutex, &until);
}

#endif

void condition_destroy(struct condition *condition)
{
    pthread_cond_destroy(&condition->cond);
}

void condition_wait(struct condition *condition, struct lock *lock)
{
    witness_wait(lock);
    pthread_cond_wait(&condition->cond, &lock->mutex);
}

bool condition_wait_until(struct condition *condition, struct lock *lock, int64_t deadline)
{
    if (deadline == CLOCK_NEVER) {
        condition_wait(condition, lock);
        return true;
    }
    witness_wait(lock);
    return timed_wait(condition, lock, deadline) != ETIMEDOUT;
}

void condition_signal(struct condition *condition)
{
    pthread_cond_signal(&condition->cond);
}

void condition_broadcast(struct condition *condition)
{
    pthread_cond_broadcast(&condition->cond);
}
