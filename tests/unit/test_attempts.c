#include "suites.h"
#include "base/platform.h"

#include "net/attempts.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <string.h>

#define NOW (1000 * CLOCK_SECOND)

static struct attempts *create(void)
{
    struct attempts *attempts = NULL;
    CU_ASSERT_EQUAL_FATAL(attempts_create(&attempts, 0), 0);
    return attempts;
}

static struct address_prefix address_of(const char *text)
{
    struct address_prefix address = {.family = ADDRESS_NONE};
    CU_ASSERT_TRUE(address_prefix_parse(text, strlen(text), &address));
    return address;
}

/* Begins an attempt; returns how many milliseconds it waits, or -1 if it is not to be looked at. */
static int64_t begin(struct attempts *attempts, const char *text, int64_t now,
                     struct attempt *attempt)
{
    struct address_prefix address = address_of(text);
    return attempts_begin(attempts, &address, now, attempt) == ATTEMPTS_BEGUN
               ? attempt->wait / CLOCK_MILLISECOND
               : -1;
}

/* An attempt that is wrong. Returns when it was looked at. */
static int64_t fail(struct attempts *attempts, const char *text, int64_t now)
{
    struct attempt attempt;
    begin(attempts, text, now, &attempt);
    attempts_end(attempts, &attempt, false, now + attempt.wait);
    return now + attempt.wait;
}

/* How long an attempt would wait, without one that is made. */
static int64_t wait_of(struct attempts *attempts, const char *text, int64_t now)
{
    struct attempt attempt;
    int64_t wait = begin(attempts, text, now, &attempt);
    if (wait >= 0)
        attempts_end(attempts, &attempt, true, now + attempt.wait);
    return wait;
}

static void slows_down(void)
{
    struct attempts *attempts = create();
    static const int seconds[] = {0, 1, 2, 4, 8, 16, 30, 30, 30};
    int64_t now = NOW;
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        int64_t looked_at = fail(attempts, "203.0.113.9", now);
        EXPECT(looked_at - now == seconds[i] * CLOCK_SECOND, "attempt %zu waits %lld ms", i,
               (long long)((looked_at - now) / CLOCK_MILLISECOND));
        now = looked_at;
    }
    CU_ASSERT_EQUAL(wait_of(attempts, "203.0.113.9", now + 29 * CLOCK_SECOND), 1000);
    CU_ASSERT_EQUAL(wait_of(attempts, "203.0.113.9", now + 31 * CLOCK_SECOND), 0);
    attempts_destroy(attempts);
}

static void hosts_are_apart(void)
{
    struct attempts *attempts = create();
    fail(attempts, "203.0.113.9", NOW);
    fail(attempts, "2001:db8::1", NOW);
    CU_ASSERT_EQUAL(wait_of(attempts, "203.0.113.8", NOW), 0);
    CU_ASSERT_EQUAL(wait_of(attempts, "2001:db8:0:1::1", NOW), 0);
    CU_ASSERT_EQUAL(wait_of(attempts, "203.0.113.9", NOW), 1000);
    CU_ASSERT_EQUAL(wait_of(attempts, "::ffff:203.0.113.9", NOW), 1000);
    CU_ASSERT_EQUAL(wait_of(attempts, "2001:db8::ffff:0:1", NOW), 1000);
    attempts_destroy(attempts);
}

/* However many connections a host makes, it tries no faster. */
static void one_after_the_other(void)
{
    struct attempts *attempts = create();
    struct attempt made[64];
    int64_t expected = 1000;
    size_t looked_at = 0;
    fail(attempts, "203.0.113.9", NOW);
    for (size_t i = 0; i < 64; i++) {
        int64_t wait = begin(attempts, "203.0.113.9", NOW, &made[looked_at]);
        if (wait < 0)
            break;
        CU_ASSERT_EQUAL(wait, expected);
        expected += 1000;
        looked_at++;
    }
    CU_ASSERT_EQUAL(looked_at, ATTEMPTS_WAIT_MAX / CLOCK_SECOND);
    for (size_t i = 0; i < looked_at; i++)
        attempts_end(attempts, &made[i], false, NOW + made[i].wait);
    int64_t last = NOW + made[looked_at - 1].wait;
    CU_ASSERT_EQUAL(wait_of(attempts, "203.0.113.9", last), 30000);
    attempts_destroy(attempts);
}

