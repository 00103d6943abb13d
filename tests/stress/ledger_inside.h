/*
 * ledger_inside: what the parts of the ledger, ledger.c, letters.c and slices.c, share. Private to
 * them.
 */
#ifndef STRESS_LEDGER_INSIDE_H
#define STRESS_LEDGER_INSIDE_H

#include "chance.h"
#include "ledger.h"

#define ENTRY_UNOWNED UINT32_MAX
#define LETTER_NONE   UINT32_MAX

/* Where a client is, according to the observer. */
enum place { PLACE_OUTSIDE, PLACE_INSIDE, PLACE_GONE };

struct author {
    enum place place;
    enum ledger_parting parting;
    bool named;
    bool reads;              /* its position keeps entries in the ledger */
    bool broken;             /* a violation was reported already */
    uint32_t said;           /* number of the last action it sent */
    uint32_t heard;          /* number of the last action in the ledger */
    uint32_t name_said;      /* the action that gave its name by its own last rename ... */
    uint32_t name;           /* ... and by the ledger */
    uint32_t last_letter;    /* index of the last private message it sent, or LETTER_NONE */
    uint32_t last_letter_to; /* index of the last one sent to it, or LETTER_NONE */
    uint64_t position;       /* of the next entry it must receive, without its own */
    uint64_t left_at;        /* position of its left notice */
    uint64_t company;        /* the set of members just before its join ... */
    uint32_t company_size;   /* ... and their number, with the observer */
};

struct entry {
    char *bytes;
    size_t length;
    uint32_t owner; /* the client that does not receive it; or ENTRY_UNOWNED */
};

struct letter {
    struct script_letter script;
    uint32_t before;    /* index of the sender's letter before this one, or LETTER_NONE */
    uint32_t before_to; /* index of the letter before this one to the same client, or LETTER_NONE */
    uint32_t said;      /* the sender's last action before it */
    bool due;           /* the addressee was still there when it was sent, and has left since */
    bool delivered;
    bool refused;
    bool overtaken; /* a later one of the same sender arrived first */
};

struct ledger {
    uint64_t seed;
    bool broken;            /* the observer got a wrong line: nothing can be compared any more */
    struct author *authors; /* by serial number */
    uint32_t author_count, author_capacity;
    struct entry *entries; /* a ring, by position; the capacity is a power of two */
    size_t entry_capacity;
    uint64_t first_entry, next_entry;
    struct letter *letters; /* by index */
    uint32_t letter_count, letter_capacity;
    uint64_t company; /* sum of the marks of all names in the room, which identifies the set */
    uint32_t present;
    uint32_t in_flight;
    uint64_t volume;
    struct ledger_totals totals;
};

static inline struct entry *ledger_entry(const struct ledger *ledger, uint64_t position)
{
    return &ledger->entries[position & (ledger->entry_capacity - 1)];
}

/* Adds the ledger's lines around a position to the last violation. ledger.c defines it. */
void ledger_show(const struct ledger *ledger, uint64_t position);

/*
 * Records, when client serial leaves the room, which private messages were sent to it before that.
 * letters.c defines it.
 */
void ledger_letters_due(struct ledger *ledger, uint32_t serial);

/* Returns a number that represents a name in sums. */
static inline uint64_t ledger_name_mark(uint32_t serial, uint32_t number)
{
    return chance_stream(0, serial, number).state;
}

#endif
