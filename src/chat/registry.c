#include "base/platform.h"

#include "base/lock.h"
#include "chat/registry.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct registry {
    struct lock lock;                  /* guards all of it, and the members' names */
    struct client **members;           /* in the order in which they came */
    struct client **looks[NAME_VIEWS]; /* the same, in the order of their looks in each view */
    size_t count, capacity;            /* of all of these */
    struct snapshot *cached;           /* of the members as they are, or NULL */
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
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++)
        free(registry->looks[view]);
    free(registry);
}

/*
 * The first of `count` members whose hash in a view is this one or above. Behind it are all that
 * have the same one.
 */
static size_t place_of(const struct registry *registry, size_t count, enum name_view view,
                       uint64_t hash)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (registry->looks[view][middle]->looks[view] < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The member other than `self` for whom `is_it` holds, among those who look the same in a view. */
static struct client *find_in_view(const struct registry *registry, enum name_view view,
                                   const char *name, const struct client *self,
                                   bool (*is_it)(const char *, const char *))
{
    uint64_t hash = name_hash(name, view);
    size_t place = place_of(registry, registry->count, view, hash);
    for (; place < registry->count; place++) {
        struct client *client = registry->looks[view][place];
        if (client->looks[view] != hash)
            break;
        if (client != self && is_it(client->name, name))
            return client;
    }
    return NULL;
}

/* Who has a name, letter for letter, whatever the case. */
static struct client *find(const struct registry *registry, const char *name)
{
    return find_in_view(registry, NAME_CASELESS, name, NULL, name_equals);
}

/* Who else has a name or one that looks like it; and what they are called. */
static bool find_rival(const struct registry *registry, const char *name, const struct client *self,
                       char rival[NAME_SIZE])
{
    const struct client *found = find_in_view(registry, NAME_CASELESS, name, self, name_looks_like);
    if (found == NULL)
        found = find_in_view(registry, NAME_AS_TYPED, name, self, name_looks_like);
    if (found != NULL)
        strcpy(rival, found->name);
    return found != NULL;
}

/* Puts a client under `name` among so many others; there must be room. */
static void insert_name(struct registry *registry, size_t others, struct client *client,
                        const char *name)
{
    strcpy(client->name, name);
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++) {
        client->looks[view] = name_hash(name, view);
        size_t place = place_of(registry, others, view, client->looks[view]);
        struct client **clients = registry->looks[view] + place;
        memmove(clients + 1, clients, (others - place) * sizeof *clients);
        *clients = client;
    }
}

/* Takes a client's name out, and leaves those of the others. */
static void remove_name(struct registry *registry, const struct client *client)
{
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++) {
        size_t place = place_of(registry, registry->count, view, client->looks[view]);
        while (registry->looks[view][place] != client)
            place++;
        struct client **clients = registry->looks[view] + place;
        memmove(clients, clients + 1, (registry->count - place - 1) * sizeof *clients);
    }
}

/* Makes an array of clients longer. */
static bool lengthen(struct client ***array, size_t capacity)
{
    struct client **longer = realloc(*array, capacity * sizeof(struct client *));
    if (longer != NULL)
        *array = longer;
    return longer != NULL;
}

static int make_room(struct registry *registry)
{
    if (registry->count < registry->capacity)
        return 0;
    size_t capacity = registry->capacity == 0 ? 16 : 2 * registry->capacity;
    if (!lengthen(&registry->members, capacity))
        return ENOMEM;
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++)
        if (!lengthen(&registry->looks[view], capacity))
            return ENOMEM;
    registry->capacity = capacity;
    return 0;
}

int registry_reserve(struct registry *registry)
{
    lock_take(&registry->lock);
    int error = make_room(registry);
    lock_release(&registry->lock);
    return error;
}

int registry_add(struct registry *registry, struct client *client, const char *name)
{
    char rival[NAME_SIZE];
    lock_take(&registry->lock);
    int error = find_rival(registry, name, NULL, rival) ? EEXIST : make_room(registry);
    if (error == 0) {
        insert_name(registry, registry->count, client, name);
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
    remove_name(registry, client);
    registry->count--;
    memmove(registry->members + i, registry->members + i + 1,
            (registry->count - i) * sizeof(struct client *));
    forget_snapshot(registry);
    lock_release(&registry->lock);
    client_release(client);
}

int registry_rename(struct registry *registry, struct client *client, const char *name,
                    char rival[NAME_SIZE])
{
    lock_take(&registry->lock);
    bool vacant = !find_rival(registry, name, client, rival);
    if (vacant) {
        remove_name(registry, client);
        insert_name(registry, registry->count - 1, client, name);
    }
    lock_release(&registry->lock);
    return vacant ? 0 : EEXIST;
}

bool registry_has(struct registry *registry, const char *name, char rival[NAME_SIZE])
{
    lock_take(&registry->lock);
    bool has = find_rival(registry, name, NULL, rival);
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
