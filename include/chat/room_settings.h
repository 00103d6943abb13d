/*
 * room_settings: what members have decided about a room: its topic, and who sees it and comes in.
 *
 * It is a part of a room, and guarded by the room's order lock: all functions want it held.
 */
#ifndef CHAT_ROOM_SETTINGS_H
#define CHAT_ROOM_SETTINGS_H

#include "base/buffer.h"
#include "chat/room_voices.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ROOM_TOPIC_MAX = 400,  /* bytes of a topic */
    ROOM_KEY_MAX = 64,     /* bytes of a key */
    ROOM_INVITED_MAX = 500 /* users whose invitations hold; the oldest one gives way */
};

struct user;

/* All zero: no topic, and anyone sees the room and comes in. */
struct room_settings {
    struct buffer topic;
    char key[ROOM_KEY_MAX + 1]; /* "": none is needed */
    atomic_bool hidden; /* only members see that the room exists; read without the lock, too */
    bool closed;        /* only who is invited comes in */
    uint64_t owner;     /* id of the user that made the room; 0: nobody */
    uint64_t *invited;  /* ids, the oldest invitation first */
    size_t invited_count, invited_capacity;
    struct room_voices voices; /* who may speak */
};

/* Frees what the settings hold. */
void room_settings_free(struct room_settings *settings);

/* Replaces the topic. Returns false, with the topic unchanged, when memory is out. */
bool room_settings_set_topic(struct room_settings *settings, const char *topic, size_t length);

/* Invites a user: it comes in whatever the settings are. Returns false when memory is out. */
bool room_settings_invite(struct room_settings *settings, uint64_t user);

/* Withdraws the invitation of a user, if it has one. */
void room_settings_uninvite(struct room_settings *settings, uint64_t user);

/* Whether a user leads the room: as its owner, or as an operator. */
bool room_settings_is_led_by(const struct room_settings *settings, const struct user *user);

/* Whether a user may speak in the room. With ROOM_MUTED, *end is set to the end of the mute, or 0.
 */
enum room_permission room_settings_ask(const struct room_settings *settings,
                                       const struct user *user, int64_t *end);

/*
 * Whether a user comes in with a key (NULL: none). Returns 0; EACCES if only who is invited comes
 * in; EPERM if the key is not the room's.
 */
int room_settings_admit(const struct room_settings *settings, uint64_t user, const char *key);

#endif
