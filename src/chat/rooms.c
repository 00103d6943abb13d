#include "base/platform.h"

#include "base/lock.h"
#include "chat/directory.h"
#include "chat/member.h"
#include "chat/room_delivery.h"
#include "chat/room_membership.h"
#include "chat/rooms.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A room, and how its name looks (name_hash()). */
struct rooms_entry {
    struct room *room;
    unsigned references;
    uint64_t looks[NAME_VIEWS];
};

struct rooms {
    struct room_config config;   /* but for the limits it does not change */
    atomic_size_t inhabited;     /* rooms with members, without the lobby */
    struct lock lock;            /* guards the rest, and the limits */
    struct rooms_entry *entries; /* in ascending order of the rooms' numbers */
    size_t count, capacity;
    uint64_t last_number;
};

int rooms_create(struct rooms **result, const struct room_config *config)
{
    struct rooms *rooms = calloc(1, sizeof *rooms);
    if (rooms == NULL)
        return ENOMEM;
    rooms->config = *config;
    rooms->config.inhabited = &rooms->inhabited;
    int error = lock_init(&rooms->lock, LOCK_RANK_ROOMS, "rooms");
    if (error != 0) {
        free(rooms);
        return error;
    }
    *result = rooms;
    return 0;
}

size_t rooms_inhabited(struct rooms *rooms)
{
    return atomic_load(&rooms->inhabited) + 1;
}

void rooms_destroy(struct rooms *rooms)
{
    assert(rooms->count == 0);
    lock_destroy(&rooms->lock);
    free(rooms->entries);
    free(rooms);
}

/* The functions down to rooms_open() want the lock held. */

static void look(const char *name, uint64_t looks[NAME_VIEWS])
{
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++)
        looks[view] = name_hash(name, view);
}

/*
 * Whether a room can be found. Where several machines are one chat, all must find the same ones;
 * but on each one other rooms are referred to that have no members any more, or not yet.
 */
static bool is_there(const struct rooms *rooms, const struct room *room)
{
    return rooms->config.ordering == NULL || room_number(room) == ROOM_LOBBY ||
           room_is_inhabited(room);
}

/*
 * Returns the entry of the room that a name means, which has these looks; NULL if there is none. It
 * does not depend on which room was made first.
 */
static struct rooms_entry *find(const struct rooms *rooms, const char *name,
                                const uint64_t looks[NAME_VIEWS])
{
    struct rooms_entry *found = NULL;
    for (size_t i = 0; i < rooms->count; i++) {
        struct rooms_entry *entry = &rooms->entries[i];
        bool alike = entry->looks[NAME_CASELESS] == looks[NAME_CASELESS] ||
                     entry->looks[NAME_AS_TYPED] == looks[NAME_AS_TYPED];
        if (alike && is_there(rooms, entry->room) &&
            name_looks_like(room_name(entry->room), name) &&
            (found == NULL || name_means(name, room_name(entry->room), room_name(found->room))))
            found = entry;
    }
    return found;
}

static bool reserve(struct rooms *rooms)
{
    if (rooms->count < rooms->capacity)
        return true;
    size_t capacity = rooms->capacity == 0 ? 4 : 2 * rooms->capacity;
    struct rooms_entry *entries = realloc(rooms->entries, capacity * sizeof *entries);
    if (entries == NULL)
        return false;
    rooms->entries = entries;
    rooms->capacity = capacity;
    return true;
}

/* Creates a room without references, and stores its entry. Returns as rooms_open(). */
static int add(struct rooms *rooms, const char *name, struct rooms_entry **entry)
{
    struct room *room;
    if (!reserve(rooms))
        return ENOMEM;
    int error = room_create(&room, name, rooms->last_number + 1, &rooms->config);
    if (error != 0)
        return error;
    rooms->last_number++;
    *entry = &rooms->entries[rooms->count++];
    **entry = (struct rooms_entry){.room = room};
    look(room_name(room), (*entry)->looks);
    return 0;
}

