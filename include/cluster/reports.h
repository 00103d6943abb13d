/*
 * reports: what the other machines of a cluster have told last of the readers in their rooms
 * (chat/pressure.h), and for how long that holds. All zero: nothing. For one thread.
 */
#ifndef CLUSTER_REPORTS_H
#define CLUSTER_REPORTS_H

#include "base/clock.h"
#include "chat/flow.h"
#include "chat/name.h"

#include <stddef.h>
#include <stdint.h>

/* A report that is older counts no more: the machine may be gone. It is told anew before. */
#define REPORTS_HOLD     (300 * CLOCK_MILLISECOND)
#define REPORTS_INTERVAL (100 * CLOCK_MILLISECOND)

/* How much longer a machine is waited for that is to tell how far it has made a flood. */
#define REPORTS_PATIENCE (700 * CLOCK_MILLISECOND)

enum {
    REPORTS_ROOMS = 32,   /* that a report tells of */
    REPORTS_MACHINES = 64 /* that are heard at once */
};

/* What a machine tells. A room without a name stands for all rooms. */
struct report {
    uint64_t node;
    int64_t until; /* clock_now(); it holds until then */
    uint64_t made; /* up to that place of the order the machine has made all */
    size_t count;
    struct report_room {
        char name[NAME_SIZE];
        unsigned states; /* of enum pressure_state */
    } rooms[REPORTS_ROOMS];
};

struct reports {
    struct report *machines[REPORTS_MACHINES]; /* NULL: none yet */
};

/*
 * Returns a machine's report, to be filled in anew; it is empty if it does not hold any more. NULL
 * when memory is out, or there are too many machines.
 */
struct report *reports_of(struct reports *reports, uint64_t node, int64_t now);

/* Adds a room to a report. What does not fit holds for all rooms. `length` is that of the name. */
void report_add(struct report *report, const char *name, size_t length, unsigned states);

/* Puts together what all machines have told of a room. */
struct flow_elsewhere reports_sum_up(const struct reports *reports, const char *name, int64_t now);

/* Returns until when readers are behind that count in all rooms. */
int64_t reports_everywhere_until(const struct reports *reports);

/* Frees all reports. */
void reports_free(struct reports *reports);

#endif
