/*
 * registry: who is here. It keeps names unique, finds people by name, and hands out snapshots:
 * immutable lists that a sender can walk while others come and go.
 */
#ifndef CHAT_REGISTRY_H
#define CHAT_REGISTRY_H

#include "base/buffer.h"
#include "chat/client.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct registry;

/* Everyone who was here at one moment, in the order in which they came. */
struct snapshot {
    atomic_uint references;
    size_t count;
    struct client *members[];
};

/* Makes an empty registry. Returns 0 and the registry, or an errno. */
int registry_create(struct registry **registry);

/* The registry must be empty. */
void registry_destroy(struct registry *registry);

/*
 * Gets the memory for one more member, so that the next registry_add() cannot run out of it.
 * Returns 0 or ENOMEM. Takes the registry lock.
 */
int registry_reserve(struct registry *registry);

/*
 * Adds a client under `name` (which has no fault) and takes a reference to it. Returns 0; EEXIST
 * if somebody has that name or one that looks like it, ENOMEM. Takes the registry lock.
 */
int registry_add(struct registry *registry, struct client *client, const char *name);

/*
 * Whether somebody has that name or one that looks like it; `rival` is that person's, then. Takes
 * the registry lock.
 */
bool registry_has(struct registry *registry, const char *name, char rival[NAME_SIZE]);

/* Removes a client that was added, and lets go of it. Takes the registry lock. */
void registry_remove(struct registry *registry, struct client *client);

/*
 * Gives a client another name, for which no memory is needed. Returns 0; or EEXIST if somebody
 * else has that name or one that looks like it, and that person's in `rival`. Takes the registry
 * lock.
 */
int registry_rename(struct registry *registry, struct client *client, const char *name,
                    char rival[NAME_SIZE]);

/* How many are here. Takes the registry lock. */
size_t registry_count(struct registry *registry);

/*
 * Finds a client by name, or by its id; NULL if there is none. A name that only looks like its own
 * is not its name. The caller gets a reference. Takes the registry lock.
 */
struct client *registry_find(struct registry *registry, const char *name);
struct client *registry_find_id(struct registry *registry, uint64_t id);

/*
 * Goes through everyone in the order in which they came, without keeping anybody from leaving:
 * finds the first whose id is above *id (0: the first of all), and copies its id and name, and how
 * many seconds it has been idle. False: there is none. Takes the registry lock.
 */
bool registry_next(struct registry *registry, uint64_t *id, char name[NAME_SIZE],
                   unsigned *idle_seconds);

/*
 * Remembers who wrote to `client` last, and tells it: the writer's id, 0 for nobody, and the
 * name that the writer had then. Take the registry lock.
 */
void registry_set_correspondent(struct registry *registry, struct client *client,
                                const struct client *writer);
uint64_t registry_correspondent(struct registry *registry, const struct client *client,
                                char name[NAME_SIZE]);

/*
 * Appends the first `most` names, as "Bob, Carol" or "Bob, Carol and 7 others". False when
 * memory is out. Takes the registry lock.
 */
bool registry_list_names(struct registry *registry, size_t most, struct buffer *out);

/*
 * Returns everyone who is here, with a reference; NULL when memory is out. While nobody comes or
 * goes this is one lock and one increment. Takes the registry lock.
 */
struct snapshot *registry_snapshot(struct registry *registry);

void snapshot_release(struct snapshot *snapshot);

#endif
