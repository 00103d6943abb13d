#include "base/platform.h"

#include "base/clock.h"
#include "chat/directory.h"
#include "chat/room.h"
#include "chat/room_policy.h"
#include "chat/rooms.h"
#include "chat/session_membership.h"
#include "chat/session_policy.h"
#include "chat/stays.h"

#include <stdlib.h>
#include <string.h>

/* How long the owner of a room that is gone is waited for, and how often it is looked. */
#define OWNER_PATIENCE CLOCK_SECOND
#define OWNER_INTERVAL (5 * CLOCK_MILLISECOND)

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

/* Whether somebody else is to make a room that is gone. */
static bool wants_owner(struct session *session, const struct stay *stay)
{
    return !stay->owned && !is_kept(stay) && stay->settings.owner != 0 &&
           !exists(session, stay->name);
}

static void await_owner(struct session *session, const struct stay *stay)
{
    int64_t deadline = clock_now() + OWNER_PATIENCE;
    while (wants_owner(session, stay) && session_is_connected(session) && clock_now() < deadline)
        clock_sleep_until(clock_now() + OWNER_INTERVAL);
}

/* Makes the current room, which is new, what the former one of its name was. */
static void restore(struct session *session, const struct stay *stay)
{
    const struct room_settings *settings = &stay->settings;
    const struct buffer *topic = &settings->topic;
    if (settings->hidden)
        session_change_room(session, MESSAGE_HIDE, NULL);
    if (*settings->key != '\0')
        session_change_room(session, MESSAGE_LOCK, settings->key);
    if (settings->closed)
        session_change_room(session, MESSAGE_CLOSE, NULL);
    if (buffer_length(topic) > 0)
        session_set_topic(session, buffer_bytes(topic), buffer_length(topic));
}

/* Joins a room with the key that it had; the user needed none any more. */
static void join(struct session *session, struct stay *stay)
{
    const char *key = stay->settings.key;
    bool is_new = !exists(session, stay->name) && !is_kept(stay);
    stay->lost = session_join(session, stay->name, *key != '\0' ? key : NULL) != 0;
    if (!stay->lost && is_new && room_is_owner(session->current->room, session->user))
        restore(session, stay);
}

static bool is_current(const struct session *session, const struct stay *stay)
{
    return strcmp(stay->name, room_name(session->current->room)) == 0;
}

/* Joins the rooms that wait for nobody, so that others need not wait long for this user. */
static void join_first(struct stays *stays, struct session *session)
{
    for (struct stay *stay = stays->first; stay != NULL; stay = stay->next) {
        stay->waits = wants_owner(session, stay);
        if (!stay->waits && !is_current(session, stay))
            join(session, stay);
    }
}

void stays_resume(struct stays *stays, struct session *session)
{
    struct room *lobby = session->chat->lobby;
    bool was_in_lobby = false;
    const struct stay *last = NULL;
    join_first(stays, session);
    for (struct stay *stay = stays->first; stay != NULL; stay = stay->next) {
        was_in_lobby = was_in_lobby || strcmp(stay->name, room_name(lobby)) == 0;
        last = stay;
        if (!stay->waits)
            continue;
        await_owner(session, stay);
        join(session, stay);
    }
    if (last != NULL && !last->lost && !is_current(session, last))
        session_join(session, last->name, NULL);
    if (!was_in_lobby && session->current->room != lobby)
        session_leave_room(session, session_member(session, lobby));
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
