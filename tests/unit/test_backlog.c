#include "suites.h"
#include "peer.h"

#include "net/backlog.h"

#include <CUnit/CUnit.h>
#include <pthread.h>

static const struct conn_config config = {.max_line = 100, .sendq = 1000};

/* Longer than any test waits. */
#define LONG (60 * CLOCK_SECOND)

static void clear_is_no_wait(void)
{
    struct backlog backlog;
    CU_ASSERT_EQUAL_FATAL(backlog_init(&backlog), 0);
    CU_ASSERT_TRUE(backlog_is_clear(&backlog));
    int64_t start = clock_now();
    backlog_wait(&backlog, LONG);
    CU_ASSERT_TRUE(clock_now() - start < LONG / 2);
    backlog_destroy(&backlog);
}

struct waiting {
    struct backlog backlog;
    struct backlog_entry entries[2];
    struct peer peers[2];
    int64_t timeout;
    pthread_t thread;
    struct lock lock; /* guards the rest */
    struct condition ended;
    int64_t start, waited; /* 0: not yet */
    bool over;
};

/* A reader whose socket is full, and so much of it that senders wait. */
static void fall_behind(struct waiting *waiting, int i)
{
    backlog_enter(&waiting->backlog, &waiting->entries[i], waiting->peers[i].conn);
    backlog_note(&waiting->backlog, &waiting->entries[i], false, true);
}

static void open_waiting(struct waiting *waiting, int64_t timeout)
{
    *waiting = (struct waiting){.timeout = timeout};
    CU_ASSERT_EQUAL_FATAL(backlog_init(&waiting->backlog), 0);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_TRUE_FATAL(peer_open(&waiting->peers[i], &config, 0));
        fall_behind(waiting, i);
    }
    CU_ASSERT_EQUAL_FATAL(lock_init(&waiting->lock, LOCK_RANK_JOURNAL, "waiting"), 0);
    CU_ASSERT_EQUAL_FATAL(condition_init(&waiting->ended), 0);
}

static void close_waiting(struct waiting *waiting)
{
    condition_destroy(&waiting->ended);
    lock_destroy(&waiting->lock);
    backlog_destroy(&waiting->backlog);
    for (int i = 0; i < 2; i++)
        peer_close(&waiting->peers[i]);
}

static void *wait_for_backlog(void *argument)
{
    struct waiting *waiting = argument;
    lock_take(&waiting->lock);
    waiting->start = clock_now();
    lock_release(&waiting->lock);
    backlog_wait(&waiting->backlog, waiting->timeout);
    lock_take(&waiting->lock);
    waiting->waited = clock_now() - waiting->start;
    waiting->over = true;
    condition_signal(&waiting->ended);
    lock_release(&waiting->lock);
    return NULL;
}

static bool start_waiting(struct waiting *waiting)
{
    return pthread_create(&waiting->thread, NULL, wait_for_backlog, waiting) == 0;
}

/* Whether the wait ends within so many nanoseconds. */
static bool is_over(struct waiting *waiting, int64_t within)
{
    int64_t deadline = clock_now() + within;
    lock_take(&waiting->lock);
    while (!waiting->over && condition_wait_until(&waiting->ended, &waiting->lock, deadline))
        ;
    bool over = waiting->over;
    lock_release(&waiting->lock);
    return over;
}

static void ends_when_cleared(void)
{
    struct waiting waiting;
    open_waiting(&waiting, LONG);
    CU_ASSERT_TRUE_FATAL(start_waiting(&waiting));
    backlog_leave(&waiting.backlog, &waiting.entries[0]);
    CU_ASSERT_FALSE(backlog_is_clear(&waiting.backlog));
    CU_ASSERT_FALSE(is_over(&waiting, 50 * CLOCK_MILLISECOND));
    backlog_leave(&waiting.backlog, &waiting.entries[1]);
    CU_ASSERT_TRUE(backlog_is_clear(&waiting.backlog));
    CU_ASSERT_TRUE(is_over(&waiting, LONG / 2));
    pthread_join(waiting.thread, NULL);
    CU_ASSERT_EQUAL(conn_reason(waiting.peers[0].conn), CONN_OPEN);
    CU_ASSERT_EQUAL(conn_reason(waiting.peers[1].conn), CONN_OPEN);
    close_waiting(&waiting);
}

