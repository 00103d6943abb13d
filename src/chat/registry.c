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
        /* The node that was just freed is there for going back. */
        if (error != 0 && index_name(registry, client, old) != 0)
            abort();
    }
    lock_release(&registry->lock);
    return error;
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

struct client *registry_find_id(struct registry *registry, uint64_t id)
{
    struct client *client = NULL;
    lock_take(&registry->lock);
    for (size_t i = 0; i < registry->count && client == NULL; i++)
        if (registry->members[i]->id == id)
            client = registry->members[i];
    if (client != NULL)
        client_acquire(client);
    lock_release(&registry->lock);
    return client;
}

void registry_copy_name(struct registry *registry, const struct client *client,
                        char name[NAME_SIZE])
{
    lock_take(&registry->lock);
    strcpy(name, client->name);
    lock_release(&registry->lock);
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
