/*
 * roster: the members of a room, in the order in which they joined. It hands out snapshots:
 * immutable lists along which a batch is sent while others join and leave.
 *
 * It is a part of a room, and guarded by the room's order lock.
 */
#ifndef CHAT_ROSTER_H
#define CHAT_ROSTER_H

#include "base/buffer.h"
#include "chat/directory.h"
#include "chat/member.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SNAPSHOT_AHEAD = 3 };

/*
 * The members at one moment that are sent something here: without those whose users are remote.
 * Behind them stands the last one SNAPSHOT_AHEAD times more, if there is one: who looks ahead need
 * not look for the end.
 */
struct snapshot {
    atomic_uint references;
    size_t count, capacity;
    struct member *members[];
};

/* All zero is an empty roster. */
struct roster {
    struct member **members; /* in ascending order of their numbers */
    size_t count, capacity;
    size_t remote;           /* how many of them are of remote users */
    struct snapshot *cached; /* the present members, or NULL */
    struct snapshot *spare;  /* memory of a former one without members, or NULL */
    uint64_t last_number;
};

/* Reserves memory for one more member. Returns 0 or ENOMEM. */
int roster_reserve(struct roster *roster);

/*
 * Adds a member, for which roster_reserve() has succeeded: gives it a number, and takes a reference
 * to it.
 */
void roster_add(struct roster *roster, struct member *member);

/* Removes a member that was added, and releases the reference to it. */
void roster_remove(struct roster *roster, struct member *member);

/* Puts a member into the place of another one, with its number, as roster_add() and _remove(). */
void roster_replace(struct roster *roster, struct member *member, struct member *successor);

/*
 * Returns the first member whose number is above `number` (0: the first of all); NULL if there is
 * none. The reference stays the roster's.
 */
struct member *roster_after(const struct roster *roster, uint64_t number);

/*
 * Appends the names of the first members other than `self`, which is one or NULL, 20 at most, as
 * "Bob, Carol"; *unnamed is the number of the rest. Returns false, with a part of it appended, when
 * memory is out. Takes the directory lock.
 */
bool roster_list_names(const struct roster *roster, struct directory *directory,
                       const struct user *self, struct buffer *out, unsigned *unnamed);

/*
 * Returns a snapshot of the members with a reference for the caller; NULL when memory is out. Costs
 * one increment while nobody joins or leaves.
 */
struct snapshot *roster_snapshot(struct roster *roster);

/*
 * Returns a list of all members, those of remote users too, with a reference for the caller; NULL
 * when memory is out.
 */
struct snapshot *roster_copy(const struct roster *roster);

/* Releases a reference to a snapshot; the last release frees it. Needs no lock. */
void snapshot_release(struct snapshot *snapshot);

/* Frees the memory of an empty roster. */
void roster_free(struct roster *roster);

#endif
