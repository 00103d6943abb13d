/*
 * room_settings: what members have decided about a room: its topic, and who sees it and comes in.
 *
 * It is a part of a room, and guarded by the room's order lock: all functions want it held.
 */
#ifndef CHAT_ROOM_SETTINGS_H
#define CHAT_ROOM_SETTINGS_H

#include "base/buffer.h"
#include "chat/invitations.h"
#include "chat/name.h"
#include "chat/room_voices.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ROOM_TOPIC_MAX = 400, /* bytes of a topic */
    ROOM_KEY_MAX = 64     /* bytes of a key */
};

struct user;

/* All zero: no topic, and anyone sees the room and comes in. */
struct room_settings {
    struct buffer topic;
    char key[ROOM_KEY_MAX + 1]; /* "": none is needed */
    atomic_bool hidden; /* only members see that the room exists; read without the lock, too */
    bool closed;        /* only who is invited comes in */
    bool let_go;        /* its owner does not want it to be kept */
    uint64_t owner;     /* id of the user that made the room; 0: nobody who is here */
    char owner_name[NAME_SIZE]; /* registered: the room is kept for it, and its; "": not kept */
    struct invitations invitations;
    struct room_voices voices; /* who may speak */
};

/* Frees what the settings hold. */
void room_settings_free(struct room_settings *settings);

/* Replaces the topic. Returns false, with the topic unchanged, when memory is out. */
bool room_settings_set_topic(struct room_settings *settings, const char *topic, size_t length);

/*
 * Copies what is kept of a room: all but the voices and what concerns users by their ids. `copy` is
 * all zero. Returns false when memory is out.
 */
bool room_settings_copy(const struct room_settings *settings, struct room_settings *copy);

/*
 * Whether a user with a name owns the room: the one that made it, or while it is kept whoever has
 * registered the owner's name. For any thread.
 */
bool room_settings_have_owner(const struct room_settings *settings, const struct user *user,
                              const char *name);

/* The functions from here on are for the user's own thread, or while that waits. */

/* Whether a user leads the room: as its owner, or as an operator. */
bool room_settings_is_led_by(const struct room_settings *settings, const struct user *user);

/*
 * Whether a user may speak in the room at the time `now` (clock_utc()). With ROOM_MUTED, *end is
 * set to the end of the mute, or 0.
 */
enum room_permission room_settings_ask(const struct room_settings *settings,
                                       const struct user *user, int64_t now, int64_t *end);

/* Whether a user comes in whatever the settings are, and sees a room that is hidden: it is the
 * owner, or invited. */
bool room_settings_welcome(const struct room_settings *settings, const struct user *user);

/*
 * Whether a user comes in with a key (NULL: none). Returns 0; EACCES if only who is invited comes
 * in; EPERM if the key is not the room's.
 */
int room_settings_admit(const struct room_settings *settings, const struct user *user,
                        const char *key);

/* A copy of what a room shows of itself. */
struct room_description {
    size_t count; /* of its members */
    bool hidden, closed;
    bool needs_key;
    char owner_name[NAME_SIZE];     /* as in the settings */
    char topic[ROOM_TOPIC_MAX + 1]; /* "": none */
};

/* Describes a room that has `count` members. */
void room_settings_describe(const struct room_settings *settings, size_t count,
                            struct room_description *description);

#endif
