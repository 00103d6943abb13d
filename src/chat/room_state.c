#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "chat/directory.h"
#include "chat/member.h"
#include "chat/room_history.h"
#include "chat/room_inside.h"
#include "chat/room_state.h"

enum {
    MEMBERS_AT_ONCE = 512, /* in a change */
    SETTINGS = CHANGE_HIDDEN | CHANGE_LOCKED | CHANGE_CLOSED | CHANGE_MODERATED
};

/* Who is told of a room. */
struct listener {
    const char *name; /* of the room, */
    const struct room_settings *settings;
    struct kept_talk talk;
    const struct roster *roster; /* NULL: nobody is in it */
    bool (*hear)(void *context, const struct change *change);
    void *context;
};

/*
 * Telling. These functions want the order lock held.
 */

static bool tell(const struct listener *listener, struct change *change)
{
    change->room = words_of(listener->name);
    return listener->hear(listener->context, change);
}

static bool tell_settings(const struct listener *listener)
{
    const struct room_settings *settings = listener->settings;
    struct change room = {.kind = CHANGE_STATE_ROOM,
                          .text = {buffer_bytes(&settings->topic), buffer_length(&settings->topic)},
                          .changed = SETTINGS,
                          .key = words_of(settings->key),
                          .number = listener->talk.said};
    if (settings->hidden)
        room.settings |= CHANGE_HIDDEN;
    if (settings->closed)
        room.settings |= CHANGE_CLOSED;
    if (settings->voices.moderated)
        room.settings |= CHANGE_MODERATED;
    if (*settings->key != '\0')
        room.settings |= CHANGE_LOCKED;
    struct change owner = {.kind = CHANGE_STATE_OWNER,
                           .number = settings->owner,
                           .text = words_of(settings->owner_name),
                           .given = settings->let_go};
    struct change life = {.kind = CHANGE_STATE_LIFE, .number = listener->talk.life};
    return tell(listener, &room) && tell(listener, &owner) &&
           (listener->talk.life == 0 || tell(listener, &life));
}

/* A user of whom both is noted has one place among the voices, by what comes first. */
static bool tell_voice(const struct listener *listener, const struct room_voice *voice)
{
    struct change floor = {.kind = CHANGE_FLOOR, .user = voice->user, .given = true};
    struct change mute = {
        .kind = CHANGE_ROOM_MUTE, .user = voice->user, .given = true, .end = voice->end};
    return (!voice->has_floor || tell(listener, &floor)) &&
           (!voice->muted || tell(listener, &mute));
}

static bool tell_voices(const struct listener *listener)
{
    const struct room_voices *voices = &listener->settings->voices;
    bool goes_on = true;
    for (size_t i = 0; i < voices->count && goes_on; i++)
        goes_on = tell_voice(listener, &voices->voices[i]);
    return goes_on;
}

static bool tell_invitations(const struct listener *listener)
{
    const struct invitations *invitations = &listener->settings->invitations;
    bool goes_on = true;
    for (size_t i = 0; i < invitations->count && goes_on; i++) {
        const struct invitation *invitation = &invitations->list[i];
        struct change change = {.kind = CHANGE_STATE_INVITED,
                                .number = invitation->user,
                                .text = words_of(invitation->name != NULL ? invitation->name : "")};
        goes_on = tell(listener, &change);
    }
    return goes_on;
}

static bool tell_members(const struct listener *listener)
{
    const struct roster *roster = listener->roster;
    uint64_t ids[MEMBERS_AT_ONCE];
    bool goes_on = true;
    for (size_t i = 0; roster != NULL && i < roster->count && goes_on;) {
        uint32_t count = 0;
        while (i < roster->count && count < MEMBERS_AT_ONCE)
            ids[count++] = roster->members[i++]->user->id;
        struct change change = {.kind = CHANGE_STATE_MEMBERS, .numbers = {ids, NULL, count}};
        goes_on = tell(listener, &change);
    }
    return goes_on;
}

static bool tell_all(const struct listener *listener)
{
    return tell_settings(listener) && tell_voices(listener) && tell_invitations(listener) &&
           tell_members(listener);
}

