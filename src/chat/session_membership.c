#include "base/platform.h"

#include "chat/keeping.h"
#include "chat/room_history.h"
#include "chat/room_membership.h"
#include "chat/rooms.h"
#include "chat/session_membership.h"
#include "net/outbox.h"

#include <errno.h>

struct member *session_member(const struct session *session, const struct room *room)
{
    struct member *member = session->user->members;
    while (member != NULL && member->room != room)
        member = member->next;
    return member;
}

/*
 * Joins a room, to which the caller has a reference; it is the member's from then on, or released.
 * Returns as room_join().
 */
static int join(struct session *session, struct room *room, const char *key)
{
    struct ordering *ordering = session->chat->ordering;
    struct member *member;
    int error;
    room_restore(room);
    do
        member = member_create(session->user, room, room_number(room));
    while (member == NULL && ordering_await_memory(ordering));
    do
        error = member != NULL ? room_join(member, session->current, key) : ENOMEM;
    while (error == ENOMEM && ordering_await_memory(ordering));
    if (error == 0) {
        session->current = member;
        session->kept = keeping_begin(session->chat, session->user, room);
        return 0;
    }
    if (member != NULL)
        member_release(member);
    rooms_release(session->chat->rooms, room);
    return error;
}

int session_join_lobby(struct session *session)
{
    struct room *lobby = session->chat->lobby;
    rooms_acquire(session->chat->rooms, lobby);
    return join(session, lobby, NULL);
}

void session_drop(struct session *session, struct member *member)
{
    struct room *room = member->room;
    member_release(member);
    rooms_release(session->chat->rooms, room);
}

static int focus(struct session *session, struct member *member)
{
    int error = room_focus(member, session->current);
    session->current = member;
    return error;
}

static unsigned count_rooms(const struct session *session)
{
    unsigned count = 0;
    for (const struct member *member = session->user->members; member; member = member->next)
        count++;
    return count;
}

/* Awaits the turn of joining a room, or of creating it. */
static int join_in_turn(struct session *session, const char *name, const char *key)
{
    struct chat *chat = session->chat;
    struct room *room;
    int error = ordering_await_joining(chat->ordering, session->user, name, key);
    if (error != 0)
        return error;
    do
        error = rooms_open(chat->rooms, name, &room);
    while (error == ENOMEM && ordering_await_memory(chat->ordering));
    struct member *member = error == 0 ? session_member(session, room) : NULL;
    if (error == 0 && member == NULL)
        error = join(session, room, key);
    ordering_end(chat->ordering);
    if (member == NULL)
        return error;
    /* The name looked like that of another room before, which has ended. */
    rooms_release(chat->rooms, room);
    return focus(session, member);
}

int session_join(struct session *session, const char *name, const char *key)
{
    struct rooms *rooms = session->chat->rooms;
    struct room *room = rooms_find(rooms, name);
    struct member *member = room != NULL ? session_member(session, room) : NULL;
    session->kept = KEPT_DONE;
    if (member != NULL) {
        rooms_release(rooms, room);
        return focus(session, member);
    }
    if (room != NULL)
        rooms_release(rooms, room);
    if (count_rooms(session) >= atomic_load(&session->chat->rooms_per_client))
        return EMLINK;
    return join_in_turn(session, name, key);
}

int session_leave_room(struct session *session, struct member *member)
{
    struct member *next = session->user->members;
    if (next == member)
        next = member->next;
    if (next == NULL)
        return EBUSY;
    int error = ordering_await_leaving(session->chat->ordering, session->user,
                                       room_name(member->room), NULL, ORDERING_PATIENT);
    if (error != 0)
        return error;
    if (session->current == member)
        session->current = next;
    rooms_leave(session->chat->rooms, member, NULL);
    ordering_end(session->chat->ordering);
    session_drop(session, member);
    return 0;
}

void session_arrive(struct session *session, void (*tell)(void *context), void *context)
{
    room_arrive(session->current, tell, context);
}

/* Tells the user alone that it has been made to leave a room. */
static void tell_expelled(struct session *session, struct room *room, const char *by)
{
    struct user *user = session->user;
    const struct message message = {.kind = MESSAGE_EXPELLED,
                                    .author = user->id,
                                    .room = words_of(room_name(room)),
                                    .name = words_of(user->name),
                                    .text = words_of(by)};
    user_send(user, &message);
}

void session_leave_as_told(struct session *session, uint64_t room, const char *by)
{
    struct user *user = session->user;
    struct member *member = user->members;
    while (member != NULL && member->room_number != room)
        member = member->next;
    if (member == NULL || room == ROOM_LOBBY)
        return;
    tell_expelled(session, member->room, by);
    struct member *next = user->members != member ? user->members : member->next;
    if (next == NULL && join_in_turn(session, CHAT_LOBBY, NULL) != 0)
        return;
    if (session->current == member)
        focus(session, next);
    outbox_flush(user->outbox);
    if (ordering_await_leaving(session->chat->ordering, user, room_name(member->room), by,
                               ORDERING_ENDLESS) != 0)
        return;
    rooms_leave(session->chat->rooms, member, by);
    ordering_end(session->chat->ordering);
    keeping_store(session->chat, member->room);
    session_drop(session, member);
}
