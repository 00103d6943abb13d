#include "suites.h"

#include "chat/courtesy.h"

#include <CUnit/CUnit.h>

enum { LITTLE = 100, MUCH = COURTESY_POUR_BYTES };

#define START (1000 * CLOCK_SECOND) /* any time but 0 */
#define TOOK  (3 * CLOCK_MILLISECOND)
#define REST  (COURTESY_RESTS * TOOK)

/* Says so much at that time, which takes a while; how long to rest. */
static int64_t say(struct courtesy *courtesy, struct client *author, size_t length, int64_t began)
{
    return courtesy_rest(courtesy, author, length, began, began + TOOK);
}

static void alone_one_may_pour(void)
{
    struct courtesy courtesy = {0};
    struct client flo = {.id = 1};
    for (int i = 0; i < 10; i++)
        CU_ASSERT_EQUAL(say(&courtesy, &flo, MUCH, START + i * CLOCK_SECOND), 0);
}

static void beside_talk_one_rests_for_longer_than_it_took(void)
{
    struct courtesy courtesy = {0};
    struct client flo = {.id = 1};
    struct client alice = {.id = 2};
    say(&courtesy, &alice, LITTLE, START);
    CU_ASSERT_EQUAL(say(&courtesy, &flo, MUCH, START + CLOCK_SECOND), REST);
    CU_ASSERT_EQUAL(say(&courtesy, &flo, MUCH - 1, START + CLOCK_SECOND), 0);
}

static void nobody_who_talks_rests(void)
{
    struct courtesy courtesy = {0};
    struct client alice = {.id = 1};
    struct client bob = {.id = 2};
    for (int i = 0; i < 10; i++) {
        CU_ASSERT_EQUAL(say(&courtesy, &alice, LITTLE, START + i * CLOCK_SECOND), 0);
        CU_ASSERT_EQUAL(say(&courtesy, &bob, LITTLE, START + i * CLOCK_SECOND), 0);
    }
}

static void a_rest_has_an_end(void)
{
    struct courtesy courtesy = {0};
    struct client flo = {.id = 1};
    struct client alice = {.id = 2};
    say(&courtesy, &alice, LITTLE, START);
    CU_ASSERT_EQUAL(courtesy_rest(&courtesy, &flo, MUCH, START, START + CLOCK_SECOND),
                    COURTESY_REST_MAX);
}

static void talk_is_over_after_a_while(void)
{
    struct courtesy courtesy = {0};
    struct client flo = {.id = 1};
    struct client alice = {.id = 2};
    int64_t end = START + TOOK + COURTESY_LASTS;
    say(&courtesy, &alice, LITTLE, START);
    CU_ASSERT_EQUAL(say(&courtesy, &flo, MUCH, end - TOOK - 1), REST);
    CU_ASSERT_EQUAL(say(&courtesy, &flo, MUCH, end - TOOK), 0);
}

/* A program that writes without end may begin with a little, and end so. */
static void a_flood_begins_with_little(void)
{
    struct courtesy courtesy = {0};
    struct client flo = {.id = 1};
    struct client fay = {.id = 2};
    say(&courtesy, &flo, LITTLE, START);
    say(&courtesy, &fay, LITTLE, START);
    say(&courtesy, &flo, MUCH, START + TOOK);
    CU_ASSERT_EQUAL(say(&courtesy, &fay, MUCH, START + TOOK), 0);
    CU_ASSERT_EQUAL(say(&courtesy, &flo, MUCH, START + 2 * TOOK), 0);
    say(&courtesy, &flo, LITTLE, START + 3 * TOOK + COURTESY_SILENCE - 1);
    CU_ASSERT_EQUAL(say(&courtesy, &fay, MUCH, START + CLOCK_SECOND), 0);
}

static void who_pours_into_their_own_talk_ends_nobody_elses(void)
{
    struct courtesy courtesy = {0};
    struct client flo = {.id = 1};
    struct client alice = {.id = 2};
    struct client bob = {.id = 3};
    say(&courtesy, &alice, LITTLE, START);
    say(&courtesy, &bob, LITTLE, START);
    CU_ASSERT_EQUAL(say(&courtesy, &alice, MUCH, START + CLOCK_SECOND), REST);
    CU_ASSERT_EQUAL(say(&courtesy, &flo, MUCH, START + 2 * CLOCK_SECOND), REST);
}

static void floods_that_begin_anew_do_not_prolong_the_talk(void)
{
    struct courtesy courtesy = {0};
    struct client flo = {.id = 1};
    struct client alice = {.id = 2};
    say(&courtesy, &alice, LITTLE, START);
    for (int64_t now = START + CLOCK_SECOND; now < START + COURTESY_LASTS; now += CLOCK_SECOND) {
        say(&courtesy, &flo, LITTLE, now);
        CU_ASSERT_EQUAL(say(&courtesy, &flo, MUCH, now + TOOK), REST);
    }
    say(&courtesy, &flo, LITTLE, START + COURTESY_LASTS + TOOK);
    CU_ASSERT_EQUAL(say(&courtesy, &flo, MUCH, START + COURTESY_LASTS + 2 * TOOK), 0);
}

static void a_rest_is_no_silence(void)
{
    struct courtesy courtesy = {0};
    struct client flo = {.id = 1};
    struct client fay = {.id = 2};
    struct client alice = {.id = 3};
    say(&courtesy, &alice, LITTLE, START);
    int64_t now = START + COURTESY_LASTS - CLOCK_SECOND;
    int64_t rest = courtesy_rest(&courtesy, &flo, MUCH, now, now + CLOCK_SECOND);
    now += CLOCK_SECOND + rest;
    say(&courtesy, &flo, LITTLE, now);
    CU_ASSERT_EQUAL(say(&courtesy, &fay, MUCH, now), 0);
}

static void who_pours_does_not_end_the_talk_of_others(void)
{
    struct courtesy courtesy = {0};
    struct client flo = {.id = 1};
    struct client alice = {.id = 2};
    say(&courtesy, &alice, LITTLE, START);
    say(&courtesy, &flo, LITTLE, START + CLOCK_SECOND);
    CU_ASSERT_EQUAL(say(&courtesy, &flo, MUCH, START + 2 * CLOCK_SECOND), REST);
}

static void a_little_after_a_silence_is_talk(void)
{
    struct courtesy courtesy = {0};
    struct client flo = {.id = 1};
    struct client bot = {.id = 2};
    say(&courtesy, &bot, MUCH, START);
    say(&courtesy, &bot, LITTLE, START + TOOK + COURTESY_SILENCE);
    CU_ASSERT_EQUAL(say(&courtesy, &flo, MUCH, START + CLOCK_SECOND), REST);
}

void add_courtesy_suite(void)
{
    static const struct test tests[] = {
        {"alone one may pour", alone_one_may_pour},
        {"beside talk one rests for longer than it took",
         beside_talk_one_rests_for_longer_than_it_took},
        {"nobody who talks rests", nobody_who_talks_rests},
        {"a rest has an end", a_rest_has_an_end},
        {"talk is over after a while", talk_is_over_after_a_while},
        {"a flood begins with little", a_flood_begins_with_little},
        {"who pours does not end the talk of others", who_pours_does_not_end_the_talk_of_others},
        {"who pours into their own talk ends nobody else's",
         who_pours_into_their_own_talk_ends_nobody_elses},
        {"floods that begin anew do not prolong the talk",
         floods_that_begin_anew_do_not_prolong_the_talk},
        {"a rest is no silence", a_rest_is_no_silence},
        {"a little after a silence is talk", a_little_after_a_silence_is_talk},
    };
    SUITE_ADD("courtesy", tests);
}
