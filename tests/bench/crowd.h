/*
 * The clients of the load generator: it connects them, gets them into the room, reads what they
 * receive and counts it. One event loop, edge-triggered, so that a delivery costs this process a
 * share of one wake-up and one recv: this process must never be the limit for the server under
 * test.
 */
#ifndef BENCH_CROWD_H
#define BENCH_CROWD_H

#include "histogram.h"
#include "ledger.h"
#include "options.h"
#include "peer.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Counted separately for paced lines and for the flood: the effect of a flood on other members
 * shows in the latency of the paced lines.
 */
struct tally {
    uint64_t deliveries;
    struct histogram latency;
};

/* One room. Its witness is a client that never talks; see ledger.h. */
struct crowd_room {
    struct ledger *ledger;
    struct peer *witness;
};

struct crowd {
    const struct options *options;
    int epoll;
    struct sockaddr_in servers[OPTIONS_SERVERS_MAX];
    struct sockaddr_in terminals;       /* where listeners connect if they are at terminals */
    const struct dialect *at_terminals; /* their dialect */
    struct peer *peers; /* options->clients members of the room, then the passers-by */
    struct crowd_room *rooms;
    uint32_t room_count; /* at least 1 */
    uint32_t started;    /* members: connections begun */
    uint32_t in;         /* members: now in the room */
    uint32_t refused;    /* members: refused */
    uint32_t lost;       /* members that the server disconnected, without the stalled */
    uint64_t arrivals;   /* join notices read by members */

    struct tally talk;
    struct tally flood;
    struct histogram far;    /* of talk, where reader and author are at two servers */
    uint64_t *completion_ns; /* by paced line: the time until the last receiver had it */
    size_t completion_lines;
    uint64_t foreign; /* messages without a valid author: garbled in transit */
    uint64_t last_delivery_ns;
    uint64_t last_byte_ns;

    uint32_t passers_by; /* visitors, or newcomers that stall: how many are in peers */
    uint32_t visits;     /* visits begun by passers-by */
    uint64_t passed;     /* visits that entered the room and left */
    uint64_t turned_away;

    bool slowed;     /* the slow and the lazy read at their rates */
    bool stalled;    /* the stalled no longer read */
    uint64_t random; /* state of the lazy readers' random generator */

    char *buffer;
};

/* Makes a crowd without connections. Ends the process on failure. */
void crowd_open(struct crowd *crowd, const struct options *options);

/* Closes all connections and frees everything. */
void crowd_close(struct crowd *crowd);

/* Begins as many connections as the window allows. */
void crowd_invite(struct crowd *crowd);

/* Begins one passer-by's visit. Must not be called from crowd_turn's `between`. */
void crowd_pass_by(struct crowd *crowd);

/*
 * Waits at most `wait_ns` for readable or writable sockets, and handles them. Calls
 * between(context) every few dozen events, so that pacing continues during a long turn.
 */
void crowd_turn(struct crowd *crowd, uint64_t wait_ns, void (*between)(void *context),
                void *context);

/* Sends the peer's pending lines, and removes the peer if that fails. */
void crowd_flush(struct crowd *crowd, struct peer *peer);

/* Resets all counts and times, but not what has been read. */
void crowd_measure_from_here(struct crowd *crowd);

/* The times until the last receiver had each paced line, one time for each line. */
void crowd_completion(const struct crowd *crowd, struct histogram *completion);

/* From now on the slow and the lazy read only in crowd_tend(). */
void crowd_slow_down(struct crowd *crowd);

/* Lets those of them read whose time has come; must be called every few milliseconds. */
void crowd_tend(struct crowd *crowd);

/* From now on the slow and the lazy read everything at once again. */
void crowd_hurry(struct crowd *crowd);

/* From now on the stalled do not read. */
void crowd_stall(struct crowd *crowd);

/* How many of the stalled the server has disconnected. Reads what is left for them. */
uint32_t crowd_stalled_gone(struct crowd *crowd);

/* The room of the client with this id. */
struct crowd_room *crowd_room_of(const struct crowd *crowd, uint32_t id);

/* Lets only the first room's witness read for `ns`, so that it has read all that any other has. */
void crowd_witness_catches_up(struct crowd *crowd, uint64_t ns);

/* Writes the peer's name, at most DIALECT_NAME_BYTES. */
void crowd_name(const struct crowd *crowd, const struct peer *peer, char *name);

/* Whether this peer must receive everything: a member that is neither stalled nor lost. */
bool crowd_counts(const struct peer *peer);

#endif
