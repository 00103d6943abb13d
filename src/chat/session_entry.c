#include "base/platform.h"

#include "base/clock.h"
#include "chat/accounts.h"
#include "chat/directory.h"
#include "chat/member.h"
#include "chat/room.h"
#include "chat/room_membership.h"
#include "chat/session_entry.h"
#include "chat/session_membership.h"
#include "chat/session_verdicts.h"
#include "chat/succession.h"
#include "net/link.h"
#include "net/outbox.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

/* Enters in its turn: `place` is its place in the order of several machines. */
static int enter(struct session *session, uint64_t place, const char *name, char rival[NAME_SIZE])
{
    struct chat *chat = session->chat;
    struct user *user = session->user;
    int error = directory_add(chat->directory, user, place, name, rival);
    if (error != 0)
        return error;
    flow_add(&chat->private_flow, &user->reader, user->outbox);
    error = session_join_lobby(session);
    if (error == 0)
        return 0;
    flow_remove(&user->reader);
    directory_remove(chat->directory, user);
    return error;
}

/* Awaits the turn of entering, and enters. Returns as session_enter(). */
static int enter_in_turn(struct session *session, const char *name, enum ordering_patience patience,
                         char rival[NAME_SIZE])
{
    struct chat *chat = session->chat;
    uint64_t place;
    int error = ordering_await_entering(chat->ordering, session->user, name, patience, &place);
    if (error != 0)
        return error;
    error = enter(session, place, name, rival);
    ordering_end(chat->ordering);
    return error;
}

int session_enter(struct session *session, const char *name, char rival[NAME_SIZE])
{
    return enter_in_turn(session, name, ORDERING_PATIENT, rival);
}

/* How long a user waits until another one has handed over its place, or has left. */
#define SUCCESSION_PATIENCE (5 * CLOCK_SECOND)

/*
 * Returns the user that has a name, with a reference. NULL, after a moment, while that comes in or
 * leaves.
 */
static struct user *find_former(struct session *session, const char *name)
{
    struct user *former = directory_find(session->chat->directory, name);
    if (former == NULL)
        clock_sleep_until(clock_now() + CLOCK_MILLISECOND);
    return former;
}

/* Takes the place of the user that has a name. Returns false if that has not succeeded. */
static bool take_place(struct session *session, const char *name, int64_t deadline)
{
    struct chat *chat = session->chat;
    struct user *user = session->user;
    struct user *former = find_former(session, name);
    if (former == NULL)
        return false;
    flow_add(&chat->private_flow, &user->reader, user->outbox);
    bool done = succession_ask(chat->directory, former, user, deadline);
    user_release(former);
    if (!done) {
        flow_remove(&user->reader);
        return false;
    }
    session->absent_from = 0; /* its person was here */
    session->current = user->members;
    while (atomic_load_explicit(&session->current->elsewhere, memory_order_relaxed))
        session->current = session->current->next;
    return true;
}

int session_enter_again(struct session *session, const char *name, char rival[NAME_SIZE])
{
    int64_t deadline = clock_now() + SUCCESSION_PATIENCE;
    for (;;) {
        int error = session_enter(session, name, rival);
        if (error != EEXIST || !name_equals(name, rival) || take_place(session, name, deadline))
            return session->current != NULL ? 0 : error;
        if (clock_now() >= deadline || !session_is_connected(session))
            return EBUSY;
    }
}

int session_rename(struct session *session, const char *name, char rival[NAME_SIZE])
{
    struct user *user = session->user;
    bool lays_down = atomic_load(&user->registered) && !name_equals(name, user->name);
    const struct account account = {.is_operator = user_is_operator(user)};
    struct ordering *ordering = session->chat->ordering;
    int error = ordering_await_renaming(ordering, user, name);
    if (error != 0)
        return error;
    if (lays_down) /* before: the other name has none of the rights of this one */
        account_lay_down(session->chat, user);
    error = room_rename(user, name, rival);
    ordering_end(ordering);
    if (error != 0 && lays_down) {
        account_take_up(user, &account);
        account_heed(session->chat, user); /* that it is an operator may have ended meanwhile */
    }
    return error;
}

int session_rename_again(struct session *session, const char *name, char rival[NAME_SIZE])
{
    struct directory *directory = session->chat->directory;
    int64_t deadline = clock_now() + SUCCESSION_PATIENCE;
    for (;;) {
        int error = session_rename(session, name, rival);
        if (error != EEXIST || !name_equals(name, rival))
            return error;
        struct user *former = find_former(session, name);
        if (former != NULL) {
            if (succession_dismiss(directory, former, session->user, deadline))
                session->absent_from = 0; /* its person was here */
            user_release(former);
        }
        if (clock_now() >= deadline || !session_is_connected(session))
            return EBUSY;
    }
}

/* Frees members that were made for an heir. */
static void drop_all(struct session *session, struct user *heir)
{
    while (heir->members != NULL) {
        struct member *member = heir->members;
        heir->members = member->next;
        session_drop(session, member);
    }
}

/* Makes members for an heir like those of the user. Returns false when memory is out. */
static bool make_members(struct session *session, struct user *heir)
{
    struct member **end = &heir->members;
    struct member *own = session->user->members;
    for (; own != NULL; own = own->next) {
        struct member *member = member_create(heir, own->room, own->room_number);
        if (member == NULL)
            break;
        rooms_acquire(session->chat->rooms, own->room);
        atomic_init(&member->elsewhere, own != session->current);
        *end = member;
        end = &member->next;
    }
    return own == NULL;
}

