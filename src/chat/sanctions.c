#include "base/platform.h"

#include "base/lock.h"
#include "chat/sanctions.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

struct sanctions_entry {
    struct sanction sanction;
    uint64_t looks[NAME_VIEWS]; /* hashes of the name */
};

enum { KINDS = SANCTION_MUTE + 1 };

struct sanctions {
    struct lock lock;
    struct sanctions_entry **entries; /* in ascending order of their numbers */
    size_t count, capacity;
    uint64_t last_number;
    atomic_size_t held[KINDS]; /* how many of each kind there are; may be read without the lock */
    sanctions_observer *observer; /* NULL: none */
    void *context;
};

/* A name with its hashes, or a range. */
struct target {
    const char *name; /* NULL: the range counts */
    uint64_t looks[NAME_VIEWS];
    const struct address_prefix *range;
};

bool sanction_set_reason(struct sanction *sanction, const char *text, size_t length)
{
    struct buffer clean = {0};
    if (!text_tidy(&clean, text, length)) {
        buffer_free(&clean);
        return false;
    }
    const char *bytes = buffer_bytes(&clean);
    size_t cleaned = buffer_length(&clean);
    size_t kept = 0;
    uint32_t character;
    while (kept < cleaned) {
        size_t size = text_decode(bytes + kept, cleaned - kept, &character);
        if (kept + size > SANCTION_REASON_BYTES_MAX)
            break;
        kept += size;
    }
    memcpy(sanction->reason, bytes, kept);
    sanction->reason[kept] = '\0';
    buffer_free(&clean);
    return true;
}

int sanctions_create(struct sanctions **result)
{
    struct sanctions *sanctions = calloc(1, sizeof *sanctions);
    if (sanctions == NULL)
        return ENOMEM;
    int error = lock_init(&sanctions->lock, LOCK_RANK_SANCTIONS, "sanctions");
    if (error != 0) {
        free(sanctions);
        return error;
    }
    *result = sanctions;
    return 0;
}

void sanctions_clear(struct sanctions *sanctions)
{
    lock_take(&sanctions->lock);
    for (size_t i = 0; i < sanctions->count; i++)
        free(sanctions->entries[i]);
    sanctions->count = 0;
    for (enum sanction_kind kind = SANCTION_BAN; kind <= SANCTION_MUTE; kind++)
        atomic_store(&sanctions->held[kind], 0);
    lock_release(&sanctions->lock);
}

void sanctions_destroy(struct sanctions *sanctions)
{
    sanctions_clear(sanctions);
    free(sanctions->entries);
    lock_destroy(&sanctions->lock);
    free(sanctions);
}

void sanctions_observe(struct sanctions *sanctions, sanctions_observer *observer, void *context)
{
    lock_take(&sanctions->lock);
    sanctions->observer = observer;
    sanctions->context = context;
    lock_release(&sanctions->lock);
}

static void hash_name(const char *name, uint64_t looks[NAME_VIEWS])
{
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++)
        looks[view] = name_hash(name, view);
}

static struct target on_name(const char *name)
{
    struct target target = {.name = name};
    hash_name(name, target.looks);
    return target;
}

static struct target on_range(const struct address_prefix *range)
{
    return (struct target){.range = range};
}

/* Whether the end has come. */
static bool is_over(const struct sanction *sanction, int64_t now)
{
    return sanction->end != 0 && sanction->end <= now;
}

/* Whether a name looks like the one of an entry. Hashes are compared first, as names take long. */
static bool looks_like(const struct sanctions_entry *entry, const struct target *target)
{
    bool similar = false;
    if (*entry->sanction.name == '\0')
        return false;
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++)
        similar = similar || entry->looks[view] == target->looks[view];
    return similar && name_looks_like(entry->sanction.name, target->name);
}

