#include "base/platform.h"

#include "base/clock.h"
#include "chat/directory.h"
#include "chat/room.h"
#include "chat/room_policy.h"
#include "chat/rooms.h"
#include "chat/session_membership.h"
#include "chat/session_policy.h"
#include "chat/stays.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* How long the owners of rooms that are gone are waited for, and how often something is tried. */
#define OWNER_PATIENCE CLOCK_SECOND
#define INTERVAL       (5 * CLOCK_MILLISECOND)

/*
 * Noting.
 */

/* Returns NULL when memory is out. */
static struct stay *make_stay(struct room *room, const struct user *user)
{
    struct stay *stay = calloc(1, sizeof *stay);
    if (stay == NULL)
        return NULL;
    strcpy(stay->name, room_name(room));
    stay->owned = room_is_owner(room, user);
    if (room_copy_settings(room, &stay->settings))
        return stay;
    free(stay);
    return NULL;
}

/* Puts a stay in front of others. */
static void put(struct stays *stays, struct stay *stay)
{
    if (stay == NULL)
        return;
    stay->next = stays->first;
    stays->first = stay;
}

void stays_note(struct stays *stays, const struct chat *chat, const struct user *user,
                const struct room *last)
{
    struct room *room;
    struct stay *end = NULL;
    if (last == NULL)
        last = chat->lobby;
    for (uint64_t number = 0; (room = rooms_after(chat->rooms, number)) != NULL;) {
        number = room_number(room);
        if (directory_is_in(chat->directory, user, room)) {
            struct stay *stay = make_stay(room, user);
            if (room == last)
                end = stay;
            else
                put(stays, stay);
        }
        rooms_release(chat->rooms, room);
    }
    struct stay **place = &stays->first;
    while (*place != NULL)
        place = &(*place)->next;
    *place = end;
}

/*
 * Coming back.
 */

static bool exists(struct session *session, const char *name)
{
    struct rooms *rooms = session->chat->rooms;
    struct room *room = rooms_find(rooms, name);
    if (room != NULL)
        rooms_release(rooms, room);
    return room != NULL;
}

/* A room that is kept is as it was. */
static bool is_kept(const struct stay *stay)
{
    return *stay->settings.owner_name != '\0';
}

/* Whether somebody else is to make a room that is gone. Perhaps they are not here any more. */
static bool wants_owner(struct session *session, const struct stay *stay)
{
    return !stay->owned && !is_kept(stay) && stay->settings.owner != 0 &&
           !exists(session, stay->name);
}

static bool goes_on(const struct session *session)
{
    return session_is_connected(session) &&
           atomic_load(&session->user->local->evicted) == USER_STAYS;
}

static void await_owner(struct session *session, const struct stay *stay, int64_t deadline)
{
    while (wants_owner(session, stay) && goes_on(session) && clock_now() < deadline)
        clock_sleep_until(clock_now() + INTERVAL);
}

/* Decides about the current room, also if that has to wait for the other machines. */
static void decide(struct session *session, enum message_kind kind, const char *key)
{
    while (session_change_room(session, kind, key) == ETIMEDOUT && goes_on(session))
        clock_sleep_until(clock_now() + INTERVAL);
}

/* Makes the current room, which is new, what the former one of its name was: first of all shut. */
static void restore(struct session *session, const struct stay *stay, bool untrue)
{
    const struct room_settings *settings = &stay->settings;
    const struct buffer *topic = &settings->topic;
    if (settings->closed)
        decide(session, MESSAGE_CLOSE, NULL);
    if (*settings->key != '\0')
        decide(session, MESSAGE_LOCK, settings->key);
    if (settings->hidden)
        decide(session, MESSAGE_HIDE, NULL);
    if (buffer_length(topic) > 0 && !untrue)
        session_set_topic(session, buffer_bytes(topic), buffer_length(topic));
}

/* Joins a room with the key that it had; the user needed none any more. */
static void join(struct session *session, struct stay *stay, bool untrue)
{
    const char *key = stay->settings.key;
    bool is_new = !exists(session, stay->name) && !is_kept(stay);
    stay->error = session_join(session, stay->name, *key != '\0' ? key : NULL);
    if (stay->error == 0 && is_new && room_is_owner(session->current->room, session->user))
        restore(session, stay, untrue);
}

static bool is_current(const struct session *session, const struct stay *stay)
{
    return strcmp(stay->name, room_name(session->current->room)) == 0;
}

static bool was_in_lobby(const struct stays *stays, const struct session *session)
{
    const struct stay *stay = stays->first;
    while (stay != NULL && strcmp(stay->name, room_name(session->chat->lobby)) != 0)
        stay = stay->next;
    return stay != NULL;
}

/* Whoever was not in the lobby leaves it as soon as possible, as it counts as a room. */
static void leave_lobby(struct session *session)
{
    struct member *lobby = session_member(session, session->chat->lobby);
    if (lobby != NULL && session->current != lobby)
        session_leave_room(session, lobby);
}

/* Joins the rooms that wait for their owners, or the others, which come first. */
static void join_those(struct stays *stays, struct session *session, bool waiting, int64_t deadline)
{
    bool stays_in_lobby = was_in_lobby(stays, session);
    for (struct stay *stay = stays->first; stay != NULL && goes_on(session); stay = stay->next) {
        if (stay->waits != waiting || is_current(session, stay))
            continue;
        if (waiting)
            await_owner(session, stay, deadline);
        join(session, stay, stays->untrue);
        if (!stays_in_lobby)
            leave_lobby(session);
    }
}

void stays_resume(struct stays *stays, struct session *session)
{
    int64_t deadline = clock_now() + OWNER_PATIENCE;
    const struct stay *last = NULL;
    for (struct stay *stay = stays->first; stay != NULL; stay = stay->next) {
        stay->waits = wants_owner(session, stay);
        stay->error = 0;
        last = stay;
    }
    join_those(stays, session, false, deadline);
    join_those(stays, session, true, deadline);
    if (last != NULL && last->error == 0 && goes_on(session) && !is_current(session, last))
        session_join(session, last->name, NULL);
}

void stays_free(struct stays *stays)
{
    while (stays->first != NULL) {
        struct stay *stay = stays->first;
        stays->first = stay->next;
        room_settings_free(&stay->settings);
        free(stay);
    }
}
