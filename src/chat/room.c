#include "base/platform.h"

#include "chat/room.h"
#include "chat/room_delivery.h"
#include "chat/room_inside.h"
#include "chat/roster.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Names a room, and sets it up as it was kept. Returns 0 or ENOMEM. */
static int set_up(struct room *room, const char *name)
{
    struct kept_rooms *kept = room->config.kept;
    strcpy(room->name, name);
    int error = kept != NULL ? kept_rooms_recall(kept, name, room->name, &room->settings) : ENOENT;
    return error == ENOENT ? 0 : error;
}

int room_create(struct room **result, const char *name, uint64_t number,
                const struct room_config *config)
{
    struct room *room = calloc(1, sizeof *room);
    if (room == NULL)
        return ENOMEM;
    room->number = number;
    room->config = *config;
    room->transcript = (struct transcript){.most_messages = config->limits.history,
                                           .most_bytes = TRANSCRIPT_ROOM_BYTES};
    room->presence.limit = config->limits.presence_limit;
    room->next = 1;
    int error = set_up(room, name);
    if (error != 0)
        goto no_settings;
    room->batches[0].room = room->batches[1].room = words_of(room->name);
    error = lock_init(&room->order, LOCK_RANK_ORDER, "room order");
    if (error != 0)
        goto no_order;
    error = room_delivery_init(room);
    if (error != 0)
        goto no_delivery;
    *result = room;
    return 0;
no_delivery:
    lock_destroy(&room->order);
no_order:
    room_settings_free(&room->settings);
no_settings:
    free(room);
    return error;
}

void room_limit(struct room *room, const struct chat_limits *limits)
{
    lock_take(&room->order);
    room->config.limits = *limits;
    room->presence.limit = limits->presence_limit;
    transcript_limit(&room->transcript, limits->history);
    flow_limit(&room->flow, limits->drain_timeout, limits->sendq);
    lock_release(&room->order);
}

void room_end(struct room *room)
{
    bool is_kept = *room->settings.owner_name != '\0';
    struct archive *archive = room->config.archive;
    if (room->restored && room->life == 0 && !room->interrupted && !is_kept)
        archive->talk->end(archive, words_of(room->name));
}

void room_destroy(struct room *room)
{
    room_delivery_end(room);
    lock_destroy(&room->order);
    roster_free(&room->roster);
    room_settings_free(&room->settings);
    transcript_free(&room->transcript);
    free(room);
}

/* Returns where it is counted; NULL if it is not. */
static atomic_size_t *counter_of(const struct room *room)
{
    return room->number != ROOM_LOBBY ? room->config.inhabited : NULL;
}

bool room_occupy(struct room *room, size_t most)
{
    atomic_size_t *counter = counter_of(room);
    bool is_new = room->roster.count == 0;
    if (is_new && counter != NULL && atomic_fetch_add(counter, 1) + 1 >= most) {
        atomic_fetch_sub(counter, 1);
        return false;
    }
    atomic_store(&room->inhabited, true);
    return true;
}

void room_vacate(struct room *room)
{
    atomic_size_t *counter = counter_of(room);
    if (room->roster.count > 0)
        return;
    atomic_store(&room->inhabited, false);
    if (counter != NULL)
        atomic_fetch_sub(counter, 1);
}

bool room_await_memory(struct room *room)
{
    if (room->config.ordering == NULL)
        return false;
    lock_release(&room->order);
    ordering_await_memory(room->config.ordering);
    lock_take(&room->order);
    return true;
}

bool room_is_inhabited(const struct room *room)
{
    return atomic_load(&room->inhabited);
}

const char *room_name(const struct room *room)
{
    return room->name;
}

uint64_t room_number(const struct room *room)
{
    return room->number;
}

size_t room_count(struct room *room)
{
    lock_take(&room->order);
    size_t here = room->roster.count;
    lock_release(&room->order);
    return here;
}

/* As room_list(). Wants the order lock held. */
static size_t list(struct room *room, uint64_t after, struct room_entry *entries, size_t most)
{
    size_t count = 0;
    const struct member *member;
    for (; count < most && (member = roster_after(&room->roster, after)) != NULL;
         after = member->number) {
        struct room_entry *entry = &entries[count];
        entry->number = member->number;
        entry->idle_seconds = user_idle_seconds(member->user);
        directory_copy_name(room->config.directory, member->user, entry->name);
        entry->is_away = directory_copy_away(room->config.directory, member->user, entry->away);
        count++;
    }
    return count;
}

size_t room_list(struct room *room, uint64_t after, struct room_entry *entries, size_t most)
{
    lock_take(&room->order);
    size_t count = list(room, after, entries, most);
    lock_release(&room->order);
    return count;
}
