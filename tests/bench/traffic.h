/*
 * What the clients send, and when: talkers take turns at a pace, flooders send as fast as their
 * sockets allow, askers send commands only, and passers-by enter and leave. Traffic is begun for
 * one stretch of time, and advanced step by step.
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
    struct traffic_said {
        uint64_t talk;
        uint64_t flood;
    } * said; /* lines by room */

    uint64_t began_ns;
    uint64_t until_ns;
    uint64_t paced_lines; /* in this stretch */
    uint64_t paced_said;
    uint64_t paced_every_ns;
    uint64_t worst_lateness_ns; /* of a paced line, when this process was busy reading */
    uint64_t *flood_left;       /* by flooder: lines left to send; UINT64_MAX: until the end */
    bool measured;
    uint64_t asked; /* commands of all askers in this stretch */
    uint64_t passers_every_ns;
    uint64_t passers_begun;
};

/* Ends the process when memory is out. */
void traffic_open(struct traffic *traffic, struct crowd *crowd);
void traffic_close(struct traffic *traffic);

/*
 * Begins a stretch of `seconds` of talk, with `flood_lines` of all flooders together (UINT64_MAX:
 * as many as possible in that time). Pasters, paced askers and newcomers that stall are active only
 * if `measured`.
 */
void traffic_begin(struct traffic *traffic, double seconds, uint64_t flood_lines, bool measured);

/* Sends the paced lines that are due. Cheap if none is, so it can be called in a busy loop. */
void traffic_pace(struct traffic *traffic);

/* Does all that is due now. Returns the nanoseconds until more is due, 0 if at once. */
uint64_t traffic_step(struct traffic *traffic);

/* Whether the stretch is over: everything has been written and sent. */
bool traffic_over(const struct traffic *traffic);

/* How many deliveries of the lines sent so far are outstanding, to peers that must receive all. */
uint64_t traffic_owed(const struct traffic *traffic);

#endif
