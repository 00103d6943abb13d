/*
 * crowd: all the simulated clients, and what they do when.
 *
 * A run has stages: the observer joins; clients join, talk and leave at random; all fall silent and
 * receive everything outstanding; each client that is left sends one more line, which all must
 * receive; all leave; the observer leaves.
 *
 * A free place in the crowd is taken by a new client with a new name. A client's decisions follow
 * from the seed and its serial number, except where they depend on who is in the room.
 */
#ifndef STRESS_CROWD_H
#define STRESS_CROWD_H

#include "channel.h"
#include "ledger.h"

#include <stdbool.h>
#include <stdint.h>

struct crowd;

struct crowd_plan {
    uint64_t seed;
    unsigned clients;        /* places, without the observer */
    unsigned slow;           /* of these, places for slow readers */
    unsigned slow_least;     /* bytes per second of the slowest reader */
    unsigned hostile;        /* hostile clients, not counted in clients */
    uint64_t volume;         /* bytes sent per second by all, about; 0: no limit */
    uint64_t steps;          /* actions of clients in the talking stage; 0: no limit */
    int64_t talk_millis;     /* longest talking stage; 0: no limit */
    int64_t deadline_millis; /* longest run */
    struct places places;    /* where clients come in; hostile ones at the first */
};

/* Returns a crowd without connections, or NULL when memory is out. */
struct crowd *crowd_gather(const struct crowd_plan *plan);

/*
 * Runs all the stages, until all are done or a violation was found; a deadline that passes is one.
 * Returns the totals of the run.
 */
struct ledger_totals crowd_run(struct crowd *crowd);

/* Closes all connections and frees everything. */
void crowd_disperse(struct crowd *crowd);

#endif
