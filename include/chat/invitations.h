/*
 * invitations: who is invited into a room: users by their ids, for as long as they are here; and
 * whoever has registered a name also by that, for as long as the room is kept.
 *
 * They are a part of the room's settings, and guarded by the room's order lock.
 */
#ifndef CHAT_INVITATIONS_H
#define CHAT_INVITATIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INVITATIONS_MAX = 500 }; /* of one room; the oldest one gives way */

struct user;

struct invitation {
    uint64_t user; /* id; 0: a name alone is invited */
    char *name;    /* a registered one; NULL: none */
    uint64_t hash; /* of the name */
};

/* All zero: nobody is invited. */
struct invitations {
    struct invitation *list; /* the oldest first */
    size_t count, capacity;
};

void invitations_free(struct invitations *invitations);

/* Invites a user by its id (0: none) and a registered name (NULL: none). Returns false without
 * memory. */
bool invitations_add(struct invitations *invitations, uint64_t user, const char *name);

/* Withdraws the invitations of an id (0: none) and a name (NULL: none). Returns whether a name was
 * invited. */
bool invitations_withdraw(struct invitations *invitations, uint64_t user, const char *name);

/* Whether a user is invited, by its id or, if it is registered, by its name. For its own thread. */
bool invitations_include(const struct invitations *invitations, const struct user *user);

/* Adds the invited names of another list. Returns false when memory is out. */
bool invitations_add_names(struct invitations *invitations, const struct invitations *other);

#endif
