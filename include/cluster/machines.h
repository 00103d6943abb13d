/*
 * machines: the machines of a cluster, as the stream tells of them. A machine that is started again
 * is another one, with the same id and another boot.
 *
 * Entries stay at their places until all are freed: users refer to the names (chat/user.h). For one
 * thread, but for the constant parts of an entry.
 */
#ifndef CLUSTER_MACHINES_H
#define CLUSTER_MACHINES_H

#include "cluster/wire.h"

#include <stdbool.h>
#include <stdint.h>

struct machine {
    char name[WIRE_NODE_NAME_MAX + 1]; /* constant, as the next ones */
    uint64_t id, boot;
    bool gone;       /* it has ended, or is not heard: what it says does not count any more */
    uint64_t number; /* of its last message, */
    int64_t heard;   /* and when that came, by the machines' clock; */
    int64_t ahead;   /* how far that clock is ahead of this machine's, */
    bool timed;      /* if it has told a time */
    struct machine *next;
};

/*
 * All zero is empty. The clock runs by the times that machines give their messages, in
 * milliseconds, so it shows the same on all machines. Only how far a machine's own time goes on
 * counts: their clocks need not agree. As each machine that is there says something at least every
 * MACHINES_BEAT, a longer time in which the clock was not moved is one in which nobody could be
 * heard: it counts as MACHINES_STEP_MAX. A message can come late, by MACHINES_LATE_MAX at most;
 * then it moves nothing.
 */
enum {
    MACHINES_BEAT = 2000, /* milliseconds; also the next ones */
    MACHINES_STEP_MAX = 2500,
    MACHINES_LATE_MAX = 60000,
    MACHINES_SILENCE_MAX = 7500 /* who says nothing for longer is gone */
};

struct machines {
    struct machine *first;
    int64_t clock; /* milliseconds */
};

/*
 * The low byte of a boot counts how often the process has come into the cluster anew. Without it,
 * it stands for the process, to which letters go (cluster/post.h).
 */
#define MACHINES_ANEW UINT64_C(0xFF)

/* Returns the id of the machine with a name: not 0. */
uint64_t machines_id(const char *name);

/* Returns a machine, gone or not; NULL if there is none. */
struct machine *machines_find(const struct machines *machines, uint64_t id, uint64_t boot);

/* Adds a machine, with a name of at most WIRE_NODE_NAME_MAX bytes. Returns NULL without memory. */
struct machine *machines_add(struct machines *machines, uint64_t id, uint64_t boot,
                             struct words name);

/* Returns the machine of which a user has the name; NULL if it is that of none. */
const struct machine *machines_of(const struct machines *machines, const char *name);

/*
 * Notes that a message came, from whom (NULL: from none of them), and its time (clock_utc() of its
 * machine; 0: it has none). Returns a machine that was not heard for too long, which the caller
 * marks as gone, to call again; NULL if there is none.
 */
struct machine *machines_hear(struct machines *machines, struct machine *from, int64_t time);

/* Frees all machines. */
void machines_free(struct machines *machines);

#endif