bool room_state_tell(struct room *room, bool (*hear)(void *context, const struct change *change),
                     void *context)
{
    bool goes_on = true;
    lock_take(&room->order);
    const struct listener listener = {
        room->name, &room->settings, {room->said, room->life}, &room->roster, hear, context};
    if (room->roster.count > 0 || room->number == ROOM_LOBBY)
        goes_on = tell_all(&listener);
    lock_release(&room->order);
    return goes_on;
}

bool room_state_tell_kept(const char *name, const struct room_settings *settings,
                          const struct kept_talk *talk,
                          bool (*hear)(void *context, const struct change *change), void *context)
{
    const struct listener listener = {name, settings, *talk, NULL, hear, context};
    return tell_all(&listener);
}

void room_state_end(struct room *room)
{
    const char *owner = room->settings.owner_name;
    lock_take(&room->order);
    const struct kept_talk talk = {room->said, room->life};
    while (*owner != '\0' &&
           kept_rooms_note(room->config.kept, room->name, &room->settings) == KEPT_NO_MEMORY) {
        lock_release(&room->order);
        clock_await_memory();
        lock_take(&room->order);
    }
    if (*owner != '\0' && room->roster.count == 0)
        kept_rooms_note_talk(room->config.kept, room->name, &talk);
    lock_release(&room->order);
}

/*
 * Making. These functions want the order lock held.
 */

static bool make_settings(struct room *room, const struct change *change)
{
    struct room_settings *settings = &room->settings;
    room_settings_free(settings);
    if (!room_settings_set_topic(settings, change->text.bytes, change->text.length))
        return false;
    settings->hidden = (change->settings & CHANGE_HIDDEN) != 0;
    settings->closed = (change->settings & CHANGE_CLOSED) != 0;
    settings->voices.moderated = (change->settings & CHANGE_MODERATED) != 0;
    words_copy(change->key, settings->key, sizeof settings->key);
    transcript_free(&room->transcript);
    room->said = room->said_before = change->number;
    if (room->config.ordering != NULL) { /* until its life is told, or somebody comes in */
        room->life = 0;
        room->archived = false;
    }
    return true;
}

static void make_owner(struct room_settings *settings, const struct change *change)
{
    settings->owner = change->number;
    settings->let_go = change->given;
    words_copy(change->text, settings->owner_name, sizeof settings->owner_name);
}

/* A chat that is alone has rooms without lives. */
static void make_life(struct room *room, uint64_t life)
{
    if (room->config.ordering != NULL && life != 0)
        room_live(room, life);
}

static bool make_invitation(struct room_settings *settings, const struct change *change)
{
    char name[NAME_SIZE];
    words_copy(change->text, name, sizeof name);
    return (change->number == 0 && *name == '\0') ||
           invitations_add(&settings->invitations, change->number, *name != '\0' ? name : NULL);
}

bool room_state_make(struct room *room, const struct change *change)
{
    struct room_settings *settings = &room->settings;
    bool made = true;
    lock_take(&room->order);
    if (change->kind == CHANGE_STATE_ROOM)
        made = make_settings(room, change);
    else if (change->kind == CHANGE_STATE_OWNER)
        make_owner(settings, change);
    else if (change->kind == CHANGE_STATE_LIFE)
        make_life(room, change->number);
    else if (change->kind == CHANGE_STATE_INVITED)
        made = make_invitation(settings, change);
    else if (change->kind == CHANGE_FLOOR)
        made = room_voices_give_floor(&settings->voices, change->user);
    else if (change->kind == CHANGE_ROOM_MUTE)
        made = room_voices_mute(&settings->voices, change->user, change->end);
    lock_release(&room->order);
    return made;
}

void room_state_add(struct room *room, struct user *user)
{
    struct member *member;
    while ((member = member_create(user, room, room->number)) == NULL)
        clock_await_memory();
    lock_take(&room->order);
    while (roster_reserve(&room->roster) != 0) {
        lock_release(&room->order);
        clock_await_memory();
        lock_take(&room->order);
    }
    room_occupy(room, SIZE_MAX); /* a sound state has no more than may be */
    roster_add(&room->roster, member);
    directory_add_member(room->config.directory, member);
    member->since = room->next;
    lock_release(&room->order);
}