/* Whether an entry is on a target itself. */
static bool is_on(const struct sanctions_entry *entry, enum sanction_kind kind,
                  const struct target *target)
{
    if (entry->sanction.kind != kind)
        return false;
    if (target->name != NULL)
        return looks_like(entry, target);
    return *entry->sanction.name == '\0' &&
           address_prefix_compare(&entry->sanction.range, target->range) == 0;
}

/* Whether an entry is on a target, or on a range that contains it. */
static bool covers(const struct sanctions_entry *entry, enum sanction_kind kind,
                   const struct target *target)
{
    if (entry->sanction.kind != kind)
        return false;
    if (target->name != NULL)
        return looks_like(entry, target);
    return *entry->sanction.name == '\0' &&
           address_prefix_contains(&entry->sanction.range, target->range);
}

/* The functions down to sanctions_impose() want the lock held. */

static void tell(const struct sanctions *sanctions, enum sanction_change change,
                 const struct sanctions_entry *entry)
{
    if (sanctions->observer != NULL)
        sanctions->observer(sanctions->context, change, &entry->sanction);
}

/* Copies the name of an entry that is lifted, if a name means it rather than one before it. */
static void note_name(const struct sanctions_entry *entry, const struct target *target,
                      char lifted[NAME_SIZE])
{
    const char *name = entry->sanction.name;
    if (*lifted == '\0' || name_means(target->name, name, lifted))
        strcpy(lifted, name);
}

/*
 * Removes the entries that are over, and, unless `target` is NULL, those on it. Returns how many of
 * the latter there were, and unless `name` is NULL copies the name that one was on, or "".
 */
static size_t drop(struct sanctions *sanctions, enum sanction_kind kind,
                   const struct target *target, int64_t now, char name[NAME_SIZE])
{
    size_t kept = 0;
    size_t lifted = 0;
    if (name != NULL)
        strcpy(name, "");
    for (size_t i = 0; i < sanctions->count; i++) {
        struct sanctions_entry *entry = sanctions->entries[i];
        bool over = is_over(&entry->sanction, now);
        bool lift = !over && target != NULL && is_on(entry, kind, target);
        if (lift)
            tell(sanctions, SANCTION_LIFTED, entry);
        if (lift && name != NULL)
            note_name(entry, target, name);
        lifted += lift;
        if (!over && !lift) {
            sanctions->entries[kept++] = entry;
            continue;
        }
        atomic_fetch_sub(&sanctions->held[entry->sanction.kind], 1);
        free(entry);
    }
    sanctions->count = kept;
    return lifted;
}

static bool has_any_on(const struct sanctions *sanctions, enum sanction_kind kind,
                       const struct target *target)
{
    for (size_t i = 0; i < sanctions->count; i++)
        if (is_on(sanctions->entries[i], kind, target))
            return true;
    return false;
}

/* Makes room for one more entry. Returns 0 or an errno. */
static int grow(struct sanctions *sanctions)
{
    if (sanctions->count < sanctions->capacity)
        return 0;
    size_t capacity = sanctions->capacity == 0 ? 16 : 2 * sanctions->capacity;
    struct sanctions_entry **entries = realloc(sanctions->entries, capacity * sizeof(*entries));
    if (entries == NULL)
        return ENOMEM;
    sanctions->entries = entries;
    sanctions->capacity = capacity;
    return 0;
}

static int insert(struct sanctions *sanctions, struct sanctions_entry *entry,
                  const struct target *target, int64_t now)
{
    enum sanction_kind kind = entry->sanction.kind;
    drop(sanctions, kind, NULL, now, NULL);
    if (sanctions->count >= SANCTIONS_MAX && !has_any_on(sanctions, kind, target))
        return ENOSPC;
    int error = grow(sanctions); /* before any other one is lifted */
    if (error != 0)
        return error;
    drop(sanctions, kind, target, now, NULL);
    entry->sanction.number = ++sanctions->last_number;
    sanctions->entries[sanctions->count++] = entry;
    atomic_fetch_add(&sanctions->held[kind], 1);
    tell(sanctions, SANCTION_IMPOSED, entry);
    return 0;
}