/* Has an heir ignore whom the user ignores, under whatever name. Returns false without memory. */
static bool hand_over_ignored(const struct user *user, struct user *heir)
{
    struct ignore_list *list;
    if (!ignore_list_copy(user_ignored(user), &list))
        return false;
    user_set_ignored(heir, list);
    return true;
}

/*
 * Hands the user's place over to its heir, whose thread waits. Returns false when memory is out.
 */
static bool hand_over_place(struct session *session, struct user *heir)
{
    if (make_members(session, heir) && hand_over_ignored(session->user, heir) &&
        room_succeed(session->user, heir))
        return true;
    drop_all(session, heir);
    return false;
}

/*
 * Has an heir take the user's place, unless the user's link has ended with LINK_KICKED: so that it
 * does not from here on, it ends now. Returns whether the heir has the place.
 */
static bool make_way(struct session *session, struct user *heir)
{
    struct link *link = outbox_link(session->user->outbox);
    link_end(link, LINK_REPLACED);
    bool succeeded = link_reason(link) != LINK_KICKED && hand_over_place(session, heir);
    if (succeeded)
        session_bequeath_verdicts(session, heir);
    return succeeded;
}

static void leave_rooms(struct session *session, const char *why, bool silently)
{
    struct user *user = session->user;
    struct room_leaving leaving = {.why = why, .silently = silently};
    session_settle_verdicts(session);
    if (session->kicked != NULL && link_reason(outbox_link(user->outbox)) == LINK_KICKED)
        leaving.by = session->kicked->words;
    account_lay_down(session->chat, user);
    int error = silently ? ECANCELED
                         : ordering_await_leaving(session->chat->ordering, user, NULL, leaving.by,
                                                  ORDERING_ENDLESS);
    /* When the server ends, the other machines are told of that. */
    leaving.silently = error != 0 && error != ESTALE;
    room_leave_all(user, &leaving);
    ordering_end(session->chat->ordering);
}

/* Frees the memberships of a user that has left its rooms. */
static void drop_members(struct session *session)
{
    struct user *user = session->user;
    struct member *member;
    flow_remove(&user->reader);
    while ((member = user->members) != NULL) {
        directory_remove_member(session->chat->directory, member);
        session_drop(session, member);
    }
    session->current = NULL;
}

/* The names of a user's rooms, each with a NUL; the current one is the last. */
static bool list_rooms(const struct session *session, struct buffer *names)
{
    const char *current = room_name(session->current->room);
    bool whole = true;
    for (const struct member *member = session->user->members; member != NULL && whole;
         member = member->next) {
        const char *name = room_name(member->room);
        if (member != session->current)
            whole = buffer_append(names, name, strlen(name) + 1);
    }
    return whole && buffer_append(names, current, strlen(current) + 1);
}

/* Joins the rooms that list_rooms() has told. Who comes in is in the lobby, and may not have been.
 */
static void join_again(struct session *session, const struct buffer *names)
{
    struct room *lobby = session->chat->lobby;
    bool was_in_lobby = false;
    for (size_t at = 0; at < buffer_length(names);) {
        const char *name = buffer_bytes(names) + at;
        was_in_lobby = was_in_lobby || strcmp(name, room_name(lobby)) == 0;
        if (strcmp(name, room_name(session->current->room)) != 0)
            session_join(session, name, NULL);
        at += strlen(name) + 1;
    }
    if (!was_in_lobby && session->current->room != lobby)
        session_leave_room(session, session_member(session, lobby));
}

bool session_is_evicted(const struct session *session)
{
    return atomic_load_explicit(&session->user->evicted, memory_order_relaxed);
}

void session_come_in_anew(struct session *session)
{
    static const struct room_leaving leaving = {.why = "its machine was not heard"};
    struct user *user = session->user;
    struct buffer rooms = {0};
    char name[NAME_SIZE], rival[NAME_SIZE];
    bool whole = list_rooms(session, &rooms);
    strcpy(name, user->name);
    atomic_store(&user->evicted, false);
    room_leave_all(user, &leaving);
    drop_members(session);
    directory_set_away(session->chat->directory, user, NULL);
    user->id = 0;
    int error = enter_in_turn(session, name, ORDERING_ENDLESS, rival);
    if (error == EEXIST)
        link_end(outbox_link(user->outbox), LINK_NAME_TAKEN);
    else if (error == ENOMEM)
        link_kill(outbox_link(user->outbox), LINK_OUT_OF_MEMORY);
    else if (error != 0) /* the server stops, and perhaps has not told this one yet */
        link_end(outbox_link(user->outbox), LINK_SHUTTING_DOWN);
    else if (whole)
        join_again(session, &rooms);
    buffer_free(&rooms);
}

void session_leave(struct session *session, const char *why, bool silently)
{
    struct user *user = session->user;
    if (session->current == NULL)
        return;
    struct user *heir = succession_begin(user);
    bool succeeded = heir != NULL && make_way(session, heir);
    if (!succeeded)
        leave_rooms(session, why, silently);
    if (heir != NULL)
        succession_end(heir, succeeded);
    drop_members(session);
}
