#include "base/platform.h"

#include "chat/roster.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LISTED_MAX = 20 }; /* names; a longer list is hard to read */

/* Releases a reference to a snapshot. Returns whether it was the last one: it has no members then.
 */
static bool let_go(struct snapshot *snapshot)
{
    if (atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) != 1)
        return false;
    for (size_t i = 0; i < snapshot->count; i++)
        member_release(snapshot->members[i]);
    return true;
}

/*
 * Drops the cached snapshot, as the members change. Its memory is kept for the next one: each that
 * joins would free it otherwise, and threads of some C libraries keep what they free for
 * themselves.
 */
static void forget_snapshot(struct roster *roster)
{
    struct snapshot *snapshot = roster->cached;
    roster->cached = NULL;
    if (snapshot == NULL || !let_go(snapshot))
        return;
    free(roster->spare);
    roster->spare = snapshot;
}

int roster_reserve(struct roster *roster)
{
    if (roster->count < roster->capacity)
        return 0;
    size_t capacity = roster->capacity == 0 ? 16 : 2 * roster->capacity;
    struct member **members = realloc(roster->members, capacity * sizeof(struct member *));
    if (members == NULL)
        return ENOMEM;
    roster->members = members;
    roster->capacity = capacity;
    return 0;
}

void roster_add(struct roster *roster, struct member *member)
{
    assert(roster->count < roster->capacity);
    member_acquire(member);
    member->number = ++roster->last_number;
    roster->members[roster->count++] = member;
    if (user_is_remote(member->user))
        roster->remote++;
    else
        forget_snapshot(roster);
}

/* Returns the index of the first member whose number is above `number`. */
static size_t first_above(const struct roster *roster, uint64_t number)
{
    size_t low = 0;
    size_t high = roster->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (roster->members[middle]->number <= number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void roster_remove(struct roster *roster, struct member *member)
{
    size_t i = first_above(roster, member->number - 1);
    assert(roster->members[i] == member);
    roster->count--;
    memmove(roster->members + i, roster->members + i + 1,
            (roster->count - i) * sizeof(struct member *));
    if (user_is_remote(member->user))
        roster->remote--;
    else
        forget_snapshot(roster);
    member_release(member);
}

void roster_replace(struct roster *roster, struct member *member, struct member *successor)
{
    size_t i = first_above(roster, member->number - 1);
    assert(roster->members[i] == member);
    member_acquire(successor);
    successor->number = member->number;
    roster->members[i] = successor;
    forget_snapshot(roster);
    member_release(member);
}

struct member *roster_after(const struct roster *roster, uint64_t number)
{
    size_t i = first_above(roster, number);
    return i < roster->count ? roster->members[i] : NULL;
}

bool roster_list_names(const struct roster *roster, struct directory *directory,
                       const struct user *self, struct buffer *out, unsigned *unnamed)
{
    char name[NAME_SIZE];
    size_t listed = 0;
    bool whole = true;
    for (size_t i = 0; i < roster->count && listed < LISTED_MAX && whole; i++) {
        const struct user *user = roster->members[i]->user;
        if (user == self)
            continue;
        directory_copy_name(directory, user, name);
        whole = (listed == 0 || buffer_append_string(out, ", ")) && buffer_append_string(out, name);
        listed++;
    }
    *unnamed = (unsigned)(roster->count - (self != NULL) - listed);
    return whole;
}

static struct snapshot *make(size_t capacity)
{
    size_t places = capacity + SNAPSHOT_AHEAD;
    struct snapshot *snapshot = malloc(sizeof *snapshot + places * sizeof(struct member *));
    if (snapshot != NULL)
        snapshot->capacity = capacity;
    return snapshot;
}

/* Fills a snapshot, which then has one reference. */
static void fill(struct snapshot *snapshot, const struct roster *roster, bool with_remote)
{
    atomic_init(&snapshot->references, 1);
    snapshot->count = 0;
    for (size_t i = 0; i < roster->count; i++) {
        struct member *member = roster->members[i];
        if (!with_remote && user_is_remote(member->user))
            continue;
        snapshot->members[snapshot->count++] = member;
        member_acquire(member);
    }
    for (size_t i = 0; i < SNAPSHOT_AHEAD && snapshot->count > 0; i++)
        snapshot->members[snapshot->count + i] = snapshot->members[snapshot->count - 1];
}

struct snapshot *roster_copy(const struct roster *roster)
{
    struct snapshot *copy = make(roster->count);
    if (copy != NULL)
        fill(copy, roster, true);
    return copy;
}

/* Returns a snapshot without members, and room for all that are here; NULL when memory is out. */
static struct snapshot *find_memory(struct roster *roster)
{
    struct snapshot *snapshot = roster->spare;
    roster->spare = NULL;
    size_t count = roster->count - roster->remote;
    if (snapshot != NULL && snapshot->capacity >= count)
        return snapshot;
    free(snapshot);
    return make(count + count / 8 + 4);
}

/* Creates a snapshot with one reference; NULL when memory is out. */
static struct snapshot *take_snapshot(struct roster *roster)
{
    struct snapshot *snapshot = find_memory(roster);
    if (snapshot != NULL)
        fill(snapshot, roster, false);
    return snapshot;
}

struct snapshot *roster_snapshot(struct roster *roster)
{
    if (roster->cached == NULL)
        roster->cached = take_snapshot(roster);
    struct snapshot *snapshot = roster->cached;
    if (snapshot != NULL)
        atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
    return snapshot;
}

void snapshot_release(struct snapshot *snapshot)
{
    if (let_go(snapshot))
        free(snapshot);
}

void roster_free(struct roster *roster)
{
    assert(roster->count == 0);
    forget_snapshot(roster);
    free(roster->spare);
    free(roster->members);
    *roster = (struct roster){0};
}
