#include "base/platform.h"

#include "base/clock.h"
#include "chat/keeping.h"
#include "chat/room_keeping.h"

#include <errno.h>
#include <string.h>

/* Returns the user's membership of a room; NULL if there is none. */
static struct member *member_of(const struct user *user, const struct room *room)
{
    struct member *member = user->members;
    while (member != NULL && member->room != room)
        member = member->next;
    return member;
}

enum kept keeping_store(struct chat *chat, const struct room *room)
{
    return chat->kept != NULL ? kept_rooms_store(chat->kept, room_name(room)) : KEPT_DONE;
}

enum kept keeping_resume(struct chat *chat, const struct user *user, struct room *room)
{
    enum kept kept = room_keep(room, user, member_of(user, room));
    return kept == KEPT_DONE ? keeping_store(chat, room) : kept;
}

enum kept keeping_begin(struct chat *chat, const struct user *user, struct room *room)
{
    return room_is_to_be_kept(room, user) ? keeping_resume(chat, user, room) : KEPT_DONE;
}

enum kept keeping_begin_all(struct chat *chat, const struct user *user)
{
    enum kept result = KEPT_DONE;
    struct room *room;
    for (uint64_t after = 0; (room = rooms_after(chat->rooms, after)) != NULL;) {
        after = room_number(room);
        enum kept kept = keeping_begin(chat, user, room);
        if (result == KEPT_DONE)
            result = kept;
        rooms_release(chat->rooms, room);
    }
    return result;
}

/*
 * What is noted is dropped first, and the room is looked for afterwards: whoever has brought it
 * back meanwhile has the settings from before.
 */
enum kept keeping_end(struct chat *chat, const struct user *user, const char *name)
{
    char spelled[NAME_SIZE];
    if (chat->kept == NULL)
        return KEPT_NOWHERE;
    int error = ordering_await_keeping(chat->ordering, user, name, false);
    if (error != 0)
        return error == ENOMEM ? KEPT_NO_MEMORY : KEPT_UNLINKED;
    enum kept result = kept_rooms_let_go(chat->kept, user, name, spelled);
    struct room *room = rooms_find(chat->rooms, name);
    if (room != NULL) {
        enum kept here = room_let_go(room, user, member_of(user, room));
        if (result != KEPT_DONE)
            result = here;
        strcpy(spelled, room_name(room));
        rooms_release(chat->rooms, room);
    }
    ordering_end(chat->ordering);
    return result == KEPT_DONE ? kept_rooms_store(chat->kept, spelled) : result;
}

/* In the same order. */
enum kept keeping_forget_name(struct chat *chat, const struct user *user)
{
    const struct change change = {.kind = CHANGE_FORGET,
                                  .author = user->id,
                                  .author_name = words_of(user->name),
                                  .time = clock_utc()};
    struct room *room;
    if (chat->kept == NULL)
        return KEPT_DONE;
    if (ordering_await(chat->ordering, user, &change, ORDERING_ENDLESS, NULL) != 0)
        return KEPT_UNLINKED;
    kept_rooms_forget_name(chat->kept, user->name);
    for (uint64_t after = 0; (room = rooms_after(chat->rooms, after)) != NULL;) {
        after = room_number(room);
        room_forget_name(room, user);
        rooms_release(chat->rooms, room);
    }
    ordering_end(chat->ordering);
    return kept_rooms_store_all(chat->kept);
}

struct room *keeping_find(struct chat *chat, const char *name)
{
    struct room *room = rooms_find(chat->rooms, name);
    bool is_kept = room == NULL && chat->kept != NULL && kept_rooms_has(chat->kept, name);
    if (is_kept && rooms_open(chat->rooms, name, &room) != 0)
        return NULL;
    return room;
}

bool keeping_next(struct chat *chat, const struct user *user, struct kept_room *kept)
{
    bool found = chat->kept != NULL && kept_rooms_after(chat->kept, kept->number, user, kept);
    while (found && rooms_has(chat->rooms, kept->name))
        found = kept_rooms_after(chat->kept, kept->number, user, kept);
    return found;
}

size_t keeping_each(struct chat *chat, const char *beginning, size_t length,
                    void (*found)(void *context, const char *name), void *context)
{
    char name[NAME_SIZE];
    uint64_t number = 0;
    size_t compared = 0;
    if (chat->kept == NULL)
        return 0;
    while (kept_rooms_complete(chat->kept, beginning, length, &number, name, &compared))
        if (!rooms_has(chat->rooms, name))
            found(context, name);
    return compared;
}