/* Returns the index of the first room whose number is above `number`. */
static size_t first_above(const struct rooms *rooms, uint64_t number)
{
    size_t low = 0;
    size_t high = rooms->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (room_number(rooms->entries[middle].room) <= number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct room *hand_out(struct rooms_entry *entry)
{
    if (entry == NULL)
        return NULL;
    entry->references++;
    return entry->room;
}

int rooms_open(struct rooms *rooms, const char *name, struct room **room)
{
    uint64_t looks[NAME_VIEWS];
    int error = 0;
    look(name, looks);
    lock_take(&rooms->lock);
    struct rooms_entry *entry = find(rooms, name, looks);
    if (entry == NULL)
        error = add(rooms, name, &entry);
    if (error == 0)
        *room = hand_out(entry);
    lock_release(&rooms->lock);
    return error;
}

struct room *rooms_find(struct rooms *rooms, const char *name)
{
    uint64_t looks[NAME_VIEWS];
    look(name, looks);
    lock_take(&rooms->lock);
    struct room *room = hand_out(find(rooms, name, looks));
    lock_release(&rooms->lock);
    return room;
}

bool rooms_has(struct rooms *rooms, const char *name)
{
    uint64_t looks[NAME_VIEWS];
    look(name, looks);
    lock_take(&rooms->lock);
    bool has = find(rooms, name, looks) != NULL;
    lock_release(&rooms->lock);
    return has;
}

/* Returns the index of a room. */
static size_t place_of(const struct rooms *rooms, const struct room *room)
{
    size_t i = first_above(rooms, room_number(room) - 1);
    assert(rooms->entries[i].room == room);
    return i;
}

void rooms_acquire(struct rooms *rooms, struct room *room)
{
    lock_take(&rooms->lock);
    rooms->entries[place_of(rooms, room)].references++;
    lock_release(&rooms->lock);
}

/* Takes a room without references out of the set. */
static void take_out(struct rooms *rooms, size_t i)
{
    rooms->count--;
    memmove(rooms->entries + i, rooms->entries + i + 1,
            (rooms->count - i) * sizeof *rooms->entries);
}

void rooms_release(struct rooms *rooms, struct room *room)
{
    lock_assert_none_held();
    lock_take(&rooms->lock);
    size_t i = place_of(rooms, room);
    bool last = --rooms->entries[i].references == 0;
    if (last) {
        room_end(room); /* before another one can be made */
        take_out(rooms, i);
    }
    lock_release(&rooms->lock);
    if (last)
        room_destroy(room);
}

/* As rooms_after(); of `all` rooms, also of those that are not to be found. */
static struct room *next_of(struct rooms *rooms, uint64_t after, bool all)
{
    lock_take(&rooms->lock);
    size_t i = first_above(rooms, after);
    while (i < rooms->count && !all && !is_there(rooms, rooms->entries[i].room))
        i++;
    struct room *room = hand_out(i < rooms->count ? &rooms->entries[i] : NULL);
    lock_release(&rooms->lock);
    return room;
}

struct room *rooms_after(struct rooms *rooms, uint64_t after)
{
    return next_of(rooms, after, false);
}

/* Returns the room with a number, with a reference; NULL if it is not there any more. */
static struct room *find_number(struct rooms *rooms, uint64_t number)
{
    struct room *room = rooms_after(rooms, number - 1);
    if (room == NULL || room_number(room) == number)
        return room;
    rooms_release(rooms, room);
    return NULL;
}

/*
 * Has people in a room told of a parting; where there is no room any more there are none. Returns
 * false if that would be to wait, and `waits` is not set.
 */
static bool tell(struct rooms *rooms, const struct parting_place *place, bool waits)
{
    struct room *room = find_number(rooms, place->room);
    if (room != NULL && waits)
        room_await_told(room, place->last);
    bool told = room == NULL || room_has_told(room, place->last);
    if (room != NULL)
        rooms_release(rooms, room);
    if (told)
        directory_tell_partings(rooms->config.directory, place);
    return told;
}

/*
 * Forgets partings of which all have been told by themselves: more than the caller adds, who tells
 * in how many rooms that was.
 */
static void forget_partings(struct rooms *rooms, size_t added)
{
    enum { MORE = 4 };
    struct parting_place place;
    bool told = true;
    for (size_t i = 0; i < added + MORE && told; i++)
        told = directory_find_parting(rooms->config.directory, NULL, &place) &&
               tell(rooms, &place, false);
}

void rooms_see_off(struct rooms *rooms, const char *name)
{
    struct parting_place place;
    while (directory_find_parting(rooms->config.directory, name, &place))
        tell(rooms, &place, true);
    forget_partings(rooms, 0);
}

static size_t count_members(const struct user *user)
{
    size_t count = 0;
    for (const struct member *member = user->members; member != NULL; member = member->next)
        count++;
    return count;
}

int rooms_rename(struct rooms *rooms, struct user *user, const char *name, char rival[NAME_SIZE])
{
    int error;
    rooms_see_off(rooms, user->name);
    do {
        error = room_rename(user, name, rival);
        if (error == EAGAIN)
            rooms_see_off(rooms, name);
    } while (error == EAGAIN || (error == ENOMEM && ordering_await_memory(rooms->config.ordering)));
    forget_partings(rooms, count_members(user));
    return error;
}

void rooms_leave(struct rooms *rooms, struct member *member, const char *by)
{
    if (by != NULL)
        room_expel(member, by);
    else
        room_leave(member);
    forget_partings(rooms, 1);
}

void rooms_leave_all(struct rooms *rooms, struct user *user, const struct room_leaving *leaving)
{
    size_t count = count_members(user);
    if (!leaving->silently)
        rooms_see_off(rooms, user->name);
    room_leave_all(user, leaving);
    forget_partings(rooms, count);
}

/* A room that is made meanwhile has the new limits already. */
void rooms_limit(struct rooms *rooms, const struct chat_limits *limits)
{
    struct room *room;
    uint64_t after = 0;
    lock_take(&rooms->lock);
    rooms->config.limits = *limits;
    lock_release(&rooms->lock);
    while ((room = next_of(rooms, after, true)) != NULL) {
        after = room_number(room);
        room_limit(room, limits);
        rooms_release(rooms, room);
    }
}

size_t rooms_each(struct rooms *rooms, const char *beginning, size_t length,
                  void (*found)(void *context, const struct room *room), void *context)
{
    size_t looked_at = 0;
    lock_take(&rooms->lock);
    for (size_t i = 0; i < rooms->count; i++) {
        const char *name = room_name(rooms->entries[i].room);
        looked_at += strlen(name);
        if (is_there(rooms, rooms->entries[i].room) &&
            name_begins_with(name, strlen(name), beginning, length))
            found(context, rooms->entries[i].room);
    }
    lock_release(&rooms->lock);
    return looked_at;
}
