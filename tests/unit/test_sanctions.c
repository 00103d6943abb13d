#include "suites.h"
#include "base/platform.h"

#include "chat/sanctions.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Some moment, in milliseconds. */
#define NOW INT64_C(1795960800000)

static struct sanctions *create(void)
{
    struct sanctions *sanctions = NULL;
    CU_ASSERT_EQUAL_FATAL(sanctions_create(&sanctions), 0);
    return sanctions;
}

static struct address_prefix range_of(const char *text)
{
    struct address_prefix range = {.family = ADDRESS_NONE};
    EXPECT(address_prefix_parse(text, strlen(text), &range), "'%s' is no prefix", text);
    return range;
}

static struct sanction on_name(const char *name, int64_t end)
{
    struct sanction sanction = {.kind = SANCTION_BAN, .end = end};
    snprintf(sanction.name, sizeof sanction.name, "%s", name);
    strcpy(sanction.author, "Olga");
    return sanction;
}

static struct sanction on_range(const char *range, int64_t end)
{
    struct sanction sanction = on_name("", end);
    sanction.range = range_of(range);
    return sanction;
}

static void impose(struct sanctions *sanctions, const struct sanction *sanction)
{
    CU_ASSERT_EQUAL(sanctions_impose(sanctions, sanction, NOW), 0);
}

static bool finds(struct sanctions *sanctions, const char *name)
{
    return sanctions_find_name(sanctions, SANCTION_BAN, name, NOW, NULL);
}

static bool finds_address(struct sanctions *sanctions, const char *address)
{
    struct address_prefix prefix = range_of(address);
    return sanctions_find_address(sanctions, SANCTION_BAN, &prefix, NOW, NULL);
}

static void holds_for_look_alikes(void)
{
    struct sanctions *sanctions = create();
    struct sanction sanction = on_name("Alice", 0);
    struct sanction found;
    char lifted[NAME_SIZE];
    impose(sanctions, &sanction);
    CU_ASSERT_TRUE(finds(sanctions, "Alice"));
    CU_ASSERT_TRUE(finds(sanctions, "ALICE"));
    CU_ASSERT_TRUE(finds(sanctions, "AIice"));
    CU_ASSERT_TRUE(finds(sanctions, "\xD0\x90lice")); /* a Cyrillic A */
    CU_ASSERT_FALSE(finds(sanctions, "Alicia"));
    CU_ASSERT_FALSE(finds(sanctions, "Bob"));
    CU_ASSERT_TRUE(sanctions_find_name(sanctions, SANCTION_BAN, "alice", NOW, &found));
    CU_ASSERT_STRING_EQUAL(found.name, "Alice");
    CU_ASSERT_STRING_EQUAL(found.author, "Olga");
    CU_ASSERT_EQUAL(sanctions_lift_name(sanctions, SANCTION_BAN, "Bob", NOW, lifted), 0);
    CU_ASSERT_STRING_EQUAL(lifted, "");
    CU_ASSERT_EQUAL(sanctions_lift_name(sanctions, SANCTION_BAN, "AIice", NOW, lifted), 1);
    CU_ASSERT_STRING_EQUAL(lifted, "Alice");
    CU_ASSERT_FALSE(finds(sanctions, "Alice"));
    sanctions_destroy(sanctions);
}

/* "BI" looks like both: like "bl" as it is typed, and like "bi" without case. */
static void of_two_that_are_lifted_one_is_told(void)
{
    static const char *const orders[][2] = {{"bl", "bi"}, {"bi", "bl"}};
    for (size_t i = 0; i < 2; i++) {
        struct sanctions *sanctions = create();
        struct sanction one = on_name(orders[i][0], 0);
        struct sanction other = on_name(orders[i][1], 0);
        char lifted[NAME_SIZE];
        impose(sanctions, &one);
        impose(sanctions, &other);
        CU_ASSERT_EQUAL(sanctions_lift_name(sanctions, SANCTION_BAN, "BI", NOW, lifted), 2);
        CU_ASSERT_STRING_EQUAL(lifted, "bi");
        sanctions_destroy(sanctions);
    }
}

