#include "base/platform.h"

#include "base/lock.h"
#include "chat/past.h"
#include "chat/room_delivery.h"
#include "chat/room_history.h"
#include "chat/room_inside.h"
#include "chat/room_keeping.h"
#include "chat/room_membership.h"
#include "chat/room_publishing.h"
#include "net/link.h"
#include "net/outbox.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/*
 * Joining and leaving.
 */

/*
 * Queues for a user who is in the room that is its current one now: the welcome to the chat, or
 * that it is in the room, as `kind` says. `self` is the user if it is a member already, or NULL.
 * Before a user is listed, so that no private message precedes its welcome. Returns false when
 * memory is out.
 */
static bool greet(struct room *room, struct user *user, const struct user *self,
                  enum message_kind kind)
{
    const struct buffer *topic = &room->settings.topic;
    struct buffer names = {0};
    struct user_text text = {0};
    unsigned unnamed;
    bool whole = roster_list_names(&room->roster, room->config.directory, self, &names, &unnamed);
    const struct message message = {.kind = kind,
                                    .author = user->id,
                                    .room = words_of(room->name),
                                    .name = words_of(user->name),
                                    .text = {buffer_bytes(&names), buffer_length(&names)},
                                    .topic = {buffer_bytes(topic), buffer_length(topic)},
                                    .counts = {.unnamed = unnamed}};
    whole = whole && user_render(user, &message, &text);
    if (whole)
        user_queue(user, &message, &text, false);
    buffer_free(&names);
    buffer_free(&text.bytes);
    return whole;
}

static bool has_greeting(const struct room *room, const struct user *user)
{
    return user->listed || room->config.limits.welcome;
}

/* The first member of a room owns it, unless it is kept for somebody else. */
static void note_owner(struct room_settings *settings, const struct user *user)
{
    bool is_kept = *settings->owner_name != '\0';
    if (settings->owner == 0 && (!is_kept || room_settings_have_owner(settings, user, user->name)))
        settings->owner = user->id;
}

/* The lobby is there from the beginning. */
static uint64_t place_of_making(const struct room *room)
{
    uint64_t place = room->config.ordering->place;
    return room->number == ROOM_LOBBY || place == 0 ? 1 : place;
}

/* The first member begins the life of a room, or has a kept one go on with its own. */
static void begin_life(struct room *room)
{
    struct kept_talk talk = {0};
    if (room->config.kept != NULL)
        kept_rooms_recall_talk(room->config.kept, room->name, &talk);
    if (talk.life != 0)
        room->said = room->said_before = talk.said;
    room_live(room, talk.life != 0 ? talk.life : place_of_making(room));
}

/* Adds a member. Wants the order lock held, and all memory reserved. */
static void let_in(struct room *room, struct member *member)
{
    struct user *user = member->user;
    if (room->roster.count == 0 && room->number != ROOM_LOBBY)
        note_owner(&room->settings, user);
    if (room->config.ordering != NULL && room->life == 0)
        begin_life(room);
    if (!user_is_remote(user))
        flow_add(&room->flow, member->reader, user->outbox);
    roster_add(&room->roster, member);
    directory_list(room->config.directory, user);
    directory_add_member(room->config.directory, member);
    room_announce(room, user, room->number == ROOM_LOBBY ? MESSAGE_JOIN : MESSAGE_ENTER,
                  words_of(""));
    member->since = room->next;
    member->told = room->next - 1;
    bool lobby = room->number == ROOM_LOBBY;
    const char *const pieces[] = {
        user->name, " (", user_peer(user), ") has joined", lobby ? NULL : " #", room->name, NULL};
    event_log_join(room->config.event_log, EVENT_LOG_EVENT, pieces);
    ordering_end(room->config.ordering);
    room_send_notices(room);
}

/*
 * Whether a user may come into a room, with a key, and there is memory for it. The room then counts
 * as one that has members. Returns 0 or an errno. Wants the order lock held.
 */
