#include "suites.h"

#include "base/clock.h"
#include "base/lock.h"

#include <CUnit/CUnit.h>
#include <pthread.h>

enum { THREADS = 4, TURNS = 20000 };

struct counter {
    struct lock lock;
    unsigned count;
};

static void *count(void *argument)
{
    struct counter *counter = argument;
    for (int i = 0; i < TURNS; i++) {
        lock_take(&counter->lock);
        counter->count++;
        lock_release(&counter->lock);
    }
    return NULL;
}

static void one_at_a_time(void)
{
    struct counter counter = {.count = 0};
    pthread_t threads[THREADS];
    CU_ASSERT_EQUAL_FATAL(lock_init(&counter.lock, LOCK_RANK_ORDER, "counter"), 0);
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, count, &counter), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(counter.count, THREADS * TURNS);
    lock_destroy(&counter.lock);
}

enum { SEQUENCE = 48 }; /* locks of one rank that are taken together; ThreadSanitizer knows 64 */

/* A sequence of locks, and what they guard together. */
struct chain {
    struct lock locks[SEQUENCE];
    unsigned counts[SEQUENCE];
};

static void take_chain(struct chain *chain, int step)
{
    const struct lock *last = NULL;
    for (int i = 0; i < SEQUENCE; i += step) {
        lock_take_next(&chain->locks[i], last);
        last = &chain->locks[i];
    }
}

/* Counts in some of the places, which are locked together. */
static void count_in(struct chain *chain, int step)
{
    for (int turn = 0; turn < TURNS / SEQUENCE; turn++) {
        take_chain(chain, step);
        for (int i = 0; i < SEQUENCE; i += step)
            chain->counts[i]++;
        for (int i = 0; i < SEQUENCE; i += step)
            lock_release(&chain->locks[i]);
    }
}

static void *count_in_each(void *chain)
{
    count_in(chain, 1);
    return NULL;
}

static void *count_in_every_third(void *chain)
{
    count_in(chain, 3);
    return NULL;
}

static void in_sequence(void)
{
    static struct chain chain;
    pthread_t threads[2];
    struct lock outer, inner;
    for (int i = 0; i < SEQUENCE; i++)
        CU_ASSERT_EQUAL_FATAL(lock_init(&chain.locks[i], LOCK_RANK_ORDER, "link"), 0);
    pthread_create(&threads[0], NULL, count_in_each, &chain);
    pthread_create(&threads[1], NULL, count_in_every_third, &chain);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    for (int i = 0; i < SEQUENCE; i++)
        EXPECT(chain.counts[i] == (i % 3 == 0 ? 2u : 1u) * (TURNS / SEQUENCE), "place %d", i);
    /* Other ranks go around them. */
    lock_init(&outer, LOCK_RANK_SERVER, "outer");
    lock_init(&inner, LOCK_RANK_OUTBOX, "inner");
    lock_take(&outer);
    take_chain(&chain, 1);
    lock_take(&inner);
    lock_release(&inner);
    for (int i = 0; i < SEQUENCE; i++) {
        lock_assert_held(&chain.locks[i]);
        lock_release(&chain.locks[i]);
        lock_destroy(&chain.locks[i]);
    }
    lock_release(&outer);
    lock_assert_none_held();
    lock_destroy(&inner);
    lock_destroy(&outer);
}

static void in_order(void)
{
    struct lock first, second, third;
    lock_init(&first, LOCK_RANK_SERVER, "first");
    lock_init(&second, LOCK_RANK_OUTBOX, "second");
    lock_init(&third, LOCK_RANK_EVENT_LOG, "third");
    lock_assert_none_held();
    lock_take(&first);
    lock_take(&second);
    lock_take(&third);
    lock_assert_held(&second);
    /* Released in another order than the reverse, which is nobody's harm. */
    lock_release(&first);
    lock_assert_held(&second);
    lock_release(&third);
    lock_take(&third);
    lock_release(&second);
    lock_release(&third);
    lock_assert_none_held();
    lock_destroy(&third);
    lock_destroy(&second);
    lock_destroy(&first);
}

