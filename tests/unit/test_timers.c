#include "suites.h"

#include "base/clock.h"
#include "base/lock.h"
#include "base/timers.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdbool.h>

/* How long a test waits for what must come. */
#define PATIENCE (30 * CLOCK_SECOND)

/* Long after any test. */
#define LATE (clock_now() + 3600 * CLOCK_SECOND)

enum { BELLS = 4, RINGS_MAX = 64 };

/* A timer that notes that it has fired. */
struct bell {
    struct timer timer; /* the first member: fire() is given it */
    int number;
    int rings_left; /* it sets itself again so often */
};

/*
 * Timers, and in which order they fired. The porter is one more timer, which keeps the thread of
 * the timers in its function until it is let go: what is set meanwhile is due together.
 */
struct belfry {
    struct timers *timers;
    struct bell bells[BELLS];
    struct timer porter;

    struct lock lock; /* guards the rest */
    struct condition changed;
    int rung[RINGS_MAX]; /* numbers of bells */
    int count;
    bool porter_waits, porter_may_go, porter_has_gone, restless_fires;
};

static struct belfry belfry;

/* Waits with the lock held until something is so. Returns false when it does not come to be. */
static bool wait_until(const bool *holds)
{
    int64_t deadline = clock_now() + PATIENCE;
    while (!*holds)
        if (!condition_wait_until(&belfry.changed, &belfry.lock, deadline))
            return *holds;
    return true;
}

static void set(bool *what, bool value)
{
    lock_take(&belfry.lock);
    *what = value;
    condition_broadcast(&belfry.changed);
    lock_release(&belfry.lock);
}

static void ring(struct timer *timer)
{
    struct bell *bell = (struct bell *)timer;
    lock_take(&belfry.lock);
    if (belfry.count < RINGS_MAX)
        belfry.rung[belfry.count++] = bell->number;
    bool again = bell->rings_left > 0;
    bell->rings_left -= again;
    condition_broadcast(&belfry.changed);
    lock_release(&belfry.lock);
    if (again)
        timer_set(timer, clock_now());
}

static void keep_the_thread(struct timer *timer)
{
    (void)timer;
    lock_take(&belfry.lock);
    belfry.porter_waits = true;
    condition_broadcast(&belfry.changed);
    wait_until(&belfry.porter_may_go);
    lock_release(&belfry.lock);
    /* So that it is seen if nobody waits for it; what is right does not depend on the time. */
    clock_sleep_until(clock_now() + 20 * CLOCK_MILLISECOND);
    set(&belfry.porter_has_gone, true);
}

static void open_belfry(void)
{
    belfry = (struct belfry){.count = 0};
    CU_ASSERT_EQUAL_FATAL(lock_init(&belfry.lock, LOCK_RANK_EVENT_LOG, "belfry"), 0);
    CU_ASSERT_EQUAL_FATAL(condition_init(&belfry.changed), 0);
    CU_ASSERT_EQUAL_FATAL(timers_start(&belfry.timers), 0);
    timer_init(&belfry.porter, belfry.timers, keep_the_thread);
    for (int i = 0; i < BELLS; i++) {
        belfry.bells[i] = (struct bell){.number = i};
        timer_init(&belfry.bells[i].timer, belfry.timers, ring);
    }
}

static void close_belfry(void)
{
    for (int i = 0; i < BELLS; i++)
        timer_end(&belfry.bells[i].timer);
    timer_end(&belfry.porter);
    timers_stop(belfry.timers);
    condition_destroy(&belfry.changed);
    lock_destroy(&belfry.lock);
}

static void set_bell(int number, int64_t due)
{
    timer_set(&belfry.bells[number].timer, due);
}

/* From here to let_go() nothing fires. */
static void hold_up(void)
{
    timer_set(&belfry.porter, clock_now());
    lock_take(&belfry.lock);
    bool waits = wait_until(&belfry.porter_waits);
    lock_release(&belfry.lock);
    CU_ASSERT_TRUE(waits);
}

static void let_go(void)
{
    set(&belfry.porter_may_go, true);
}

/* Waits until so many bells have rung since the belfry was opened. */
static bool have_rung(int count)
{
    int64_t deadline = clock_now() + PATIENCE;
    bool in_time = true;
    lock_take(&belfry.lock);
    while (belfry.count < count && in_time)
        in_time = condition_wait_until(&belfry.changed, &belfry.lock, deadline);
    bool rung = belfry.count >= count;
    lock_release(&belfry.lock);
    return rung;
}

