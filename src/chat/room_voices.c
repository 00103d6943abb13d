#include "base/platform.h"

#include "chat/room_voices.h"

#include <stdlib.h>
#include <string.h>

void room_voices_free(struct room_voices *voices)
{
    free(voices->voices);
    *voices = (struct room_voices){0};
}

static struct room_voice *find(const struct room_voices *voices, uint64_t user)
{
    for (size_t i = 0; i < voices->count; i++)
        if (voices->voices[i].user == user)
            return &voices->voices[i];
    return NULL;
}

static void drop(struct room_voices *voices, size_t i)
{
    voices->count--;
    memmove(voices->voices + i, voices->voices + i + 1,
            (voices->count - i) * sizeof *voices->voices);
}

/* Removes what is noted of a user if that is nothing. */
static void forget(struct room_voices *voices, const struct room_voice *voice)
{
    if (!voice->has_floor && !voice->muted)
        drop(voices, (size_t)(voice - voices->voices));
}

static bool reserve(struct room_voices *voices)
{
    if (voices->count < voices->capacity)
        return true;
    size_t capacity = voices->capacity == 0 ? 4 : 2 * voices->capacity;
    struct room_voice *longer = realloc(voices->voices, capacity * sizeof *longer);
    if (longer == NULL)
        return false;
    voices->voices = longer;
    voices->capacity = capacity;
    return true;
}

/* Returns what is noted of a user, which may be new; NULL when memory is out. */
static struct room_voice *note(struct room_voices *voices, uint64_t user)
{
    struct room_voice *voice = find(voices, user);
    if (voice != NULL)
        return voice;
    if (voices->count == ROOM_VOICES_MAX)
        drop(voices, 0);
    if (!reserve(voices))
        return NULL;
    voice = &voices->voices[voices->count++];
    *voice = (struct room_voice){.user = user};
    return voice;
}

bool room_voices_mute(struct room_voices *voices, uint64_t user, int64_t end)
{
    struct room_voice *voice = note(voices, user);
    if (voice == NULL)
        return false;
    voice->muted = true;
    voice->end = end;
    return true;
}

bool room_voices_give_floor(struct room_voices *voices, uint64_t user)
{
    struct room_voice *voice = note(voices, user);
    if (voice == NULL)
        return false;
    voice->has_floor = true;
    return true;
}

static bool is_muted(const struct room_voice *voice, int64_t now)
{
    return voice->muted && (voice->end == 0 || voice->end > now);
}

bool room_voices_unmute(struct room_voices *voices, uint64_t user, int64_t now)
{
    struct room_voice *voice = find(voices, user);
    if (voice == NULL)
        return false;
    bool muted = is_muted(voice, now);
    voice->muted = false;
    forget(voices, voice);
    return muted;
}

bool room_voices_take_floor(struct room_voices *voices, uint64_t user)
{
    struct room_voice *voice = find(voices, user);
    if (voice == NULL)
        return false;
    bool had_floor = voice->has_floor;
    voice->has_floor = false;
    forget(voices, voice);
    return had_floor;
}

enum room_permission room_voices_ask(const struct room_voices *voices, uint64_t user, bool leads,
                                     int64_t now, int64_t *end)
{
    const struct room_voice *voice = find(voices, user);
    if (leads)
        return ROOM_SPEAKS;
    if (voice != NULL && is_muted(voice, now)) {
        *end = voice->end;
        return ROOM_MUTED;
    }
    bool has_floor = voice != NULL && voice->has_floor;
    return voices->moderated && !has_floor ? ROOM_MODERATED : ROOM_SPEAKS;
}
