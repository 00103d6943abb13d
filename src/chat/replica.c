#include "base/platform.h"

#include "base/clock.h"
#include "chat/directory.h"
#include "chat/judging.h"
#include "chat/member.h"
#include "chat/replica.h"
#include "chat/room.h"
#include "chat/room_delivery.h"
#include "chat/room_membership.h"
#include "chat/room_policy.h"
#include "chat/rooms.h"
#include "chat/user.h"
#include "net/link.h"
#include "net/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How long to wait before another try to allocate what must not fail, in nanoseconds. */
#define RETRY_INTERVAL (10 * CLOCK_MILLISECOND)

enum { TEXT_SIZE = NAME_SIZE + SANCTION_REASON_BYTES_MAX + 2 };

static void await_memory(void)
{
    clock_sleep_until(clock_now() + RETRY_INTERVAL);
}

/* Copies words, of which there are fewer bytes than `size`, as a string. */
static char *copy(struct words words, char *place, size_t size)
{
    size_t length = words.length < size ? words.length : size - 1;
    if (length > 0)
        memcpy(place, words.bytes, length);
    place[length] = '\0';
    return place;
}

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
static struct member *find_member(const struct user *user, struct words name)
{
    struct member *member = user->members;
    for (; member != NULL; member = member->next) {
        const char *room = room_name(member->room);
        if (strlen(room) == name.length && memcmp(room, name.bytes, name.length) == 0)
            break;
    }
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
        await_memory();
    while ((error = room_join(member, NULL, key)) == ENOMEM)
        await_memory();
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
    copy(change->name, name, sizeof name);
    while ((user = user_create_remote(machine)) == NULL)
        await_memory();
    while ((error = directory_add(chat->directory, user, place, name, rival)) == ENOMEM)
        await_memory();
    if (error == 0) {
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
    copy(change->room, name, sizeof name);
    copy(change->text, key, sizeof key);
    while ((error = rooms_open(chat->rooms, name, &room)) == ENOMEM)
        await_memory();
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
    room_leave_all(user, &leaving);
    while ((member = user->members) != NULL) {
        directory_remove_member(chat->directory, member);
        drop(chat, member);
    }
}

static void leave(struct chat *chat, struct user *user, const struct change *change)
{
    char by[TEXT_SIZE];
    struct member *member;
    copy(change->text, by, sizeof by);
    if (change->room.length == 0) {
        leave_all(chat, user, *by != '\0' ? "kicked" : "disconnected", by);
        return;
    }
    member = find_member(user, change->room);
    if (member == NULL || (user->members == member && member->next == NULL))
        return;
    if (*by != '\0')
        room_expel(member, by);
    else
        room_leave(member);
    drop(chat, member);
}

static void rename_user(struct user *user, const struct change *change)
{
    char name[NAME_SIZE], rival[NAME_SIZE];
    copy(change->name, name, sizeof name);
    while (room_rename(user, name, rival) == ENOMEM)
        await_memory();
}

static void set_away(struct chat *chat, struct user *user, const struct change *change)
{
    char *text = NULL;
    while (change->given && (text = malloc(change->text.length + 1)) == NULL)
        await_memory();
    if (text != NULL)
        copy(change->text, text, change->text.length + 1);
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
        await_memory();
    user_touch(member->user);
}

static void set_topic(struct member *member, const struct change *change)
{
    while (room_set_topic(member, change->text) == ENOMEM)
        await_memory();
}

static void change_settings(struct member *member, const struct change *change)
{
    char key[NAME_SIZE];
    enum message_kind kind;
    copy(change->key, key, sizeof key);
    while (room_change_of(change, &kind) && room_change(member, kind, key) == ENOMEM)
        await_memory();
}

static void mute(struct member *member, const struct user *user, const struct change *change)
{
    if (!change->given)
        room_unmute(member, user);
    while (change->given && room_mute(member, user, change->end) == ENOMEM)
        await_memory();
}

static void pass_floor(struct chat *chat, struct member *member, const struct user *user,
                       const struct change *change)
{
    char name[NAME_SIZE];
    directory_copy_name(chat->directory, user, name);
    while (room_pass_floor(member, user, words_of(name), change->given) == ENOMEM)
        await_memory();
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
        await_memory();
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
        rename_user(user, change);
        break;
    case CHANGE_AWAY:
        set_away(chat, user, change);
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

void replica_remove(struct chat *chat, const char *machine, const char *why)
{
    struct user *user;
    for (uint64_t id = 0; (user = directory_after(chat->directory, id)) != NULL;) {
        id = user->id;
        if (user->machine == machine)
            leave_all(chat, user, why, "");
        user_release(user);
    }
}

/* How long users have for leaving before their links are killed, and how often they are called. */
#define EVICTION_PATIENCE (5 * CLOCK_SECOND)
#define EVICTION_INTERVAL CLOCK_MILLISECOND

typedef void visit_user(struct user *user);

/* Visits all users of this machine whose ids are below `below`. Returns whether there is one. */
static bool visit_below(struct chat *chat, uint64_t below, visit_user *visit)
{
    struct user *user;
    bool any = false;
    for (uint64_t id = 0; id < below && (user = directory_after(chat->directory, id)) != NULL;) {
        id = user->id;
        if (!user_is_remote(user) && id < below) {
            any = true;
            visit(user);
        }
        user_release(user);
    }
    return any;
}

static void evict(struct user *user)
{
    atomic_store(&user->evicted, true);
    link_call(outbox_link(user->outbox));
}

static void call_again(struct user *user)
{
    if (atomic_load(&user->evicted))
        link_nudge(outbox_link(user->outbox));
}

static void cut_off(struct user *user)
{
    link_kill(outbox_link(user->outbox), LINK_TOO_SLOW);
}

void replica_evict(struct chat *chat, uint64_t below)
{
    int64_t deadline = clock_now() + EVICTION_PATIENCE;
    visit_below(chat, below, evict);
    while (visit_below(chat, below, call_again)) {
        if (clock_now() >= deadline)
            visit_below(chat, below, cut_off);
        clock_sleep_until(clock_now() + EVICTION_INTERVAL);
    }
}

/*
 * What concerns one user alone.
 */

static int tell(struct chat *chat, struct user *to, const struct change *change)
{
    const struct message message = {.kind =
                                        change->kind == CHANGE_TELL ? MESSAGE_TELL : MESSAGE_HAND,
                                    .author = change->author,
                                    .room = change->room,
                                    .name = change->author_name,
                                    .text = change->text};
    if (!user_wants(to, &message))
        return 0;
    struct user *author = directory_find_id(chat->directory, change->author);
    if (author != NULL && change->kind == CHANGE_TELL)
        directory_set_correspondent(chat->directory, to, author);
    if (author != NULL)
        user_release(author);
    return user_send(to, &message) ? 0 : ENOMEM;
}

static int pass_verdict(struct chat *chat, struct user *user, const struct change *change)
{
    char judge[NAME_SIZE], name[NAME_SIZE];
    struct verdict verdict = {.kind = change->room.length > 0 ? VERDICT_EXPEL : VERDICT_KICK};
    copy(change->author_name, judge, sizeof judge);
    copy(change->text, verdict.sanction.reason, sizeof verdict.sanction.reason);
    copy(change->room, name, sizeof name);
    struct room *room = rooms_find(chat->rooms, *name != '\0' ? name : CHAT_LOBBY);
    if (room == NULL)
        return ESRCH;
    int64_t deadline = clock_now() + JUDGING_PATIENCE;
    int error = judging_pass(chat, judge, room, user, &verdict);
    rooms_release(chat->rooms, room);
    while (error == 0 && judging_call(user) && clock_now() < deadline)
        clock_sleep_until(clock_now() + JUDGING_CALL_INTERVAL);
    return error;
}

int replica_receive(struct chat *chat, const struct change *change)
{
    struct user *user = directory_find_id(chat->directory, change->user);
    int error = EINVAL;
    if (user == NULL)
        return ESRCH;
    if (user_is_remote(user))
        error = ESRCH;
    else if (change->kind == CHANGE_TELL || change->kind == CHANGE_HAND)
        error = tell(chat, user, change);
    else if (change->kind == CHANGE_KICK)
        error = pass_verdict(chat, user, change);
    user_release(user);
    return error;
}
