#include "suites.h"
#include "peer.h"

#include "net/signals.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

static const int numbers[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGPIPE, SIGXFSZ};

enum { NUMBERS = sizeof numbers / sizeof *numbers };

/* What the signals did before, so that the rest of the tests has it back. */
struct before {
    struct sigaction actions[NUMBERS];
};

static void catch_signals(struct before *before, bool hangup)
{
    for (int i = 0; i < NUMBERS; i++)
        sigaction(numbers[i], NULL, &before->actions[i]);
    CU_ASSERT_EQUAL_FATAL(signals_catch(hangup), 0);
}

static void restore(const struct before *before)
{
    for (int i = 0; i < NUMBERS; i++)
        sigaction(numbers[i], &before->actions[i], NULL);
}

static bool is_readable(void)
{
    struct pollfd polled = {.fd = signals_descriptor(), .events = POLLIN};
    return poll(&polled, 1, 0) == 1;
}

static void stops_are_counted(void)
{
    static const struct {
        int number, stops;
    } rows[] = {{SIGTERM, 1}, {SIGINT, 2}, {SIGTERM, 2}, {SIGINT, 2}};
    struct before before;
    catch_signals(&before, true);
    CU_ASSERT_EQUAL(signals_stops(), 0);
    CU_ASSERT_FALSE(is_readable());
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        raise(rows[i].number);
        CU_ASSERT_EQUAL(signals_stops(), rows[i].stops);
        CU_ASSERT_TRUE(is_readable());
        signals_clear();
        CU_ASSERT_FALSE(is_readable());
    }
    CU_ASSERT_FALSE(signals_take_hangup());
    restore(&before);
}

static void hangups_are_taken_once(void)
{
    struct before before;
    catch_signals(&before, true);
    CU_ASSERT_FALSE(signals_take_hangup());
    raise(SIGHUP);
    raise(SIGHUP);
    CU_ASSERT_TRUE(is_readable());
    CU_ASSERT_TRUE(signals_take_hangup());
    CU_ASSERT_FALSE(signals_take_hangup());
    CU_ASSERT_EQUAL(signals_stops(), 0);
    restore(&before);
}

static void hangup_unwanted(void)
{
    struct before before;
    struct sigaction action;
    void (*was)(int) = signal(SIGHUP, SIG_DFL);
    catch_signals(&before, false);
    sigaction(SIGHUP, NULL, &action);
    CU_ASSERT_TRUE(action.sa_handler == SIG_DFL);
    restore(&before);
    signal(SIGHUP, was);
}

/* Nothing has set what SIGHUP does: it would end this process. */
static void hangups_wait_for_the_start(void)
{
    struct before before;
    void (*was)(int) = signal(SIGHUP, SIG_DFL);
    signals_defer_hangup();
    raise(SIGHUP);
    catch_signals(&before, true);
    CU_ASSERT_TRUE(is_readable());
    CU_ASSERT_TRUE(signals_take_hangup());
    raise(SIGHUP);
    CU_ASSERT_TRUE(signals_take_hangup());
    signals_clear();
    restore(&before);
    signal(SIGHUP, was);
}

static void old_news_is_forgotten(void)
{
    struct before before;
    struct before between;
    catch_signals(&before, true);
    raise(SIGHUP);
    raise(SIGTERM);
    catch_signals(&between, true);
    CU_ASSERT_EQUAL(signals_stops(), 0);
    CU_ASSERT_FALSE(signals_take_hangup());
    CU_ASSERT_FALSE(is_readable());
    restore(&before);
}

/* A full pipe takes no more, and nobody may wait for it. */
static void wakes_any_number_of_times(void)
{
    struct before before;
    catch_signals(&before, true);
    for (int i = 0; i < 200000; i++)
        signals_wake();
    CU_ASSERT_TRUE(is_readable());
    signals_clear();
    CU_ASSERT_FALSE(is_readable());
    signals_wake();
    CU_ASSERT_TRUE(is_readable());
    restore(&before);
}

/* How long the raising goes on: many thousand times on an idle machine. */
#define RAISING CLOCK_SECOND

