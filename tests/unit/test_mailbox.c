#include "suites.h"

#include "base/clock.h"
#include "cluster/mailbox.h"

#include <CUnit/CUnit.h>
#include <string.h>

static struct mailbox mailbox;
static int64_t now;

/* Takes a letter; a new one is answered with `answer`. */
static enum mailbox_verdict take_from(uint64_t boot, uint64_t number, uint64_t floor,
                                      const char *answer, struct mailbox_entry **entry)
{
    const struct envelope letter = {
        .kind = ENVELOPE_LETTER, .node = 1, .boot = boot, .number = number, .floor = floor};
    enum mailbox_verdict verdict = mailbox_take(&mailbox, &letter, now, entry);
    if (verdict == MAILBOX_NEW) {
        CU_ASSERT_EQUAL((*entry)->number, number);
        CU_ASSERT_EQUAL(buffer_length(&(*entry)->answer), 0);
        CU_ASSERT_TRUE(buffer_append_string(&(*entry)->answer, answer));
        mailbox_keep(&mailbox, *entry);
    }
    return verdict;
}

static enum mailbox_verdict take(uint64_t number, uint64_t floor)
{
    struct mailbox_entry *entry;
    return take_from(1, number, floor, "yes", &entry);
}

static bool has_answer(const struct mailbox_entry *entry, const char *answer)
{
    return buffer_length(&entry->answer) == strlen(answer) &&
           memcmp(buffer_bytes(&entry->answer), answer, strlen(answer)) == 0;
}

static void test_again(void)
{
    struct mailbox_entry *entry;
    CU_ASSERT_EQUAL(take_from(1, 1, 1, "one", &entry), MAILBOX_NEW);
    CU_ASSERT_EQUAL(take_from(1, 2, 1, "two", &entry), MAILBOX_NEW);
    CU_ASSERT_EQUAL(take_from(2, 1, 1, "other", &entry), MAILBOX_NEW);
    CU_ASSERT_EQUAL(take_from(1, 1, 1, "", &entry), MAILBOX_AGAIN);
    CU_ASSERT_TRUE(has_answer(entry, "one"));
    CU_ASSERT_EQUAL(take_from(2, 1, 1, "", &entry), MAILBOX_AGAIN);
    CU_ASSERT_TRUE(has_answer(entry, "other"));
    CU_ASSERT_EQUAL(take_from(1, 2, 1, "", &entry), MAILBOX_AGAIN);
    CU_ASSERT_TRUE(has_answer(entry, "two"));
    mailbox_free(&mailbox);
}

/* Letters that come late are received if they can be the first copy, and refused if they cannot. */
static void test_floor(void)
{
    CU_ASSERT_EQUAL(take(10, 5), MAILBOX_NEW);
    CU_ASSERT_EQUAL(take(7, 5), MAILBOX_NEW);
    CU_ASSERT_EQUAL(take(4, 4), MAILBOX_OLD);
    CU_ASSERT_EQUAL(take(11, 9), MAILBOX_NEW);
    CU_ASSERT_EQUAL(take(7, 5), MAILBOX_OLD);
    CU_ASSERT_EQUAL(take(8, 5), MAILBOX_OLD);
    CU_ASSERT_EQUAL(take(9, 5), MAILBOX_NEW);
    CU_ASSERT_EQUAL(take(10, 5), MAILBOX_AGAIN);
    mailbox_free(&mailbox);
}

/* The places of numbers are used again and again. */
static void test_window(void)
{
    for (uint64_t number = 1; number <= ENVELOPE_WINDOW; number++)
        CU_ASSERT_EQUAL(take(number, 1), MAILBOX_NEW);
    for (uint64_t number = 1; number <= ENVELOPE_WINDOW; number++)
        CU_ASSERT_EQUAL(take(number, 1), MAILBOX_AGAIN);
    CU_ASSERT_EQUAL(take(ENVELOPE_WINDOW + 1, 2), MAILBOX_NEW);
    CU_ASSERT_EQUAL(take(1, 1), MAILBOX_OLD);
    CU_ASSERT_EQUAL(take(2, 1), MAILBOX_AGAIN);
    CU_ASSERT_EQUAL(take(10000, 9900), MAILBOX_NEW);
    CU_ASSERT_EQUAL(take(9999, 9900), MAILBOX_NEW);
    CU_ASSERT_EQUAL(take(ENVELOPE_WINDOW + 1, 2), MAILBOX_OLD);
    mailbox_free(&mailbox);
    CU_ASSERT_EQUAL(mailbox.bytes, 0);
}

