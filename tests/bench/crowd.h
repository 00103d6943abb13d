/*
 * Everyone the load generator plays: it connects them, gets them into the room, reads what reaches
 * them and keeps count. One event loop, edge-triggered, so that a delivery costs this process one
 * wake-up's share and one recv: it must never be what limits the server under test.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "histogram.h"
#include "ledger.h"
#include "options.h"
#include "peer.h"

#include <stdbool.h>
#include <stdint.h>

/* Kept apart for what is said at a pace and for the flood: what a flood does to the others shows
 * in the latency of the others. */
struct tally {
    uint64_t deliveries;
    struct histogram latency;
};

struct crowd {
    const struct options *options;
    int epoll;
    struct sockaddr_in server;
    struct ledger *ledger;

    struct peer *peers; /* options->clients of the room, then the passers-by */
    struct peer *witness;
    uint32_t started;  /* of the room: connections begun */
    uint32_t in;       /* of the room: have come in */
    uint32_t refused;  /* of the room: were not let in */
    uint32_t lost;     /* of the room: were in, and ended by the server, the stalled not counted */
    uint64_t arrivals; /* notices that someone has come in, as read by the room */

    struct tally talk;
    struct tally flood;
    uint64_t *completion_ns; /* by paced line: how long it took to reach the last one */
    size_t completion_lines;
    uint64_t foreign; /* messages from an author who is not one: garbled in transit */
    uint64_t last_delivery_ns;
    uint64_t last_byte_ns;

    uint32_t passers_by; /* visitors, or newcomers that stall: their places in peers */
    uint32_t visits;     /* begun by passers-by */
    uint64_t passed;     /* came in and left */
    uint64_t turned_away;

    bool slowed;     /* the slow and the lazy read as they do */
    bool stalled;    /* the stalled read no more */
    uint64_t random; /* state of the generator for the lazy */

    char *buffer;
};

/* A crowd that has not begun to connect. Ends the process if it cannot be had. */
void crowd_open(struct crowd *crowd, const struct options *options);

/* Ends every connection and frees everything. */
void crowd_close(struct crowd *crowd);

/* Begins as many connections as the window allows. */
void crowd_invite(struct crowd *crowd);

/* Begins the visit of one passer-by. Not to be called from crowd_turn's `between`. */
void crowd_pass_by(struct crowd *crowd);

/*
 * Waits at most `wait_ns` for something to read or room to write, and deals with what there is.
 * Calls between(context) every few dozen events, so that a clock can be kept in a long turn.
 */
void crowd_turn(struct crowd *crowd, uint64_t wait_ns, void (*between)(void *context),
                void *context);

/* Says the lines that the peer has unsent, and takes the peer off the list if that fails. */
void crowd_flush(struct crowd *crowd, struct peer *peer);

/* Forgets what has been counted and timed so far, but not what has been read. */
void crowd_measure_from_here(struct crowd *crowd);

/* How long the paced lines took to reach the last of those they reached, one time for each line. */
void crowd_completion(const struct crowd *crowd, struct histogram *completion);

/* From now on the slow and the lazy read only when crowd_tend() has them do so. */
void crowd_slow_down(struct crowd *crowd);

/* Has those of them read whose time has come; to be called every few milliseconds. */
void crowd_tend(struct crowd *crowd);

/* And from now on they read all there is again. */
void crowd_hurry(struct crowd *crowd);

/* The stalled read no more from now on. */
void crowd_stall(struct crowd *crowd);

/* How many of the stalled the server has ended by now. Reads what they were owed. */
uint32_t crowd_stalled_gone(struct crowd *crowd);

/* Lets the witness alone read on for `ns`, so that it has seen whatever any other has. */
void crowd_witness_catches_up(struct crowd *crowd, uint64_t ns);

/* Writes the name that the peer goes by, DIALECT_NAME_BYTES at most. */
void crowd_name(const struct peer *peer, char *name);

/* Whether this peer must get everything: it is of the room, and neither stalled nor lost. */
bool crowd_counts(const struct peer *peer);

#endif
