#include "suites.h"

#include "cluster/machines.h"

#include <CUnit/CUnit.h>
#include <string.h>

/* Any time; the clock runs from the first one. */
#define START INT64_C(1700000000000)

static struct machine *add(struct machines *machines, const char *name, uint64_t boot)
{
    struct machine *machine = machines_add(machines, machines_id(name), boot, words_of(name));
    CU_ASSERT_PTR_NOT_NULL_FATAL(machine);
    return machine;
}

static void a_machine_is_found_by_its_id_and_its_run(void)
{
    struct machines machines = {0};
    struct machine *east = add(&machines, "east", 1);
    struct machine *again = add(&machines, "east", 2);
    struct machine *west = add(&machines, "west", 1);
    CU_ASSERT_PTR_EQUAL(machines_find(&machines, machines_id("east"), 1), east);
    CU_ASSERT_PTR_EQUAL(machines_find(&machines, machines_id("east"), 2), again);
    CU_ASSERT_PTR_NULL(machines_find(&machines, machines_id("west"), 2));
    CU_ASSERT_PTR_EQUAL(machines_of(&machines, west->name), west);
    CU_ASSERT_PTR_NULL(machines_of(&machines, "west"));
    CU_ASSERT_STRING_EQUAL(east->name, "east");
    CU_ASSERT_NOT_EQUAL(machines_id("east"), machines_id("west"));
    machines_free(&machines);
}

/* Says something with a machine every two seconds, until one is silent for too long. */
static int64_t speak(struct machines *machines, struct machine *speaker, int64_t *time,
                     struct machine **silent)
{
    int64_t began = *time;
    do {
        *time += MACHINES_BEAT;
        *silent = machines_hear(machines, speaker, *time);
    } while (*silent == NULL && *time - began < 60 * 1000);
    return *time - began;
}

static void who_is_not_heard_while_others_are_is_gone(void)
{
    struct machines machines = {0};
    int64_t time = START;
    struct machine *silent;
    struct machine *east = add(&machines, "east", 1);
    struct machine *west = add(&machines, "west", 1);
    machines_hear(&machines, east, time);
    machines_hear(&machines, west, time);
    int64_t lasted = speak(&machines, east, &time, &silent);
    CU_ASSERT_PTR_EQUAL(silent, west);
    CU_ASSERT(lasted > MACHINES_SILENCE_MAX && lasted < 10 * 1000);
    west->gone = true;
    CU_ASSERT_PTR_NULL(machines_hear(&machines, east, time));
    machines_free(&machines);
}

static void each_that_speaks_stays(void)
{
    struct machines machines = {0};
    struct machine *east = add(&machines, "east", 1);
    struct machine *west = add(&machines, "west", 1);
    for (int64_t time = START; time < START + 60 * 1000; time += MACHINES_BEAT) {
        CU_ASSERT_PTR_NULL(machines_hear(&machines, east, time));
        CU_ASSERT_PTR_NULL(machines_hear(&machines, west, time + 500));
    }
    machines_free(&machines);
}

/* One clock is an hour ahead, and the other one is set back by an hour once. */
static void clocks_need_not_agree(void)
{
    const int64_t hour = 3600 * 1000;
    struct machines machines = {0};
    struct machine *east = add(&machines, "east", 1);
    struct machine *west = add(&machines, "west", 1);
    struct machine *silent;
    int64_t time = START;
    for (; time < START + 60 * 1000; time += MACHINES_BEAT) {
        int64_t back = time >= START + 30 * 1000 ? hour : 0;
        CU_ASSERT_PTR_NULL(machines_hear(&machines, east, time + hour));
        CU_ASSERT_PTR_NULL(machines_hear(&machines, west, time - back));
    }
    CU_ASSERT(machines.clock > 50 * 1000 && machines.clock <= 60 * 1000);
    time -= hour;
    int64_t lasted = speak(&machines, west, &time, &silent);
    CU_ASSERT_PTR_EQUAL(silent, east);
    CU_ASSERT(lasted > MACHINES_SILENCE_MAX && lasted < 10 * 1000);
    machines_free(&machines);
}

/* While the servers choose a leader messages wait, and then come with new ones in between. */
static void late_messages_do_not_move_the_clock(void)
{
    struct machines machines = {0};
    struct machine *east = add(&machines, "east", 1);
    struct machine *west = add(&machines, "west", 1);
    machines_hear(&machines, east, START);
    machines_hear(&machines, west, START);
    for (int64_t i = 0; i < 20; i++) {
        CU_ASSERT_PTR_NULL(machines_hear(&machines, east, START + i));
        CU_ASSERT_PTR_NULL(machines_hear(&machines, east, START + 9000 + i));
    }
    CU_ASSERT(machines.clock <= MACHINES_STEP_MAX + 40);
    machines_free(&machines);
}

/* The servers were away. */
static void time_in_which_nobody_could_be_heard_hardly_counts(void)
{
    struct machines machines = {0};
    struct machine *east = add(&machines, "east", 1);
    struct machine *west = add(&machines, "west", 1);
    machines_hear(&machines, east, START);
    machines_hear(&machines, west, START);
    CU_ASSERT_PTR_NULL(machines_hear(&machines, east, START + 3600 * 1000));
    CU_ASSERT_PTR_NULL(machines_hear(&machines, west, START + 3600 * 1000 + 10));
    CU_ASSERT_PTR_NULL(machines_hear(&machines, NULL, START + 7200 * 1000));
    CU_ASSERT_PTR_NULL(machines_hear(&machines, east, START));
    CU_ASSERT_PTR_NULL(machines_hear(&machines, west, START + 10));
    machines_free(&machines);
}

static const struct test tests[] = {
    {"a machine is found by its id and its run", a_machine_is_found_by_its_id_and_its_run},
    {"who is not heard while others are is gone", who_is_not_heard_while_others_are_is_gone},
    {"each that speaks stays", each_that_speaks_stays},
    {"clocks need not agree", clocks_need_not_agree},
    {"late messages do not move the clock", late_messages_do_not_move_the_clock},
    {"time in which nobody could be heard hardly counts",
     time_in_which_nobody_could_be_heard_hardly_counts},
};

void add_machines_suite(void)
{
    SUITE_ADD("machines", tests);
}
