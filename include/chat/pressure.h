/*
 * pressure: in which rooms of this server readers are behind, and in which ones a flood waits for
 * readers: what other machines of a cluster are to know (chat/ordering.h), so that floods there
 * wait for the readers here. What the others tell is given to the rooms (room_press()).
 *
 * A room in which something of that goes on is listed, by its gauge. All functions but
 * pressure_init() and pressure_destroy() may be called by any thread, and take the pressure lock.
 */
#ifndef CHAT_PRESSURE_H
#define CHAT_PRESSURE_H

#include "base/lock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* The numbers are those on the wire (cluster/wire). They are added up. */
enum pressure_state {
    PRESSURE_BEHIND = 1,     /* a reader is behind, and not just for a moment */
    PRESSURE_NEAR_LIMIT = 2, /* one of those is near its limit */
    PRESSURE_FLOOD = 4,      /* a flood waits for readers */
    PRESSURE_FLOODED = 8     /* one comes in from another machine, which is told how far */
};

/* What a room has to tell. All zero but for the constants: nothing. */
struct pressure_gauge {
    struct pressure *pressure; /* constant, as are the next; NULL: nobody is told */
    const char *room;          /* the room's name */
    /* Stores the states. Returns false if nothing goes on any more. Takes the flow lock. */
    bool (*read)(struct pressure_gauge *gauge, unsigned *states);
    struct pressure_gauge *previous, *next; /* the rest is guarded by the pressure lock */
    bool listed;
};

struct pressure {
    _Atomic int64_t everywhere_until; /* until when all rooms are under it (pressure_spread()) */
    struct lock lock;                 /* guards the rest */
    struct condition changed;
    struct pressure_gauge gauges; /* head of a ring: those of rooms that have something to tell */
    bool hurries;
};

/* Initializes it without gauges. Returns 0 or an errno. */
int pressure_init(struct pressure *pressure);

/* There must be no gauges left. */
void pressure_destroy(struct pressure *pressure);

/* Lists a gauge where something goes on, until nothing does. With no pressure it does nothing. */
void pressure_note(struct pressure_gauge *gauge);

/* Takes a gauge off the list, if it is there, as it ends. */
void pressure_forget(struct pressure_gauge *gauge);

/*
 * Calls `found` for each gauge where something goes on, with its states, which may be none for now.
 * `found` is called with the pressure lock held. Takes the flow locks of the rooms.
 */
void pressure_read(struct pressure *pressure,
                   void (*found)(void *context, const char *room, unsigned states), void *context);

/*
 * Another machine cannot keep up with what comes from all: until `end` (clock_now()) floods in all
 * rooms wait as for readers that are behind. Both take no lock.
 */
void pressure_spread(struct pressure *pressure, int64_t end);

static inline int64_t pressure_everywhere_until(const struct pressure_gauge *gauge)
{
    return gauge->pressure != NULL
               ? atomic_load_explicit(&gauge->pressure->everywhere_until, memory_order_relaxed)
               : 0;
}

/*
 * Waits until a gauge is listed, but at least until `earliest`, and at most until `deadline`; or
 * until pressure_hurry() is called. Hold no lock.
 */
void pressure_wait(struct pressure *pressure, int64_t earliest, int64_t deadline);

/* Has pressure_wait() return, now and from now on. */
void pressure_hurry(struct pressure *pressure);

#endif
