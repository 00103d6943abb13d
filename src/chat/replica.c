#include "base/platform.h"

#include "base/clock.h"
#include "chat/accounts.h"
#include "chat/directory.h"
#include "chat/judging.h"
#include "chat/keeping.h"
#include "chat/lockdown.h"
#include "chat/member.h"
#include "chat/replica.h"
#include "chat/room.h"
#include "chat/room_delivery.h"
#include "chat/room_membership.h"
#include "chat/room_policy.h"
#include "chat/rooms.h"
#include "chat/sanctioning.h"
#include "chat/user.h"
#include "chat/wall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_SIZE = NAME_SIZE + SANCTION_REASON_BYTES_MAX + 2 };

/* Returns a user of a machine, with a reference; NULL if it is not there. */
static struct user *find_user(struct chat *chat, const char *machine, uint64_t id)
{
    struct user *user = directory_find_id(chat->directory, id);
    if (user == NULL || user->machine == machine)
        return user;
    user_release(user);
    return NULL;
}

/* Returns a user's membership of a room with that name; NULL if it has none. */
static struct member *find_member(const struct user *user, struct words words)
{
    char name[NAME_SIZE];
    words_copy(words, name, sizeof name);
    struct member *member = user->members;
    while (member != NULL && strcmp(room_name(member->room), name) != 0)
        member = member->next;
    return member;
}

/*
 * Coming and going.
 */

/* Releases a member that is in its room no more, or has never been. */
static void drop(struct chat *chat, struct member *member)
{
    struct room *room = member->room;
    member_release(member);
    rooms_release(chat->rooms, room);
}

/* Has a user join a room, of which the caller gives up a reference. Returns as room_join(). */
static int join(struct chat *chat, struct user *user, struct room *room, const char *key)
{
    struct member *member;
    int error;
    while ((member = member_create(user, room, room_number(room))) == NULL)
        clock_await_memory();
    while ((error = room_join(member, NULL, key)) == ENOMEM)
        clock_await_memory();
    if (error != 0)
        drop(chat, member);
    return error;
}

static void enter(struct chat *chat, const char *machine, uint64_t place,
                  const struct change *change)
{
    char name[NAME_SIZE], rival[NAME_SIZE];
    struct user *user;
    int error;
    words_copy(change->name, name, sizeof name);
    while ((user = user_create_remote(machine)) == NULL)
        clock_await_memory();
    user_set_rank(user, change->rank);
    while ((error = directory_add(chat->directory, user, place, name, rival)) == ENOMEM)
        clock_await_memory();
    if (error == 0) {
        rooms_see_off(chat->rooms, name);
        rooms_acquire(chat->rooms, chat->lobby);
        join(chat, user, chat->lobby, NULL); /* everybody comes into the lobby */
    }
    user_release(user);
}

static void join_room(struct chat *chat, struct user *user, const struct change *change)
{
    char name[NAME_SIZE], key[TEXT_SIZE];
    struct room *room;
    int error;
    words_copy(change->room, name, sizeof name);
    words_copy(change->text, key, sizeof key);
    while ((error = rooms_open(chat->rooms, name, &room)) == ENOMEM)
        clock_await_memory();
    if (error != 0)
        return;
    if (directory_is_in(chat->directory, user, room))
        rooms_release(chat->rooms, room);
    else
        join(chat, user, room, *key != '\0' ? key : NULL);
}

static void leave_all(struct chat *chat, struct user *user, const char *why, const char *by)
{
    const struct room_leaving leaving = {.why = why, .by = *by != '\0' ? by : NULL};
    struct member *member;
    rooms_leave_all(chat->rooms, user, &leaving);
    while ((member = user->members) != NULL) {
        directory_remove_member(chat->directory, member);
        drop(chat, member);
    }
}

static void leave(struct chat *chat, struct user *user, const struct change *change)
{
    char by[TEXT_SIZE];
    struct member *member;
    words_copy(change->text, by, sizeof by);
    if (change->room.length == 0) {
        leave_all(chat, user, *by != '\0' ? "kicked" : "disconnected", by);
        return;
    }
    member = find_member(user, change->room);
    if (member == NULL || (user->members == member && member->next == NULL))
        return;
    rooms_leave(chat->rooms, member, *by != '\0' ? by : NULL);
    drop(chat, member);
}

