/* What one run of the load generator is to do, as its command line says. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include "dialect.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct options {
    const char *host;
    uint16_t port;
    pid_t pid; /* the server's, for its processor time and memory; 0: unknown */
    const struct dialect *dialect;

    uint32_t clients; /* in the room, those below among them; one at least only listens */
    uint32_t talkers; /* speak at a pace */
    uint32_t
        flooders;     /* speak as fast as their sockets take it; the pasters are the last of them */
    uint32_t pasters; /* say `paste` bytes at once, and that is all */
    uint32_t askers;  /* say `ask` to the server, again and again, and read what it answers */
    uint32_t slow;    /* read steadily, `slow_rate` bytes a second, as long as it is measured */
    uint32_t stalled; /* stop reading during the flood */
    uint32_t sources; /* addresses to connect from: 127.0.0.1 and up */

    uint64_t paste;       /* bytes of one paste */
    double slow_rate;     /* bytes a second */
    double lazy_least_ms; /* all but the talkers read now and then only, so seldom ... */
    double lazy_most_ms;  /* ... or so; 0: as ever */
    const char *ask;      /* commands, between bars; an @ is the name of the last client */
    double ask_rate;      /* a second from each asker; 0: as fast as its socket takes them */
    double stall_every;   /* seconds from one newcomer that stops reading to the next; 0: none */

    double pace;       /* lines a second, all talkers together */
    double seconds;    /* how long the talkers talk */
    double warmup;     /* seconds of the same talk beforehand, not measured */
    uint64_t lines;    /* what the flooders say in all; 0: as much as they can while others talk */
    bool unfinished;   /* the flood need not arrive whole: the server slows it down on purpose */
    uint32_t size;     /* bytes of a line as its author sends it, LF included */
    double stall_at;   /* the part of the flood after which the stalled stop reading */
    double churn;      /* clients a second that come in and leave again */
    uint32_t window;   /* connections under way at once while the room fills; 0: all */
    bool all_arrivals; /* every client must see every later one come in */

    double quiet;    /* seconds without a byte that count as quiet */
    double settle;   /* seconds to wait for that at most */
    double patience; /* seconds without a delivery until the rest counts as lost */
};

/*
 * Reads the command line. Ends the process with status 2 and a message that names the option when
 * something is wrong with it, and with 0 after --help.
 */
void options_read(struct options *options, int argc, char **argv);

#endif
