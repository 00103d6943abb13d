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
    bool forgotten;  /* it counts as if it had never been */
    uint64_t number; /* of its last message, */
    int64_t heard;   /* and when that came, by the machines' clock; */
    int64_t ahead;   /* how far that clock is ahead of this machine's, */
    bool timed;      /* if it has told a time */
    /* What operators are told (chat/ordering.h); nothing else depends on it: */
    int64_t received; /* clock_now() of its last message; 0: it is told by a state alone, */
    int64_t off;      /* how far its clock was ahead of this machine's then, in milliseconds, */
    uint64_t behind;  /* and how many messages it had still to make at its last beat */
    struct machine *next;
};

/*
 * All zero is empty. The clock runs by the times that machines give their messages, in
 * milliseconds, so it shows the same on all machines. Only how far a machine's own time goes on
 * counts: their clocks need not agree. As each machine that is there says something at least every
 * MACHINES_BEAT, a longer time in which the clock was not moved is one in which nobody could be
 * heard: an outage. It counts as MACHINES_STEP_MAX, or twice that if messages of before it are
 * published again, however many machines there are: each has been silent, and moves the clock by
 * its share when it is heard again, so who is heard last of all is not taken for one that has died.
 * A message can come late, by MACHINES_LATE_MAX at most; then it moves nothing.
 */
enum {
    MACHINES_BEAT = 2000, /* milliseconds; also the next ones */
    MACHINES_STEP_MAX = 2500,
    MACHINES_LATE_MAX = 60000,
    MACHINES_SILENCE_MAX = 7500,      /* who says nothing for longer is gone */
    MACHINES_REMEMBERED = 3600 * 1000 /* who is gone is known for so long since it was heard */
};

struct machines {
    struct machine *first;       /* the others behind it, in the order of their beginning */
    struct change_limits limits; /* of all machines; zero before the first one */
    int64_t clock;               /* milliseconds */
};

/*
 * The low byte of a boot counts how often the process has come into the cluster anew. Without it,
 * it stands for the process, to which letters go (cluster/post.h).
 */
#define MACHINES_ANEW UINT64_C(0xFF)

/*
 * Makes the boot of a process that begins now (clock_utc()), and returns when one began, by its own
 * clock. Two of one machine do not begin in the same millisecond with the same process id.
 */
uint64_t machines_boot(int64_t now, long process);
int64_t machines_since(uint64_t boot);

/* Returns the id of the machine with a name: not 0. */
uint64_t machines_id(const char *name);

/* Returns a machine, gone or not; NULL if there is none, or none any more. */
struct machine *machines_find(const struct machines *machines, uint64_t id, uint64_t boot);

/* Adds a machine, with a name of at most WIRE_NODE_NAME_MAX bytes. Returns NULL without memory. */
struct machine *machines_add(struct machines *machines, uint64_t id, uint64_t boot,
                             struct words name);

/*
 * Whether a machine may begin with these limits: they are those of the others. If no other one is
 * there, they hold from now on. Another run of the same machine does not count.
 */
bool machines_agree(struct machines *machines, uint64_t id, const struct change_limits *limits);

/* Returns the machine with an id that is not gone; NULL if there is none. */
struct machine *machines_living(const struct machines *machines, uint64_t id);

/* Returns how many machines with lower ids are not gone. */
unsigned machines_rank(const struct machines *machines, uint64_t id);

/* Returns the machine of which a user has the name; NULL if it is that of none. */
const struct machine *machines_of(const struct machines *machines, const char *name);

/*
 * Notes that a message came, from whom (NULL: from none of them), and its time (clock_utc() of its
 * machine; 0: it has none). Returns a machine that was not heard for too long, which the caller
 * marks as gone, to call again; NULL if there is none.
 */
struct machine *machines_hear(struct machines *machines, struct machine *from, int64_t time);

/*
 * Tells what later messages lead to depends on, as CHANGE_STATE_CLOCK and CHANGE_STATE_MACHINE
 * (chat/state.h). Returns false if `hear` has.
 */
bool machines_tell(const struct machines *machines,
                   bool (*hear)(void *context, const struct change *change), void *context);

/*
 * Makes what one of these changes tells; other kinds do nothing. Returns false without memory. All
 * machines are to be forgotten before.
 */
bool machines_make(struct machines *machines, const struct change *change);

/* Has all machines be gone and forgotten, and the clock begin anew. */
void machines_forget(struct machines *machines);

/* Frees all machines. */
void machines_free(struct machines *machines);

#endif