static void holds_in_the_range(void)
{
    struct sanctions *sanctions = create();
    struct sanction network = on_range("203.0.113.0/24", 0);
    struct sanction address = on_range("2001:db8::1", 0);
    struct address_prefix range = range_of("203.0.113.7");
    impose(sanctions, &network);
    impose(sanctions, &address);
    CU_ASSERT_TRUE(finds_address(sanctions, "203.0.113.7"));
    CU_ASSERT_TRUE(finds_address(sanctions, "::ffff:203.0.113.7"));
    CU_ASSERT_FALSE(finds_address(sanctions, "203.0.114.7"));
    CU_ASSERT_TRUE(finds_address(sanctions, "2001:db8::1"));
    CU_ASSERT_FALSE(finds_address(sanctions, "2001:db8::2"));
    CU_ASSERT_EQUAL(sanctions_lift_range(sanctions, SANCTION_BAN, &range, NOW), 0);
    range = range_of("203.0.113.0/24");
    CU_ASSERT_EQUAL(sanctions_lift_range(sanctions, SANCTION_BAN, &range, NOW), 1);
    CU_ASSERT_FALSE(finds_address(sanctions, "203.0.113.7"));
    CU_ASSERT_TRUE(finds_address(sanctions, "2001:db8::1"));
    sanctions_destroy(sanctions);
}

/* An empty name or address matches nothing, whatever is banned. */
static void nothing_is_nobody(void)
{
    struct sanctions *sanctions = create();
    struct sanction all = on_range("0.0.0.0/0", 0);
    struct sanction name = on_name("Bob", 0);
    struct address_prefix none = {.family = ADDRESS_NONE};
    impose(sanctions, &all);
    impose(sanctions, &name);
    CU_ASSERT_FALSE(sanctions_find_address(sanctions, SANCTION_BAN, &none, NOW, NULL));
    CU_ASSERT_FALSE(finds(sanctions, ""));
    CU_ASSERT_EQUAL(sanctions_lift_range(sanctions, SANCTION_BAN, &none, NOW), 0);
    CU_ASSERT_EQUAL(sanctions_lift_name(sanctions, SANCTION_BAN, "", NOW, NULL), 0);
    sanctions_destroy(sanctions);
}

static void kinds_are_apart(void)
{
    struct sanctions *sanctions = create();
    struct sanction mute = on_name("Bob", 0);
    mute.kind = SANCTION_MUTE;
    impose(sanctions, &mute);
    CU_ASSERT_FALSE(finds(sanctions, "Bob"));
    CU_ASSERT_TRUE(sanctions_find_name(sanctions, SANCTION_MUTE, "Bob", NOW, NULL));
    CU_ASSERT_EQUAL(sanctions_lift_name(sanctions, SANCTION_BAN, "Bob", NOW, NULL), 0);
    CU_ASSERT_EQUAL(sanctions_lift_name(sanctions, SANCTION_MUTE, "Bob", NOW, NULL), 1);
    sanctions_destroy(sanctions);
}

static void ends_in_time(void)
{
    struct sanctions *sanctions = create();
    struct sanction sanction = on_name("Bob", NOW + 1000);
    struct sanction next;
    impose(sanctions, &sanction);
    CU_ASSERT_TRUE(sanctions_find_name(sanctions, SANCTION_BAN, "Bob", NOW + 999, NULL));
    CU_ASSERT_FALSE(sanctions_find_name(sanctions, SANCTION_BAN, "Bob", NOW + 1000, NULL));
    CU_ASSERT_TRUE(sanctions_next(sanctions, SANCTION_BAN, 0, NOW + 999, &next));
    CU_ASSERT_FALSE(sanctions_next(sanctions, SANCTION_BAN, 0, NOW + 1000, &next));
    CU_ASSERT_EQUAL(sanctions_lift_name(sanctions, SANCTION_BAN, "Bob", NOW + 1000, NULL), 0);
    CU_ASSERT_EQUAL(sanctions_impose(sanctions, &sanction, NOW + 1000), EINVAL);
    sanctions_destroy(sanctions);
}

