/*
 * directory: all users of a server, and the rooms that they are in. Names are unique in it, and
 * users are found by name or id.
 *
 * A user is added under a name first, and listed later. In between, the name is taken, but the user
 * is not found and not told of.
 *
 * The directory lock is a leaf: while it is held, no other lock is taken and no user is freed.
 */
#ifndef CHAT_DIRECTORY_H
#define CHAT_DIRECTORY_H

#include "base/buffer.h"
#include "chat/partings.h"
#include "chat/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct directory;
struct member;
struct room;

/* Creates an empty directory. Returns 0 and stores it, or returns an errno. */
int directory_create(struct directory **directory);

/*
 * Returns how many users there are, and stores how many of them are remote. Takes the directory
 * lock.
 */
size_t directory_count(struct directory *directory, size_t *remote);

/* Frees a directory, which must be empty. */
void directory_destroy(struct directory *directory);

/*
 * Adds a user under a name for which name_fault() is NULL: gives the user an id, and takes a
 * reference to it. The id is `id`, or if that is 0 the next one above all before. Returns 0; EEXIST
 * if another user has this id, or this name or one that looks like it, with that user's name in
 * `rival`; ENOMEM. Takes the directory lock.
 */
int directory_add(struct directory *directory, struct user *user, uint64_t id, const char *name,
                  char rival[NAME_SIZE]);

/* Has ids begin again, where there are no users. Takes the directory lock. */
void directory_forget(struct directory *directory);

/* Lists a user that was added: it can be found from now on. Takes the directory lock. */
void directory_list(struct directory *directory, struct user *user);

/*
 * Adds a member to its user's memberships, or removes it. While the user is in the room, hold the
 * room's order lock. Take the directory lock.
 */
void directory_add_member(struct directory *directory, struct member *member);
void directory_remove_member(struct directory *directory, struct member *member);

/* Whether a user is in a room. Takes the directory lock. */
bool directory_is_in(struct directory *directory, const struct user *user, const struct room *room);

/*
 * Whether a user is in one of the rooms of the members from `first` to before `end` that are
 * announced. They are memberships of another user, whose rooms' order locks are held. Takes the
 * directory lock.
 */
bool directory_is_told(struct directory *directory, const struct user *user,
                       const struct member *first, const struct member *end);

/* Removes a user that was added, and releases the reference to it. Takes the directory lock. */
void directory_remove(struct directory *directory, struct user *user);

/*
 * Lists a user that was not added in the place of one that was: the id, the name, and all else that
 * the directory lock guards but the memberships become those of `heir`. Releases the reference to
 * `user`, and takes one to `heir`. Takes the directory lock.
 */
void directory_succeed(struct directory *directory, struct user *user, struct user *heir);

/*
 * Renames a user. Returns 0; EEXIST as directory_add(); EAGAIN if the name is free, but not all who
 * saw its last bearer have been told so yet (directory_find_parting()); or, for a remote user
 * alone, ENOMEM. With 0 it takes over the parting from the name that is given up (NULL: nobody is
 * told). Takes the directory lock.
 */
int directory_rename(struct directory *directory, struct user *user, const char *name,
                     struct parting *parting, char rival[NAME_SIZE]);

/*
 * Adds a parting from a name (chat/partings.h), unless it is NULL, and takes it over: before the
 * name is free. The others find one, and note that all in a room have been told up to a message, as
 * the functions there do. Take the directory lock.
 */
void directory_part(struct directory *directory, struct parting *parting);
bool directory_find_parting(struct directory *directory, const char *name,
                            struct parting_place *place);
void directory_tell_partings(struct directory *directory, const struct parting_place *told);

/* Whether a user has this name or one that looks like it. Takes the directory lock. */
bool directory_has(struct directory *directory, const char *name);

/*
 * Return the listed user that has this name or id, with a reference for the caller; NULL if there
 * is none. A name that only looks like a user's does not find the user. Take the directory lock.
 */
struct user *directory_find(struct directory *directory, const char *name);
struct user *directory_find_id(struct directory *directory, uint64_t id);

/*
 * Returns the first listed user whose id is above *id (0: the first of all), with a reference for
 * the caller, and stores its id, which it may not have any more afterwards; NULL if there is none.
 * Takes the directory lock.
 */
struct user *directory_after(struct directory *directory, uint64_t *id);

/* Copies a user's name. Takes the directory lock. */
void directory_copy_name(struct directory *directory, const struct user *user,
                         char name[NAME_SIZE]);

/*
 * Notes why a user is away, "" if it does not tell, or with NULL that it is not away any more.
 * Takes over the text, which was allocated and has at most USER_AWAY_MAX bytes. For the user's own
 * thread, which alone may look whether it is away without the lock. Takes the directory lock.
 */
void directory_set_away(struct directory *directory, struct user *user, char *text);

/* Copies why a user is away. Returns false if it is not. Takes the directory lock. */
bool directory_copy_away(struct directory *directory, const struct user *user,
                         char away[USER_AWAY_SIZE]);

/*
 * Calls `found` for each listed user whose name begins with `beginning`, without regard to case, in
 * the order in which the users were added. `found` is called with the directory lock held, and
 * takes no lock. Returns how many bytes of names were compared. Takes the directory lock, and may
 * be called with an outbox lock held.
 */
size_t directory_each(struct directory *directory, const char *beginning, size_t length,
                      void (*found)(void *context, const char *name, size_t length), void *context);

/*
 * Set and return who last sent a private message to `user`: the writer's id (0: nobody) and the
 * name that the writer had then. Take the directory lock.
 */
void directory_set_correspondent(struct directory *directory, struct user *user,
                                 const struct user *writer);
uint64_t directory_correspondent(struct directory *directory, const struct user *user,
                                 char name[NAME_SIZE]);

/*
 * The same for a message of which no more is known than its author's name: whoever has it now, or
 * somebody who is not there. Takes the directory lock.
 */
void directory_name_correspondent(struct directory *directory, struct user *user, const char *name);

/* Has who that was be somebody who is not there any more. Takes the directory lock. */
void directory_lose_correspondent(struct directory *directory, struct user *user);

#endif