int sanctions_impose(struct sanctions *sanctions, const struct sanction *sanction, int64_t now)
{
    if (is_over(sanction, now))
        return EINVAL;
    struct sanctions_entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL)
        return ENOMEM;
    entry->sanction = *sanction;
    bool named = *sanction->name != '\0';
    struct target target = named ? on_name(sanction->name) : on_range(&sanction->range);
    memcpy(entry->looks, target.looks, sizeof entry->looks);
    lock_take(&sanctions->lock);
    int error = insert(sanctions, entry, &target, now);
    lock_release(&sanctions->lock);
    if (error != 0)
        free(entry);
    return error;
}

static size_t lift(struct sanctions *sanctions, enum sanction_kind kind,
                   const struct target *target, int64_t now, char name[NAME_SIZE])
{
    lock_take(&sanctions->lock);
    size_t lifted = drop(sanctions, kind, target, now, name);
    lock_release(&sanctions->lock);
    return lifted;
}

size_t sanctions_lift_name(struct sanctions *sanctions, enum sanction_kind kind, const char *name,
                           int64_t now, char lifted[NAME_SIZE])
{
    struct target target = on_name(name);
    return lift(sanctions, kind, &target, now, lifted);
}

size_t sanctions_lift_range(struct sanctions *sanctions, enum sanction_kind kind,
                            const struct address_prefix *range, int64_t now)
{
    struct target target = on_range(range);
    return lift(sanctions, kind, &target, now, NULL);
}

static bool lasts_longer(const struct sanction *one, const struct sanction *other)
{
    return other->end != 0 && (one->end == 0 || one->end > other->end);
}

static bool find(struct sanctions *sanctions, enum sanction_kind kind, const struct target *target,
                 int64_t now, struct sanction *found)
{
    const struct sanction *longest = NULL;
    lock_take(&sanctions->lock);
    for (size_t i = 0; i < sanctions->count; i++) {
        const struct sanctions_entry *entry = sanctions->entries[i];
        bool holds = covers(entry, kind, target) && !is_over(&entry->sanction, now);
        if (holds && (longest == NULL || lasts_longer(&entry->sanction, longest)))
            longest = &entry->sanction;
    }
    bool any = longest != NULL;
    if (any && found != NULL)
        *found = *longest;
    lock_release(&sanctions->lock);
    return any;
}

bool sanctions_has_any(struct sanctions *sanctions, enum sanction_kind kind)
{
    return atomic_load(&sanctions->held[kind]) > 0;
}

bool sanctions_find_name(struct sanctions *sanctions, enum sanction_kind kind, const char *name,
                         int64_t now, struct sanction *found)
{
    if (!sanctions_has_any(sanctions, kind))
        return false;
    struct target target = on_name(name);
    return find(sanctions, kind, &target, now, found);
}

bool sanctions_find_address(struct sanctions *sanctions, enum sanction_kind kind,
                            const struct address_prefix *address, int64_t now,
                            struct sanction *found)
{
    if (!sanctions_has_any(sanctions, kind))
        return false;
    struct target target = on_range(address);
    return find(sanctions, kind, &target, now, found);
}

/* Returns the index of the first entry whose number is above `after`. Lock held. */
static size_t place_behind(const struct sanctions *sanctions, uint64_t after)
{
    size_t low = 0;
    size_t high = sanctions->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sanctions->entries[middle]->sanction.number <= after)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool sanctions_next(struct sanctions *sanctions, enum sanction_kind kind, uint64_t after,
                    int64_t now, struct sanction *next)
{
    bool found = false;
    lock_take(&sanctions->lock);
    for (size_t i = place_behind(sanctions, after); i < sanctions->count && !found; i++) {
        const struct sanction *sanction = &sanctions->entries[i]->sanction;
        found = sanction->kind == kind && !is_over(sanction, now);
        if (found)
            *next = *sanction;
    }
    lock_release(&sanctions->lock);
    return found;
}