/* Somebody who is banned twice is told when both are over. */
static void finds_the_longest(void)
{
    struct sanctions *sanctions = create();
    struct sanction day = on_range("203.0.113.9", NOW + 1000);
    struct sanction week = on_range("203.0.113.0/24", NOW + 7000);
    struct sanction hour = on_range("203.0.0.0/16", NOW + 40);
    struct sanction ever = on_range("0.0.0.0/0", 0);
    struct sanction found;
    struct address_prefix address = range_of("203.0.113.9");
    impose(sanctions, &day);
    impose(sanctions, &week);
    impose(sanctions, &hour);
    CU_ASSERT_TRUE(sanctions_find_address(sanctions, SANCTION_BAN, &address, NOW, &found));
    CU_ASSERT_EQUAL(found.end, NOW + 7000);
    impose(sanctions, &ever);
    CU_ASSERT_TRUE(sanctions_find_address(sanctions, SANCTION_BAN, &address, NOW, &found));
    CU_ASSERT_EQUAL(found.end, 0);
    sanctions_destroy(sanctions);
}

/* What an observer was told: "+Bob -Bob ". */
struct diary {
    char text[512];
};

static void note(void *context, enum sanction_change change, const struct sanction *sanction)
{
    struct diary *diary = context;
    size_t length = strlen(diary->text);
    snprintf(diary->text + length, sizeof diary->text - length, "%c%s%s ",
             change == SANCTION_IMPOSED ? '+' : '-', sanction->name, sanction->reason);
}

static void tells_of_changes(void)
{
    struct sanctions *sanctions = create();
    struct diary diary = {""};
    struct sanction loaded = on_name("Eve", 0);
    struct sanction first = on_name("Bob", 0);
    struct sanction second = on_name("B0b", NOW + 1000);
    struct sanction third = on_name("Carol", NOW + 1000);
    strcpy(first.reason, "1");
    strcpy(second.reason, "2");
    impose(sanctions, &loaded);
    sanctions_observe(sanctions, note, &diary);
    impose(sanctions, &first);
    impose(sanctions, &second); /* instead of the first, which it looks like */
    CU_ASSERT_STRING_EQUAL(diary.text, "+Bob1 -Bob1 +B0b2 ");
    impose(sanctions, &third);
    CU_ASSERT_EQUAL(sanctions_lift_name(sanctions, SANCTION_BAN, "Carol", NOW + 2000, NULL), 0);
    CU_ASSERT_EQUAL(sanctions_lift_name(sanctions, SANCTION_BAN, "Eve", NOW + 2000, NULL), 1);
    CU_ASSERT_STRING_EQUAL(diary.text, "+Bob1 -Bob1 +B0b2 +Carol -Eve ");
    sanctions_observe(sanctions, NULL, NULL);
    impose(sanctions, &first);
    CU_ASSERT_STRING_EQUAL(diary.text, "+Bob1 -Bob1 +B0b2 +Carol -Eve ");
    sanctions_destroy(sanctions);
}

static void lists_in_order(void)
{
    struct sanctions *sanctions = create();
    static const char *const names[] = {"Bob", "Alice", "Zoe", "Carol"};
    struct sanction mute = on_name("Dave", 0);
    struct sanction next;
    uint64_t after = 0;
    mute.kind = SANCTION_MUTE;
    for (size_t i = 0; i < 4; i++) {
        struct sanction sanction = on_name(names[i], 0);
        impose(sanctions, &sanction);
        impose(sanctions, &mute);
    }
    sanctions_lift_name(sanctions, SANCTION_BAN, "Zoe", NOW, NULL);
    char listed[64] = "";
    while (sanctions_next(sanctions, SANCTION_BAN, after, NOW, &next)) {
        CU_ASSERT_TRUE_FATAL(next.number > after);
        after = next.number;
        strcat(strcat(listed, next.name), " ");
        if (strcmp(next.name, "Bob") == 0) /* a list may change while it is made */
            sanctions_lift_name(sanctions, SANCTION_BAN, "Bob", NOW, NULL);
    }
    CU_ASSERT_STRING_EQUAL(listed, "Bob Alice Carol ");
    sanctions_destroy(sanctions);
}