static void timeout_cuts_off(void)
{
    struct waiting waiting;
    open_waiting(&waiting, 50 * CLOCK_MILLISECOND);
    backlog_leave(&waiting.backlog, &waiting.entries[0]);
    CU_ASSERT_TRUE_FATAL(start_waiting(&waiting));
    CU_ASSERT_TRUE(is_over(&waiting, LONG));
    pthread_join(waiting.thread, NULL);
    CU_ASSERT_TRUE(waiting.waited >= 50 * CLOCK_MILLISECOND);
    CU_ASSERT_EQUAL(conn_reason(waiting.peers[0].conn), CONN_OPEN);
    CU_ASSERT_EQUAL(conn_reason(waiting.peers[1].conn), CONN_TOO_SLOW);
    CU_ASSERT_TRUE(peer_is_at_end(&waiting.peers[1]));
    /* Who was given up keeps nobody waiting, though it has not left yet. */
    CU_ASSERT_TRUE(backlog_is_clear(&waiting.backlog));
    int64_t start = clock_now();
    backlog_wait(&waiting.backlog, LONG);
    CU_ASSERT_TRUE(clock_now() - start < LONG / 2);
    backlog_leave(&waiting.backlog, &waiting.entries[1]);
    close_waiting(&waiting);
}

/* Those who stopped reading together cost one wait together. */
static void stalled_are_cut_off_too(void)
{
    struct waiting waiting;
    open_waiting(&waiting, 50 * CLOCK_MILLISECOND);
    backlog_note(&waiting.backlog, &waiting.entries[0], false, false);
    CU_ASSERT_FALSE(backlog_is_clear(&waiting.backlog));
    backlog_wait(&waiting.backlog, waiting.timeout);
    CU_ASSERT_EQUAL(conn_reason(waiting.peers[0].conn), CONN_TOO_SLOW);
    CU_ASSERT_EQUAL(conn_reason(waiting.peers[1].conn), CONN_TOO_SLOW);
    backlog_leave(&waiting.backlog, &waiting.entries[0]);
    backlog_leave(&waiting.backlog, &waiting.entries[1]);
    close_waiting(&waiting);
}

/* Who stopped a moment later must not cost everybody the whole timeout again. */
static void later_waits_are_short(void)
{
    struct waiting waiting;
    open_waiting(&waiting, CLOCK_SECOND);
    backlog_leave(&waiting.backlog, &waiting.entries[1]);
    backlog_wait(&waiting.backlog, waiting.timeout);
    fall_behind(&waiting, 1);
    int64_t start = clock_now();
    backlog_wait(&waiting.backlog, waiting.timeout);
    CU_ASSERT_TRUE(clock_now() - start >= waiting.timeout / 4);
    CU_ASSERT_EQUAL(conn_reason(waiting.peers[1].conn), CONN_TOO_SLOW);
    CU_ASSERT_TRUE(waiting.backlog.hurried_until > start);
    backlog_leave(&waiting.backlog, &waiting.entries[0]);
    backlog_leave(&waiting.backlog, &waiting.entries[1]);
    close_waiting(&waiting);
}

static void no_time_at_all(void)
{
    struct waiting waiting;
    open_waiting(&waiting, 0);
    backlog_wait(&waiting.backlog, 0);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(conn_reason(waiting.peers[i].conn), CONN_TOO_SLOW);
        backlog_leave(&waiting.backlog, &waiting.entries[i]);
    }
    close_waiting(&waiting);
}