static int admit(struct room *room, struct user *user, const char *key)
{
    int error = room_settings_admit(&room->settings, user, key);
    if (error == 0)
        error = roster_reserve(&room->roster);
    if (error == 0 && !room_occupy(room, room->config.limits.max_rooms))
        error = ENOSPC;
    return error;
}

/* Whether a user has still to be told, in one of its rooms, of somebody's new name. */
static bool names_are_due(const struct user *user)
{
    const struct member *member = user->members;
    while (member != NULL && !atomic_load(&member->room->names_due))
        member = member->next;
    return member != NULL;
}

static void await_names(const struct user *user)
{
    for (const struct member *member = user->members; member != NULL; member = member->next) {
        struct room *room = member->room;
        lock_take(&room->order);
        if (atomic_load(&room->names_due))
            room_see_through(room);
        lock_release(&room->order);
    }
}

/*
 * Takes the order lock of a room that a user is about to join. The names of who is there are those
 * that the user has been told: nobody in the room gets a new one while the lock is held. Where
 * names change all the time it does not wait for ever.
 */
static void take_to_join(struct room *room, const struct user *user)
{
    enum { TRIES = 8 };
    lock_take(&room->order);
    for (int i = 0; i < TRIES && !user_is_remote(user) && names_are_due(user); i++) {
        lock_release(&room->order);
        await_names(user);
        lock_take(&room->order);
    }
}

int room_join(struct member *member, struct member *former, const char *key)
{
    struct room *room = member->room;
    struct user *user = member->user;
    take_to_join(room, user);
    int error = admit(room, user, key);
    /* The lines of the former room name it before the greeting says that this one is current. */
    if (error == 0 && former != NULL)
        member_focus(member, former);
    enum message_kind greeting = user->listed ? MESSAGE_ENTERED : MESSAGE_WELCOME;
    if (error == 0 && has_greeting(room, user) && !greet(room, user, NULL, greeting)) {
        error = ENOMEM;
        room_vacate(room);
        if (former != NULL)
            member_focus(former, NULL);
    }
    if (error == 0) {
        past_show_last(user, &room->transcript, room->name);
        let_in(room, member);
    }
    lock_release(&room->order);
    user_flush(user);
    return error;
}

int room_focus(struct member *member, struct member *former)
{
    struct room *room = member->room;
    lock_take(&room->order);
    /* No line of this room, without its name in front, comes before it is said to be current. */
    room_wait_for_rest(room);
    if (member != former)
        member_focus(member, former);
    bool whole = greet(room, member->user, member->user, MESSAGE_ENTERED);
    lock_release(&room->order);
    user_flush(member->user);
    return whole ? 0 : ENOMEM;
}

void room_arrive(struct member *member, void (*tell)(void *context), void *context)
{
    struct room *room = member->room;
    lock_take(&room->order);
    room_wait_for_rest(room);
    tell(context);
    member_focus(member, NULL);
    lock_release(&room->order);
}

/*
 * Where several machines are one chat, a room has ended when its last member has left, also if
 * somebody looks at it still (rooms.h). If it is kept, another one goes on with its numbers.
 */
static void note_end(const struct room *room)
{
    const struct kept_talk talk = {room->said, room->life};
    bool has_ended = room->roster.count == 0 && room->number != ROOM_LOBBY;
    bool is_kept = *room->settings.owner_name != '\0';
    if (room->config.ordering != NULL && has_ended && is_kept)
        kept_rooms_note_talk(room->config.kept, room->name, &talk);
}

/* Removes a member. Wants the order lock held. */
static void let_out(struct room *room, struct member *member)
{
    roster_remove(&room->roster, member);
    room_vacate(room);
    directory_remove_member(room->config.directory, member);
}

/*
 * Ends a member that was removed: waits for the batch in delivery, which is still sent to it, and
 * sends what was gathered of the open batch. Takes the order lock.
 */
