#include "base/platform.h"

#include "base/lock.h"
#include "chat/directory.h"
#include "chat/member.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct directory {
    struct lock lock;                /* guards all of it, and the users' names */
    struct user **users;             /* in ascending order of their ids */
    struct user **looks[NAME_VIEWS]; /* the same users, by their hashes in each view */
    size_t count, capacity;          /* of all of these */
    size_t remote;                   /* how many of them are */
    uint64_t last_id;
    struct partings partings;
};

int directory_create(struct directory **result)
{
    struct directory *directory = calloc(1, sizeof *directory);
    if (directory == NULL)
        return ENOMEM;
    int error = lock_init(&directory->lock, LOCK_RANK_DIRECTORY, "directory");
    if (error != 0) {
        free(directory);
        return error;
    }
    *result = directory;
    return 0;
}

size_t directory_count(struct directory *directory, size_t *remote)
{
    lock_take(&directory->lock);
    size_t count = directory->count;
    *remote = directory->remote;
    lock_release(&directory->lock);
    return count;
}

void directory_destroy(struct directory *directory)
{
    assert(directory->count == 0);
    lock_destroy(&directory->lock);
    partings_free(&directory->partings);
    free(directory->users);
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++)
        free(directory->looks[view]);
    free(directory);
}

/* The functions down to directory_add() want the lock held. */

/*
 * Returns the index of the first of `count` users whose hash in a view is `hash` or above. Users
 * with equal hashes are adjacent.
 */
static size_t place_of(const struct directory *directory, size_t count, enum name_view view,
                       uint64_t hash)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (directory->looks[view][middle]->looks.hash[view] < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/*
 * Returns the user other than `self` for which `is_it` holds, among those with the hash of `name`
 * in a view; NULL if there is none.
 */
static struct user *find_in_view(const struct directory *directory, enum name_view view,
                                 const char *name, const struct user *self,
                                 bool (*is_it)(const char *, const char *))
{
    uint64_t hash = name_hash(name, view);
    size_t place = place_of(directory, directory->count, view, hash);
    for (; place < directory->count; place++) {
        struct user *user = directory->looks[view][place];
        if (user->looks.hash[view] != hash)
            break;
        if (user != self && is_it(user->name, name))
            return user;
    }
    return NULL;
}

/* Returns the user that has a name, without regard to case; NULL if there is none. */
static struct user *find(const struct directory *directory, const char *name)
{
    return find_in_view(directory, NAME_CASELESS, name, NULL, name_equals);
}

/*
 * Whether a user other than `self` has a name or one that looks like it; copies that user's name to
 * `rival`.
 */
static bool find_rival(const struct directory *directory, const char *name, const struct user *self,
                       char rival[NAME_SIZE])
{
    const struct user *found = find_in_view(directory, NAME_CASELESS, name, self, name_looks_like);
    if (found == NULL)
        found = find_in_view(directory, NAME_AS_TYPED, name, self, name_looks_like);
    if (found != NULL)
        strcpy(rival, found->name);
    return found != NULL;
}

/* Returns the index of the user with an id, or where it would be inserted. */
static size_t place_of_id(const struct directory *directory, uint64_t id)
{
    size_t low = 0;
    size_t high = directory->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (directory->users[middle]->id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void insert(struct user **users, size_t count, size_t place, struct user *user)
{
    memmove(users + place + 1, users + place, (count - place) * sizeof(struct user *));
    users[place] = user;
}

/* Removes the user at a place from an array of `count`. */
static void take_out(struct user **users, size_t count, size_t place, const struct user *user)
{
    assert(users[place] == user);
    (void)user;
    memmove(users + place, users + place + 1, (count - place - 1) * sizeof(struct user *));
}

/* Returns where a user is to have that name; NULL when memory is out. */
static char *room_for_name(const struct user *user, const char *name)
{
    return user_is_remote(user) ? malloc(strlen(name) + 1) : user->name;
}

/*
 * Sets a user's name, with room for it that is taken over, and inserts it among `others` users of
 * each view, which must have room, too.
 */
static void insert_name(struct directory *directory, size_t others, struct user *user,
                        const char *name, char *room)
{
    strcpy(room, name);
    if (room != user->name)
        free(user->name);
    user->name = room;
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++) {
        user->looks.hash[view] = name_hash(name, view);
        insert(directory->looks[view], others,
               place_of(directory, others, view, user->looks.hash[view]), user);
    }
}

/* Removes a user from the views, but not from `users`. */
static void take_out_name(struct directory *directory, const struct user *user)
{
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++) {
        size_t place = place_of(directory, directory->count, view, user->looks.hash[view]);
        while (directory->looks[view][place] != user)
            place++;
        take_out(directory->looks[view], directory->count, place, user);
    }
}

static bool lengthen(struct user ***users, size_t capacity)
{
    struct user **longer = realloc(*users, capacity * sizeof(struct user *));
    if (longer != NULL)
        *users = longer;
    return longer != NULL;
}

static int reserve(struct directory *directory)
{
    if (directory->count < directory->capacity)
        return 0;
    size_t capacity = directory->capacity == 0 ? 16 : 2 * directory->capacity;
    if (!lengthen(&directory->users, capacity))
        return ENOMEM;
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++)
        if (!lengthen(&directory->looks[view], capacity))
            return ENOMEM;
    directory->capacity = capacity;
    return 0;
}

