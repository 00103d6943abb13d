#include "base/platform.h"

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

/* Has a member that floods wait before it has the others told of something. */
static void await_turn(struct member *member, struct words text)
{
    const struct message notice = {.name = words_of(member->user->name), .text = text};
    room_await_turn(member, message_bytes(&notice));
}

int room_set_topic(struct member *member, struct words topic)
{
    struct room *room = member->room;
    await_turn(member, topic);
    lock_take(&room->order);
    int error = room_lets_speak(room, member->user) ? ENOMEM : EACCES;
    if (error == ENOMEM && room_settings_set_topic(&room->settings, topic.bytes, topic.length)) {
        room_note(room);
        error = room_tell(room, member->user, member, MESSAGE_TOPIC, topic);
    }
    lock_release(&room->order);
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

int room_change(struct member *member, enum message_kind kind, const char *key)
{
    struct room *room = member->room;
    await_turn(member, words_of(""));
    lock_take(&room->order);
    int error = room_settings_is_led_by(&room->settings, member->user) ? 0 : EPERM;
    if (error == 0 && room->number == ROOM_LOBBY && !is_about_speech(kind))
        error = EINVAL;
    if (error == 0) {
        change(&room->settings, kind, key);
        room_note(room);
        error = room_tell(room, member->user, member, kind, words_of(""));
    }
    lock_release(&room->order);
    return error;
}

enum room_permission room_ask(struct room *room, const struct user *user, int64_t *end)
{
    lock_take(&room->order);
    enum room_permission permission = room_settings_ask(&room->settings, user, end);
    lock_release(&room->order);
    return permission;
}

bool room_mute(struct room *room, const struct user *user, int64_t end)
{
    lock_take(&room->order);
    bool muted = room_voices_mute(&room->settings.voices, user->id, end);
    lock_release(&room->order);
    return muted;
}

bool room_unmute(struct room *room, const struct user *user)
{
    lock_take(&room->order);
    bool was_muted = room_voices_unmute(&room->settings.voices, user->id, clock_utc());
    lock_release(&room->order);
    return was_muted;
}

int room_pass_floor(struct member *member, const struct user *to, struct words name, bool gives)
{
    struct room *room = member->room;
    struct room_voices *voices = &room->settings.voices;
    int error = 0;
    await_turn(member, name);
    lock_take(&room->order);
    if (gives && !room_voices_give_floor(voices, to->id))
        error = ENOMEM;
    else if (!gives && !room_voices_take_floor(voices, to->id))
        error = EALREADY;
    if (error == 0)
        error = room_tell(room, member->user, member,
                          gives ? MESSAGE_GIVE_FLOOR : MESSAGE_TAKE_FLOOR, name);
    lock_release(&room->order);
    return error;
}

void room_visit_leaders(struct room *room, void (*visit)(void *context, struct user *leader),
                        void *context)
{
    lock_take(&room->order);
    struct snapshot *everybody = roster_snapshot(&room->roster);
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
    char name[NAME_SIZE];
    lock_take(&room->order);
    directory_copy_name(room->config.directory, invited, name);
    bool noted = invitations_add(&room->settings.invitations, invited->id,
                                 user_is_registered(invited) ? name : NULL);
    if (noted)
        room_note(room);
    lock_release(&room->order);
    return noted ? 0 : ENOMEM;
}
