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

/* What is told, one behind the other. */
struct told {
    struct change changes[8];
    size_t count;
};

static bool note(void *context, const struct change *change)
{
    struct told *told = context;
    told->changes[told->count++] = *change;
    return true;
}

static bool are_alike(const struct machines *one, const struct machines *other)
{
    struct told first = {.count = 0};
    struct told second = {.count = 0};
    machines_tell(one, note, &first);
    machines_tell(other, note, &second);
    bool alike = first.count == second.count;
    for (size_t i = 0; i < first.count && alike; i++) {
        const struct change *left = &first.changes[i];
        const struct change *right = &second.changes[i];
        alike = left->kind == right->kind && left->node == right->node &&
                left->boot == right->boot && left->number == right->number &&
                left->time == right->time && left->end == right->end &&
                left->given == right->given && left->text.length == right->text.length;
    }
    return alike;
}

/* A machine that was made of the state finds the same ones silent, at the same message. */
static void who_is_made_of_a_state_goes_on_alike(void)
{
    struct machines all[2] = {{0}, {0}};
    struct told told = {.count = 0};
    int64_t time = START;
    struct machine *east = add(&all[0], "east", 1);
    struct machine *west = add(&all[0], "west", 1);
    add(&all[0], "gone", 1)->gone = true;
    east->number = 7;
    machines_hear(&all[0], east, time);
    machines_hear(&all[0], west, time - 3600 * 1000);
    machines_hear(&all[0], east, time += MACHINES_BEAT);
    CU_ASSERT_TRUE(machines_tell(&all[0], note, &told));
    CU_ASSERT_EQUAL(told.count, 4);
    for (size_t i = 0; i < told.count; i++)
        CU_ASSERT_TRUE(machines_make(&all[1], &told.changes[i]));
    CU_ASSERT_TRUE(are_alike(&all[0], &all[1]));
    CU_ASSERT_TRUE(machines_find(&all[1], machines_id("gone"), 1)->gone);
    struct machine *silent[2] = {NULL, NULL};
    while (silent[0] == NULL && silent[1] == NULL && time < START + 60 * 1000) {
        time += MACHINES_BEAT;
        for (int i = 0; i < 2; i++)
            silent[i] =
                machines_hear(&all[i], machines_find(&all[i], machines_id("east"), 1), time);
        CU_ASSERT_TRUE(are_alike(&all[0], &all[1]));
    }
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_PTR_NOT_NULL_FATAL(silent[i]);
        CU_ASSERT_STRING_EQUAL(silent[i]->name, "west");
        machines_free(&all[i]);
    }
}