static void end_member(struct member *member, bool silently, bool whole, struct batch *last)
{
    struct room *room = member->room;
    lock_take(&room->order);
    room_wait_for_delivery(room);
    if (!silently)
        room_send_notices(room);
    lock_release(&room->order);
    member_hand_over(member, whole, last);
}

static void withdraw_invitation(struct room *room, const struct user *user)
{
    const char *name = user_is_registered(user) ? user->name : NULL;
    if (invitations_withdraw(&room->settings.invitations, user->id, name))
        room_note(room);
}

/* Nobody waits for a member any more. */
static void leave_flow(struct member *member)
{
    if (!user_is_remote(member->user))
        flow_remove(member->reader);
}

/*
 * Waits until a user's joins have been told, and what a remote user has said; others wait for that
 * by themselves. What concerns it in all rooms is told to each reader in one room: what came from
 * another room afterwards would be of somebody who is gone, or of the old name.
 */
static void see_members_through(struct member *members)
{
    if (members->next == NULL)
        return;
    for (struct member *member = members; member != NULL; member = member->next)
        room_await_told(member->room, member->told);
}

/* Returns the parting from a name in one room, of which that was just told; NULL without memory. */
static struct parting *parting_from(const struct room *room, const char *name)
{
    struct parting *parting = parting_create(name, 1);
    if (parting != NULL)
        parting->places[parting->count++] = (struct parting_place){room->number, room->next - 1};
    return parting;
}

/*
 * Has a member leave by itself, or made to leave `by` somebody. It is sent the last messages with
 * the order lock held: a new name that it is told here, and so in no other room, must not come
 * behind a line of that name in another room.
 */
static void leave(struct member *member, const char *by)
{
    struct room *room = member->room;
    const struct user *user = member->user;
    struct batch last = {0};
    leave_flow(member);
    lock_take(&room->order);
    room_wait_for_rest(room);
    member_hand_over(member, member_gather(member, room->open, &last), &last);
    let_out(room, member);
    if (by != NULL)
        withdraw_invitation(room, user);
    bool announced = room_announce(room, user, by != NULL ? MESSAGE_EXPEL : MESSAGE_EXIT,
                                   words_of(by != NULL ? by : ""));
    event_log_print(room->config.event_log, EVENT_LOG_EVENT, "%s (%s) has left #%s%s%s", user->name,
                    user_peer(user), room->name, by != NULL ? ": kicked by " : "",
                    by != NULL ? by : "");
    if (announced && room->roster.count > 0) /* of its next name this room is not told */
        directory_part(room->config.directory, parting_from(room, user->name));
    note_end(room);
    ordering_end(room->config.ordering);
    room_send_notices(room);
    lock_release(&room->order);
}

void room_leave(struct member *member)
{
    leave(member, NULL);
}

void room_expel(struct member *member, const char *by)
{
    leave(member, by);
}

/*
 * What concerns a user in all its rooms.
 */

/*
 * Returns where people are told that a user has another name now, or has left; NULL if nowhere.
 * Without memory they may be told so after somebody else has taken the name. Wants the order locks
 * held.
 */
static struct parting *parting_of(const struct member *members, const char *name)
{
    size_t count = 0;
    for (const struct member *member = members; member != NULL; member = member->next)
        count += member->announced;
    struct parting *parting = count > 0 ? parting_create(name, count) : NULL;
    for (const struct member *member = members; member != NULL && parting != NULL;
         member = member->next)
        if (member->announced)
            parting->places[parting->count++] =
                (struct parting_place){member->room_number, member->room->next - 1};
    return parting;
}

static void take_all(struct member *members)
{
    const struct lock *last = NULL;
    for (struct member *member = members; member != NULL; member = member->next) {
        lock_take_next(&member->room->order, last);
        last = &member->room->order;
    }
}

static void release_all(struct member *members)
{
    for (struct member *member = members; member != NULL; member = member->next)
        lock_release(&member->room->order);
}

