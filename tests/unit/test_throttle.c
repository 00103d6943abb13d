#include "suites.h"

#include "mail.h"
#include "numbered.h"

#include "net/throttle.h"

#include <CUnit/CUnit.h>

enum { LIMIT = 256 * 1024 };

static void requests_are_paid_for(void)
{
    struct mail mail;
    struct throttle throttle;
    int requests = 0;
    mail_open(&mail, LIMIT, 0);
    throttle_init(&throttle, mail.outbox, 0);
    CU_ASSERT_EQUAL(throttle_ends(&throttle), 0);
    while (requests < 100000 && throttle_charge_request(&throttle))
        requests++;
    /* A burst is free, and there is an end to it. */
    CU_ASSERT_TRUE(requests >= 20);
    CU_ASSERT_TRUE(requests < 100000);
    throttle_charge(&throttle, 512 * 1024);
    CU_ASSERT_TRUE(throttle_ends(&throttle) > clock_now());
    mail_close(&mail);
}

static void answers_are_charged_once(void)
{
    struct mail mail;
    struct throttle throttle;
    mail_open(&mail, LIMIT, 0);
    throttle_init(&throttle, mail.outbox, 0);
    text_send(mail.outbox, "said by others\n", 15);
    throttle_charge(&throttle, 0);
    CU_ASSERT_EQUAL(throttle.meter.used_until, 0);
    outbox_say(mail.outbox, "an answer\n");
    throttle_charge(&throttle, 0);
    int64_t used_until = throttle.meter.used_until;
    CU_ASSERT_NOT_EQUAL(used_until, 0);
    throttle_charge(&throttle, 0);
    CU_ASSERT_EQUAL(throttle.meter.used_until, used_until);
    mail_close(&mail);
}

static void debts_are_waited_for(void)
{
    struct mail mail;
    struct throttle throttle;
    mail_open(&mail, LIMIT, 0);
    int64_t start = clock_now();
    throttle_init(&throttle, mail.outbox, 100 * CLOCK_MILLISECOND);
    throttle_wait(&throttle, 0);
    CU_ASSERT_TRUE(clock_now() - start >= 50 * CLOCK_MILLISECOND);
    /* Who is gone is not waited for. */
    start = clock_now();
    throttle_init(&throttle, mail.outbox, 2 * PEER_PATIENCE);
    link_kill(mail.link, LINK_CLOSED);
    throttle_wait(&throttle, 0);
    CU_ASSERT_TRUE(clock_now() - start < PEER_PATIENCE);
    mail_close(&mail);
}

static void answers_may_not_pile_up(void)
{
    struct mail mail;
    struct throttle throttle;
    char *bytes = numbered(200000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    throttle_init(&throttle, mail.outbox, 0);
    /* What others say is nothing to wait for. */
    text_send(mail.outbox, bytes, 100000);
    CU_ASSERT_TRUE(throttle_is_clear(&throttle));
    CU_ASSERT_TRUE(throttle_catch_up(&throttle, CLOCK_MILLISECOND));
    outbox_answer(mail.outbox, bytes, 100000);
    CU_ASSERT_FALSE(throttle_is_clear(&throttle));
    CU_ASSERT_FALSE(throttle_catch_up(&throttle, 20 * CLOCK_MILLISECOND));
    CU_ASSERT_EQUAL(link_reason(mail.link), LINK_TOO_SLOW);
    free(bytes);
    mail_close(&mail);
}

static const struct test tests[] = {
    {"requests beyond a burst are too many", requests_are_paid_for},
    {"an answer is charged for once, and what others say is not", answers_are_charged_once},
    {"a debt is waited for, unless the peer has gone", debts_are_waited_for},
    {"who asks for much and does not read is cut off", answers_may_not_pile_up},
};

void add_throttle_suite(void)
{
    SUITE_ADD("throttle", tests);
}