/*
 * Also before the first one has failed: looking at it may take long, and none of those that come
 * meanwhile may be looked at in that time.
 */
static void the_first_ones_too(void)
{
    struct attempts *attempts = create();
    struct address_prefix address = address_of("203.0.113.9");
    struct address_prefix other = address_of("203.0.113.8");
    struct attempt first, second;
    CU_ASSERT_EQUAL(attempts_begin(attempts, &address, NOW, &first), ATTEMPTS_BEGUN);
    for (int i = 0; i < 100; i++)
        CU_ASSERT_EQUAL(attempts_begin(attempts, &address, NOW, &second), ATTEMPTS_LATER);
    CU_ASSERT_EQUAL(attempts_begin(attempts, &other, NOW, &second), ATTEMPTS_BEGUN);
    attempts_end(attempts, &first, true, NOW);
    CU_ASSERT_EQUAL(attempts_begin(attempts, &address, NOW, &first), ATTEMPTS_BEGUN);
    attempts_drop(attempts, &first);
    CU_ASSERT_EQUAL(attempts_begin(attempts, &address, NOW, &first), ATTEMPTS_BEGUN);
    attempts_end(attempts, &first, false, NOW);
    CU_ASSERT_EQUAL(wait_of(attempts, "203.0.113.9", NOW), 1000);
    attempts_end(attempts, &second, true, NOW);
    attempts_destroy(attempts);
}

/*
 * A host with any number of connections, each of which tries as soon as it may, by a clock of its
 * own.
 */
static void a_thousand_take_long(void)
{
    struct attempts *attempts = create();
    static struct attempt begun[1000];
    static int64_t due[1000];
    size_t count = 0;
    int looked_at = 0;
    int64_t now = NOW;
    for (; looked_at < 1000; now += CLOCK_SECOND / 2) {
        while (count < 1000 && begin(attempts, "203.0.113.9", now, &begun[count]) >= 0) {
            due[count] = now + begun[count].wait;
            count++;
        }
        for (size_t i = 0; i < count;) {
            if (due[i] > now) {
                i++;
                continue;
            }
            attempts_end(attempts, &begun[i], false, now);
            looked_at++;
            begun[i] = begun[--count];
            due[i] = due[count];
        }
    }
    EXPECT(now - NOW >= 480 * CLOCK_SECOND, "they took %lld s",
           (long long)((now - NOW) / CLOCK_SECOND));
    while (count > 0)
        attempts_drop(attempts, &begun[--count]);
    attempts_destroy(attempts);
}

/* Those who know the password are not kept waiting for each other. */
static void right_ones_cost_nothing(void)
{
    struct attempts *attempts = create();
    for (int i = 0; i < 100; i++)
        CU_ASSERT_EQUAL(wait_of(attempts, "203.0.113.9", NOW), 0);
    fail(attempts, "203.0.113.9", NOW);
    CU_ASSERT_EQUAL(wait_of(attempts, "203.0.113.9", NOW), 1000);
    CU_ASSERT_EQUAL(wait_of(attempts, "203.0.113.9", NOW), 1000);
    /* But being right does not undo having been wrong. */
    CU_ASSERT_EQUAL(fail(attempts, "203.0.113.9", NOW), NOW + CLOCK_SECOND);
    CU_ASSERT_EQUAL(wait_of(attempts, "203.0.113.9", NOW + CLOCK_SECOND), 2000);
    attempts_destroy(attempts);
}

static void failures_are_forgotten(void)
{
    struct attempts *attempts = create();
    for (int i = 0; i < 6; i++)
        fail(attempts, "203.0.113.9", NOW);
    CU_ASSERT_EQUAL(fail(attempts, "203.0.113.9", NOW + 2 * ATTEMPTS_FORGOTTEN),
                    NOW + 2 * ATTEMPTS_FORGOTTEN);
    CU_ASSERT_EQUAL(wait_of(attempts, "203.0.113.9", NOW + 2 * ATTEMPTS_FORGOTTEN), 1000);
    attempts_destroy(attempts);
}