/* Announces that a user has left the chat, in one of its rooms, from which it was removed. */
static void announce_leave(struct room *room, struct member *first, struct member *member,
                           const char *by)
{
    enum message_kind kind = by != NULL ? MESSAGE_KICK : MESSAGE_LEAVE;
    member->announced = room_announce(room, member->user, kind, words_of(by != NULL ? by : ""));
    if (member->announced && first != member)
        room_spare_told(room, first, member);
}

/* What each member of a user is still sent of its room's open batch. */
struct last_batches {
    struct batch one;
    struct batch *all; /* in the order of the memberships; NULL: memory was out */
    bool whole;
};

/* Returns false when memory is out. */
static bool last_batches_make(struct last_batches *lasts, struct member *members)
{
    size_t count = 0;
    for (struct member *member = members; member != NULL; member = member->next)
        count++;
    lasts->one = (struct batch){0};
    lasts->all = count > 1 ? calloc(count, sizeof *lasts->all) : &lasts->one;
    lasts->whole = lasts->all != NULL;
    return lasts->whole;
}

/* Fills them. Wants the order locks held. */
static void last_batches_gather(struct last_batches *lasts, struct member *members)
{
    struct batch *last = lasts->all;
    for (struct member *member = members; member != NULL && lasts->whole; member = member->next)
        lasts->whole = member_gather(member, member->room->open, last++);
}

/* Ends the members, which were removed, sends them what was gathered, and frees it. */
static void last_batches_send(struct last_batches *lasts, struct member *members, bool silently)
{
    struct batch *last = lasts->all;
    for (struct member *member = members; member != NULL; member = member->next) {
        struct batch none = {0};
        end_member(member, silently, lasts->whole, last != NULL ? last++ : &none);
    }
    if (lasts->all != &lasts->one)
        free(lasts->all);
}

static void leave_flows(struct member *members)
{
    for (struct member *member = members; member != NULL; member = member->next)
        leave_flow(member);
}

void room_leave_all(struct user *user, const struct room_leaving *leaving)
{
    struct member *const members = user->members;
    struct room *first = members->room;
    struct last_batches lasts;
    leave_flows(members);
    last_batches_make(&lasts, members);
    if (!leaving->silently)
        see_members_through(members);
    take_all(members);
    last_batches_gather(&lasts, members);
    for (struct member *member = members; member != NULL; member = member->next) {
        roster_remove(&member->room->roster, member);
        room_vacate(member->room);
        member->room->interrupted = member->room->interrupted || leaving->silently;
        member->announced = false;
    }
    for (struct member *member = members; member != NULL && !leaving->silently;
         member = member->next)
        announce_leave(member->room, members, member, leaving->by);
    /* With the order locks held, before anybody sees the notice: who does can take the name. */
    directory_part(first->config.directory, parting_of(members, user->name));
    directory_remove(first->config.directory, user);
    event_log_print(first->config.event_log, EVENT_LOG_EVENT, "%s (%s) has left: %s%s%s",
                    user->name, user_peer(user), leaving->why, leaving->by != NULL ? " by " : "",
                    leaving->by != NULL ? leaving->by : "");
    for (struct member *member = members; member != NULL; member = member->next)
        note_end(member->room);
    release_all(members);
    ordering_end(first->config.ordering);
    last_batches_send(&lasts, members, leaving->silently);
}

/*
 * Greets an heir in a room, where the user still is; in its current one, with what was said. Wants
 * the order lock held.
 */
static void greet_heir(struct member *member, const struct user *user)
{
    struct room *room = member->room;
    struct user *heir = member->user;
    bool lobby = room->number == ROOM_LOBBY;
    if (lobby && !room->config.limits.welcome)
        return;
    if (!greet(room, heir, user, lobby ? MESSAGE_WELCOME : MESSAGE_ENTERED))
        link_kill(outbox_link(heir->outbox), LINK_OUT_OF_MEMORY);
}

