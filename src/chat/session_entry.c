#include "base/platform.h"

#include "base/clock.h"
#include "chat/accounts.h"
#include "chat/away.h"
#include "chat/directory.h"
#include "chat/ignoring.h"
#include "chat/member.h"
#include "chat/room.h"
#include "chat/room_membership.h"
#include "chat/session_entry.h"
#include "chat/session_membership.h"
#include "chat/session_verdicts.h"
#include "chat/stays.h"
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
    int error;
    do
        error = directory_add(chat->directory, user, place, name, rival);
    while (error == ENOMEM && ordering_await_memory(chat->ordering));
    if (error != 0)
        return error;
    rooms_see_off(chat->rooms, name);
    flow_add(&chat->private_flow, &user->local->reader, user->outbox);
    error = session_join_lobby(session);
    if (error == 0)
        return 0;
    flow_remove(&user->local->reader);
    directory_remove(chat->directory, user);
    return error;
}

/* Awaits the turn of entering, and enters. Returns as session_enter(). */
static int enter_in_turn(struct session *session, const char *name, enum ordering_patience patience,
                         char rival[NAME_SIZE])
{
    struct chat *chat = session->chat;
    uint64_t place;
    int error;
    do { /* what this machine had under way may be void; who comes in begins anew with it */
        error = ordering_await_entering(chat->ordering, session->user, name, patience, &place);
    } while (error == ESTALE || error == EINPROGRESS);
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

/*
 * Has a user leave whose person has come in here, and releases it. Notes the rooms of one on
 * another machine, unless `stays` is NULL.
 */
static void dismiss(struct session *session, struct user *former, struct stays *stays,
                    int64_t deadline)
{
    struct chat *chat = session->chat;
    struct user *user = session->user;
    if (stays != NULL && stays->first == NULL)
        stays_note(stays, chat, former, NULL);
    bool dismissed =
        user_is_remote(former)
            ? succession_recall(chat->ordering, chat->directory, former, user, deadline)
            : succession_dismiss(chat->directory, former, user, deadline);
    if (dismissed)
        session->absent_from = 0; /* its person was here */
    user_release(former);
}

/*
 * Takes the place of the user that has a name; who is on another machine only leaves. Returns false
 * if this one has not come in by that.
 */
static bool take_place(struct session *session, const char *name, struct stays *stays,
                       int64_t deadline)
{
    struct chat *chat = session->chat;
    struct user *user = session->user;
    struct user *former = find_former(session, name);
    if (former == NULL)
        return false;
    if (user_is_remote(former)) {
        dismiss(session, former, stays, deadline);
        return false;
    }
    flow_add(&chat->private_flow, &user->local->reader, user->outbox);
    bool done = succession_ask(chat->directory, former, user, deadline);
    user_release(former);
    if (!done) {
        flow_remove(&user->local->reader);
        return false;
    }
    session->absent_from = 0; /* its person was here */
    account_confirm(chat, user);
    session->current = user->members;
    while (atomic_load_explicit(&session->current->elsewhere, memory_order_relaxed))
        session->current = session->current->next;
    return true;
}

/* Enters, in the place of whoever has the name; notes its rooms if that was on another machine. */
static int enter_instead(struct session *session, const char *name, struct stays *stays,
                         char rival[NAME_SIZE])
{
    int64_t deadline = clock_now() + SUCCESSION_PATIENCE;
    for (;;) {
        int error = session_enter(session, name, rival);
        if (error != EEXIST || !name_equals(name, rival))
            return error;
        if (take_place(session, name, stays, deadline)) {
            stays_free(stays); /* the place is that of somebody on this machine */
            return 0;
        }
        if (clock_now() >= deadline || !session_is_connected(session))
            return EBUSY;
    }
}

int session_enter_again(struct session *session, const char *name, char rival[NAME_SIZE])
{
    struct stays stays = {.first = NULL};
    int error = enter_instead(session, name, &stays, rival);
    if (error == 0 && stays.first != NULL)
        stays_resume(&stays, session);
    stays_free(&stays);
    return error;
}

int session_rename(struct session *session, const char *name, char rival[NAME_SIZE])
{
    struct user *user = session->user;
    bool lays_down = atomic_load(&user->registered) && !name_equals(name, user->name);
    struct ordering *ordering = session->chat->ordering;
    int error = ordering_await_renaming(ordering, user, name);
    if (error != 0)
        return error;
    enum change_rank rank = user_rank(user); /* it may have changed before the turn */
    if (lays_down) /* before: the other name has none of the rights of this one */
        account_lay_down(session->chat, user);
    error = rooms_rename(session->chat->rooms, user, name, rival);
    if (error != 0 && lays_down)
        user_set_rank(user, rank);
    ordering_end(ordering);
    if (error != 0 && lays_down)
        account_heed(session->chat, user); /* that it is an operator may have ended meanwhile */
    return error;
}

int session_rename_again(struct session *session, const char *name, char rival[NAME_SIZE])
{
    int64_t deadline = clock_now() + SUCCESSION_PATIENCE;
    for (;;) {
        int error = session_rename(session, name, rival);
        if (error != EEXIST || !name_equals(name, rival))
            return error;
        struct user *former = find_former(session, name);
        if (former != NULL)
            dismiss(session, former, NULL, deadline);
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
 * does not from here on, it ends now; or the user is to come in anew, as it has no place then.
 * Returns whether the heir has the place.
 */
static bool make_way(struct session *session, struct user *heir)
{
    struct link *link = outbox_link(session->user->outbox);
    link_end(link, LINK_REPLACED);
    bool succeeded = link_reason(link) != LINK_KICKED && !session_is_evicted(session) &&
                     hand_over_place(session, heir);
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
    int error = silently ? ECANCELED
                         : ordering_await_leaving(session->chat->ordering, user, NULL, leaving.by,
                                                  ORDERING_ENDLESS);
    /* When the server ends, the other machines are told of that. */
    leaving.silently = error != 0 && error != ESTALE && error != EINPROGRESS;
    account_lay_down(session->chat, user);
    rooms_leave_all(session->chat->rooms, user, &leaving);
    ordering_end(session->chat->ordering);
}

/* Frees the memberships of a user that has left its rooms. */
static void drop_members(struct session *session)
{
    struct user *user = session->user;
    struct member *member;
    flow_remove(&user->local->reader);
    while ((member = user->members) != NULL) {
        directory_remove_member(session->chat->directory, member);
        session_drop(session, member);
    }
    session->current = NULL;
}

bool session_is_evicted(const struct session *session)
{
    return atomic_load_explicit(&session->user->local->evicted, memory_order_relaxed) != USER_STAYS;
}

/* Forgets the ids of others, who have other ones now. */
static void forget_ids(struct session *session)
{
    directory_lose_correspondent(session->chat->directory, session->user);
    ignoring_forget_ids(session);
}

/* How long it is tried to look up a name, and how often. */
#define LOOK_PATIENCE (30 * CLOCK_SECOND)
#define LOOK_INTERVAL (200 * CLOCK_MILLISECOND)

/*
 * Looks up what somebody is who comes in anew: the name may have been registered meanwhile, or the
 * account be no operator's any more. Who cannot be looked up is no operator. Returns false if the
 * name is somebody else's.
 */
static bool look_again(struct session *session, const char *name)
{
    const struct link *link = outbox_link(session->user->outbox);
    int64_t deadline = clock_now() + LOOK_PATIENCE;
    enum archive_result result;
    while ((result = account_look_again(session->chat, session->user, name)) != ARCHIVE_OK &&
           result != ARCHIVE_TAKEN && link_reason(link) == LINK_OPEN && clock_now() < deadline)
        clock_sleep_until(clock_now() + LOOK_INTERVAL);
    if (result != ARCHIVE_OK && user_is_operator(session->user))
        user_set_rank(session->user, CHANGE_OWNER);
    return result != ARCHIVE_TAKEN;
}

/* What has changed between the look-up and now. */
static bool is_still_so(struct session *session, unsigned registrations)
{
    struct user *user = session->user;
    if (user_is_registered(user))
        account_heed(session->chat, user);
    else if (registrations != atomic_load(&session->chat->registrations))
        return account_look_again(session->chat, user, user->name) != ARCHIVE_TAKEN;
    return true;
}

/* Whoever was told that the link is down, and was not in the chat when it was back, is told now. */
static void tell_link(struct session *session)
{
    const struct message message = {.kind = MESSAGE_LINK_UP};
    if (!atomic_load(&session->chat->unlinked) &&
        atomic_exchange(&session->user->local->told_unlinked, false))
        user_send(session->user, &message);
}

/*
 * Leaves all rooms, and comes into the lobby under a name. Returns 0, or an errno with the link
 * ended.
 */
static int begin_anew(struct session *session, const char *name)
{
    static const struct room_leaving unheard = {.why = "its machine was not heard"};
    static const struct room_leaving untrue = {.why = "the stream has lost messages"};
    struct user *user = session->user;
    char rival[NAME_SIZE];
    bool is_untrue = atomic_load(&user->local->evicted) == USER_UNTRUE;
    if (is_untrue)
        forget_ids(session);
    rooms_leave_all(session->chat->rooms, user, is_untrue ? &untrue : &unheard);
    drop_members(session);
    directory_set_away(session->chat->directory, user, NULL);
    user->id = 0;
    atomic_store(&user->local->evicted,
                 USER_STAYS); /* nobody finds it, to have it leave once more */
    unsigned registrations = atomic_load(&session->chat->registrations);
    int error = EEXIST;
    if (look_again(session, name))
        error = enter_in_turn(session, name, ORDERING_ENDLESS, rival);
    if (error == EEXIST || (error == 0 && !is_still_so(session, registrations)))
        link_end(outbox_link(user->outbox), LINK_NAME_TAKEN);
    else if (error == ENOMEM)
        link_kill(outbox_link(user->outbox), LINK_OUT_OF_MEMORY);
    else if (error != 0) /* the server stops, and perhaps has not told this one yet */
        link_end(outbox_link(user->outbox), LINK_SHUTTING_DOWN);
    return error;
}

void session_come_in_anew(struct session *session, session_lost *tell_lost, void *context)
{
    struct stays stays = {.first = NULL};
    char name[NAME_SIZE], away[USER_AWAY_SIZE];
    int error;
    stays_note(&stays, session->chat, session->user, session->current->room);
    bool was_away = directory_copy_away(session->chat->directory, session->user, away);
    strcpy(name, session->user->name);
    do { /* it may have to leave once more meanwhile */
        stays.untrue = stays.untrue || atomic_load(&session->user->local->evicted) == USER_UNTRUE;
        error = begin_anew(session, name);
        if (error == 0)
            stays_resume(&stays, session);
    } while (error == 0 && session_is_evicted(session));
    for (const struct stay *stay = stays.first; stay != NULL && error == 0; stay = stay->next)
        if (stay->error != 0)
            tell_lost(context, stay->name, stay->error);
    if (error == 0 && was_away)
        away_begin(session, away, strlen(away));
    if (error == 0)
        tell_link(session);
    stays_free(&stays);
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
