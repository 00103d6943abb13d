/*
 * directory: all users of a server. Names are unique here, and users are found by name or id.
 *
 * A user takes a name first, and is listed later: until then the name is taken, but nobody finds
 * the user or is told of it.
 *
 * The directory's lock is a leaf: no other lock is taken while it is held, and no user is freed.
 */
#ifndef CHAT_DIRECTORY_H
#define CHAT_DIRECTORY_H

#include "base/buffer.h"
#include "chat/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct directory;

/* Makes an empty directory. Returns 0 and the directory, or an errno. */
int directory_create(struct directory **directory);

/* The directory must be empty. */
void directory_destroy(struct directory *directory);

/*
 * Takes a name (which has no fault) for a user, which gets its id here, and takes a reference to
 * it. Returns 0; EEXIST if somebody has that name or one that looks like it, which is `rival` then;
 * ENOMEM. Takes the directory lock.
 */
int directory_add(struct directory *directory, struct user *user, const char *name,
                  char rival[NAME_SIZE]);

/* From now on others find a user that was added. Takes the directory lock. */
void directory_list(struct directory *directory, struct user *user);

/* Removes a user that was added, and lets go of it. Takes the directory lock. */
void directory_remove(struct directory *directory, struct user *user);

/*
 * Gives a user another name, for which no memory is needed. Returns 0; or EEXIST if somebody else
 * has that name or one that looks like it, which is `rival` then. Takes the directory lock.
 */
int directory_rename(struct directory *directory, struct user *user, const char *name,
                     char rival[NAME_SIZE]);

/* Whether somebody has that name, or one that looks like it. Takes the directory lock. */
bool directory_has(struct directory *directory, const char *name);

/*
 * Finds a listed user by name, or by id; NULL if there is none. A name that only looks like a
 * user's is not its name. The caller gets a reference. Take the directory lock.
 */
struct user *directory_find(struct directory *directory, const char *name);
struct user *directory_find_id(struct directory *directory, uint64_t id);

/* Copies a user's name. Takes the directory lock. */
void directory_copy_name(struct directory *directory, const struct user *user,
                         char name[NAME_SIZE]);

/*
 * Calls `found` for each listed user whose name begins with `beginning`, without regard to case, in
 * the order in which they came. `found` must take no lock. Returns how many bytes of names were
 * looked at. Takes the directory lock, and may be called under an outbox's.
 */
size_t directory_each(struct directory *directory, const char *beginning, size_t length,
                      void (*found)(void *context, const char *name, size_t length), void *context);

/*
 * Remembers who wrote to `user` last, and tells it: the writer's id, 0 for nobody, and the name
 * that the writer had then. Take the directory lock.
 */
void directory_set_correspondent(struct directory *directory, struct user *user,
                                 const struct user *writer);
uint64_t directory_correspondent(struct directory *directory, const struct user *user,
                                 char name[NAME_SIZE]);

#endif