enum { THREADS = 4 };

struct raising {
    pthread_t thread, taker;
    atomic_bool wanted; /* one more SIGHUP */
    atomic_bool over;
};

/* Each time a SIGHUP is wanted, raises it beside the thread that takes it, or in the midst of that.
 */
static void *raise_hangups(void *argument)
{
    struct raising *raising = argument;
    bool beside = false;
    while (!atomic_load(&raising->over)) {
        if (!atomic_exchange(&raising->wanted, false)) {
            sched_yield();
            continue;
        }
        beside = !beside;
        pthread_kill(beside ? pthread_self() : raising->taker, SIGHUP);
    }
    return NULL;
}

/* Whether the SIGHUP that is now wanted is taken, looked for without a pause. */
static bool takes_one(struct raising *raising)
{
    int64_t deadline = clock_now() + PEER_PATIENCE;
    atomic_store(&raising->wanted, true);
    for (unsigned i = 1; !signals_take_hangup(); i++) {
        if (i % 4096 != 0)
            continue;
        if (clock_now() >= deadline)
            return false;
        sched_yield();
    }
    return true;
}

static void no_hangup_is_lost(void)
{
    struct before before;
    struct raising raising = {.taker = pthread_self()};
    catch_signals(&before, true);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&raising.thread, NULL, raise_hangups, &raising), 0);
    int64_t end = clock_now() + RAISING;
    bool taken = true;
    long count = 0;
    for (; taken && clock_now() < end; count++)
        taken = takes_one(&raising);
    EXPECT(taken, "the SIGHUP number %ld", count);
    atomic_store(&raising.over, true);
    pthread_join(raising.thread, NULL);
    signals_clear();
    restore(&before);
}

static void *raise_stops(void *argument)
{
    (void)argument;
    for (int i = 0; i < 1000; i++)
        raise(i % 2 == 0 ? SIGTERM : SIGINT);
    return NULL;
}

static void stops_on_many_threads(void)
{
    struct before before;
    pthread_t threads[THREADS];
    catch_signals(&before, true);
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, raise_stops, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(signals_stops(), 2);
    signals_clear();
    restore(&before);
}

/* A thread that waits for input, as a client's does. */
struct waiting {
    int ends[2];
    atomic_bool interrupted;
};

static void *wait_for_input(void *argument)
{
    struct waiting *waiting = argument;
    char byte;
    if (recv(waiting->ends[0], &byte, 1, 0) < 0 && errno == EINTR)
        atomic_store(&waiting->interrupted, true);
    return NULL;
}

static void nudges_end_a_wait(void)
{
    struct before before;
    struct waiting waiting = {0};
    pthread_t thread;
    catch_signals(&before, true);
    CU_ASSERT_TRUE_FATAL(peer_connect(waiting.ends, 0));
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, wait_for_input, &waiting), 0);
    int64_t deadline = clock_now() + PEER_PATIENCE;
    while (!atomic_load(&waiting.interrupted) && clock_now() < deadline) {
        signals_nudge(thread);
        sched_yield();
    }
    CU_ASSERT_TRUE(atomic_load(&waiting.interrupted));
    close(waiting.ends[1]);
    pthread_join(thread, NULL);
    close(waiting.ends[0]);
    restore(&before);
}

static const struct test tests[] = {
    {"requests to stop are counted up to two, and wake", stops_are_counted},
    {"a hangup is taken once, and is no request to stop", hangups_are_taken_once},
    {"a hangup before the start is taken then", hangups_wait_for_the_start},
    {"a hangup that is not wanted is left as it was", hangup_unwanted},
    {"who begins anew knows nothing of what came before", old_news_is_forgotten},
    {"waking never waits, and one clearing is enough for all of it", wakes_any_number_of_times},
    {"no hangup is lost, on whatever thread and at whatever moment it comes", no_hangup_is_lost},
    {"requests to stop that come on many threads at once are counted", stops_on_many_threads},
    {"a nudge ends a thread's wait for input", nudges_end_a_wait},
};

void add_signals_suite(void)
{
    SUITE_ADD("signals", tests);
}
