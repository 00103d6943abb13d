#include "suites.h"

#include "net/turnstile.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdatomic.h>

enum { PLACES = 2, THREADS = 8, ROUNDS = 2000 };

static struct turnstile turnstile;
static atomic_int inside;
static atomic_int most;

static void *pass(void *context)
{
    (void)context;
    for (int i = 0; i < ROUNDS; i++) {
        turnstile_enter(&turnstile);
        int now = atomic_fetch_add(&inside, 1) + 1;
        int before = atomic_load(&most);
        while (now > before && !atomic_compare_exchange_weak(&most, &before, now)) {
        }
        atomic_fetch_sub(&inside, 1);
        turnstile_leave(&turnstile);
    }
    return NULL;
}

static void lets_so_many_through(void)
{
    pthread_t threads[THREADS];
    CU_ASSERT_EQUAL_FATAL(turnstile_init(&turnstile, PLACES), 0);
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, pass, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT(atomic_load(&most) >= 1);
    CU_ASSERT(atomic_load(&most) <= PLACES);
    CU_ASSERT_EQUAL(atomic_load(&inside), 0);
    turnstile_destroy(&turnstile);
}

static const struct test tests[] = {
    {"all come through, and no more at once than there are places", lets_so_many_through},
};

void add_turnstile_suite(void)
{
    SUITE_ADD("turnstile", tests);
}