/* Answers take no memory when nobody can ask for them any more. */
static void test_memory(void)
{
    for (uint64_t number = 1; number <= 100; number++)
        CU_ASSERT_EQUAL(take(number, 1), MAILBOX_NEW);
    size_t bytes = mailbox.bytes;
    CU_ASSERT_TRUE(bytes > 0);
    CU_ASSERT_EQUAL(take(101, 101), MAILBOX_NEW);
    CU_ASSERT_EQUAL(mailbox.bytes, bytes / 100);
    mailbox_free(&mailbox);
    CU_ASSERT_EQUAL(mailbox.bytes, 0);
}

static void test_full(void)
{
    struct mailbox_entry *entry;
    static char answer[128 * 1024];
    uint64_t number = 0;
    memset(answer, 'x', sizeof answer - 1);
    while (++number < ENVELOPE_WINDOW && take_from(1, number, 1, answer, &entry) == MAILBOX_NEW)
        ;
    CU_ASSERT_TRUE(number < ENVELOPE_WINDOW);
    CU_ASSERT_EQUAL(take_from(2, 1, 1, "", &entry), MAILBOX_FULL);
    CU_ASSERT_EQUAL(take_from(1, number, 1, "", &entry), MAILBOX_FULL);
    CU_ASSERT_EQUAL(take_from(1, number - 1, 1, "", &entry), MAILBOX_AGAIN);
    CU_ASSERT_EQUAL(take_from(1, number, number, "", &entry), MAILBOX_NEW);
    CU_ASSERT_EQUAL(take_from(2, 1, 1, "", &entry), MAILBOX_NEW);
    mailbox_free(&mailbox);
}

/* A machine that stood still finds copies of what it received before, and must not believe them. */
static void test_silence(void)
{
    now = CLOCK_SECOND;
    CU_ASSERT_EQUAL(take(5, 1), MAILBOX_NEW);
    mailbox_sweep(&mailbox, now);
    CU_ASSERT_EQUAL(take(5, 1), MAILBOX_AGAIN);
    now += (MAILBOX_SECONDS + 1) * CLOCK_SECOND;
    mailbox_sweep(&mailbox, now);
    CU_ASSERT_EQUAL(mailbox.bytes, 0);
    CU_ASSERT_EQUAL(take(5, 1), MAILBOX_OLD);
    CU_ASSERT_EQUAL(take(4, 1), MAILBOX_OLD);
    CU_ASSERT_EQUAL(take(6, 1), MAILBOX_NEW);
    CU_ASSERT_EQUAL(take(6, 1), MAILBOX_AGAIN);
    mailbox_free(&mailbox);
    now = 0;
}

static void test_many_senders(void)
{
    struct mailbox_entry *entry;
    for (uint64_t boot = 1; boot <= MAILBOX_SENDERS_MAX; boot++)
        CU_ASSERT_EQUAL(take_from(boot, 1, 1, "", &entry), MAILBOX_NEW);
    CU_ASSERT_EQUAL(take_from(MAILBOX_SENDERS_MAX + 1, 1, 1, "", &entry), MAILBOX_FULL);
    now += (MAILBOX_SECONDS + 1) * CLOCK_SECOND;
    CU_ASSERT_EQUAL(take_from(1, 1, 1, "", &entry), MAILBOX_AGAIN);
    CU_ASSERT_EQUAL(take_from(MAILBOX_SENDERS_MAX + 1, 1, 1, "", &entry), MAILBOX_NEW);
    CU_ASSERT_EQUAL(mailbox.senders, MAILBOX_SENDERS_MAX);
    CU_ASSERT_EQUAL(take_from(1, 1, 1, "", &entry), MAILBOX_AGAIN);
    mailbox_free(&mailbox);
    CU_ASSERT_EQUAL(mailbox.senders, 0);
    now = 0;
}

void add_mailbox_suite(void)
{
    static const struct test tests[] = {
        {"a letter that comes again is not new, and has its answer", test_again},
        {"a letter below what the sender still sends is refused", test_floor},
        {"as many letters as a sender may have under way are remembered", test_window},
        {"answers that nobody can ask for are freed", test_memory},
        {"with too many answers nothing new is received, and known letters are", test_full},
        {"a silent sender's letters are refused, and new ones are not", test_silence},
        {"a sender gives way to another one only after a silence", test_many_senders},
    };
    suite_add("mailbox", tests, sizeof tests / sizeof *tests);
}
