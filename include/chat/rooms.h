/*
 * rooms: all rooms of a server. Their names are unique in it, as names of users are (chat/name.h).
 *
 * A room is reference-counted. Each of its members holds a reference, and so does whoever looks at
 * it from outside. The last release frees it, with all that was said in it.
 *
 * Where several machines are one chat, a room is there while it has members, and cannot be found
 * before or afterwards, whoever still refers to it: so at each place in the order of changes the
 * same rooms are there on all machines. Then there may be several rooms with one name, of which one
 * at most has members.
 *
 * All functions but rooms_inhabited() take the rooms lock. While it is held, no locks are taken but
 * those of the kept rooms and the timers.
 */
#ifndef CHAT_ROOMS_H
#define CHAT_ROOMS_H

#include "chat/room.h"

#include <stdbool.h>
#include <stddef.h>

struct member;
struct room_leaving;
struct rooms;

/*
 * Creates an empty set. What the config points to must outlive it; it counts those that have
 * members. Returns 0 and stores it, or returns an errno. Takes no lock.
 */
int rooms_create(struct rooms **rooms, const struct room_config *config);

/* Returns how many rooms have members; the lobby counts always. */
size_t rooms_inhabited(struct rooms *rooms);

/* Frees a set of rooms, which must be empty. Takes no lock. */
void rooms_destroy(struct rooms *rooms);

/*
 * Finds the room with an allowed name (room_name_read()), or creates it: for who joins it, in the
 * turn of that (ordering.h), or who looks at one that is kept. Returns 0 and stores the room with a
 * reference for the caller; ENOMEM or another errno.
 */
int rooms_open(struct rooms *rooms, const char *name, struct room **room);

/* Returns the room with a name, with a reference for the caller; NULL if there is none. */
struct room *rooms_find(struct rooms *rooms, const char *name);

/* Whether there is a room with a name. May be called with an outbox lock held. */
bool rooms_has(struct rooms *rooms, const char *name);

/* Takes one more reference to a room that has one. Hold no lock. */
void rooms_acquire(struct rooms *rooms, struct room *room);

/* Releases a reference to a room. Hold no lock. */
void rooms_release(struct rooms *rooms, struct room *room);

/*
 * Returns the first room whose number is above `after` (0: the first of all), with a reference for
 * the caller; NULL if there is none. Rooms are numbered in the order of their creation.
 */
struct room *rooms_after(struct rooms *rooms, uint64_t after);

/* Has other limits hold for all rooms, and for those to come. Hold no lock. */
void rooms_limit(struct rooms *rooms, const struct chat_limits *limits);

/*
 * Waits until all have been told that a bearer of a name, or of one that looks like it, has parted
 * from it (chat/partings.h): for who has taken it by directory_add(). Hold no lock.
 */
void rooms_see_off(struct rooms *rooms, const char *name);

/*
 * As room_rename() and room_leave_all(), after all have been told of what was before: of the rooms
 * that the user has left, and that nobody else has the new name any more. Hold no lock.
 */
int rooms_rename(struct rooms *rooms, struct user *user, const char *name, char rival[NAME_SIZE]);
void rooms_leave_all(struct rooms *rooms, struct user *user, const struct room_leaving *leaving);

/* As room_leave(), or with `by` as room_expel(). Hold no lock. */
void rooms_leave(struct rooms *rooms, struct member *member, const char *by);

/*
 * Calls `found` for each room whose name begins with `beginning`, without regard to case. `found`
 * is called with the rooms lock held, and takes no lock. Returns how many bytes of names were
 * compared. May be called with an outbox lock held.
 */
size_t rooms_each(struct rooms *rooms, const char *beginning, size_t length,
                  void (*found)(void *context, const struct room *room), void *context);

#endif