/* Its state would grow with each start of a machine otherwise. */
static void who_is_gone_for_long_is_forgotten(void)
{
    struct machines machines = {0};
    struct told told = {.count = 0};
    struct machine *east = add(&machines, "east", 1);
    struct machine *west = add(&machines, "west", 1);
    CU_ASSERT_EQUAL(machines_rank(&machines, UINT64_MAX), 2);
    machines_hear(&machines, east, START);
    west->gone = true;
    CU_ASSERT_PTR_NULL(machines_living(&machines, machines_id("west")));
    CU_ASSERT_PTR_EQUAL(machines_living(&machines, machines_id("east")), east);
    CU_ASSERT_EQUAL(machines_rank(&machines, UINT64_MAX), 1);
    for (int64_t time = START; time <= START + MACHINES_REMEMBERED; time += MACHINES_BEAT)
        machines_hear(&machines, east, time);
    CU_ASSERT_PTR_EQUAL(machines_find(&machines, machines_id("west"), 1), west);
    machines_hear(&machines, east, START + MACHINES_REMEMBERED + MACHINES_BEAT);
    CU_ASSERT_PTR_NULL(machines_find(&machines, machines_id("west"), 1));
    machines_tell(&machines, note, &told);
    CU_ASSERT_EQUAL(told.count, 2); /* the clock, and east */
    machines_forget(&machines);
    CU_ASSERT_PTR_NULL(machines_find(&machines, machines_id("east"), 1));
    told.changes[1].number = 9;
    CU_ASSERT_TRUE(machines_make(&machines, &told.changes[1]));
    CU_ASSERT_PTR_EQUAL(machines_find(&machines, machines_id("east"), 1), east);
    CU_ASSERT_EQUAL(east->number, 9);
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

enum { COMPANY_MAX = 8 };

/* Several machines, whose beats are spread over MACHINES_BEAT. */
struct company {
    struct machines machines;
    struct machine *all[COMPANY_MAX];
    int count;
    int64_t lost; /* when somebody was found to be silent first; 0: nobody was */
};

static int64_t phase_of(const struct company *company, int which)
{
    return (int64_t)which * MACHINES_BEAT / company->count;
}

static void hear(struct company *company, int which, int64_t time)
{
    if (machines_hear(&company->machines, company->all[which], time) != NULL && company->lost == 0)
        company->lost = time;
}

/* Has the first machines of them beat from a time on until another one. */
static void beat(struct company *company, int speakers, int64_t from, int64_t until)
{
    for (int64_t time = from; time < until; time += MACHINES_BEAT)
        for (int i = 0; i < speakers; i++)
            hear(company, i, time + phase_of(company, i));
}

static void gather(struct company *company, int count)
{
    static const char *const names[COMPANY_MAX] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    *company = (struct company){.count = count};
    for (int i = 0; i < count; i++)
        company->all[i] = add(&company->machines, names[i], 1);
    beat(company, count, START, START + 10 * MACHINES_BEAT);
}

/*
 * An outage: then each has the message that it could not send, with the time of the first try, and
 * says at once what it has to say since. Returns when it is over.
 */
static int64_t come_back(struct company *company, int speakers, int64_t outage)
{
    int64_t began = START + 10 * MACHINES_BEAT;
    int64_t over = began + outage;
    for (int i = 0; i < speakers; i++) {
        hear(company, i, began + phase_of(company, i));
        hear(company, i, over + i);
    }
    return over;
}

/* An outage after which one machine comes back later than all others. Returns whether all stay. */
static bool all_stay(int count, int64_t outage, int64_t later)
{
    struct company company;
    gather(&company, count);
    int64_t over = come_back(&company, count - 1, outage) + 100;
    beat(&company, count - 1, over, over + later);
    hear(&company, count - 1, START + 10 * MACHINES_BEAT + phase_of(&company, count - 1));
    hear(&company, count - 1, over + later);
    beat(&company, count, over + later + 100, over + 30 * 1000);
    machines_free(&company.machines);
    return company.lost == 0;
}

/*
 * Its nats-server was the last to be ready. Of an outage of some six seconds more counts, if there
 * are many machines: the last of them have been silent for less than MACHINES_STEP_MAX when the
 * others have moved the clock. So that is asked of four.
 */
static void who_comes_back_last_after_an_outage_stays(void)
{
    for (int count = 2; count <= COMPANY_MAX; count++) {
        for (int64_t outage = 500; outage < 7000 && count <= 4; outage += 250)
            CU_ASSERT_TRUE(all_stay(count, outage, 1000));
        for (int64_t outage = 7000; outage <= 100 * 1000; outage += 250)
            CU_ASSERT_TRUE(all_stay(count, outage, 2000));
    }
}

static void who_has_died_in_an_outage_is_gone_soon_after_it(void)
{
    for (int count = 2; count <= COMPANY_MAX; count++) {
        struct company company;
        gather(&company, count);
        int64_t over = come_back(&company, count - 1, 22 * 1000);
        beat(&company, count - 1, over + MACHINES_BEAT, over + 30 * 1000);
        CU_ASSERT(company.lost > over && company.lost < over + 10 * 1000);
        machines_free(&company.machines);
    }
}

/* Each takes three seconds to publish something, so there is an outage behind each message. */
static void who_dies_while_the_servers_are_slow_is_gone_in_the_end(void)
{
    for (int count = 2; count <= COMPANY_MAX; count++) {
        struct company company;
        gather(&company, count);
        int64_t began = START + 10 * MACHINES_BEAT;
        for (int64_t time = began; company.lost == 0 && time < began + 60 * 1000; time += 3000)
            for (int i = 0; i < count - 1; i++)
                hear(&company, i, time + i);
        CU_ASSERT(company.lost > 0 && company.lost < began + 15 * 1000);
        machines_free(&company.machines);
    }
}

static void all_machines_have_the_limits_of_the_first_one(void)
{
    struct machines machines = {0};
    const struct change_limits many = {1000, 20};
    const struct change_limits few = {500, 20};
    const struct change_limits fewer = {1000, 10};
    uint64_t id = machines_id("east");
    CU_ASSERT_TRUE(machines_agree(&machines, id, &many));
    struct machine *east = add(&machines, "east", 1);
    CU_ASSERT_FALSE(machines_agree(&machines, machines_id("west"), &few));
    CU_ASSERT_FALSE(machines_agree(&machines, machines_id("west"), &fewer));
    CU_ASSERT_TRUE(machines_agree(&machines, machines_id("west"), &many));
    CU_ASSERT_TRUE(machines_agree(&machines, id, &few)); /* the same machine, started again */
    CU_ASSERT_FALSE(machines_agree(&machines, machines_id("west"), &many));
    east->gone = true;
    CU_ASSERT_TRUE(machines_agree(&machines, machines_id("west"), &many));
    machines_free(&machines);
}

static void what_is_forgotten_is_not_found_and_its_name_stays(void)
{
    struct machines machines = {0};
    struct machine *east = add(&machines, "east", 1);
    machines_hear(&machines, east, START);
    machines_hear(&machines, east, START + MACHINES_BEAT);
    CU_ASSERT_EQUAL(machines.clock, MACHINES_BEAT);
    machines_forget(&machines);
    CU_ASSERT_PTR_NULL(machines_find(&machines, machines_id("east"), 1));
    CU_ASSERT_PTR_NULL(machines_of(&machines, east->name));
    CU_ASSERT_STRING_EQUAL(east->name, "east");
    CU_ASSERT_EQUAL(machines.clock, 0);
    struct machine *again = add(&machines, "east", 1);
    CU_ASSERT_PTR_EQUAL(machines_find(&machines, machines_id("east"), 1), again);
    machines_forget(&machines);
    CU_ASSERT_STRING_EQUAL(again->name, "east");
    CU_ASSERT_STRING_EQUAL(east->name, "east");
    machines_free(&machines);
}

static const struct test tests[] = {
    {"all machines have the limits of the first one",
     all_machines_have_the_limits_of_the_first_one},
    {"who is made of a state goes on alike", who_is_made_of_a_state_goes_on_alike},
    {"who is gone for long is forgotten", who_is_gone_for_long_is_forgotten},
    {"a machine is found by its id and its run", a_machine_is_found_by_its_id_and_its_run},
    {"who is not heard while others are is gone", who_is_not_heard_while_others_are_is_gone},
    {"each that speaks stays", each_that_speaks_stays},
    {"clocks need not agree", clocks_need_not_agree},
    {"late messages do not move the clock", late_messages_do_not_move_the_clock},
    {"time in which nobody could be heard hardly counts",
     time_in_which_nobody_could_be_heard_hardly_counts},
    {"who comes back last after an outage stays", who_comes_back_last_after_an_outage_stays},
    {"who has died in an outage is gone soon after it",
     who_has_died_in_an_outage_is_gone_soon_after_it},
    {"who dies while the servers are slow is gone in the end",
     who_dies_while_the_servers_are_slow_is_gone_in_the_end},
    {"what is forgotten is not found, and its name stays",
     what_is_forgotten_is_not_found_and_its_name_stays},
};

void add_machines_suite(void)
{
    SUITE_ADD("machines", tests);
}
