#include "suites.h"

#include "chat/pressure.h"
#include "cluster/reports.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#define NOW (1000 * CLOCK_SECOND)

static struct report *report(struct reports *reports, uint64_t node, const char *room,
                             unsigned states, int64_t until)
{
    struct report *report = reports_of(reports, node, NOW);
    CU_ASSERT_PTR_NOT_NULL_FATAL(report);
    report->until = until;
    report_add(report, room, strlen(room), states);
    return report;
}

static void each_room_has_its_own(void)
{
    struct reports reports = {{NULL}};
    report(&reports, 1, "tea", PRESSURE_BEHIND, NOW + 5);
    report(&reports, 1, "coffee", PRESSURE_NEAR_LIMIT | PRESSURE_BEHIND, NOW + 5);
    struct flow_elsewhere tea = reports_sum_up(&reports, "tea", NOW);
    struct flow_elsewhere coffee = reports_sum_up(&reports, "coffee", NOW);
    struct flow_elsewhere milk = reports_sum_up(&reports, "milk", NOW);
    CU_ASSERT_EQUAL(tea.behind_until, NOW + 5);
    CU_ASSERT_EQUAL(tea.near_limit_until, 0);
    CU_ASSERT_EQUAL(coffee.near_limit_until, NOW + 5);
    CU_ASSERT_EQUAL(milk.behind_until, 0);
    CU_ASSERT_EQUAL(reports_everywhere_until(&reports), 0);
    reports_free(&reports);
}

/* One that has caught up does not speak for another one that has not. */
static void all_machines_count(void)
{
    struct reports reports = {{NULL}};
    report(&reports, 1, "tea", PRESSURE_BEHIND | PRESSURE_FLOOD, NOW + 5);
    report(&reports, 2, "tea", PRESSURE_BEHIND | PRESSURE_FLOOD, NOW + 9);
    report(&reports, 3, "", PRESSURE_BEHIND, NOW + 7);
    struct flow_elsewhere tea = reports_sum_up(&reports, "tea", NOW);
    CU_ASSERT_EQUAL(tea.behind_until, NOW + 9);
    CU_ASSERT_EQUAL(tea.floods, 2);
    CU_ASSERT_EQUAL(reports_everywhere_until(&reports), NOW + 7);
    reports_of(&reports, 2, NOW)->count = 0;
    tea = reports_sum_up(&reports, "tea", NOW);
    CU_ASSERT_EQUAL(tea.behind_until, NOW + 5);
    CU_ASSERT_EQUAL(tea.floods, 1);
    reports_free(&reports);
}

/* The slowest machine counts, and for longer than its word about readers. */
static void the_slowest_machine_counts(void)
{
    struct reports reports = {{NULL}};
    report(&reports, 1, "tea", PRESSURE_FLOODED, NOW + 5)->made = 7;
    report(&reports, 2, "tea", PRESSURE_FLOODED, NOW + 5)->made = 5;
    report(&reports, 3, "tea", PRESSURE_BEHIND, NOW + 5)->made = 3;
    struct flow_elsewhere tea = reports_sum_up(&reports, "tea", NOW);
    CU_ASSERT_EQUAL(tea.made, 5);
    CU_ASSERT_EQUAL(tea.made_until, NOW + 5 + REPORTS_PATIENCE);
    tea = reports_sum_up(&reports, "tea", NOW + 5 + REPORTS_PATIENCE);
    CU_ASSERT_EQUAL(tea.made_until, 0);
    reports_free(&reports);
}

static void a_report_is_found_again_while_it_holds(void)
{
    struct reports reports = {{NULL}};
    struct report *first = report(&reports, 1, "tea", PRESSURE_BEHIND, NOW + 5);
    CU_ASSERT_PTR_EQUAL(reports_of(&reports, 1, NOW), first);
    CU_ASSERT_EQUAL(first->count, 1);
    CU_ASSERT_PTR_EQUAL(reports_of(&reports, 1, NOW + 5), first);
    CU_ASSERT_EQUAL(first->count, 0);
    reports_free(&reports);
}

/* A machine that is gone gives its place up. */
static void there_are_only_so_many_machines(void)
{
    struct reports reports = {{NULL}};
    for (uint64_t node = 1; node <= REPORTS_MACHINES; node++)
        report(&reports, node, "tea", PRESSURE_BEHIND, NOW + (int64_t)node);
    CU_ASSERT_PTR_NULL(reports_of(&reports, 1000, NOW));
    CU_ASSERT_PTR_NOT_NULL(reports_of(&reports, 1000, NOW + 1));
    CU_ASSERT_PTR_NULL(reports_of(&reports, 1001, NOW));
    reports_free(&reports);
}

/* No reader is forgotten because there are many rooms: the last entry is for all of them. */
static void what_does_not_fit_holds_for_all_rooms(void)
{
    struct reports reports = {{NULL}};
    char name[NAME_SIZE];
    for (int i = 1; i < REPORTS_ROOMS; i++) {
        snprintf(name, sizeof name, "room%d", i);
        report(&reports, 1, name, PRESSURE_BEHIND, NOW + 5);
    }
    CU_ASSERT_EQUAL(reports_everywhere_until(&reports), 0);
    report(&reports, 1, "one-more", 0, NOW + 5);
    CU_ASSERT_EQUAL(reports_everywhere_until(&reports), 0);
    report(&reports, 1, "another", PRESSURE_BEHIND, NOW + 5);
    CU_ASSERT_EQUAL(reports_everywhere_until(&reports), NOW + 5);
    reports_free(&reports);
}

static const struct test tests[] = {
    {"each room has its own", each_room_has_its_own},
    {"all machines count", all_machines_count},
    {"the slowest machine counts", the_slowest_machine_counts},
    {"a report is found again while it holds", a_report_is_found_again_while_it_holds},
    {"there are only so many machines", there_are_only_so_many_machines},
    {"what does not fit holds for all rooms", what_does_not_fit_holds_for_all_rooms},
};

void add_reports_suite(void)
{
    SUITE_ADD("reports", tests);
}
