/*
 * chronicle_inside: what the parts of the chronicle share: chronicle.c has the orders, reading.c
 * what readers get. Private to them.
 */
#ifndef STRESS_CHRONICLE_INSIDE_H
#define STRESS_CHRONICLE_INSIDE_H

#include "chronicle.h"

#include <limits.h>

#define ENTRY_NONE UINT32_MAX

struct entry {
    struct event event;
    uint64_t seq; /* of the last talk up to here */
};

struct order {
    struct entry *entries;
    uint32_t count, capacity;
    uint64_t first_seq; /* of the first talk; 0: none yet */
    uint64_t seq;       /* of the last talk */
    enum rule moderated;
};

/* Where a client is in a room, by its order. */
struct membership {
    uint32_t visits;
    uint32_t joined_at;
    uint32_t left_at;     /* ENTRY_NONE while it is in it */
    uint32_t left_before; /* where the visit before this one ended */
    uint32_t name;
    uint32_t last_heard; /* action */
    uint32_t kicks;      /* that are allowed and have not happened */
    enum rule muted, floor;
};

enum slice_state { SLICE_OUT, SLICE_IN, SLICE_ENDING };

/* What a reader gets of a room. */
struct slice {
    enum slice_state state;
    uint32_t visits;
    uint32_t position; /* of the next entry */
    uint64_t resume; /* what it has asked for begins with this number; 0: it goes on where it is */
    unsigned jumps;  /* how often that has come */
    bool gap;        /* all but talk may be missing until the next talk ... */
    bool gap_stays;  /* ... that comes when this is not set any more */
};

struct ignored {
    uint32_t serial; /* 0: none */
    enum rule rule;
    unsigned grace; /* RULE_OFF: bits of the rooms in which lines may still be missing */
};

/* An event for all rooms, which a reader got, or has passed in a room and not got yet. */
struct told {
    struct event event;
    bool optional;
    bool due;  /* it was passed before the reader asked for all that was said */
    bool over; /* that was answered: if it may be missing, it does not come any more */
};

struct told_list {
    struct told *items;
    size_t count, capacity;
};

/* Of an action that was not sent. */
enum { HEARD_OMITTED = UCHAR_MAX };

enum fate { FATE_UNKNOWN, FATE_ACKNOWLEDGED, FATE_UNCERTAIN };

struct action {
    unsigned char fate;
    unsigned char heard; /* room + 1; 0: in none; or HEARD_OMITTED */
};

struct person {
    struct action *actions; /* by number */
    uint32_t said, action_capacity;
    uint32_t acknowledged;
    bool refused;
    bool registered;
    bool goes;     /* it may leave the chat */
    bool expelled; /* the operator has kicked it, perhaps */
    bool outlawed; /* it was told so */
    bool was_expelled;
    bool broken;
    struct membership memberships[CHRONICLE_ROOMS_MAX];
    struct slice slices[CHRONICLE_ROOMS_MAX];
    struct ignored ignored[CHRONICLE_IGNORED_MAX];
    enum rule quiet;
    unsigned quiet_grace;
    bool was_quiet; /* since its last /sync: it may have been spared in one room what another has */
    struct told_list received, passed;
};

struct chronicle {
    uint64_t seed;
    unsigned rooms;
    struct order orders[CHRONICLE_ROOMS_MAX];
    struct person *persons; /* by serial number; the first is nobody */
    uint32_t person_count, person_capacity;
    struct chronicle_totals totals;
};

/* Returns the place of the talk with that number, or ENTRY_NONE. */
uint32_t order_find(const struct chronicle *chronicle, int room, uint64_t seq);

/*
 * The reader has been told everything that came before the present line: closes the stays from
 * which it was kicked out. reading.c defines it.
 */
void chronicle_told(struct chronicle *chronicle, uint32_t serial);

/* Forgets that anybody was told of an earlier leave of the client. reading.c defines it. */
void leave_forget(struct chronicle *chronicle, uint32_t serial);

/* Whether somebody may still be told that the client has left. reading.c defines it. */
bool leave_is_coming(const struct chronicle *chronicle, uint32_t serial);

/* Adds the entries around a position to the last violation. */
void order_show(const struct chronicle *chronicle, int room, uint32_t position);

#endif
