#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "chat/room_delivery.h"
#include "chat/room_inside.h"
#include "chat/room_keeping.h"
#include "chat/room_policy.h"
#include "chat/room_publishing.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

bool room_is_hidden(const struct room *room)
{
    return room->settings.hidden;
}

bool room_shows_itself(struct room *room, const struct user *user)
{
    lock_take(&room->order);
    bool shows = !room->settings.hidden || (*room->settings.owner_name != '\0' &&
                                            room_settings_welcome(&room->settings, user));
    lock_release(&room->order);
    return shows;
}

bool room_is_open_to(struct room *room, const struct user *user)
{
    const struct room_settings *settings = &room->settings;
    lock_take(&room->order);
    bool is = (!settings->hidden || room_settings_welcome(settings, user)) &&
              room_settings_admit(settings, user, NULL) == 0;
    lock_release(&room->order);
    return is;
}

void room_describe(struct room *room, struct room_description *description)
{
    lock_take(&room->order);
    room_settings_describe(&room->settings, room->roster.count, description);
    lock_release(&room->order);
}

/* Awaits the turn of a change of the room, or of somebody in it, by a member. */
static int await_turn(const struct member *member, struct change *change)
{
    struct room *room = member->room;
    const struct user *user = member->user;
    change->room = words_of(room->name);
    change->author = user->id;
    change->author_name = words_of(user->name);
    if (change->time == 0)
        change->time = clock_utc();
    return ordering_await(room->config.ordering, user, change, ORDERING_PATIENT, NULL);
}

/* The same for what the others are told, with `text`; a member that floods waits before. */
static int await_gate_and_turn(struct member *member, struct words text, struct change *change)
{
    const struct message notice = {.name = words_of(member->user->name), .text = text};
    room_await_gate(member, message_bytes(&notice));
    return await_turn(member, change);
}

static void end_turn(struct room *room)
{
    lock_release(&room->order);
    ordering_end(room->config.ordering);
}

/* Whether a change is to be made once more. As room_await_memory(), if memory was out for it. */
static bool is_tried_again(struct room *room, int error)
{
    return error == ENOMEM && room_await_memory(room);
}

static int make_topic(struct member *member, struct words topic)
{
    struct room *room = member->room;
    if (!room_settings_set_topic(&room->settings, topic.bytes, topic.length))
        return ENOMEM;
    room_note(room);
    return room_tell(room, member->user, member, MESSAGE_TOPIC, topic);
}

int room_set_topic(struct member *member, struct words topic, int64_t time)
{
    struct room *room = member->room;
    struct change turn = {.kind = CHANGE_TOPIC, .text = topic, .time = time};
    int error = await_gate_and_turn(member, topic, &turn);
    if (error != 0)
        return error;
    lock_take(&room->order);
    if (!room_lets_speak(room, member->user, time))
        error = EACCES;
    else
        do
            error = make_topic(member, topic);
        while (is_tried_again(room, error));
    end_turn(room);
    return error;
}

static void change(struct room_settings *settings, enum message_kind kind, const char *key)
{
    assert(kind != MESSAGE_KEEP && kind != MESSAGE_LET_GO);
    if (kind == MESSAGE_HIDE || kind == MESSAGE_SHOW)
        settings->hidden = kind == MESSAGE_HIDE;
    else if (kind == MESSAGE_CLOSE || kind == MESSAGE_OPEN)
        settings->closed = kind == MESSAGE_CLOSE;
    else if (kind == MESSAGE_MODERATE || kind == MESSAGE_UNMODERATE)
        settings->voices.moderated = kind == MESSAGE_MODERATE;
    else
        strcpy(settings->key, kind == MESSAGE_LOCK ? key : "");
}

/* Whether a setting is about who speaks: the others are not to be had for the lobby. */
static bool is_about_speech(enum message_kind kind)
{
    return kind == MESSAGE_MODERATE || kind == MESSAGE_UNMODERATE;
}

/* The settings, and the messages that turn them on and off. */
static const struct setting {
    enum change_setting bit;
    enum message_kind on, off;
} room_changes[] = {
    {CHANGE_HIDDEN, MESSAGE_HIDE, MESSAGE_SHOW},
    {CHANGE_LOCKED, MESSAGE_LOCK, MESSAGE_UNLOCK},
    {CHANGE_CLOSED, MESSAGE_CLOSE, MESSAGE_OPEN},
    {CHANGE_MODERATED, MESSAGE_MODERATE, MESSAGE_UNMODERATE},
};

enum { ROOM_CHANGES = sizeof room_changes / sizeof *room_changes };

bool room_change_of(const struct change *change, enum message_kind *kind)
{
    for (size_t i = 0; i < ROOM_CHANGES; i++) {
        if (change->changed != room_changes[i].bit)
            continue;
        *kind = change->settings != 0 ? room_changes[i].on : room_changes[i].off;
        return true;
    }
    return false;
}

static struct change change_of(enum message_kind kind, const char *key)
{
    struct change change = {.kind = CHANGE_SETTINGS};
    size_t i = 0;
    while (room_changes[i].on != kind && room_changes[i].off != kind)
        i++;
    change.changed = room_changes[i].bit;
    change.settings = room_changes[i].on == kind ? change.changed : 0;
    if (kind == MESSAGE_LOCK)
        change.key = words_of(key);
    return change;
}