static void deadline_ends_wait(void)
{
    struct lock lock;
    struct condition condition;
    lock_init(&lock, LOCK_RANK_EVENT_LOG, "waiting");
    CU_ASSERT_EQUAL_FATAL(condition_init(&condition), 0);
    lock_take(&lock);
    int64_t start = clock_now();
    bool woken = true;
    while (woken)
        woken = condition_wait_until(&condition, &lock, start + 50 * CLOCK_MILLISECOND);
    int64_t waited = clock_now() - start;
    CU_ASSERT_TRUE(waited >= 50 * CLOCK_MILLISECOND);
    CU_ASSERT_TRUE(waited < 30 * CLOCK_SECOND);
    /* A deadline of the past ends the wait as well. */
    CU_ASSERT_FALSE(condition_wait_until(&condition, &lock, start));
    lock_release(&lock);
    condition_destroy(&condition);
    lock_destroy(&lock);
}

struct gate {
    struct lock lock;
    struct condition opened, arrived;
    int waiting, passed;
    bool open;
};

static void *wait_at_gate(void *argument)
{
    struct gate *gate = argument;
    lock_take(&gate->lock);
    gate->waiting++;
    condition_signal(&gate->arrived);
    while (!gate->open)
        condition_wait_until(&gate->opened, &gate->lock, CLOCK_NEVER);
    gate->passed++;
    lock_release(&gate->lock);
    return NULL;
}

static void broadcast_wakes_all(void)
{
    struct gate gate = {.open = false};
    pthread_t threads[THREADS];
    lock_init(&gate.lock, LOCK_RANK_ORDER, "gate");
    condition_init(&gate.opened);
    condition_init(&gate.arrived);
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, wait_at_gate, &gate), 0);
    lock_take(&gate.lock);
    while (gate.waiting < THREADS)
        condition_wait(&gate.arrived, &gate.lock);
    CU_ASSERT_EQUAL(gate.passed, 0);
    gate.open = true;
    condition_broadcast(&gate.opened);
    lock_release(&gate.lock);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(gate.passed, THREADS);
    condition_destroy(&gate.arrived);
    condition_destroy(&gate.opened);
    lock_destroy(&gate.lock);
}

#ifdef LOCK_WITNESS

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void leave_no_core(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    signal(SIGABRT, SIG_DFL);
}

/*
 * Runs `crime` in a child, which must abort. Returns whether it did and its last words hold both
 * names (the second may be NULL).
 */
static bool is_caught(void (*crime)(void), const char *first, const char *second)
{
    char words[4096];
    size_t length = 0;
    ssize_t received;
    int ends[2];
    int status = 0;
    fflush(NULL);
    if (pipe(ends) < 0)
        return false;
    pid_t child = fork();
    if (child == 0) {
        leave_no_core();
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        crime();
        _exit(EXIT_SUCCESS);
    }
    close(ends[1]);
    while ((received = read(ends[0], words + length, sizeof words - 1 - length)) > 0)
        length += (size_t)received;
    words[length] = '\0';
    close(ends[0]);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return false;
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT && strstr(words, first) != NULL &&
           (second == NULL || strstr(words, second) != NULL);
}

static void take_two(enum lock_rank first_rank, enum lock_rank second_rank)
{
    struct lock first, second;
    lock_init(&first, first_rank, "lock called one");
    lock_init(&second, second_rank, "lock called two");
    lock_take(&first);
    lock_take(&second);
}

static void take_backwards(void)
{
    take_two(LOCK_RANK_DIRECTORY, LOCK_RANK_OUTBOX);
}

static void take_the_same_rank(void)
{
    take_two(LOCK_RANK_OUTBOX, LOCK_RANK_OUTBOX);
}

static void take_twice(void)
{
    struct lock lock;
    lock_init(&lock, LOCK_RANK_ORDER, "lock called one");
    lock_take(&lock);
    lock_take(&lock);
}

/* Takes the second lock of a rank as if it followed another one than the last that was taken. */
static void take_behind_another(void)
{
    struct lock first, second, third;
    lock_init(&first, LOCK_RANK_ORDER, "lock called none");
    lock_init(&second, LOCK_RANK_ORDER, "lock called two");
    lock_init(&third, LOCK_RANK_ORDER, "lock called one");
    lock_take_next(&first, NULL);
    lock_take_next(&second, &first);
    lock_take_next(&third, &first);
}

