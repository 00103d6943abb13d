#include "base/platform.h"

#include "base/clock.h"
#include "chat/presence.h"
#include "chat/room_inside.h"
#include "chat/room_publishing.h"

/*
 * Completes the addition of messages to the open batch, from index `before` on. Renders them in the
 * most common format at once, so that what is accepted can be delivered and logged. Returns NULL,
 * with the messages removed, when memory is out.
 */
static const struct rendering *settle(struct room *room, size_t before, bool added)
{
    struct batch *open = room->open;
    if (open->time == 0)
        open->time = clock_utc();
    uint64_t said = batch_count_from(open, before, room->said);
    const struct rendering *rendering = added ? batch_render(open, &format_lines, NULL) : NULL;
    if (rendering == NULL) {
        batch_truncate(open, before);
    } else {
        room->next += open->count - before;
        room->said = said;
    }
    return rendering;
}

bool room_publish_notice(struct room *room, const struct message *message)
{
    size_t before = room->open->count;
    return settle(room, before, batch_add(room->open, message)) != NULL;
}

void room_withdraw_notice(struct room *room)
{
    batch_truncate(room->open, room->open->count - 1);
    room->next--;
}

/*
 * Logs messages of the open batch. Lines of other rooms than the lobby have the room's name in
 * front; they are missing in the log if there is no memory for that.
 */
static void log_talk(struct room *room, const struct rendering *rendering, size_t before)
{
    size_t length;
    if (room->number != ROOM_LOBBY)
        rendering = batch_render(room->open, &format_lines_elsewhere, NULL);
    if (rendering == NULL)
        return;
    const char *lines =
        rendering_bytes(rendering, (struct batch_range){before, room->open->count}, &length);
    event_log_write(room->config.event_log, EVENT_LOG_TALK, lines, length);
}

/* Whether what is said in a room is to be stored. Of several machines each has what it can. */
static bool is_to_be_stored(const struct room *room)
{
    return room->archived || (room->config.archive != NULL && room->config.ordering == NULL);
}

/* Tells the archive, which did not take the room, of messages of the open batch. */
static void miss(struct room *room, size_t before)
{
    struct archive *archive = room->config.archive;
    size_t count = room->open->count - before;
    archive->talk->miss(archive, room->said, count);
    if (!room->reserved)
        room->reserved =
            archive->talk->reserve(archive, words_of(room->name), room->said - count + 1);
}

/*
 * Adds messages of the open batch, which are counted, to the transcript and the archive. Returns
 * whether all will be stored that are to be.
 */
static bool remember(struct room *room, size_t before)
{
    bool whole = room->archived || !is_to_be_stored(room);
    if (!whole)
        miss(room, before);
    for (size_t i = before; i < room->open->count; i++) {
        const struct message message = batch_message(room->open, i);
        const struct archive_message copy = {.kind = message.kind == MESSAGE_ACT ? ARCHIVE_ACT
                                                                                 : ARCHIVE_SAY,
                                             .seq = message.seq,
                                             .time = message.time,
                                             .room = message.room,
                                             .author = message.name,
                                             .text = message.text};
        transcript_add(&room->transcript, &message);
        if (room->archived)
            whole = room->config.archive->talk->append(room->config.archive, &copy) && whole;
    }
    return whole;
}

static bool is_muted_in_chat(const struct room *room, const struct user *user, int64_t now)
{
    struct sanctions *sanctions = room->config.sanctions;
    return sanctions != NULL && sanctions_has_any(sanctions, SANCTION_MUTE) &&
           sanctions_find_name(sanctions, SANCTION_MUTE, user->name, now, NULL);
}

bool room_lets_speak(const struct room *room, const struct user *user, int64_t now)
{
    int64_t end;
    return (room_voices_are_free(&room->settings.voices) ||
            room_settings_ask(&room->settings, user, now, &end) == ROOM_SPEAKS) &&
           !is_muted_in_chat(room, user, now);
}

/* When talk was said: where several machines are one chat, its author's machine tells. */
static int64_t time_of(const struct batch *said, struct batch_range range)
{
    int64_t time = range.begin < range.end ? batch_message(said, range.begin).time : 0;
    return time != 0 ? time : clock_utc();
}

bool room_publish_talk(struct room *room, struct member *author, const struct batch *said,
                       struct batch_range range)
{
    struct batch *open = room->open;
    size_t before = open->count;
    lock_assert_held(&room->order);
    author->refused = !room_lets_speak(room, author->user, time_of(said, range));
    if (author->refused)
        return false;
    const struct rendering *rendering = settle(room, before, batch_append(open, said, range));
    if (rendering == NULL)
        return false;
    batch_know_looks(open, before, &author->user->looks);
    member_skip_some(author, open);
    if (!remember(room, before) && !user_is_remote(author->user))
        atomic_store(&author->user->local->unstored, true);
    log_talk(room, rendering, before);
    return true;
}

void room_publish_summary(struct room *room)
{
    int64_t now = clock_now();
    if (!presence_summary_is_due(&room->presence, now))
        return;
    const struct message summary = {.kind = MESSAGE_SUMMARY,
                                    .counts =
                                        presence_sum_up(&room->presence, room->roster.count, now)};
    if (room_publish_notice(room, &summary))
        presence_summed_up(&room->presence);
}

bool room_announce(struct room *room, const struct user *user, enum message_kind kind,
                   struct words text)
{
    int64_t now = clock_now();
    int64_t due;
    const struct message notice = {
        .kind = kind, .author = user->id, .name = words_of(user->name), .text = text};
    bool summed_up = message_tells_of_order(kind)
                         ? presence_is_rushed(&room->presence, now)
                         : presence_sums_up(&room->presence, room->roster.count, now);
    bool single = !summed_up && room_publish_notice(room, &notice);
    if (single) {
        due = presence_note(&room->presence, now);
    } else {
        presence_count(&room->presence, kind == MESSAGE_JOIN || kind == MESSAGE_ENTER);
        room_publish_summary(room);
        due = presence_due(&room->presence);
        if (due == CLOCK_NEVER)
            due = now; /* a summary was published: it goes out at once */
    }
    room->open->presence = true;
    if (due < room->due)
        room->due = due;
    return single;
}

void room_spare_told(struct room *room, struct member *first, const struct member *here)
{
    struct buffer told = {0};
    for (size_t i = 0; i < room->roster.count; i++) {
        struct member *member = room->roster.members[i];
        if (!directory_is_told(room->config.directory, member->user, first, here))
            continue;
        if (!buffer_append(&told, (const char *)&member->user->id, sizeof member->user->id))
            break;
        member_skip_some(member, room->open);
    }
    size_t count = buffer_length(&told) / sizeof(uint64_t);
    if (count > 0)
        batch_spare(room->open, buffer_bytes(&told), count);
    buffer_free(&told);
}