/* Whether a user has an id, whose place that is; copies that user's name to `holder`. */
static bool find_holder(const struct directory *directory, size_t place, uint64_t id,
                        char holder[NAME_SIZE])
{
    bool found = place < directory->count && directory->users[place]->id == id;
    if (found)
        strcpy(holder, directory->users[place]->name);
    return found;
}

int directory_add(struct directory *directory, struct user *user, uint64_t id, const char *name,
                  char rival[NAME_SIZE])
{
    lock_take(&directory->lock);
    if (id == 0)
        id = directory->last_id + 1;
    size_t place = place_of_id(directory, id);
    bool taken =
        find_holder(directory, place, id, rival) || find_rival(directory, name, NULL, rival);
    int error = taken ? EEXIST : reserve(directory);
    char *room = error == 0 ? room_for_name(user, name) : NULL;
    if (error == 0 && room == NULL)
        error = ENOMEM;
    if (error == 0) {
        insert_name(directory, directory->count, user, name, room);
        if (directory->last_id < id)
            directory->last_id = id;
        user->id = id;
        user->listed = false;
        user_acquire(user);
        insert(directory->users, directory->count++, place, user);
        directory->remote += user_is_remote(user);
    }
    lock_release(&directory->lock);
    return error;
}

void directory_forget(struct directory *directory)
{
    lock_take(&directory->lock);
    assert(directory->count == 0);
    directory->last_id = 0;
    lock_release(&directory->lock);
}

void directory_list(struct directory *directory, struct user *user)
{
    lock_take(&directory->lock);
    user->listed = true;
    lock_release(&directory->lock);
}

void directory_add_member(struct directory *directory, struct member *member)
{
    lock_take(&directory->lock);
    struct member **place = &member->user->members;
    while (*place != NULL && (*place)->room_number < member->room_number)
        place = &(*place)->next;
    member->next = *place;
    *place = member;
    lock_release(&directory->lock);
}

void directory_remove_member(struct directory *directory, struct member *member)
{
    lock_take(&directory->lock);
    struct member **place = &member->user->members;
    while (*place != member)
        place = &(*place)->next;
    *place = member->next;
    lock_release(&directory->lock);
}

bool directory_is_in(struct directory *directory, const struct user *user, const struct room *room)
{
    lock_take(&directory->lock);
    const struct member *member = user->members;
    while (member != NULL && member->room != room)
        member = member->next;
    lock_release(&directory->lock);
    return member != NULL;
}

/* Both lists are in ascending order of the rooms' numbers. */
bool directory_is_told(struct directory *directory, const struct user *user,
                       const struct member *first, const struct member *end)
{
    bool told = false;
    lock_take(&directory->lock);
    const struct member *member = user->members;
    while (member != NULL && first != end && !told) {
        uint64_t number = member->room_number;
        uint64_t other = first->room_number;
        told = number == other && first->announced && !member_is_suspended(member);
        if (number <= other)
            member = member->next;
        if (other <= number)
            first = first->next;
    }
    lock_release(&directory->lock);
    return told;
}

void directory_remove(struct directory *directory, struct user *user)
{
    lock_take(&directory->lock);
    take_out_name(directory, user);
    take_out(directory->users, directory->count, place_of_id(directory, user->id), user);
    directory->count--;
    directory->remote -= user_is_remote(user);
    user->listed = false;
    lock_release(&directory->lock);
    user_release(user);
}

/* Has the heir take the user's places. Wants the lock held. */
static void take_places(struct directory *directory, struct user *user, struct user *heir)
{
    directory->users[place_of_id(directory, user->id)] = heir;
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++) {
        size_t place = place_of(directory, directory->count, view, user->looks.hash[view]);
        while (directory->looks[view][place] != user)
            place++;
        directory->looks[view][place] = heir;
        heir->looks.hash[view] = user->looks.hash[view];
    }
}

void directory_succeed(struct directory *directory, struct user *user, struct user *heir)
{
    user_acquire(heir);
    lock_take(&directory->lock);
    take_places(directory, user, heir);
    heir->id = user->id;
    strcpy(heir->name, user->name);
    heir->local->correspondent = user->local->correspondent;
    strcpy(heir->local->correspondent_name, user->local->correspondent_name);
    heir->away = user->away;
    heir->listed = user->listed;
    user->away = NULL;
    user->listed = false;
    lock_release(&directory->lock);
    user_release(user);
}

/* Whether a name looks like the one that a user has. Wants the lock held. */
static bool is_own(const struct user *user, const char *name)
{
    bool alike = false;
    for (enum name_view view = NAME_CASELESS; view < NAME_VIEWS; view++)
        alike = alike || user->looks.hash[view] == name_hash(name, view);
    return alike;
}

