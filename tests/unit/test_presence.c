#include "suites.h"

#include "base/clock.h"
#include "chat/presence.h"

#include <CUnit/CUnit.h>
#include <string.h>

/* When these tests begin: some moment. */
#define START (1000 * CLOCK_SECOND)

/* Of notices that each have a line of their own. */
enum { BURST = 512, PER_SECOND = 16 };

/* Publishes notices until they are summed up, but `most` at most. Returns how many it were. */
static int tell(struct presence *presence, int most, int64_t now)
{
    int told = 0;
    while (told < most && !presence_sums_up(presence, 2, now)) {
        presence_note(presence, now);
        told++;
    }
    return told;
}

static void big_rooms_are_summed_up(void)
{
    struct presence presence = {.limit = 100};
    CU_ASSERT_FALSE(presence_sums_up(&presence, 0, START));
    CU_ASSERT_FALSE(presence_sums_up(&presence, 100, START));
    CU_ASSERT_TRUE(presence_sums_up(&presence, 101, START));
    CU_ASSERT_FALSE(presence_is_rushed(&presence, START)); /* so a kick is told there */
    /* Those who left make it a small one again. */
    CU_ASSERT_FALSE(presence_sums_up(&presence, 100, START));
}

static void without_a_limit_each_is_told(void)
{
    struct presence presence = {.limit = 0};
    CU_ASSERT_FALSE(presence_sums_up(&presence, 1000000, START));
    CU_ASSERT_EQUAL(tell(&presence, 10 * BURST, START), 10 * BURST);
    CU_ASSERT_FALSE(presence_sums_up(&presence, 1000000, START));
    CU_ASSERT_FALSE(presence_is_rushed(&presence, START));
}

static void very_many_are_summed_up(void)
{
    struct presence presence = {.limit = 100};
    int told = tell(&presence, 10 * BURST, START);
    EXPECT(told == BURST || told == BURST + 1, "%d in one go", told);
    CU_ASSERT_TRUE(presence_sums_up(&presence, 2, START));
    CU_ASSERT_TRUE(presence_is_rushed(&presence, START));
    /* From there on so many a second, in each second. */
    int64_t now = START;
    for (int second = 1; second <= 10; second++) {
        now += CLOCK_SECOND;
        told = tell(&presence, 10 * BURST, now);
        EXPECT(told == PER_SECOND, "%d in second %d", told, second);
    }
    /* And after a long rest a burst again, but no longer one. */
    told = tell(&presence, 10 * BURST, now + 3600 * CLOCK_SECOND);
    EXPECT(told == BURST || told == BURST + 1, "%d after a rest", told);
}

/* Who comes and goes at that rate for ever is told of one by one. */
static void a_steady_coming_is_told(void)
{
    struct presence presence = {.limit = 100};
    int64_t now = START;
    for (int i = 0; i < 10 * BURST; i++, now += CLOCK_SECOND / PER_SECOND)
        CU_ASSERT_EQUAL(tell(&presence, 1, now), 1);
}

static void notices_wait_for_others(void)
{
    struct presence presence = {.limit = 100};
    /* The first goes out at once. */
    CU_ASSERT_TRUE(presence_note(&presence, START) <= START);
    presence_sent(&presence, START);
    int64_t quiet_until = START + 20 * CLOCK_MILLISECOND;
    CU_ASSERT_EQUAL(presence_note(&presence, START), quiet_until);
    /* Those that follow do not put it off. */
    CU_ASSERT_EQUAL(presence_note(&presence, START + 15 * CLOCK_MILLISECOND), quiet_until);
    int64_t later = START + CLOCK_SECOND;
    CU_ASSERT_TRUE(presence_note(&presence, later) <= later);
}

static bool counts(struct presence *presence, size_t members, unsigned joined, unsigned left)
{
    struct message_counts counts = presence_sum_up(presence, members, START);
    return counts.joined == joined && counts.left == left && counts.here == members;
}

static void summaries_count(void)
{
    struct presence presence = {.limit = 100};
    for (int i = 0; i < 5; i++)
        presence_count(&presence, i % 2 == 0);
    CU_ASSERT_TRUE(counts(&presence, 123, 3, 2));
    /* It is said again if it could not be published. */
    CU_ASSERT_TRUE(counts(&presence, 123, 3, 2));
    presence_summed_up(&presence);
    presence_count(&presence, false);
    CU_ASSERT_TRUE(counts(&presence, 122, 0, 1));
}

static void summaries_come_once_a_second(void)
{
    struct presence presence = {.limit = 100};
    CU_ASSERT_EQUAL(presence_due(&presence), CLOCK_NEVER);
    CU_ASSERT_FALSE(presence_summary_is_due(&presence, START));
    /* The first one comes at once. */
    presence_count(&presence, true);
    CU_ASSERT_TRUE(presence_due(&presence) <= START);
    CU_ASSERT_TRUE(presence_summary_is_due(&presence, START));
    CU_ASSERT_TRUE(counts(&presence, 5, 1, 0));
    /* One for which memory is out is not tried again and again. */
    CU_ASSERT_FALSE(presence_summary_is_due(&presence, START));
    CU_ASSERT_EQUAL(presence_due(&presence), START + CLOCK_SECOND);
    presence_summed_up(&presence);
    CU_ASSERT_EQUAL(presence_due(&presence), CLOCK_NEVER);
    CU_ASSERT_FALSE(presence_summary_is_due(&presence, START + 10 * CLOCK_SECOND));
    /* The next ones a second later, however many come. */
    for (int i = 0; i < 1000; i++) {
        presence_count(&presence, i % 2 == 0);
        CU_ASSERT_EQUAL(presence_due(&presence), START + CLOCK_SECOND);
    }
    CU_ASSERT_FALSE(presence_summary_is_due(&presence, START + CLOCK_SECOND - 1));
    CU_ASSERT_TRUE(presence_summary_is_due(&presence, START + CLOCK_SECOND));
    CU_ASSERT_TRUE(counts(&presence, 2, 500, 500));
}

static const struct test tests[] = {
    {"a room with more members than the limit has summaries, and no other",
     big_rooms_are_summed_up},
    {"without a limit each has a notice, however many there are", without_a_limit_each_is_told},
    {"512 have a notice each in one go and 16 a second, and the rest are summed up",
     very_many_are_summed_up},
    {"16 a second have a notice each for ever", a_steady_coming_is_told},
    {"notices within 20 ms of one go out together, and are not put off further",
     notices_wait_for_others},
    {"a summary counts who came and went since the last one that was published", summaries_count},
    {"summaries come once a second, and not when there is nothing to say",
     summaries_come_once_a_second},
};

void add_presence_suite(void)
{
    SUITE_ADD("presence", tests);
}