/* Whether the wait has been going on for a while. */
static bool is_under_way(void *context)
{
    struct waiting *waiting = context;
    lock_take(&waiting->lock);
    bool under_way = waiting->start != 0 && clock_now() > waiting->start + CLOCK_SECOND / 2;
    lock_release(&waiting->lock);
    return under_way;
}

/* Who is not behind and takes something meanwhile is not stalled. */
static void progress_spares(void)
{
    struct waiting waiting;
    open_waiting(&waiting, 2 * CLOCK_SECOND);
    backlog_note(&waiting.backlog, &waiting.entries[0], false, false);
    CU_ASSERT_TRUE_FATAL(start_waiting(&waiting));
    CU_ASSERT_TRUE(peer_eventually(is_under_way, &waiting));
    backlog_note(&waiting.backlog, &waiting.entries[0], true, false);
    CU_ASSERT_TRUE(is_over(&waiting, LONG));
    pthread_join(waiting.thread, NULL);
    CU_ASSERT_EQUAL(conn_reason(waiting.peers[0].conn), CONN_OPEN);
    CU_ASSERT_EQUAL(conn_reason(waiting.peers[1].conn), CONN_TOO_SLOW);
    backlog_leave(&waiting.backlog, &waiting.entries[0]);
    backlog_leave(&waiting.backlog, &waiting.entries[1]);
    close_waiting(&waiting);
}

static void latecomers_are_spared(void)
{
    struct waiting waiting;
    open_waiting(&waiting, 2 * CLOCK_SECOND);
    backlog_leave(&waiting.backlog, &waiting.entries[1]);
    CU_ASSERT_TRUE_FATAL(start_waiting(&waiting));
    CU_ASSERT_TRUE(peer_eventually(is_under_way, &waiting));
    fall_behind(&waiting, 1);
    CU_ASSERT_TRUE(is_over(&waiting, LONG));
    pthread_join(waiting.thread, NULL);
    CU_ASSERT_EQUAL(conn_reason(waiting.peers[0].conn), CONN_TOO_SLOW);
    CU_ASSERT_EQUAL(conn_reason(waiting.peers[1].conn), CONN_OPEN);
    CU_ASSERT_FALSE(backlog_is_clear(&waiting.backlog));
    backlog_leave(&waiting.backlog, &waiting.entries[0]);
    CU_ASSERT_FALSE(backlog_is_clear(&waiting.backlog));
    backlog_leave(&waiting.backlog, &waiting.entries[1]);
    CU_ASSERT_TRUE(backlog_is_clear(&waiting.backlog));
    close_waiting(&waiting);
}

static void comes_and_goes(void)
{
    struct waiting waiting;
    open_waiting(&waiting, LONG);
    for (int i = 0; i < 1000; i++) {
        int which = i % 2;
        backlog_leave(&waiting.backlog, &waiting.entries[which]);
        CU_ASSERT_FALSE(backlog_is_clear(&waiting.backlog));
        fall_behind(&waiting, which);
    }
    backlog_leave(&waiting.backlog, &waiting.entries[1]);
    backlog_leave(&waiting.backlog, &waiting.entries[0]);
    CU_ASSERT_TRUE(backlog_is_clear(&waiting.backlog));
    close_waiting(&waiting);
}

static const struct test tests[] = {
    {"nobody waits when nobody is behind", clear_is_no_wait},
    {"a wait ends when the last reader has caught up, and not before", ends_when_cleared},
    {"a wait ends at its timeout, and who was behind is cut off", timeout_cuts_off},
    {"who stopped reading at the same time is cut off in the same wait", stalled_are_cut_off_too},
    {"after a wait that cut somebody off the next one is shorter", later_waits_are_short},
    {"who takes something meanwhile is not cut off for another", progress_spares},
    {"without any patience everyone behind is cut off at once", no_time_at_all},
    {"who fell behind during the wait is not cut off by it", latecomers_are_spared},
    {"readers may fall behind and catch up any number of times", comes_and_goes},
};

void add_backlog_suite(void)
{
    SUITE_ADD("backlog", tests);
}
