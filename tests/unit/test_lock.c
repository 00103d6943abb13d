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
#ifdef LOCK_WITNESS
    {"the witness aborts when locks are taken out of order, with both names", witness_sees_order},
    {"the witness aborts when a lock is not the thread's", witness_sees_owner},
    {"the witness aborts when a thread waits with a lock held", witness_sees_waits},
#endif
};

void add_lock_suite(void)
{
    SUITE_ADD("lock", tests);
}
