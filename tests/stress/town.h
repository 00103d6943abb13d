/*
 * town: several rooms with their wardens, and the visitors that come to them.
 *
 * A run has stages: the wardens make the rooms; visitors come, talk, move and go at random; all
 * fall silent and get everything; all leave. What a visitor does follows from the seed and its
 * serial number, but for what depends on who is there.
 */
#ifndef STRESS_TOWN_H
#define STRESS_TOWN_H

#include "channel.h"
#include "chronicle.h"

#include <stdbool.h>
#include <stdint.h>

struct town;

struct town_plan {
    uint64_t seed;
    unsigned rooms;   /* with the lobby */
    unsigned clients; /* visitors at a time */
    bool accounts;    /* names can be registered, and the lobby's warden is an operator */
    int64_t talk_millis;
    int64_t deadline_millis; /* longest run */
    struct places places;    /* where they come in; wardens at the first */
};

/* Returns a town without connections, or NULL when memory is out. */
struct town *town_found(const struct town_plan *plan);

/* Runs all the stages, until they are done, a violation was found, or a deadline has passed. */
struct chronicle_totals town_run(struct town *town);

/* Closes all connections, and frees everything. */
void town_abandon(struct town *town);

#endif