static void take_behind_none(void)
{
    struct lock first, second;
    lock_init(&first, LOCK_RANK_ORDER, "lock called two");
    lock_init(&second, LOCK_RANK_ORDER, "lock called one");
    lock_take_next(&first, NULL);
    lock_take_next(&second, NULL);
}

static void take_behind_a_higher_one(void)
{
    struct lock first, second, third;
    lock_init(&first, LOCK_RANK_ORDER, "lock called none");
    lock_init(&second, LOCK_RANK_OUTBOX, "lock called two");
    lock_init(&third, LOCK_RANK_ORDER, "lock called one");
    lock_take_next(&first, NULL);
    lock_take(&second);
    lock_take_next(&third, &first);
}

static void release_unheld(void)
{
    struct lock lock;
    lock_init(&lock, LOCK_RANK_ORDER, "lock called one");
    lock_release(&lock);
}

static void assert_unheld(void)
{
    struct lock lock;
    lock_init(&lock, LOCK_RANK_ORDER, "lock called one");
    lock_assert_held(&lock);
}

static void assert_none(void)
{
    struct lock lock;
    lock_init(&lock, LOCK_RANK_ORDER, "lock called one");
    lock_take(&lock);
    lock_assert_none_held();
}

static void wait_with_another(void)
{
    struct lock first, second;
    struct condition condition;
    lock_init(&first, LOCK_RANK_ORDER, "lock called one");
    lock_init(&second, LOCK_RANK_OUTBOX, "lock called two");
    condition_init(&condition);
    lock_take(&first);
    lock_take(&second);
    condition_wait_until(&condition, &second, clock_now());
}

static void wait_unheld(void)
{
    struct lock lock;
    struct condition condition;
    lock_init(&lock, LOCK_RANK_ORDER, "lock called one");
    condition_init(&condition);
    condition_wait_until(&condition, &lock, clock_now());
}

static void witness_sees_order(void)
{
    CU_ASSERT_TRUE(is_caught(take_backwards, "lock called one", "lock called two"));
    CU_ASSERT_TRUE(is_caught(take_the_same_rank, "lock called one", "lock called two"));
    CU_ASSERT_TRUE(is_caught(take_twice, "lock called one", NULL));
}

static void witness_sees_sequence(void)
{
    CU_ASSERT_TRUE(is_caught(take_behind_another, "lock called one", "lock called two"));
    CU_ASSERT_TRUE(is_caught(take_behind_none, "lock called one", "lock called two"));
    CU_ASSERT_TRUE(is_caught(take_behind_a_higher_one, "lock called one", "lock called two"));
}

static void witness_sees_owner(void)
{
    CU_ASSERT_TRUE(is_caught(release_unheld, "lock called one", NULL));
    CU_ASSERT_TRUE(is_caught(assert_unheld, "lock called one", NULL));
}

static void witness_sees_waits(void)
{
    CU_ASSERT_TRUE(is_caught(assert_none, "lock called one", NULL));
    CU_ASSERT_TRUE(is_caught(wait_with_another, "lock called one", "lock called two"));
    CU_ASSERT_TRUE(is_caught(wait_unheld, "lock called one", NULL));
}

#endif

static const struct test tests[] = {
    {"only one thread at a time holds a lock", one_at_a_time},
    {"locks taken in order are nobody's harm", in_order},
    {"a deadline ends a wait, and not too early", deadline_ends_wait},
    {"a broadcast wakes everyone, and a wait without end waits", broadcast_wakes_all},
    {"locks of one rank are taken together in their sequence", in_sequence},
#ifdef LOCK_WITNESS
    {"the witness aborts when locks of one rank are taken out of their sequence",
     witness_sees_sequence},
    {"the witness aborts when locks are taken out of order, with both names", witness_sees_order},
    {"the witness aborts when a lock is not the thread's", witness_sees_owner},
    {"the witness aborts when a thread waits with a lock held", witness_sees_waits},
#endif
};

void add_lock_suite(void)
{
    SUITE_ADD("lock", tests);
}
