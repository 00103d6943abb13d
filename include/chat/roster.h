/*
 * roster: the members of a room, in the order in which they came. It hands out snapshots, immutable
 * lists that a batch can be sent along while others come and go.
 *
 * It is a part of a room, and guarded by its order lock.
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

/* Everyone who was a member at one moment. */
struct snapshot {
    atomic_uint references;
    size_t count;
    struct member *members[];
};

/* All zero is an empty roster. */
struct roster {
    struct member **members; /* their numbers rise */
    size_t count, capacity;
    struct snapshot *cached; /* of the members as they are, or NULL */
    uint64_t last_number;
};

/* Gets the memory for one more member. Returns 0 or ENOMEM. */
int roster_reserve(struct roster *roster);

/* Adds a member, whose memory roster_reserve() has got, and takes a reference to it. */
void roster_add(struct roster *roster, struct member *member);

/* Removes a member that was added, and lets go of it. */
void roster_remove(struct roster *roster, struct member *member);

/* The first member whose number is above that (0: the first of all); NULL: there is none. */
struct member *roster_after(const struct roster *roster, uint64_t number);

/*
 * Appends who is here, for whoever comes: "Bob, Carol and 7 others", or "nobody else". Returns
 * false when memory is out. Takes the directory lock.
 */
bool roster_list_names(const struct roster *roster, struct directory *directory,
                       struct buffer *out);

/*
 * Returns everyone, with a reference for the caller; NULL when memory is out. While nobody comes or
 * goes this costs one increment.
 */
struct snapshot *roster_snapshot(struct roster *roster);

/* Needs no lock. */
void snapshot_release(struct snapshot *snapshot);

/* Frees an empty roster's memory. */
void roster_free(struct roster *roster);

#endif
