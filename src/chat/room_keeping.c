#include "base/platform.h"

#include "base/lock.h"
#include "chat/room_delivery.h"
#include "chat/room_history.h"
#include "chat/room_inside.h"
#include "chat/room_keeping.h"

#include <errno.h>
#include <string.h>

/* The functions down to room_is_to_be_kept() want the order lock held. */

static bool is_kept(const struct room *room)
{
    return *room->settings.owner_name != '\0';
}

static bool is_owned_by(const struct room *room, const struct user *user)
{
    return room_settings_have_owner(&room->settings, user, user->name);
}

/* Of a kept room the settings are stored, and its door is watched when it is there again. */
static void note_guard(struct room *room)
{
    const struct room_settings *settings = &room->settings;
    struct archive *archive = room->config.archive;
    bool guarded = settings->hidden || settings->closed || *settings->key != '\0';
    bool is_told = room->archived && room->life == 0 && guarded != room->guarded;
    if (!is_told || archive->talk->guard(archive, words_of(room->name), guarded))
        room->guarded = guarded;
}

void room_note(struct room *room)
{
    enum kept noted = KEPT_DONE;
    if (!is_kept(room))
        note_guard(room);
    else
        do
            noted = kept_rooms_note(room->config.kept, room->name, &room->settings);
        while (noted == KEPT_NO_MEMORY && room_await_memory(room));
}

static enum kept keep(struct room *room, const struct user *user)
{
    struct room_settings *settings = &room->settings;
    bool was_kept = is_kept(room);
    if (!is_owned_by(room, user))
        return KEPT_NOT_OWNER;
    if (!user_is_registered(user))
        return KEPT_NOT_REGISTERED;
    strcpy(settings->owner_name, user->name);
    enum kept result = kept_rooms_note(room->config.kept, room->name, settings);
    if (result == KEPT_DONE)
        settings->let_go = false;
    else if (!was_kept)
        *settings->owner_name = '\0';
    return result;
}

static void let_go(struct room *room)
{
    *room->settings.owner_name = '\0';
    kept_rooms_drop(room->config.kept, room->name);
}

bool room_is_to_be_kept(struct room *room, const struct user *user)
{
    if (room->config.kept == NULL || room->number == ROOM_LOBBY || !user_is_registered(user))
        return false;
    lock_take(&room->order);
    bool is = !is_kept(room) && !room->settings.let_go && is_owned_by(room, user);
    lock_release(&room->order);
    return is;
}

/*
 * As room_keep(), in its turn. Whether a room without members is there differs among the machines
 * of a cluster.
 */
static enum kept keep_in_turn(struct room *room, const struct user *user, struct member *member)
{
    enum kept result = KEPT_NO_ROOM;
    lock_take(&room->order);
    bool was_kept = is_kept(room);
    if (room->roster.count > 0 || room->config.ordering == NULL)
        do
            result = keep(room, user);
        while (result == KEPT_NO_MEMORY && room_await_memory(room));
    if (result == KEPT_DONE && !was_kept)
        room_tell(room, user, member, MESSAGE_KEEP, words_of(""));
    lock_release(&room->order);
    return result;
}

enum kept room_keep(struct room *room, const struct user *user, struct member *member)
{
    if (room->config.kept == NULL)
        return KEPT_NOWHERE;
    if (room->number == ROOM_LOBBY)
        return KEPT_NO_ROOM;
    int error = ordering_await_keeping(room->config.ordering, user, room->name, true);
    if (error != 0)
        return error == ENOMEM ? KEPT_NO_MEMORY : KEPT_UNLINKED;
    enum kept result = keep_in_turn(room, user, member);
    ordering_end(room->config.ordering);
    return result;
}

enum kept room_let_go(struct room *room, const struct user *user, struct member *member)
{
    enum kept result = KEPT_DONE;
    lock_take(&room->order);
    if (!is_kept(room))
        result = KEPT_NO_ROOM;
    else if (!room_settings_is_led_by(&room->settings, user))
        result = KEPT_NOT_OWNER;
    if (result == KEPT_DONE) {
        if (is_owned_by(room, user))
            room->settings.owner = user->id;
        room->settings.let_go = true;
        let_go(room);
        room_tell(room, user, member, MESSAGE_LET_GO, words_of(""));
    }
    lock_release(&room->order);
    return result;
}

void room_forget_name(struct room *room, const struct user *user)
{
    struct room_settings *settings = &room->settings;
    lock_take(&room->order);
    if (is_kept(room) && name_equals(settings->owner_name, user->name)) {
        settings->owner = user->id;
        let_go(room);
    }
    if (invitations_withdraw(&settings->invitations, 0, user->name))
        room_note(room);
    lock_release(&room->order);
}
