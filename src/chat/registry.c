#include "base/platform.h"

#include "base/lock.h"
#include "chat/registry.h"

#include <assert.h>
#include <errno.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct registry {
    struct lock lock;        /* guards all of it, and the members' names */
    struct client **members; /* in the order in which they came */
    size_t count, capacity;
    void *names;             /* tsearch(3): the members by folded name */
    struct snapshot *cached; /* of the members as they are, or NULL */
    uint64_t last_id;
};

int registry_create(struct registry **result)
{
    struct registry *registry = calloc(1, sizeof *registry);
    if (registry == NULL)
        return ENOMEM;
    int error = lock_init(&registry->lock, LOCK_RANK_REGISTRY, "registry");
    if (error != 0) {
        free(registry);
        return error;
    }
    *result = registry;
    return 0;
}

/* The functions down to registry_add() want the lock held. */

/* Membership changed: the next snapshot must be a new one. */
static void forget_snapshot(struct registry *registry)
{
    if (registry->cached != NULL)
        snapshot_release(registry->cached);
    registry->cached = NULL;
}

void registry_destroy(struct registry *registry)
{
    assert(registry->count == 0);
    forget_snapshot(registry);
    lock_destroy(&registry->lock);
    free(registry->members);
    free(registry);
}

static int compare(const void *left, const void *right)
{
    return strcmp(((const struct client *)left)->folded, ((const struct client *)right)->folded);
}

static struct client *find(struct registry *registry, const char *name)
{
    struct client wanted;
    name_fold(name, wanted.folded);
    struct client **found = tfind(&wanted, &registry->names, compare);
    return found != NULL ? *found : NULL;
}

/* Puts a client under `name` into the index. */
static int index_name(struct registry *registry, struct client *client, const char *name)
{
    strcpy(client->name, name);
    name_fold(name, client->folded);
    return tsearch(client, &registry->names, compare) != NULL ? 0 : ENOMEM;
}

static int make_room(struct registry *registry)
{
    if (registry->count < registry->capacity)
        return 0;
    size_t capacity = registry->capacity == 0 ? 16 : 2 * registry->capacity;
    struct client **members = realloc(registry->members, capacity * sizeof(struct client *));
    if (members == NULL)
        return ENOMEM;
    registry->members = members;
    registry->capacity = capacity;
    return 0;
}

int registry_add(struct registry *registry, struct client *client, const char *name)
{
    lock_take(&registry->lock);
    int error = find(registry, name) != NULL ? EEXIST : make_room(registry);
    if (error == 0)
        error = index_name(registry, client, name);
    if (error == 0) {
        client->id = ++registry->last_id;
        client_acquire(client);
        registry->members[registry->count++] = client;
        forget_snapshot(registry);
    }
    lock_release(&registry->lock);
    return error;
}

void registry_remove(struct registry *registry, struct client *client)
{
    lock_take(&registry->lock);
    size_t i = 0;
    while (registry->members[i] != client)
        i++;
    registry->count--;
    memmove(registry->members + i, registry->members + i + 1,
            (registry->count - i) * sizeof(struct client *));
    tdelete(client, &registry->names, compare);
    forget_snapshot(registry);
    lock_release(&registry->lock);
    client_release(client);
}

int registry_rename(struct registry *registry, struct client *client, const char *name)
{
    char old[NAME_SIZE];
    lock_take(&registry->lock);
    struct client *holder = find(registry, name);
    int error = holder != NULL && holder != client ? EEXIST : 0;
    if (error == 0) {
        strcpy(old, client->name);
        tdelete(client, &registry->names, compare);
        error = index_name(registry, client, name);
        /* If there is no memory for going back either, the client just cannot be found by name. */
        if (error != 0)
            index_name(registry, client, old);
    }
    lock_release(&registry->lock);
    return error;
}