/* How often a bell has rung. */
static int rings_of(int number)
{
    int rings = 0;
    lock_take(&belfry.lock);
    for (int i = 0; i < belfry.count; i++)
        rings += belfry.rung[i] == number;
    lock_release(&belfry.lock);
    return rings;
}

static void fires_in_order(void)
{
    static const int ahead[BELLS] = {1, 4, 2, 3}; /* the second is due first, then the last */
    static const int expected[BELLS] = {1, 3, 2, 0};
    open_belfry();
    hold_up();
    int64_t now = clock_now();
    for (int i = 0; i < BELLS; i++)
        set_bell(i, now - ahead[i]);
    let_go();
    CU_ASSERT_TRUE(have_rung(BELLS));
    close_belfry();
    CU_ASSERT_EQUAL(belfry.count, BELLS);
    for (int i = 0; i < BELLS; i++)
        EXPECT(belfry.rung[i] == expected[i], "%d: %d", i, belfry.rung[i]);
}

static void is_not_early(void)
{
    open_belfry();
    for (int i = 0; i < 5; i++) {
        int64_t due = clock_now() + 3 * CLOCK_MILLISECOND;
        set_bell(0, due);
        CU_ASSERT_TRUE(have_rung(i + 1));
        CU_ASSERT_TRUE(clock_now() >= due);
    }
    close_belfry();
}

static void fires_once(void)
{
    open_belfry();
    hold_up();
    set_bell(0, clock_now());
    set_bell(0, clock_now());
    set_bell(1, clock_now());
    let_go();
    CU_ASSERT_TRUE(have_rung(2));
    /* Another one after it shows that nothing was left. */
    set_bell(2, clock_now());
    CU_ASSERT_TRUE(have_rung(3));
    CU_ASSERT_EQUAL(rings_of(0), 1);
    CU_ASSERT_EQUAL(rings_of(1), 1);
    /* It is not used up by that. */
    set_bell(0, clock_now());
    CU_ASSERT_TRUE(have_rung(4));
    CU_ASSERT_EQUAL(rings_of(0), 2);
    close_belfry();
}

static void sets_itself_again(void)
{
    enum { RINGS = 10 };
    open_belfry();
    belfry.bells[0].rings_left = RINGS - 1;
    set_bell(0, clock_now());
    CU_ASSERT_TRUE(have_rung(RINGS));
    CU_ASSERT_EQUAL(rings_of(0), RINGS);
    close_belfry();
}

/* The thread sleeps until the first one is due; most of the times it does so when that changes. */
static void an_earlier_time_wakes(void)
{
    open_belfry();
    bool woken = true;
    for (int i = 0; i < RINGS_MAX / 2 && woken; i++) {
        set_bell(0, LATE);
        set_bell(1, clock_now());
        woken = have_rung(2 * i + 1);
        set_bell(0, clock_now());
        woken = woken && have_rung(2 * i + 2);
    }
    CU_ASSERT_TRUE(woken);
    CU_ASSERT_EQUAL(rings_of(0), RINGS_MAX / 2);
    close_belfry();
}

static void a_later_time_replaces(void)
{
    open_belfry();
    hold_up();
    set_bell(0, clock_now());
    set_bell(0, LATE);
    set_bell(1, clock_now());
    set_bell(1, CLOCK_NEVER);
    set_bell(2, clock_now());
    let_go();
    CU_ASSERT_TRUE(have_rung(1));
    set_bell(3, clock_now());
    CU_ASSERT_TRUE(have_rung(2));
    CU_ASSERT_EQUAL(rings_of(0), 0);
    CU_ASSERT_EQUAL(rings_of(1), 0);
    close_belfry();
}

static void never_is_never(void)
{
    open_belfry();
    /* The first two, one that was set so and one that was not set, come before these in any list.
     */
    set_bell(0, CLOCK_NEVER);
    for (int i = 0; i < 10; i++) {
        set_bell(2 + i % 2, clock_now());
        CU_ASSERT_TRUE(have_rung(i + 1));
    }
    CU_ASSERT_EQUAL(rings_of(0), 0);
    CU_ASSERT_EQUAL(rings_of(1), 0);
    close_belfry();
}

static void ended_timers_do_not_fire(void)
{
    open_belfry();
    hold_up();
    set_bell(0, clock_now());
    set_bell(1, clock_now());
    timer_end(&belfry.bells[0].timer);
    let_go();
    CU_ASSERT_TRUE(have_rung(1));
    CU_ASSERT_EQUAL(rings_of(0), 0);
    CU_ASSERT_EQUAL(rings_of(1), 1);
    timer_init(&belfry.bells[0].timer, belfry.timers, ring);
    close_belfry();
}

