#include "suites.h"

#include "base/clock.h"
#include "chat/batch.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Replace a list by what is made of it. */

static void add(struct ignore_list **list, uint64_t id, const char *name)
{
    struct ignore_list *made;
    CU_ASSERT_TRUE_FATAL(ignore_list_add(*list, id, name, &made));
    free(*list);
    *list = made;
}

static void remove_at(struct ignore_list **list, size_t index)
{
    struct ignore_list *made;
    CU_ASSERT_TRUE_FATAL(ignore_list_remove(*list, index, &made));
    free(*list);
    *list = made;
}

static void set_quiet(struct ignore_list **list, bool quiet)
{
    struct ignore_list *made;
    CU_ASSERT_TRUE_FATAL(ignore_list_set_quiet(*list, quiet, &made));
    free(*list);
    *list = made;
}

static bool omits(const struct ignore_list *list, enum message_kind kind, uint64_t author,
                  const char *name)
{
    const struct message message = {.kind = kind, .author = author, .name = words_of(name)};
    return ignore_list_omits(list, &message);
}

static void people_are_known_by_id_and_by_name(void)
{
    struct ignore_list *list = NULL;
    CU_ASSERT_FALSE(omits(list, MESSAGE_SAY, 1, "Alice"));
    add(&list, 2, "Bob");
    CU_ASSERT_TRUE(omits(list, MESSAGE_SAY, 2, "Bob"));
    CU_ASSERT_TRUE(omits(list, MESSAGE_SAY, 2, "Rob"));
    CU_ASSERT_TRUE(omits(list, MESSAGE_SAY, 7, "BOB"));
    CU_ASSERT_TRUE(omits(list, MESSAGE_SAY, 7,
                         "B\xD0\xBE"
                         "b")); /* a Cyrillic o */
    CU_ASSERT_FALSE(omits(list, MESSAGE_SAY, 1, "Alice"));
    CU_ASSERT_FALSE(omits(list, MESSAGE_SAY, 0, ""));
    add(&list, 0, "Carol"); /* who is not here */
    CU_ASSERT_TRUE(omits(list, MESSAGE_SAY, 9, "carol"));
    CU_ASSERT_FALSE(omits(list, MESSAGE_SAY, 0, ""));
    free(list);
}

static void only_what_they_say_is_left_out(void)
{
    struct ignore_list *list = NULL;
    add(&list, 2, "Bob");
    for (enum message_kind kind = MESSAGE_SAY; kind <= MESSAGE_SKIP; kind++) {
        bool said = kind == MESSAGE_SAY || kind == MESSAGE_ACT || kind == MESSAGE_TELL ||
                    kind == MESSAGE_INVITE;
        EXPECT(omits(list, kind, 2, "Bob") == said, "kind %d", (int)kind);
    }
    free(list);
}

static void quiet_leaves_out_who_comes_and_goes(void)
{
    struct ignore_list *list = NULL;
    set_quiet(&list, true);
    CU_ASSERT_PTR_NOT_NULL(list);
    for (enum message_kind kind = MESSAGE_SAY; kind <= MESSAGE_SKIP; kind++) {
        bool passes = kind == MESSAGE_JOIN || kind == MESSAGE_LEAVE || kind == MESSAGE_ENTER ||
                      kind == MESSAGE_EXIT || kind == MESSAGE_SUMMARY;
        EXPECT(omits(list, kind, 2, "Bob") == passes, "kind %d", (int)kind);
    }
    /* It lasts when people are added and removed, and they last when it ends. */
    add(&list, 2, "Bob");
    CU_ASSERT_TRUE(omits(list, MESSAGE_JOIN, 1, "Alice") && omits(list, MESSAGE_SAY, 2, "Bob"));
    remove_at(&list, 0);
    CU_ASSERT_TRUE(omits(list, MESSAGE_JOIN, 1, "Alice") && !omits(list, MESSAGE_SAY, 2, "Bob"));
    add(&list, 2, "Bob");
    set_quiet(&list, false);
    CU_ASSERT_TRUE(!omits(list, MESSAGE_JOIN, 1, "Alice") && omits(list, MESSAGE_SAY, 2, "Bob"));
    /* What leaves out nothing is no list. */
    remove_at(&list, 0);
    CU_ASSERT_PTR_NULL(list);
    free(list);
}

static void many_are_kept_in_order(void)
{
    enum { MANY = 200 };
    struct ignore_list *list = NULL;
    char name[NAME_SIZE];
    for (unsigned i = 0; i < MANY; i++) {
        snprintf(name, sizeof name, "user%u", i);
        add(&list, 1000 + i, name);
    }
    remove_at(&list, MANY - 1);
    remove_at(&list, 100);
    remove_at(&list, 0);
    CU_ASSERT_EQUAL_FATAL(ignore_list_count(list), MANY - 3);
    for (unsigned i = 0; i < MANY - 3; i++) {
        unsigned was = i + 1 + (i + 1 >= 100);
        snprintf(name, sizeof name, "user%u", was);
        EXPECT(strcmp(ignore_list_name(list, i), name) == 0 &&
                   ignore_list_id(list, i) == 1000 + was,
               "%u is %s", i, ignore_list_name(list, i));
        CU_ASSERT_TRUE(omits(list, MESSAGE_SAY, 0, name));
    }
    CU_ASSERT_FALSE(omits(list, MESSAGE_SAY, 1100, "user100"));
    free(list);
}

