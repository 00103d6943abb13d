#include "base/platform.h"

#include "base/lock.h"
#include "chat/room_delivery.h"
#include "chat/room_inside.h"
#include "chat/room_policy.h"
#include "chat/room_publishing.h"

#include <errno.h>
#include <string.h>

bool room_is_hidden(const struct room *room)
{
    return room->settings.hidden;
}

struct room_description room_describe(struct room *room)
{
    struct room_description description = {0};
    lock_take(&room->order);
    description.count = room->roster.count;
    description.hidden = room->settings.hidden;
    description.closed = room->settings.closed;
    description.needs_key = *room->settings.key != '\0';
    description.has_owner = room->settings.owner != 0;
    size_t length = buffer_length(&room->settings.topic);
    if (length > 0)
        memcpy(description.topic, buffer_bytes(&room->settings.topic), length);
    lock_release(&room->order);
    return description;
}

/* Publishes a notice of a member's, and waits until it is delivered. Wants the order lock held. */
static int tell_all(struct room *room, struct member *member, enum message_kind kind,
                    struct words text)
{
    const struct user *user = member->user;
    const struct message notice = {
        .kind = kind, .author = user->id, .name = words_of(user->name), .text = text};
    if (!room_publish_notice(room, &notice))
        return ENOMEM;
    if (message_spares_author(&notice))
        member_skip_some(member, room->open);
    room_see_through(room);
    return 0;
}

int room_set_topic(struct member *member, struct words topic)
{
    struct room *room = member->room;
    lock_take(&room->order);
    int error = ENOMEM;
    if (room_settings_set_topic(&room->settings, topic.bytes, topic.length))
        error = tell_all(room, member, MESSAGE_TOPIC, topic);
    lock_release(&room->order);
    return error;
}

static void change(struct room_settings *settings, enum message_kind kind, const char *key)
{
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
    lock_take(&room->order);
    int error = room_settings_is_led_by(&room->settings, member->user) ? 0 : EPERM;
    if (error == 0 && room->number == ROOM_LOBBY && !is_about_speech(kind))
        error = EINVAL;
    if (error == 0) {
        change(&room->settings, kind, key);
        error = tell_all(room, member, kind, words_of(""));
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
    /* What it has said before is heard before the answer. */
    if (muted)
        room_catch_up(room);
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
    lock_take(&room->order);
    if (gives && !room_voices_give_floor(voices, to->id))
        error = ENOMEM;
    else if (!gives && !room_voices_take_floor(voices, to->id))
        error = EALREADY;
    if (error == 0)
        error = tell_all(room, member, gives ? MESSAGE_GIVE_FLOOR : MESSAGE_TAKE_FLOOR, name);
    lock_release(&room->order);
    return error;
}

bool room_is_owner(struct room *room, const struct user *user)
{
    lock_take(&room->order);
    bool is_owner = room->settings.owner == user->id;
    lock_release(&room->order);
    return is_owner;
}

int room_invite(const struct member *member, const struct user *invited)
{
    struct room *room = member->room;
    lock_take(&room->order);
    bool noted = room_settings_invite(&room->settings, invited->id);
    lock_release(&room->order);
    return noted ? 0 : ENOMEM;
}