static void is_bounded(void)
{
    struct sanctions *sanctions = create();
    struct sanction sanction = on_name("", NOW + 1000);
    sanction.range = range_of("10.0.0.0");
    for (unsigned i = 0; i < SANCTIONS_MAX; i++) {
        sanction.range.bytes[2] = (unsigned char)(i / 256);
        sanction.range.bytes[3] = (unsigned char)(i % 256);
        impose(sanctions, &sanction);
    }
    impose(sanctions, &sanction); /* one that is there already */
    sanction.range = range_of("192.0.2.1");
    CU_ASSERT_EQUAL(sanctions_impose(sanctions, &sanction, NOW), ENOSPC);
    CU_ASSERT_FALSE(finds_address(sanctions, "192.0.2.1"));
    CU_ASSERT_TRUE(finds_address(sanctions, "10.0.15.255"));
    sanction.end = NOW + 5000;
    CU_ASSERT_EQUAL(sanctions_impose(sanctions, &sanction, NOW + 1000), 0); /* all are over */
    sanctions_destroy(sanctions);
}

static void reasons_are_clean(void)
{
    struct sanction sanction = {.reason = "x"};
    char longest[2 * SANCTION_REASON_BYTES_MAX];
    static const char typed[] = "  spam\x1B[31m and\r more ";
    CU_ASSERT_TRUE(sanction_set_reason(&sanction, typed, strlen(typed)));
    CU_ASSERT_STRING_EQUAL(sanction.reason, "spam and more");
    CU_ASSERT_TRUE(sanction_set_reason(&sanction, " ", 1));
    CU_ASSERT_STRING_EQUAL(sanction.reason, "");
    memset(longest, 'a', sizeof longest);
    memcpy(longest + SANCTION_REASON_BYTES_MAX - 1, "\xC3\xA9", 2); /* does not fit as a whole */
    CU_ASSERT_TRUE(sanction_set_reason(&sanction, longest, sizeof longest));
    CU_ASSERT_EQUAL(strlen(sanction.reason), SANCTION_REASON_BYTES_MAX - 1);
    longest[SANCTION_REASON_BYTES_MAX - 1] = 'b';
    CU_ASSERT_TRUE(sanction_set_reason(&sanction, longest, SANCTION_REASON_BYTES_MAX));
    CU_ASSERT_EQUAL(strlen(sanction.reason), SANCTION_REASON_BYTES_MAX);
}

/* One of several threads that change and read the same set. */
static void *meddle(void *context)
{
    struct sanctions *sanctions = context;
    struct sanction next;
    struct sanction name = on_name("Bob", 0);
    struct sanction range = name;
    range.name[0] = '\0';
    range.range = (struct address_prefix){ADDRESS_IPV4, 24, {192, 0, 2}};
    for (int i = 0; i < 200; i++) {
        sanctions_impose(sanctions, &name, NOW);
        sanctions_impose(sanctions, &range, NOW);
        sanctions_find_name(sanctions, SANCTION_BAN, "bob", NOW, &next);
        sanctions_next(sanctions, SANCTION_BAN, 0, NOW, &next);
        sanctions_lift_name(sanctions, SANCTION_BAN, "Bob", NOW, NULL);
        sanctions_lift_range(sanctions, SANCTION_BAN, &range.range, NOW);
    }
    return NULL;
}

static void many_may_use_it(void)
{
    struct sanctions *sanctions = create();
    struct sanction next;
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, meddle, sanctions), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_FALSE(sanctions_next(sanctions, SANCTION_BAN, 0, NOW, &next));
    sanctions_destroy(sanctions);
}

static const struct test tests[] = {
    {"a ban on a name holds for all that look like it, and is lifted by any of them",
     holds_for_look_alikes},
    {"of two names that are lifted at once the one that is meant is told",
     of_two_that_are_lifted_one_is_told},
    {"a ban on a range holds for its addresses, and is lifted by that range alone",
     holds_in_the_range},
    {"who has no address is in no range, and no name is nobody's", nothing_is_nobody},
    {"bans and mutes are apart", kinds_are_apart},
    {"a ban whose end has come is as if it were not there", ends_in_time},
    {"of several bans the one that ends last counts", finds_the_longest},
    {"an observer is told of what is imposed and lifted, in order", tells_of_changes},
    {"bans are listed in the order in which they were imposed, piece by piece", lists_in_order},
    {"there is a limit, which those that are over do not count for", is_bounded},
    {"a reason is clean text, and cut off between characters", reasons_are_clean},
    {"threads may change and read the set at once", many_may_use_it},
};

void add_sanctions_suite(void)
{
    SUITE_ADD("sanctions", tests);
}