int room_change(struct member *member, enum message_kind kind, const char *key)
{
    struct room *room = member->room;
    struct change turn = change_of(kind, key);
    int error = await_gate_and_turn(member, words_of(""), &turn);
    if (error != 0)
        return error;
    lock_take(&room->order);
    error = room_settings_is_led_by(&room->settings, member->user) ? 0 : EPERM;
    if (error == 0 && room->number == ROOM_LOBBY && !is_about_speech(kind))
        error = EINVAL;
    if (error == 0) {
        change(&room->settings, kind, key);
        room_note(room);
        do
            error = room_tell(room, member->user, member, kind, words_of(""));
        while (is_tried_again(room, error));
    }
    end_turn(room);
    return error;
}

enum room_permission room_ask(struct room *room, const struct user *user, int64_t *end)
{
    lock_take(&room->order);
    enum room_permission permission = room_settings_ask(&room->settings, user, clock_utc(), end);
    lock_release(&room->order);
    return permission;
}

/*
 * Whether somebody is in the chat in the eyes of all machines: they may have left while the turn
 * was awaited. Nothing is done to who has, as other machines do not know them any more. Who has
 * come in from elsewhere meanwhile is another user with the same id, and the same person.
 */
static bool is_here(const struct room *room, const struct user *user)
{
    struct user *found = directory_find_id(room->config.directory, user->id);
    if (found != NULL)
        user_release(found);
    return found != NULL;
}

int room_mute(const struct member *member, const struct user *user, int64_t end)
{
    struct room *room = member->room;
    struct change turn = {.kind = CHANGE_ROOM_MUTE, .user = user->id, .given = true, .end = end};
    int error = await_turn(member, &turn);
    if (error != 0)
        return error;
    lock_take(&room->order);
    if (!is_here(room, user))
        error = ESRCH;
    else
        do
            error = room_voices_mute(&room->settings.voices, user->id, end) ? 0 : ENOMEM;
        while (is_tried_again(room, error));
    end_turn(room);
    return error;
}

int room_unmute(const struct member *member, const struct user *user, int64_t time)
{
    struct room *room = member->room;
    struct change turn = {.kind = CHANGE_ROOM_MUTE, .user = user->id, .time = time};
    int error = await_turn(member, &turn);
    if (error != 0)
        return error;
    lock_take(&room->order);
    if (!is_here(room, user))
        error = ESRCH;
    else
        error = room_voices_unmute(&room->settings.voices, user->id, time) ? 0 : EALREADY;
    end_turn(room);
    return error;
}

int room_pass_floor(struct member *member, const struct user *to, struct words name, bool gives)
{
    struct room *room = member->room;
    struct room_voices *voices = &room->settings.voices;
    struct change turn = {.kind = CHANGE_FLOOR, .user = to->id, .given = gives};
    int error = await_gate_and_turn(member, name, &turn);
    if (error != 0)
        return error;
    lock_take(&room->order);
    if (!is_here(room, to))
        error = ESRCH;
    else if (!gives && !room_voices_take_floor(voices, to->id))
        error = EALREADY;
    while (error == 0 && gives && !room_voices_give_floor(voices, to->id))
        error = is_tried_again(room, ENOMEM) ? 0 : ENOMEM;
    if (error == 0)
        do
            error = room_tell(room, member->user, member,
                              gives ? MESSAGE_GIVE_FLOOR : MESSAGE_TAKE_FLOOR, name);
        while (is_tried_again(room, error));
    end_turn(room);
    return error;
}

void room_visit_leaders(struct room *room, void (*visit)(void *context, struct user *leader),
                        void *context)
{
    lock_take(&room->order);
    struct snapshot *everybody = roster_copy(&room->roster);
    struct room_settings owned = {.owner = room->settings.owner};
    strcpy(owned.owner_name, room->settings.owner_name);
    lock_release(&room->order);
    for (size_t i = 0; everybody != NULL && i < everybody->count; i++) {
        struct user *user = everybody->members[i]->user;
        char name[NAME_SIZE];
        directory_copy_name(room->config.directory, user, name);
        if (user_is_operator(user) || room_settings_have_owner(&owned, user, name))
            visit(context, user);
    }
    if (everybody != NULL)
        snapshot_release(everybody);
}

bool room_copy_settings(struct room *room, struct room_settings *copy)
{
    lock_take(&room->order);
    bool whole = room_settings_copy(&room->settings, copy);
    copy->owner = room->settings.owner;
    lock_release(&room->order);
    return whole;
}

bool room_is_owner(struct room *room, const struct user *user)
{
    char name[NAME_SIZE];
    lock_take(&room->order);
    directory_copy_name(room->config.directory, user, name);
    bool is_owner = room_settings_have_owner(&room->settings, user, name);
    lock_release(&room->order);
    return is_owner;
}

int room_invite(const struct member *member, const struct user *invited)
{
    struct room *room = member->room;
    struct change turn = {.kind = CHANGE_INVITE, .user = invited->id};
    char name[NAME_SIZE];
    int error = await_turn(member, &turn);
    if (error != 0)
        return error;
    struct user *here = directory_find_id(room->config.directory, invited->id);
    if (here == NULL)
        error = ESRCH;
    else
        directory_copy_name(room->config.directory, here, name);
    lock_take(&room->order);
    while (error == 0 && !invitations_add(&room->settings.invitations, invited->id,
                                          user_is_registered(here) ? name : NULL))
        error = is_tried_again(room, ENOMEM) ? 0 : ENOMEM;
    if (error == 0)
        room_note(room);
    end_turn(room);
    if (here != NULL)
        user_release(here);
    return error;
}