/* Greets an heir in all its rooms. Wants the order locks held. */
static void greet_heir_everywhere(struct user *user, struct user *heir)
{
    struct member *current = NULL;
    heir->id = user->id; /* nobody else sees the heir yet */
    strcpy(heir->name, user->name);
    for (struct member *member = heir->members; member != NULL; member = member->next) {
        if (atomic_load_explicit(&member->elsewhere, memory_order_relaxed))
            greet_heir(member, user);
        else
            current = member;
    }
    assert(current != NULL); /* one of its rooms is */
    greet_heir(current, user);
    past_show_last(heir, &current->room->transcript, current->room->name);
}

/* Puts an heir into a user's place in a room. Wants the order lock held. */
static void succeed(struct member *member, struct member *successor)
{
    struct room *room = member->room;
    successor->since = room->next;
    successor->told = member->told;
    flow_add(&room->flow, successor->reader, successor->user->outbox);
    roster_replace(&room->roster, member, successor);
}

bool room_succeed(struct user *user, struct user *heir)
{
    struct member *const members = user->members;
    struct member *successor = heir->members;
    const struct room_config *config = &members->room->config;
    struct last_batches lasts;
    if (!last_batches_make(&lasts, members))
        return false;
    leave_flows(members);
    take_all(members);
    last_batches_gather(&lasts, members);
    greet_heir_everywhere(user, heir);
    for (struct member *member = members; member != NULL; member = member->next) {
        succeed(member, successor);
        successor = successor->next;
    }
    directory_succeed(config->directory, user, heir);
    event_log_print(config->event_log, EVENT_LOG_EVENT, "%s (%s) has come in from elsewhere: %s",
                    heir->name, user_peer(user), user_peer(heir));
    release_all(members);
    outbox_flush(heir->outbox);
    last_batches_send(&lasts, members, true);
    return true;
}

/* Publishes the notice of a new name in one of the user's rooms. Returns false without memory. */
static bool announce_name(struct room *room, struct member *first, struct member *member,
                          const struct message *notice)
{
    member->announced = room_publish_notice(room, notice);
    if (!member->announced)
        return false;
    room->open->names = true;
    atomic_store(&room->names_due, true);
    if (first != member)
        room_spare_told(room, first, member);
    return true;
}

int room_rename(struct user *user, const char *name, char rival[NAME_SIZE])
{
    struct member *const members = user->members;
    const struct room_config *config = &members->room->config;
    char old[NAME_SIZE];
    strcpy(old, user->name);
    const struct message notice = {
        .kind = MESSAGE_RENAME, .author = user->id, .name = words_of(old), .text = words_of(name)};
    int error = 0;
    for (struct member *member = members; member != NULL; member = member->next)
        member->announced = false;
    see_members_through(members);
    take_all(members);
    /* The notices need memory, so they are published first: no name changes without a notice. */
    for (struct member *member = members; member != NULL && error == 0; member = member->next)
        error = announce_name(member->room, members, member, &notice) ? 0 : ENOMEM;
    struct parting *parting = error == 0 ? parting_of(members, old) : NULL;
    if (error == 0)
        error = directory_rename(config->directory, user, name, parting, rival);
    if (error != 0)
        free(parting);
    for (struct member *member = members; member != NULL && error != 0; member = member->next)
        if (member->announced)
            room_withdraw_notice(member->room);
    if (error == 0)
        event_log_print(config->event_log, EVENT_LOG_EVENT, "%s is now known as %s", old, name);
    release_all(members);
    if (error == 0) /* otherwise it is tried again, or undone, in the same turn */
        ordering_end(config->ordering);
    for (struct member *member = members; member != NULL && error == 0; member = member->next) {
        lock_take(&member->room->order);
        room_see_through(member->room);
        lock_release(&member->room->order);
    }
    return error;
}
