/*
 * room_voices: who may speak in a room: everybody who is not muted there; and while it is moderated
 * only its owner, operators, and those who were given the floor.
 *
 * It is a part of the room's settings, and guarded by the room's order lock: all functions want it
 * held. Moments are those of clock_utc().
 */
#ifndef CHAT_ROOM_VOICES_H
#define CHAT_ROOM_VOICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROOM_VOICES_MAX = 500 }; /* users of whom something is noted; the oldest one gives way */

struct room_voice {
    uint64_t user; /* id */
    bool has_floor, muted;
    int64_t end; /* of the mute; 0: for as long as the room exists */
};

/* All zero: everybody speaks. */
struct room_voices {
    bool moderated;
    struct room_voice *voices; /* the oldest first */
    size_t count, capacity;
};

enum room_permission {
    ROOM_SPEAKS,   /* the user may speak */
    ROOM_MUTED,    /* it is muted in the room */
    ROOM_MODERATED /* the room is moderated, and the user does not have the floor */
};

void room_voices_free(struct room_voices *voices);

/* Mute a user, to an end that is still to come, or give it the floor. Return false without memory.
 */
bool room_voices_mute(struct room_voices *voices, uint64_t user, int64_t end);
bool room_voices_give_floor(struct room_voices *voices, uint64_t user);

/* The opposite. Return whether it was so. */
bool room_voices_unmute(struct room_voices *voices, uint64_t user, int64_t now);
bool room_voices_take_floor(struct room_voices *voices, uint64_t user);

/*
 * Whether a user may speak; `leads`: it is the owner or an operator. With ROOM_MUTED, *end is set
 * to the end of the mute.
 */
enum room_permission room_voices_ask(const struct room_voices *voices, uint64_t user, bool leads,
                                     int64_t now, int64_t *end);

/* Whether nothing is noted, so that everybody speaks. */
static inline bool room_voices_are_free(const struct room_voices *voices)
{
    return !voices->moderated && voices->count == 0;
}

#endif
