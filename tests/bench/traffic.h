/*
 * Who says what and when: talkers at a pace, in turn; flooders as fast as their sockets take it;
 * askers, who say nothing to the room; passers-by that come in and leave. Begun for one stretch of
 * time, and stepped through it.
 */
#ifndef BENCH_TRAFFIC_H
#define BENCH_TRAFFIC_H

#include "crowd.h"

#include <stdbool.h>
#include <stdint.h>

struct traffic {
    struct crowd *crowd;
    const struct options *options;

    uint32_t *numbers; /* by author: the number of its next line */
    uint64_t said_talk;
    uint64_t said_flood;

    uint64_t began_ns;
    uint64_t until_ns;
    uint64_t paced_lines; /* of this stretch */
    uint64_t paced_said;
    uint64_t paced_every_ns;
    uint64_t worst_lateness_ns; /* of a paced line, because this process was busy reading */
    uint64_t *flood_left;       /* by flooder: lines to say yet; UINT64_MAX: until the end */
    bool measured;
    uint64_t asked; /* commands by all askers together, of this stretch */
    uint64_t passers_every_ns;
    uint64_t passers_begun;
};

/* Ends the process if memory runs out. */
void traffic_open(struct traffic *traffic, struct crowd *crowd);
void traffic_close(struct traffic *traffic);

/*
 * Begins a stretch of `seconds` of talk, with `flood_lines` by all flooders together (UINT64_MAX:
 * as many as go out in that time). Pasters, askers at a pace and newcomers that stall do nothing
 * unless it is measured.
 */
void traffic_begin(struct traffic *traffic, double seconds, uint64_t flood_lines, bool measured);

/* Says the paced lines that are due. Cheap if none is: made to be called from a busy loop. */
void traffic_pace(struct traffic *traffic);

/* Does all that is due now. Returns the nanoseconds until there is more to do, 0 if at once. */
uint64_t traffic_step(struct traffic *traffic);

/* Whether the stretch is over: everything has been said and has gone out. */
bool traffic_over(const struct traffic *traffic);

/* How many deliveries of what has been said so far are still owed to those who must get all. */
uint64_t traffic_owed(const struct traffic *traffic);

#endif