/* The account of a registered user has its name, and no other one. */
static void rename_user(struct chat *chat, struct user *user, const struct change *change)
{
    char name[NAME_SIZE], rival[NAME_SIZE];
    enum change_rank rank = user_rank(user);
    int error;
    words_copy(change->name, name, sizeof name);
    if (!name_equals(name, user->name))
        user_set_rank(user, CHANGE_STRANGER);
    while ((error = rooms_rename(chat->rooms, user, name, rival)) == ENOMEM)
        clock_await_memory();
    if (error != 0)
        user_set_rank(user, rank);
}

static void log_in(struct chat *chat, struct user *user, enum change_rank rank)
{
    if (!user_is_registered(user) && rank != CHANGE_STRANGER)
        account_note_registration(chat);
    user_set_rank(user, rank);
}

static void set_away(struct chat *chat, struct user *user, const struct change *change)
{
    char *text = NULL;
    while (change->given && (text = malloc(change->text.length + 1)) == NULL)
        clock_await_memory();
    if (text != NULL)
        words_copy(change->text, text, change->text.length + 1);
    directory_set_away(chat->directory, user, text);
}

/*
 * In a room, by a member.
 */

/* Nobody speaks for somebody else. */
static bool is_of_one(const struct batch *said, uint64_t author)
{
    size_t i = 0;
    while (i < said->count && batch_message(said, i).author == author)
        i++;
    return i == said->count;
}

static void say(struct member *member, const struct change *change)
{
    if (!is_of_one(change->said, member->user->id))
        return;
    while (!room_publish_remote(member, change->said))
        clock_await_memory();
    user_touch(member->user);
}

static void set_topic(struct member *member, const struct change *change)
{
    while (room_set_topic(member, change->text, change->time) == ENOMEM)
        clock_await_memory();
}

static void change_settings(struct member *member, const struct change *change)
{
    char key[NAME_SIZE];
    enum message_kind kind;
    words_copy(change->key, key, sizeof key);
    while (room_change_of(change, &kind) && room_change(member, kind, key) == ENOMEM)
        clock_await_memory();
}

static void mute(struct member *member, const struct user *user, const struct change *change)
{
    if (!change->given)
        room_unmute(member, user, change->time);
    while (change->given && room_mute(member, user, change->end) == ENOMEM)
        clock_await_memory();
}

static void pass_floor(struct chat *chat, struct member *member, const struct user *user,
                       const struct change *change)
{
    char name[NAME_SIZE];
    directory_copy_name(chat->directory, user, name);
    while (room_pass_floor(member, user, words_of(name), change->given) == ENOMEM)
        clock_await_memory();
}

/* The invitation of a user of this machine is told it here. */
static void invite(struct member *member, struct user *invited)
{
    const struct user *user = member->user;
    const struct message message = {.kind = MESSAGE_INVITE,
                                    .author = user->id,
                                    .room = words_of(room_name(member->room)),
                                    .name = words_of(user->name)};
    while (room_invite(member, invited) == ENOMEM)
        clock_await_memory();
    if (user_wants(invited, &message))
        user_send(invited, &message);
}

/* What a member does to somebody else. */
static void act(struct chat *chat, struct member *member, const struct change *change)
{
    struct user *user = directory_find_id(chat->directory, change->user);
    if (user == NULL)
        return;
    if (change->kind == CHANGE_ROOM_MUTE)
        mute(member, user, change);
    else if (change->kind == CHANGE_FLOOR)
        pass_floor(chat, member, user, change);
    else if (change->kind == CHANGE_INVITE)
        invite(member, user);
    user_release(user);
}

/* Keeps a room, or has one go: of the latter nobody need be a member. */
static void keep_room(struct chat *chat, const struct user *user, const struct change *change)
{
    char name[NAME_SIZE];
    words_copy(change->room, name, sizeof name);
    if (change->settings == 0) {
        keeping_end(chat, user, name);
        return;
    }
    struct room *room = rooms_find(chat->rooms, name);
    if (room == NULL)
        return;
    keeping_resume(chat, user, room);
    rooms_release(chat->rooms, room);
}

