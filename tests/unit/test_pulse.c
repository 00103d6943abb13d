#include "suites.h"

#include "base/clock.h"
#include "net/pulse.h"

#include <CUnit/CUnit.h>

/* Times of a clock of the test's own. */
enum { BEGIN = 1000, INTERVAL = 100 };

static struct pulse started(void)
{
    struct pulse pulse = {.interval = INTERVAL};
    pulse_start(&pulse, BEGIN);
    return pulse;
}

/* Asks one question, which is answered at once. Returns the time then. */
static int64_t ask_and_answer(struct pulse *pulse, int64_t now)
{
    now += INTERVAL;
    CU_ASSERT_EQUAL(pulse_take(pulse, now, false), PULSE_ASK);
    pulse_hear(pulse, now);
    pulse_answer(pulse);
    return now;
}

static void silence_leads_to_a_question(void)
{
    struct pulse pulse = started();
    CU_ASSERT_EQUAL(pulse_left(&pulse, BEGIN), INTERVAL);
    CU_ASSERT_EQUAL(pulse_take(&pulse, BEGIN + INTERVAL - 1, false), PULSE_FINE);
    CU_ASSERT_EQUAL(pulse_take(&pulse, BEGIN + INTERVAL, false), PULSE_ASK);
    CU_ASSERT_EQUAL(pulse_left(&pulse, BEGIN + INTERVAL), INTERVAL);
    CU_ASSERT_EQUAL(pulse_take(&pulse, BEGIN + INTERVAL, false), PULSE_FINE);
}

static void who_is_heard_is_not_asked(void)
{
    struct pulse pulse = started();
    pulse_hear(&pulse, BEGIN + INTERVAL - 1);
    CU_ASSERT_EQUAL(pulse_take(&pulse, BEGIN + INTERVAL, false), PULSE_FINE);
    CU_ASSERT_EQUAL(pulse_left(&pulse, BEGIN + INTERVAL), INTERVAL - 1);
}

static void who_answered_twice_and_not_again_is_gone(void)
{
    struct pulse pulse = started();
    int64_t now = ask_and_answer(&pulse, ask_and_answer(&pulse, BEGIN));
    CU_ASSERT_EQUAL(pulse_take(&pulse, now + INTERVAL, false), PULSE_ASK);
    CU_ASSERT_EQUAL(pulse_take(&pulse, now + 2 * INTERVAL, false), PULSE_GONE);
}

static void something_else_is_as_good_as_an_answer(void)
{
    struct pulse pulse = started();
    int64_t now = ask_and_answer(&pulse, ask_and_answer(&pulse, BEGIN));
    CU_ASSERT_EQUAL(pulse_take(&pulse, now + INTERVAL, false), PULSE_ASK);
    pulse_hear(&pulse, now + 2 * INTERVAL - 1);
    CU_ASSERT_EQUAL(pulse_take(&pulse, now + 2 * INTERVAL, false), PULSE_FINE);
    CU_ASSERT_EQUAL(pulse_take(&pulse, now + 3 * INTERVAL, false), PULSE_ASK);
}

/* As a program that refuses what it does not know, once. */
static void who_never_answered_is_not_asked_again(void)
{
    for (int answers = 0; answers < PULSE_TRUSTED; answers++) {
        struct pulse pulse = started();
        int64_t now = BEGIN;
        for (int i = 0; i < answers; i++)
            now = ask_and_answer(&pulse, now);
        EXPECT(pulse_take(&pulse, now + INTERVAL, false) == PULSE_ASK, "%d answers", answers);
        EXPECT(pulse_take(&pulse, now + 2 * INTERVAL, false) == PULSE_FINE, "%d answers", answers);
        EXPECT(pulse_left(&pulse, now + 2 * INTERVAL) == CLOCK_NEVER, "%d answers", answers);
        pulse_hear(&pulse, now + 3 * INTERVAL);
        EXPECT(pulse_left(&pulse, now + 3 * INTERVAL) == CLOCK_NEVER, "%d answers", answers);
    }
}

static void who_cannot_have_got_the_question_has_time(void)
{
    struct pulse pulse = started();
    int64_t now = ask_and_answer(&pulse, ask_and_answer(&pulse, BEGIN));
    CU_ASSERT_EQUAL(pulse_take(&pulse, now + INTERVAL, true), PULSE_ASK);
    CU_ASSERT_EQUAL(pulse_take(&pulse, now + 2 * INTERVAL, true), PULSE_FINE);
    CU_ASSERT_EQUAL(pulse_left(&pulse, now + 2 * INTERVAL), INTERVAL);
    CU_ASSERT_EQUAL(pulse_take(&pulse, now + 3 * INTERVAL, false), PULSE_GONE);
}

static void nobody_is_asked_without_an_interval(void)
{
    struct pulse pulse = {0};
    pulse_start(&pulse, BEGIN);
    CU_ASSERT_EQUAL(pulse_left(&pulse, BEGIN), CLOCK_NEVER);
    pulse_hear(&pulse, BEGIN);
    CU_ASSERT_EQUAL(pulse_take(&pulse, BEGIN, false), PULSE_FINE);
}

static void who_is_not_listened_to_is_not_asked(void)
{
    struct pulse pulse = started();
    int64_t now = ask_and_answer(&pulse, ask_and_answer(&pulse, BEGIN));
    pulse_stop(&pulse);
    pulse_hear(&pulse, now);
    CU_ASSERT_EQUAL(pulse_left(&pulse, now), CLOCK_NEVER);
    pulse_start(&pulse, now);
    CU_ASSERT_EQUAL(pulse_take(&pulse, now + INTERVAL, false), PULSE_ASK);
}

void add_pulse_suite(void)
{
    static const struct test tests[] = {
        {"silence leads to a question", silence_leads_to_a_question},
        {"who is heard is not asked", who_is_heard_is_not_asked},
        {"who answered twice and does not answer again is gone",
         who_answered_twice_and_not_again_is_gone},
        {"whatever comes is as good as an answer", something_else_is_as_good_as_an_answer},
        {"who does not answer the first questions is not asked again",
         who_never_answered_is_not_asked_again},
        {"who cannot have got the question is given more time",
         who_cannot_have_got_the_question_has_time},
        {"nobody is asked without an interval", nobody_is_asked_without_an_interval},
        {"who is not listened to is not asked", who_is_not_listened_to_is_not_asked},
    };
    SUITE_ADD("pulse", tests);
}