static void is_bounded(void)
{
    struct attempts *attempts = create();
    struct attempt attempt;
    fail(attempts, "192.0.2.1", NOW);
    fail(attempts, "192.0.2.2", NOW);
    fail(attempts, "192.0.2.1", NOW); /* the other one failed longer ago now */
    for (unsigned i = 0; i < ATTEMPTS_HOSTS_MAX - 1; i++) {
        struct address_prefix address = {
            ADDRESS_IPV4, 32, {10, 0, (unsigned char)(i / 256), (unsigned char)(i % 256)}};
        CU_ASSERT_EQUAL(attempts_begin(attempts, &address, NOW, &attempt), ATTEMPTS_BEGUN);
        attempts_end(attempts, &attempt, false, NOW);
    }
    CU_ASSERT_EQUAL(wait_of(attempts, "192.0.2.2", NOW), 0);
    CU_ASSERT_TRUE(wait_of(attempts, "192.0.2.1", NOW) > 0);
    attempts_destroy(attempts);
}

static void paths_have_no_address(void)
{
    struct attempts *attempts = create();
    struct address_prefix none = {.family = ADDRESS_NONE};
    struct attempt attempt;
    for (int i = 0; i < 3; i++) {
        CU_ASSERT_EQUAL(attempts_begin(attempts, &none, NOW, &attempt), ATTEMPTS_BEGUN);
        CU_ASSERT_EQUAL(attempt.wait, 0);
        attempts_end(attempts, &attempt, false, NOW);
    }
    attempts_destroy(attempts);
}

static void *try_often(void *context)
{
    struct address_prefix address = {ADDRESS_IPV4, 32, {192, 0, 2, 1}};
    struct attempt attempt;
    for (int i = 0; i < 1000; i++) {
        address.bytes[3] = (unsigned char)(i % 3);
        if (attempts_begin(context, &address, NOW, &attempt) == ATTEMPTS_BEGUN)
            attempts_end(context, &attempt, i % 2 == 0, NOW);
    }
    return NULL;
}

static void many_may_use_it(void)
{
    struct attempts *attempts = create();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, try_often, attempts), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    attempts_destroy(attempts);
}

/* As for what a host may do a few times. */
static void some_failures_are_free(void)
{
    struct attempts *attempts = NULL;
    CU_ASSERT_EQUAL_FATAL(attempts_create(&attempts, 3), 0);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(fail(attempts, "203.0.113.9", NOW), NOW);
    CU_ASSERT_EQUAL(fail(attempts, "203.0.113.9", NOW), NOW);
    CU_ASSERT_EQUAL(wait_of(attempts, "203.0.113.9", NOW), 1000);
    CU_ASSERT_EQUAL(fail(attempts, "203.0.113.9", NOW), NOW + CLOCK_SECOND);
    CU_ASSERT_EQUAL(wait_of(attempts, "203.0.113.9", NOW + CLOCK_SECOND), 2000);
    CU_ASSERT_EQUAL(wait_of(attempts, "203.0.113.10", NOW), 0);
    attempts_destroy(attempts);
}

static const struct test tests[] = {
    {"each failure of a host makes its next attempt wait longer, 30 seconds at most", slows_down},
    {"a host's failures cost no other host anything", hosts_are_apart},
    {"attempts of a host that come at once are looked at one after the other", one_after_the_other},
    {"so are the first ones, before any has failed", the_first_ones_too},
    {"a thousand wrong passwords take eight minutes or more", a_thousand_take_long},
    {"who is right makes nobody wait, and undoes nothing", right_ones_cost_nothing},
    {"failures are forgotten after a while", failures_are_forgotten},
    {"hosts are many but bounded; the one that failed longest ago goes first", is_bounded},
    {"who comes by a unix socket does not count", paths_have_no_address},
    {"threads may use it at once", many_may_use_it},
    {"the first failures may be free", some_failures_are_free},
};

void add_attempts_suite(void)
{
    SUITE_ADD("attempts", tests);
}
