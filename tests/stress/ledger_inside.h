/*
 * ledger_inside: what ledger.c and letters.c, the two halves of the ledger, share. Nobody else
 * looks in here.
 */
#ifndef STRESS_LEDGER_INSIDE_H
#define STRESS_LEDGER_INSIDE_H

#include "chance.h"
#include "ledger.h"

#define ENTRY_UNOWNED UINT32_MAX
#define LETTER_NONE   UINT32_MAX

/* Where a client is, as the observer saw it. */
enum place { PLACE_OUTSIDE, PLACE_INSIDE, PLACE_GONE };

struct author {
    enum place place;
    enum ledger_parting parting;
    bool named;
    bool reads;              /* position is to be kept in the ledger */
    bool broken;             /* complained of already */
    uint32_t said;           /* number of the last action it said */
    uint32_t heard;          /* number of the last action in the ledger */
    uint32_t name_said;      /* action of its name by its own account ... */
    uint32_t name;           /* ... and by the ledger's */
    uint32_t last_letter;    /* index of the last private message it sent, or LETTER_NONE */
    uint32_t last_letter_to; /* the same for the last that was sent to it */
    uint64_t position;       /* of the next entry it must get, its own skipped */
    uint64_t left_at;        /* position of its left notice */
    uint64_t company;        /* the room's company just before its join ... */
    uint32_t company_size;   /* ... and how many that were, the observer counted */
};

struct entry {
    char *bytes;
    size_t length;
    uint32_t owner; /* does not get it; or ENTRY_UNOWNED */
};

struct letter {
    struct script_letter script;
    uint32_t before;    /* index of the sender's letter before this one, or LETTER_NONE */
    uint32_t before_to; /* index of the letter before this one to the same client, or LETTER_NONE */
    uint32_t said;      /* the sender's last action before it */
    bool due;           /* was sent while the addressee, who has left since, was still there */
    bool delivered;
    bool refused;
    bool overtaken; /* a later one of the same sender came first */
};

struct ledger {
    uint64_t seed;
    bool broken; /* the observer got a wrong line: there is nothing left to compare with */
    struct author *authors; /* by serial number */
    uint32_t author_count, author_capacity;
    struct entry *entries; /* a ring, by position; the capacity is a power of two */
    size_t entry_capacity;
    uint64_t first_entry, next_entry;
    struct letter *letters; /* by index */
    uint32_t letter_count, letter_capacity;
    uint64_t company; /* sum of the marks of all names in the room: the set, whatever its order */
    uint32_t present;
    uint32_t in_flight;
    uint64_t volume;
    struct ledger_totals totals;
};

static inline struct entry *ledger_entry(const struct ledger *ledger, uint64_t position)
{
    return &ledger->entries[position & (ledger->entry_capacity - 1)];
}

/* Adds to the last complaint the ledger's lines around a position. ledger.c provides this. */
void ledger_show(const struct ledger *ledger, uint64_t position);

/* Notes, as client serial leaves the room, which private messages were sent to it before that.
   letters.c provides this. */
void ledger_letters_due(struct ledger *ledger, uint32_t serial);

/* Returns a number that stands for a name in sums. */
static inline uint64_t ledger_name_mark(uint32_t serial, uint32_t number)
{
    return chance_stream(0, serial, number).state;
}

#endif
