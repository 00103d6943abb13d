/* The options of one run of the load generator. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include "dialect.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { OPTIONS_SERVERS_MAX = 8 };

/* Processes that are measured. */
struct options_pids {
    uint32_t count;
    pid_t pids[OPTIONS_SERVERS_MAX];
};

struct options {
    const char *host;
    uint32_t servers; /* that are one chat; the clients are spread over them */
    uint16_t ports[OPTIONS_SERVERS_MAX];
    struct options_pids pids;   /* of the servers, for processor time and memory */
    struct options_pids beside; /* of what works for them, for its processor time */
    const struct dialect *dialect;
    bool tls;               /* the clients speak TLS */
    uint16_t terminal_port; /* listeners connect to this port as terminals; 0: as all others do */

    uint32_t clients;  /* in the room, including those below; at least one only listens */
    uint32_t talkers;  /* send paced lines */
    uint32_t flooders; /* send as fast as their sockets allow; the last ones are pasters */
    uint32_t pasters;  /* send `paste` bytes at once, and nothing else */
    uint32_t askers;   /* send `ask` repeatedly, and read the answers */
    uint32_t slow;     /* read `slow_rate` bytes a second during the measurement */
    uint32_t stalled;  /* stop reading during the flood */
    uint32_t rooms;    /* they leave the first room, and are spread over so many; 0: they stay */
    char initial;      /* with which their names, and those of these rooms, begin */
    uint32_t sources;  /* addresses to connect from: 127.0.0.1 and up */

    uint64_t paste;       /* bytes of one paste */
    double slow_rate;     /* bytes per second */
    double lazy_least_ms; /* the least time between reads of all but the talkers ... */
    double lazy_most_ms;  /* ... and the greatest; 0: they read at once */
    const char *ask;      /* commands separated by bars; @ stands for the name of the last client */
    double ask_rate;      /* per second and asker; 0: as fast as its socket allows */
    double stall_every;   /* seconds between two newcomers that stop reading; 0: none */

    double pace;       /* lines per second of all talkers together */
    double seconds;    /* duration of the talk */
    double warmup;     /* seconds of the same talk before the measurement */
    uint64_t lines;    /* all flood lines together; 0: as many as possible during the talk */
    bool unfinished;   /* the flood may be incomplete, since the server throttles it */
    uint32_t size;     /* bytes of a line as sent, with its LF */
    double stall_at;   /* the fraction of the flood after which the stalled stop reading */
    double churn;      /* clients per second that enter and leave */
    uint32_t window;   /* simultaneous connection attempts at the start; 0: all */
    bool all_arrivals; /* every client must read the join notice of every later one */

    double quiet;    /* seconds without input that count as quiet */
    double settle;   /* greatest time to wait for quiet, in seconds */
    double patience; /* seconds without a delivery after which the rest counts as lost */
};

/*
 * Reads the command line. On an error ends the process with status 2 and a message that names the
 * option; after --help with status 0.
 */
void options_read(struct options *options, int argc, char **argv);

#endif
