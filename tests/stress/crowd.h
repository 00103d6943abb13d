/*
 * crowd: all the simulated clients, and who does what when.
 *
 * A run has stages: the observer comes; the crowd comes, talks and goes at random; everyone falls
 * silent and gets all that is owed; each who is left says one line more, which all must get; they
 * leave one and all; the observer leaves.
 *
 * A place in the crowd that becomes free is taken by a new client with a new name. What a client
 * decides follows from the seed and its serial number, except where it depends on who is there.
 */
#ifndef STRESS_CROWD_H
#define STRESS_CROWD_H

#include "ledger.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct crowd;

struct crowd_plan {
    uint64_t seed;
    unsigned clients;        /* places; the observer comes on top */
    unsigned slow;           /* of these, whose clients mostly read slowly */
    unsigned slow_least;     /* bytes a second that the slowest reads */
    unsigned hostile;        /* on top, too: clients that mean harm */
    uint64_t volume;         /* bytes a second that are said in all, about; 0: no limit */
    uint64_t steps;          /* acts of clients in the talking stage; 0: no limit */
    int64_t talk_millis;     /* longest talking stage; 0: no limit */
    int64_t deadline_millis; /* longest run */
    struct sockaddr_storage address;
    socklen_t address_length;
};

/* Returns a crowd that is still at home, or NULL without memory. */
struct crowd *crowd_gather(const struct crowd_plan *plan);

/* Runs all the stages, until all is done or something is wrong; a deadline that passes is wrong.
   Returns the sums of the run. */
struct ledger_totals crowd_run(struct crowd *crowd);

/* Drops all connections and frees everything. */
void crowd_disperse(struct crowd *crowd);

#endif
