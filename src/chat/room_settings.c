#include "base/platform.h"

#include "base/clock.h"
#include "chat/room_settings.h"
#include "chat/user.h"

#include <errno.h>
#include <string.h>

void room_settings_free(struct room_settings *settings)
{
    buffer_free(&settings->topic);
    invitations_free(&settings->invitations);
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

bool room_settings_copy(const struct room_settings *settings, struct room_settings *copy)
{
    const struct buffer *topic = &settings->topic;
    strcpy(copy->owner_name, settings->owner_name);
    strcpy(copy->key, settings->key);
    copy->hidden = settings->hidden;
    copy->closed = settings->closed;
    bool whole = buffer_append(&copy->topic, buffer_bytes(topic), buffer_length(topic)) &&
                 invitations_add_names(&copy->invitations, &settings->invitations);
    if (!whole)
        room_settings_free(copy);
    return whole;
}

bool room_settings_have_owner(const struct room_settings *settings, const struct user *user,
                              const char *name)
{
    if (*settings->owner_name == '\0')
        return settings->owner == user->id;
    return user_is_registered(user) && name_equals(settings->owner_name, name);
}

bool room_settings_is_led_by(const struct room_settings *settings, const struct user *user)
{
    return user_is_operator(user) || room_settings_have_owner(settings, user, user->name);
}

enum room_permission room_settings_ask(const struct room_settings *settings,
                                       const struct user *user, int64_t now, int64_t *end)
{
    const struct room_voices *voices = &settings->voices;
    *end = 0;
    return room_voices_are_free(voices)
               ? ROOM_SPEAKS
               : room_voices_ask(voices, user->id, room_settings_is_led_by(settings, user), now,
                                 end);
}

bool room_settings_welcome(const struct room_settings *settings, const struct user *user)
{
    return room_settings_have_owner(settings, user, user->name) ||
           invitations_include(&settings->invitations, user);
}

int room_settings_admit(const struct room_settings *settings, const struct user *user,
                        const char *key)
{
    bool fits = *settings->key == '\0' || (key != NULL && strcmp(key, settings->key) == 0);
    if ((!settings->closed && fits) || room_settings_welcome(settings, user))
        return 0;
    return settings->closed ? EACCES : EPERM;
}

void room_settings_describe(const struct room_settings *settings, size_t count,
                            struct room_description *description)
{
    size_t length = buffer_length(&settings->topic);
    description->count = count;
    description->hidden = settings->hidden;
    description->closed = settings->closed;
    description->needs_key = *settings->key != '\0';
    strcpy(description->owner_name, settings->owner_name);
    if (length > 0)
        memcpy(description->topic, buffer_bytes(&settings->topic), length);
    description->topic[length] = '\0';
}
