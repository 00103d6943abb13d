/*
 * talkers: whether somebody talks, in any room of the server. While somebody does, floods give way
 * (chat/flow.h): in the same room since a line of talk waits behind what its readers have been
 * sent, and in other rooms since a flood takes all the processor time that it can get.
 *
 * All functions but talkers_init() and talkers_destroy() may be called by any thread, and take the
 * talkers lock.
 */
#ifndef CHAT_TALKERS_H
#define CHAT_TALKERS_H

#include "base/clock.h"
#include "base/lock.h"

#include <stdbool.h>
#include <stdint.h>

/* An author counts as talking for this long after a line of talk, in nanoseconds. */
#define TALKERS_LAST (10 * CLOCK_SECOND)

/*
 * How many are remembered: one is enough to know that somebody talks. A flood begins like talk and
 * takes a place until it is known to be a flood; with several places, people keep theirs meanwhile.
 */
enum { TALKERS_PLACES = 4 };

struct talkers {
    struct lock lock; /* guards the rest */
    struct talkers_place {
        uint64_t id;  /* 0: none yet */
        int64_t ends; /* when it stops counting as talking, clock_now() */
    } places[TALKERS_PLACES];
};

/* Initializes them: nobody talks. Returns 0 or an errno. */
int talkers_init(struct talkers *talkers);
void talkers_destroy(struct talkers *talkers);

/* Records that the author with that id (not 0) said a line of talk at `now`. */
void talkers_add(struct talkers *talkers, uint64_t id, int64_t now);

/* Records that it floods: its last line was no talk, but the beginning of a flood. */
void talkers_remove(struct talkers *talkers, uint64_t id);

/* Whether somebody talks at `now`. */
bool talkers_any(struct talkers *talkers, int64_t now);

#endif