static void make_in_room(struct chat *chat, struct user *user, const struct change *change)
{
    struct member *member = find_member(user, change->room);
    if (member == NULL)
        return;
    if (change->kind == CHANGE_TALK)
        say(member, change);
    else if (change->kind == CHANGE_TOPIC)
        set_topic(member, change);
    else if (change->kind == CHANGE_SETTINGS)
        change_settings(member, change);
    else
        act(chat, member, change);
}

/*
 * In the whole chat, by an operator.
 */

/* Whom a ban of another machine's operator has leave here is called by replica_call(). */
static void sanction(struct chat *chat, const struct user *user, const struct change *change)
{
    struct sanction made;
    size_t lifted;
    if (change->room.length > 0)
        return;
    int error = sanctioning_make(chat, user, change, &made, &lifted);
    if (error == 0 && change->kind == CHANGE_BAN)
        judging_pass_ban(chat, &made, NULL, NULL);
}

/* A user of this machine is told by it. */
static void change_rank(struct chat *chat, const struct user *user, const struct change *change)
{
    char name[NAME_SIZE];
    bool is_operator = change->kind == CHANGE_OP;
    const struct message message = {.kind = is_operator ? MESSAGE_OP : MESSAGE_DEOP,
                                    .author = user->id,
                                    .name = words_of(user->name)};
    struct user *ranked = directory_find_id(chat->directory, change->user);
    if (ranked == NULL)
        return;
    account_make_operator(ranked, is_operator);
    directory_copy_name(chat->directory, ranked, name);
    event_log_print(chat->event_log, EVENT_LOG_EVENT, "%s has made %s %s", user->name, name,
                    is_operator ? "an operator" : "no operator");
    while (!user_send(ranked, &message))
        clock_await_memory();
    user_release(ranked);
}

bool replica_call(struct chat *chat)
{
    return judging_call_all(chat);
}

static void make(struct chat *chat, struct user *user, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_JOIN:
        join_room(chat, user, change);
        break;
    case CHANGE_LEAVE:
        leave(chat, user, change);
        break;
    case CHANGE_RENAME:
        rename_user(chat, user, change);
        break;
    case CHANGE_LOGIN:
        log_in(chat, user, change->rank);
        break;
    case CHANGE_AWAY:
        set_away(chat, user, change);
        break;
    case CHANGE_SETTINGS:
        if (change->changed == CHANGE_KEPT)
            keep_room(chat, user, change);
        else
            make_in_room(chat, user, change);
        break;
    case CHANGE_FORGET:
        keeping_forget_name(chat, user);
        break;
    case CHANGE_OP:
    case CHANGE_DEOP:
        change_rank(chat, user, change);
        break;
    case CHANGE_WALL:
        wall_show(chat, user, change->text);
        break;
    case CHANGE_LOCKDOWN:
        lockdown_make(chat, user, change->given);
        break;
    case CHANGE_BAN:
    case CHANGE_UNBAN:
    case CHANGE_MUTE:
    case CHANGE_UNMUTE:
        sanction(chat, user, change);
        break;
    default:
        make_in_room(chat, user, change);
        break;
    }
}

/* Returns the id of the user who makes a change. */
static uint64_t maker_of(const struct change *change)
{
    if (change->kind == CHANGE_TALK) {
        struct message first = batch_message(change->said, 0);
        return first.author;
    }
    return change->author != 0 ? change->author : change->user;
}

void replica_make(struct chat *chat, const char *machine, uint64_t place,
                  const struct change *change)
{
    if (chat->ordering != NULL)
        chat->ordering->place = place;
    if (change->kind == CHANGE_ENTER) {
        enter(chat, machine, place, change);
        return;
    }
    struct user *user = find_user(chat, machine, maker_of(change));
    if (user == NULL)
        return;
    make(chat, user, change);
    user_release(user);
}

void replica_settle(struct chat *chat)
{
    if (chat->archive != NULL)
        chat->archive->talk->sync(chat->archive);
}

void replica_remove(struct chat *chat, const char *machine, const char *why)
{
    struct user *user;
    for (uint64_t id = 0; (user = directory_after(chat->directory, &id)) != NULL;) {
        if (user->machine == machine)
            leave_all(chat, user, why, "");
        user_release(user);
    }
}
