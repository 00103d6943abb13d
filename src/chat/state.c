#include "base/platform.h"

#include "base/clock.h"
#include "chat/directory.h"
#include "chat/lockdown.h"
#include "chat/room.h"
#include "chat/room_state.h"
#include "chat/rooms.h"
#include "chat/sanctioning.h"
#include "chat/state.h"
#include "chat/user.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/*
 * Telling.
 */

static bool tell_user(struct chat *chat, const struct user *user,
                      const struct state_listener *listener)
{
    char name[NAME_SIZE], away[USER_AWAY_SIZE];
    struct change change = {.kind = CHANGE_STATE_USER,
                            .user = user->id,
                            .rank = user_rank(user),
                            .node = listener->node_of(listener->context, user->machine)};
    directory_copy_name(chat->directory, user, name);
    change.given = directory_copy_away(chat->directory, user, away);
    change.name = words_of(name);
    change.text = words_of(away);
    return listener->hear(listener->context, &change);
}

static bool tell_users(struct chat *chat, const struct state_listener *listener)
{
    struct user *user;
    bool goes_on = true;
    for (uint64_t id = 0; goes_on && (user = directory_after(chat->directory, &id)) != NULL;) {
        goes_on = tell_user(chat, user, listener);
        user_release(user);
    }
    return goes_on;
}

static bool tell_rooms(struct chat *chat, const struct state_listener *listener)
{
    struct room *room;
    bool goes_on = true;
    for (uint64_t number = 0; goes_on && (room = rooms_after(chat->rooms, number)) != NULL;) {
        number = room_number(room);
        goes_on = room_state_tell(room, listener->hear, listener->context);
        rooms_release(chat->rooms, room);
    }
    return goes_on;
}

static bool is_inhabited(struct chat *chat, const char *name)
{
    struct room *room = rooms_find(chat->rooms, name);
    bool is = room != NULL && room_count(room) > 0;
    if (room != NULL)
        rooms_release(chat->rooms, room);
    return is;
}

/* Those that nobody is in. */
static bool tell_kept_rooms(struct chat *chat, const struct state_listener *listener)
{
    char name[NAME_SIZE];
    uint64_t after = 0;
    struct kept_talk talk;
    bool goes_on = true;
    int error = 0;
    while (goes_on && error != ENOENT) {
        struct room_settings settings = {.let_go = false};
        error = kept_rooms_copy(chat->kept, &after, name, &settings, &talk);
        if (error == 0 && !is_inhabited(chat, name))
            goes_on =
                room_state_tell_kept(name, &settings, &talk, listener->hear, listener->context);
        else if (error == ENOMEM)
            clock_await_memory();
        room_settings_free(&settings);
    }
    return goes_on;
}

/* What holds in the whole chat. */
static bool tell_order(struct chat *chat, const struct state_listener *listener)
{
    const struct change lockdown = {.kind = CHANGE_LOCKDOWN, .given = lockdown_is_on(chat)};
    return listener->hear(listener->context, &lockdown) &&
           sanctioning_tell(chat, listener->hear, listener->context);
}

/* Rooms refer to users. */
bool state_tell(struct chat *chat, const struct state_listener *listener)
{
    return tell_order(chat, listener) && tell_users(chat, listener) && tell_rooms(chat, listener) &&
           tell_kept_rooms(chat, listener);
}

/*
 * Making.
 */

static void leave_room(struct state_maker *maker)
{
    if (maker->room == NULL)
        return;
    room_state_end(maker->room);
    rooms_release(maker->chat->rooms, maker->room);
    maker->room = NULL;
}

static void make_away(struct chat *chat, struct user *user, struct words why)
{
    char *text;
    while ((text = malloc(why.length + 1)) == NULL)
        clock_await_memory();
    directory_set_away(chat->directory, user, words_copy(why, text, why.length + 1));
}

/* It can be found at once, and comes into its rooms later. */
static void make_user(struct chat *chat, const char *machine, const struct change *change)
{
    char name[NAME_SIZE], rival[NAME_SIZE];
    struct user *user;
    int error;
    words_copy(change->name, name, sizeof name);
    while ((user = user_create_remote(machine)) == NULL)
        clock_await_memory();
    user_set_rank(user, change->rank);
    while ((error = directory_add(chat->directory, user, change->user, name, rival)) == ENOMEM)
        clock_await_memory();
    if (error == 0) {
        directory_list(chat->directory, user);
        if (change->given)
            make_away(chat, user, change->text);
    }
    user_release(user);
}

/* Makes the room that the changes from here on are about. */
static void open_room(struct state_maker *maker, const struct change *change)
{
    char name[NAME_SIZE];
    int error;
    leave_room(maker);
    words_copy(change->room, name, sizeof name);
    while ((error = rooms_open(maker->chat->rooms, name, &maker->room)) == ENOMEM)
        clock_await_memory();
    if (error != 0)
        maker->room = NULL;
}

static void make_member(struct state_maker *maker, uint64_t id)
{
    struct chat *chat = maker->chat;
    struct user *user = directory_find_id(chat->directory, id);
    if (user == NULL)
        return;
    if (!directory_is_in(chat->directory, user, maker->room)) {
        rooms_acquire(chat->rooms, maker->room);
        room_state_add(maker->room, user);
    }
    user_release(user);
}

static void make_members(struct state_maker *maker, const struct change_numbers *ids)
{
    assert(ids->at == NULL);
    for (uint32_t i = 0; i < ids->count; i++)
        make_member(maker, ids->list[i]);
}

void state_begin(struct state_maker *maker, struct chat *chat)
{
    const struct change nothing = {.kind = CHANGE_STATE_ROOM};
    *maker = (struct state_maker){.chat = chat};
    lockdown_restore(chat, false);
    sanctions_clear(chat->sanctions);
    kept_rooms_clear(chat->kept);
    directory_forget(chat->directory);
    while (!room_state_make(chat->lobby, &nothing))
        clock_await_memory();
}

/* What belongs to the room that is being made. */
static void make_in_room(struct state_maker *maker, const struct change *change)
{
    if (maker->room == NULL)
        return;
    if (change->kind == CHANGE_STATE_MEMBERS)
        make_members(maker, &change->numbers);
    while (!room_state_make(maker->room, change))
        clock_await_memory();
}

void state_make(struct state_maker *maker, const char *machine, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_LOCKDOWN:
        lockdown_restore(maker->chat, change->given);
        break;
    case CHANGE_BAN:
    case CHANGE_MUTE:
        sanctioning_restore(maker->chat, change);
        break;
    case CHANGE_STATE_USER:
        make_user(maker->chat, machine, change);
        break;
    case CHANGE_STATE_ROOM:
        open_room(maker, change);
        make_in_room(maker, change);
        break;
    default:
        make_in_room(maker, change);
        break;
    }
}

/* Whoever is in no room comes into the lobby: everybody is in one. */
static void settle(struct chat *chat)
{
    struct user *user;
    for (uint64_t id = 0; (user = directory_after(chat->directory, &id)) != NULL;) {
        if (user->members == NULL) {
            rooms_acquire(chat->rooms, chat->lobby);
            room_state_add(chat->lobby, user);
        }
        user_release(user);
    }
}

void state_end(struct state_maker *maker)
{
    leave_room(maker);
    settle(maker->chat);
}