bool registry_has(struct registry *registry, const char *name)
{
    lock_take(&registry->lock);
    bool has = find(registry, name) != NULL;
    lock_release(&registry->lock);
    return has;
}

size_t registry_count(struct registry *registry)
{
    lock_take(&registry->lock);
    size_t count = registry->count;
    lock_release(&registry->lock);
    return count;
}

struct client *registry_find(struct registry *registry, const char *name)
{
    lock_take(&registry->lock);
    struct client *client = find(registry, name);
    if (client != NULL)
        client_acquire(client);
    lock_release(&registry->lock);
    return client;
}

/* Where the first member stands whose id is above `id`: ids rise in the order of coming. */
static size_t first_above(const struct registry *registry, uint64_t id)
{
    size_t low = 0;
    size_t high = registry->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (registry->members[middle]->id <= id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct client *registry_find_id(struct registry *registry, uint64_t id)
{
    lock_take(&registry->lock);
    size_t i = id > 0 ? first_above(registry, id - 1) : registry->count;
    struct client *client = i < registry->count ? registry->members[i] : NULL;
    if (client != NULL && client->id != id)
        client = NULL;
    if (client != NULL)
        client_acquire(client);
    lock_release(&registry->lock);
    return client;
}

bool registry_next(struct registry *registry, uint64_t *id, char name[NAME_SIZE],
                   unsigned *idle_seconds)
{
    lock_take(&registry->lock);
    size_t i = first_above(registry, *id);
    bool found = i < registry->count;
    if (found) {
        const struct client *client = registry->members[i];
        *id = client->id;
        strcpy(name, client->name);
        *idle_seconds = client_idle_seconds(client);
    }
    lock_release(&registry->lock);
    return found;
}

void registry_set_correspondent(struct registry *registry, struct client *client,
                                const struct client *writer)
{
    lock_take(&registry->lock);
    client->correspondent = writer->id;
    strcpy(client->correspondent_name, writer->name);
    lock_release(&registry->lock);
}

uint64_t registry_correspondent(struct registry *registry, const struct client *client,
                                char name[NAME_SIZE])
{
    lock_take(&registry->lock);
    uint64_t id = client->correspondent;
    strcpy(name, client->correspondent_name);
    lock_release(&registry->lock);
    return id;
}

bool registry_list_names(struct registry *registry, size_t most, struct buffer *out)
{
    bool kept = true;
    lock_take(&registry->lock);
    size_t listed = registry->count < most ? registry->count : most;
    for (size_t i = 0; i < listed && kept; i++)
        kept = (i == 0 || buffer_append_string(out, ", ")) &&
               buffer_append_string(out, registry->members[i]->name);
    size_t others = registry->count - listed;
    if (kept && others > 0)
        kept = buffer_format(out, " and %zu other%s", others, others == 1 ? "" : "s");
    lock_release(&registry->lock);
    return kept;
}

/* A list of the members with one reference, its maker's. */
static struct snapshot *take_snapshot(const struct registry *registry)
{
    struct snapshot *snapshot =
        malloc(sizeof *snapshot + registry->count * sizeof(struct client *));
    if (snapshot == NULL)
        return NULL;
    atomic_init(&snapshot->references, 1);
    snapshot->count = registry->count;
    for (size_t i = 0; i < snapshot->count; i++) {
        snapshot->members[i] = registry->members[i];
        client_acquire(snapshot->members[i]);
    }
    return snapshot;
}

struct snapshot *registry_snapshot(struct registry *registry)
{
    lock_take(&registry->lock);
    if (registry->cached == NULL)
        registry->cached = take_snapshot(registry);
    struct snapshot *snapshot = registry->cached;
    if (snapshot != NULL)
        atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
    lock_release(&registry->lock);
    return snapshot;
}

void snapshot_release(struct snapshot *snapshot)
{
    if (atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) != 1)
        return;
    for (size_t i = 0; i < snapshot->count; i++)
        client_release(snapshot->members[i]);
    free(snapshot);
}
