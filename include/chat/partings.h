/*
 * partings: names that are free as their bearers have left or have other names now, although not
 * all who saw them there have been told yet. Each room is told in its own order; who takes such a
 * name waits for those that are not (rooms_see_off()), so that nobody is told of two people with
 * one name, or takes what was the other one's leaving for that of the new one.
 *
 * They are a part of the directory, whose lock guards them.
 */
#ifndef CHAT_PARTINGS_H
#define CHAT_PARTINGS_H

#include "chat/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where people are told: a room, by its number, up to a message. */
struct parting_place {
    uint64_t room, last;
};

struct parting {
    struct parting *next;
    uint64_t looks[NAME_VIEWS]; /* name_hash() of the name in each view */
    size_t count;               /* of the places where not all have been told */
    struct parting_place places[];
};

struct partings {
    struct parting *first;
    struct parting **end; /* where the next one is put; NULL: at `first` */
};

/* Returns a parting from a name, with no places yet; NULL when memory is out. */
struct parting *parting_create(const char *name, size_t places_most);

/* Adds a parting, and takes it over. */
void partings_add(struct partings *partings, struct parting *parting);

/*
 * Stores a place where people are still to be told that somebody has parted from a name, or one
 * that looks like it, or with NULL the place that was added first. Returns false if there is none.
 */
bool partings_find(const struct partings *partings, const char *name, struct parting_place *place);

/* Notes that all in a room have been told what it says up to a message. */
void partings_tell(struct partings *partings, const struct parting_place *told);

void partings_free(struct partings *partings);

#endif