static bool porter_has_gone(void)
{
    lock_take(&belfry.lock);
    bool gone = belfry.porter_has_gone;
    lock_release(&belfry.lock);
    return gone;
}

static void ending_waits_for_a_firing_timer(void)
{
    open_belfry();
    hold_up();
    set_bell(0, clock_now());
    let_go();
    timer_end(&belfry.porter);
    CU_ASSERT_TRUE(porter_has_gone());
    /* The others are not touched. */
    CU_ASSERT_TRUE(have_rung(1));
    timer_init(&belfry.porter, belfry.timers, keep_the_thread);
    close_belfry();
}

/* While one fires, others are ended at once. */
static void ending_waits_for_no_other(void)
{
    open_belfry();
    hold_up();
    timer_end(&belfry.bells[0].timer);
    CU_ASSERT_FALSE(porter_has_gone());
    let_go();
    timer_init(&belfry.bells[0].timer, belfry.timers, ring);
    close_belfry();
}

/* A room whose timer is always due ends as well. */

static int64_t restless_until;

static void be_restless(struct timer *timer)
{
    bool first = !belfry.restless_fires;
    set(&belfry.restless_fires, true);
    if (first) /* so that it is ended while it fires, and sets itself again after that */
        clock_sleep_until(clock_now() + 20 * CLOCK_MILLISECOND);
    if (clock_now() < restless_until)
        timer_set(timer, clock_now());
}

static void a_restless_timer_ends(void)
{
    open_belfry();
    restless_until = clock_now() + PATIENCE;
    struct timer restless;
    timer_init(&restless, belfry.timers, be_restless);
    timer_set(&restless, clock_now());
    lock_take(&belfry.lock);
    bool fires = wait_until(&belfry.restless_fires);
    lock_release(&belfry.lock);
    CU_ASSERT_TRUE(fires);
    timer_end(&restless);
    CU_ASSERT_TRUE(clock_now() < restless_until);
    close_belfry();
}

/* Two servers in one process do not wait for each other. */
static void timers_are_apart(void)
{
    struct timers *others;
    struct bell bell = {.number = BELLS};
    open_belfry();
    CU_ASSERT_EQUAL_FATAL(timers_start(&others), 0);
    timer_init(&bell.timer, others, ring);
    hold_up();
    timer_set(&bell.timer, clock_now());
    CU_ASSERT_TRUE(have_rung(1));
    let_go();
    timer_end(&bell.timer);
    timers_stop(others);
    close_belfry();
}

enum { SETTERS = 4, SETTINGS = 200 };

static void *set_and_set_again(void *argument)
{
    struct bell *bell = argument;
    for (int i = 0; i < SETTINGS; i++) {
        timer_set(&bell->timer, i % 3 == 0 ? LATE : clock_now());
        if (i % 10 == 0) {
            timer_end(&bell->timer);
            timer_init(&bell->timer, belfry.timers, ring);
        }
    }
    return NULL;
}

static void many_at_once(void)
{
    pthread_t threads[SETTERS];
    open_belfry();
    for (int i = 0; i < SETTERS; i++)
        CU_ASSERT_EQUAL_FATAL(
            pthread_create(&threads[i], NULL, set_and_set_again, &belfry.bells[i]), 0);
    for (int i = 0; i < SETTERS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < BELLS; i++) {
        lock_take(&belfry.lock);
        belfry.count = 0;
        lock_release(&belfry.lock);
        set_bell(i, clock_now());
        EXPECT(have_rung(1), "timer %d", i);
    }
    close_belfry();
}

static const struct test tests[] = {
    {"timers fire in the order in which they are due", fires_in_order},
    {"a timer does not fire before it is due", is_not_early},
    {"a timer that is set twice fires once, and may be set again", fires_once},
    {"a timer's own function may set it again", sets_itself_again},
    {"a timer that is set to an earlier time wakes the thread", an_earlier_time_wakes},
    {"a timer that is set to a later time does not fire at the earlier one", a_later_time_replaces},
    {"a timer that is not set does not fire", never_is_never},
    {"a timer that was ended does not fire, though it was due", ended_timers_do_not_fire},
    {"who ends a timer that is firing waits until that is over", ending_waits_for_a_firing_timer},
    {"who ends a timer does not wait for another one", ending_waits_for_no_other},
    {"a timer that is always due again can be ended", a_restless_timer_ends},
    {"the timers of two servers do not wait for each other", timers_are_apart},
    {"threads that set and end their timers at once do not disturb each other", many_at_once},
};

void add_timers_suite(void)
{
    SUITE_ADD("timers", tests);
}