/*
 * What it costs to look a flood's messages up in a list. The batch is delivered by one thread: what
 * one reader's list costs, all others in the room wait for.
 */

static int64_t processor_time(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return time.tv_sec * CLOCK_SECOND + time.tv_nsec;
}

/* Returns the least time of several tries that it takes; `anew`: the names were not looked at. */
static int64_t cost_of(struct batch *flood, const struct ignore_list *list, bool anew)
{
    const struct batch_reader reader = {.id = 7, .ignored = list};
    int64_t least = CLOCK_NEVER;
    for (int tries = 0; tries < 5; tries++) {
        if (anew)
            looks_truncate(flood->looks, 0);
        int64_t begin = processor_time();
        size_t sent = 0;
        for (size_t i = 0; i < flood->count; i++)
            sent += batch_is_for(flood, i, &reader);
        int64_t took = processor_time() - begin;
        least = took < least ? took : least;
        CU_ASSERT_EQUAL(sent, flood->count);
    }
    return least;
}

static void a_long_list_delays_nobody(void)
{
    enum { LINES = 5000, PEOPLE = 1000, FACTOR = 15 };
    struct ignore_list *one = NULL;
    struct ignore_list *many = NULL;
    struct batch flood = {0};
    char name[NAME_SIZE];
    const struct message message = {
        .kind = MESSAGE_SAY, .author = 5, .name = words_of("Somebody"), .text = words_of("x")};
    add(&one, 0, "Nobody");
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(name, sizeof name, "nobody%d", i);
        add(&many, 0, name);
    }
    for (int i = 0; i < LINES; i++)
        CU_ASSERT_TRUE_FATAL(batch_add(&flood, &message));
    cost_of(&flood, one, false);
    int64_t least = cost_of(&flood, one, false);
    int64_t most = cost_of(&flood, many, false);
    EXPECT(most < FACTOR * least, "%lld ns for one, %lld for many", (long long)least,
           (long long)most);
    most = cost_of(&flood, one, true);
    EXPECT(most < FACTOR * least, "%lld ns for another reader, %lld for the first",
           (long long)least, (long long)most);
    batch_free(&flood);
    free(one);
    free(many);
}

/* Adds something that is said, and tells that its author looks like somebody else. */
static void add_disguised(struct batch *batch, uint64_t author, const char *name, const char *looks)
{
    const struct message message = {
        .kind = MESSAGE_SAY, .author = author, .name = words_of(name), .text = words_of("x")};
    const struct name_looks told = name_looks_of(words_of(looks));
    CU_ASSERT_TRUE_FATAL(batch_add(batch, &message));
    batch_know_looks(batch, batch->count - 1, &told);
}

static void looks_that_are_told_are_not_found_out(void)
{
    struct ignore_list *list = NULL;
    struct batch batch = {0};
    const struct message join = {.kind = MESSAGE_JOIN, .author = 6, .name = words_of("Mallory")};
    const struct batch_reader reader = {.id = 7, .ignored = (add(&list, 0, "Eve"), list)};
    batch_begin(&batch, 1, 1);
    add_disguised(&batch, 5, "Bob", "Eve");
    CU_ASSERT_TRUE(batch_is_for(&batch, 0, &reader)); /* nobody had asked: it was not kept */
    batch_begin(&batch, 2, 2);
    CU_ASSERT_TRUE_FATAL(batch_add(&batch, &join));
    add_disguised(&batch, 5, "Bob", "Eve");
    add_disguised(&batch, 6, "Mallory", "Mallory");
    CU_ASSERT_FALSE(batch_is_for(&batch, 1, &reader));
    CU_ASSERT_TRUE(batch_is_for(&batch, 2, &reader));
    /* What is not told is found out. */
    const struct message told_nothing = {
        .kind = MESSAGE_SAY, .author = 8, .name = words_of("EVE"), .text = words_of("x")};
    CU_ASSERT_TRUE_FATAL(batch_add(&batch, &told_nothing));
    CU_ASSERT_FALSE(batch_is_for(&batch, 3, &reader));
    /* What is removed is forgotten. */
    batch_truncate(&batch, 1);
    add_disguised(&batch, 6, "Mallory", "Mallory");
    CU_ASSERT_TRUE(batch_is_for(&batch, 1, &reader));
    batch_free(&batch);
    free(list);
}

void add_ignore_list_suite(void)
{
    static const struct test tests[] = {
        {"people are ignored by their id, and by a name that looks like theirs",
         people_are_known_by_id_and_by_name},
        {"only what they say is left out, in rooms and in private", only_what_they_say_is_left_out},
        {"quiet leaves out who comes and goes, and nothing else",
         quiet_leaves_out_who_comes_and_goes},
        {"many are kept, in their order, until they are removed", many_are_kept_in_order},
        {"a long list delays nobody in a flood", a_long_list_delays_nobody},
        {"how a name looks that is told is not found out", looks_that_are_told_are_not_found_out},
    };
    SUITE_ADD("ignore_list", tests);
}
