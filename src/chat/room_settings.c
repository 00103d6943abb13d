#include "base/platform.h"

#include "base/clock.h"
#include "chat/room_settings.h"
#include "chat/user.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void room_settings_free(struct room_settings *settings)
{
    buffer_free(&settings->topic);
    free(settings->invited);
    room_voices_free(&settings->voices);
    *settings = (struct room_settings){0};
}

bool room_settings_set_topic(struct room_settings *settings, const char *topic, size_t length)
{
    struct buffer copy = {0};
    if (!buffer_append(&copy, topic, length)) {
        buffer_free(&copy);
        return false;
    }
    buffer_free(&settings->topic);
    settings->topic = copy;
    return true;
}

static bool is_invited(const struct room_settings *settings, uint64_t user)
{
    for (size_t i = 0; i < settings->invited_count; i++)
        if (settings->invited[i] == user)
            return true;
    return false;
}

static bool reserve(struct room_settings *settings)
{
    if (settings->invited_count < settings->invited_capacity)
        return true;
    size_t capacity = settings->invited_capacity == 0 ? 4 : 2 * settings->invited_capacity;
    uint64_t *invited = realloc(settings->invited, capacity * sizeof *invited);
    if (invited == NULL)
        return false;
    settings->invited = invited;
    settings->invited_capacity = capacity;
    return true;
}

bool room_settings_invite(struct room_settings *settings, uint64_t user)
{
    if (is_invited(settings, user))
        return true;
    if (settings->invited_count == ROOM_INVITED_MAX) {
        settings->invited_count--;
        memmove(settings->invited, settings->invited + 1,
                settings->invited_count * sizeof *settings->invited);
    }
    if (!reserve(settings))
        return false;
    settings->invited[settings->invited_count++] = user;
    return true;
}

void room_settings_uninvite(struct room_settings *settings, uint64_t user)
{
    size_t kept = 0;
    for (size_t i = 0; i < settings->invited_count; i++)
        if (settings->invited[i] != user)
            settings->invited[kept++] = settings->invited[i];
    settings->invited_count = kept;
}

bool room_settings_is_led_by(const struct room_settings *settings, const struct user *user)
{
    return settings->owner == user->id || user_is_operator(user);
}

enum room_permission room_settings_ask(const struct room_settings *settings,
                                       const struct user *user, int64_t *end)
{
    const struct room_voices *voices = &settings->voices;
    *end = 0;
    return room_voices_are_free(voices)
               ? ROOM_SPEAKS
               : room_voices_ask(voices, user->id, room_settings_is_led_by(settings, user),
                                 clock_utc(), end);
}

int room_settings_admit(const struct room_settings *settings, uint64_t user, const char *key)
{
    if (user == settings->owner || is_invited(settings, user))
        return 0;
    if (settings->closed)
        return EACCES;
    if (*settings->key != '\0' && (key == NULL || strcmp(key, settings->key) != 0))
        return EPERM;
    return 0;
}
