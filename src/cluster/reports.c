#include "base/platform.h"

#include "cluster/reports.h"

#include <stdlib.h>
#include <string.h>

struct report *reports_of(struct reports *reports, uint64_t node, int64_t now)
{
    struct report **free_place = NULL;
    for (size_t i = 0; i < REPORTS_MACHINES; i++) {
        struct report **place = &reports->machines[i];
        bool holds = *place != NULL && now < (*place)->until;
        if (*place != NULL && (*place)->node == node) {
            if (!holds)
                (*place)->count = 0;
            return *place;
        }
        if (!holds && free_place == NULL)
            free_place = place;
    }
    if (free_place == NULL)
        return NULL;
    if (*free_place == NULL)
        *free_place = calloc(1, sizeof **free_place);
    if (*free_place != NULL) {
        (*free_place)->node = node;
        (*free_place)->count = 0;
    }
    return *free_place;
}

void report_add(struct report *report, const char *name, size_t length, unsigned states)
{
    bool last = report->count + 1 >= REPORTS_ROOMS;
    struct report_room *room = &report->rooms[last ? REPORTS_ROOMS - 1 : report->count];
    if (report->count == REPORTS_ROOMS) {
        room->states |= states;
        return;
    }
    report->count++;
    if (last || length >= sizeof room->name)
        length = 0;
    memcpy(room->name, name, length);
    room->name[length] = '\0';
    room->states = states;
}

static int64_t later(int64_t one, int64_t other)
{
    return one > other ? one : other;
}

/* The slowest machine counts. */
static void add_made(struct flow_elsewhere *elsewhere, uint64_t made, int64_t until)
{
    if (elsewhere->made_until == 0 || made < elsewhere->made)
        elsewhere->made = made;
    elsewhere->made_until = later(elsewhere->made_until, until);
}

static void add_up(struct flow_elsewhere *elsewhere, unsigned states, int64_t until)
{
    if (states & PRESSURE_BEHIND)
        elsewhere->behind_until = later(elsewhere->behind_until, until);
    if (states & PRESSURE_NEAR_LIMIT)
        elsewhere->near_limit_until = later(elsewhere->near_limit_until, until);
    if (states & PRESSURE_FLOOD) {
        elsewhere->flood_until = later(elsewhere->flood_until, until);
        elsewhere->floods++;
    }
}

static void add(struct flow_elsewhere *elsewhere, const struct report *report, unsigned states,
                int64_t now)
{
    int64_t patience_end = report->until + REPORTS_PATIENCE;
    add_up(elsewhere, states, report->until);
    if ((states & PRESSURE_FLOODED) && now < patience_end)
        add_made(elsewhere, report->made, patience_end);
}

struct flow_elsewhere reports_sum_up(const struct reports *reports, const char *name, int64_t now)
{
    struct flow_elsewhere elsewhere = {0};
    for (size_t i = 0; i < REPORTS_MACHINES; i++) {
        const struct report *report = reports->machines[i];
        for (size_t j = 0; report != NULL && j < report->count; j++)
            if (strcmp(report->rooms[j].name, name) == 0)
                add(&elsewhere, report, report->rooms[j].states, now);
    }
    return elsewhere;
}

int64_t reports_everywhere_until(const struct reports *reports)
{
    return reports_sum_up(reports, "", 0).behind_until;
}

void reports_free(struct reports *reports)
{
    for (size_t i = 0; i < REPORTS_MACHINES; i++)
        free(reports->machines[i]);
    *reports = (struct reports){0};
}