int directory_rename(struct directory *directory, struct user *user, const char *name,
                     struct parting *parting, char rival[NAME_SIZE])
{
    struct parting_place place;
    int error = 0;
    lock_take(&directory->lock);
    if (find_rival(directory, name, user, rival))
        error = EEXIST;
    else if (!is_own(user, name) && partings_find(&directory->partings, name, &place))
        error = EAGAIN;
    char *room = error == 0 ? room_for_name(user, name) : NULL;
    if (error == 0 && room == NULL)
        error = ENOMEM;
    if (error == 0) {
        take_out_name(directory, user);
        insert_name(directory, directory->count - 1, user, name, room);
    }
    if (error == 0 && parting != NULL)
        partings_add(&directory->partings, parting);
    lock_release(&directory->lock);
    return error;
}

void directory_part(struct directory *directory, struct parting *parting)
{
    lock_take(&directory->lock);
    if (parting != NULL)
        partings_add(&directory->partings, parting);
    lock_release(&directory->lock);
}

bool directory_find_parting(struct directory *directory, const char *name,
                            struct parting_place *place)
{
    lock_take(&directory->lock);
    bool found = partings_find(&directory->partings, name, place);
    lock_release(&directory->lock);
    return found;
}

void directory_tell_partings(struct directory *directory, const struct parting_place *told)
{
    lock_take(&directory->lock);
    partings_tell(&directory->partings, told);
    lock_release(&directory->lock);
}

bool directory_has(struct directory *directory, const char *name)
{
    lock_take(&directory->lock);
    char rival[NAME_SIZE];
    bool has = find_rival(directory, name, NULL, rival);
    lock_release(&directory->lock);
    return has;
}

/* Returns a user with a reference for the caller; NULL if it is not listed. */
static struct user *hand_out(struct user *user)
{
    if (user == NULL || !user->listed)
        return NULL;
    user_acquire(user);
    return user;
}

struct user *directory_find(struct directory *directory, const char *name)
{
    lock_take(&directory->lock);
    struct user *user = hand_out(find(directory, name));
    lock_release(&directory->lock);
    return user;
}

struct user *directory_find_id(struct directory *directory, uint64_t id)
{
    lock_take(&directory->lock);
    size_t place = place_of_id(directory, id);
    bool found = place < directory->count && directory->users[place]->id == id;
    struct user *user = hand_out(found ? directory->users[place] : NULL);
    lock_release(&directory->lock);
    return user;
}

struct user *directory_after(struct directory *directory, uint64_t *id)
{
    struct user *user = NULL;
    lock_take(&directory->lock);
    size_t place = place_of_id(directory, *id + 1);
    for (; place < directory->count && user == NULL; place++)
        user = hand_out(directory->users[place]);
    if (user != NULL)
        *id = user->id;
    lock_release(&directory->lock);
    return user;
}

void directory_copy_name(struct directory *directory, const struct user *user, char name[NAME_SIZE])
{
    lock_take(&directory->lock);
    strcpy(name, user->name);
    lock_release(&directory->lock);
}

void directory_set_away(struct directory *directory, struct user *user, char *text)
{
    lock_take(&directory->lock);
    char *former = user->away;
    user->away = text;
    lock_release(&directory->lock);
    free(former);
}

bool directory_copy_away(struct directory *directory, const struct user *user,
                         char away[USER_AWAY_SIZE])
{
    lock_take(&directory->lock);
    bool is_away = user->away != NULL;
    strcpy(away, is_away ? user->away : "");
    lock_release(&directory->lock);
    return is_away;
}

size_t directory_each(struct directory *directory, const char *beginning, size_t length,
                      void (*found)(void *context, const char *name, size_t length), void *context)
{
    size_t looked_at = 0;
    lock_take(&directory->lock);
    for (size_t i = 0; i < directory->count; i++) {
        const struct user *user = directory->users[i];
        size_t name_length = strlen(user->name);
        looked_at += name_length;
        if (user->listed && name_begins_with(user->name, name_length, beginning, length))
            found(context, user->name, name_length);
    }
    lock_release(&directory->lock);
    return looked_at;
}

void directory_set_correspondent(struct directory *directory, struct user *user,
                                 const struct user *writer)
{
    if (user_is_remote(user))
        return; /* its machine notes that */
    lock_take(&directory->lock);
    user->local->correspondent = writer->id;
    strcpy(user->local->correspondent_name, writer->name);
    lock_release(&directory->lock);
}

void directory_name_correspondent(struct directory *directory, struct user *user, const char *name)
{
    lock_take(&directory->lock);
    const struct user *writer = find(directory, name);
    user->local->correspondent = writer != NULL ? writer->id : UINT64_MAX;
    strcpy(user->local->correspondent_name, name);
    lock_release(&directory->lock);
}

void directory_lose_correspondent(struct directory *directory, struct user *user)
{
    lock_take(&directory->lock);
    if (user->local->correspondent != 0)
        user->local->correspondent = UINT64_MAX;
    lock_release(&directory->lock);
}

uint64_t directory_correspondent(struct directory *directory, const struct user *user,
                                 char name[NAME_SIZE])
{
    lock_take(&directory->lock);
    uint64_t id = user->local->correspondent;
    strcpy(name, user->local->correspondent_name);
    lock_release(&directory->lock);
    return id;
}
