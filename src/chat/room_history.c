#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "chat/past.h"
#include "chat/room_delivery.h"
#include "chat/room_history.h"
#include "chat/room_inside.h"
#include "net/outbox.h"

#define RETRY_AFTER CLOCK_SECOND

/*
 * Adds the numbers behind the newest message, up to `last`, that nobody will have: after a crash
 * the room goes on behind them.
 */
static void skip_to(const struct room *room, uint64_t last, struct transcript *recalled)
{
    uint64_t end = transcript_end(recalled);
    const struct message skipped = {.kind = MESSAGE_SKIP,
                                    .room = words_of(room->name),
                                    .seq = end + 1,
                                    .counts = {.missing = last - end}};
    if (recalled->count > 0 && last > end)
        transcript_add(recalled, &skipped);
}

/*
 * Finds out how the archive has the room, whose numbers were given up to that one. Returns false if
 * it does not take the room now, or still keeps a former one of that name, which is to be
 * forgotten.
 */
static bool look_up(const struct room *room, uint64_t given, uint64_t *last,
                    struct transcript *recalled)
{
    struct archive *archive = room->config.archive;
    struct words name = words_of(room->name);
    bool forgotten = room->config.kept == NULL || kept_rooms_forget(room->config.kept, room->name);
    if (archive->talk->open(archive, name, given, last) != ARCHIVE_OK || !forgotten)
        return false;
    archive->talk->before(archive, name, 0, recalled->most_messages, transcript_add_archived,
                          recalled, NULL);
    skip_to(room, *last, recalled);
    return true;
}

/* Mixes the place where a room was made with what tells this order from others. Not 0. */
static uint64_t number_of_life(uint64_t identity, uint64_t place)
{
    uint64_t number = identity + place * UINT64_C(0x9E3779B97F4A7C15);
    number = (number ^ number >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    number = (number ^ number >> 27) * UINT64_C(0x94D049BB133111EB);
    number = (number ^ number >> 31) >> 1;
    return number != 0 ? number : 1;
}

void room_live(struct room *room, uint64_t life)
{
    struct archive *archive = room->config.archive;
    lock_assert_held(&room->order);
    room->life = life;
    room->archived =
        archive != NULL &&
        archive->talk->live(archive, words_of(room->name),
                            number_of_life(room->config.ordering->identity, life), room->said);
}

/* The first try. Also who could not be looked up has numbers that nobody has seen. */
static void begin_with(struct room *room, uint64_t last, bool archived, struct transcript *recalled)
{
    room->restored = true;
    room->said = room->said_before = last;
    room->archived = archived;
    if (!archived)
        return;
    transcript_free(&room->transcript);
    room->transcript = *recalled;
    *recalled = (struct transcript){.most_messages = 0};
}

/* A later one. What was said meanwhile is not stored, and its numbers are not used again. */
static void go_on_with(struct room *room, uint64_t last)
{
    if (room->said == room->said_before && room->said < last) {
        skip_to(room, last, &room->transcript);
        room->said = room->said_before = last;
    }
    room->archived = room->said >= last;
    if (room->archived && room->guarded)
        room->config.archive->talk->guard(room->config.archive, words_of(room->name), true);
}

static bool reserve(struct room *room, uint64_t first)
{
    struct archive *archive = room->config.archive;
    return archive->talk->reserve(archive, words_of(room->name), first);
}

void room_restore(struct room *room)
{
    if (room->config.ordering != NULL || room->config.archive == NULL)
        return;
    lock_take(&room->order);
    bool archived = room->archived || room->retries;
    uint64_t given = room->said;
    /* What the room has begun behind was skipped, also if nothing was said there yet. */
    if (!archived && given > 0 && !room->reserved)
        room->reserved = reserve(room, given + 1);
    /* One alone: for a second one, the file would skip numbers that are given by then. */
    if (!archived)
        room->retries = room->restored;
    struct transcript recalled = {.most_messages = room->transcript.most_messages,
                                  .most_bytes = room->transcript.most_bytes};
    lock_release(&room->order);
    uint64_t last = 0;
    if (archived)
        return;
    archived = look_up(room, given, &last, &recalled);
    lock_take(&room->order);
    room->retries = false;
    if (!room->restored)
        begin_with(room, last, archived, &recalled);
    else if (archived && !room->archived)
        go_on_with(room, last);
    lock_release(&room->order);
    transcript_free(&recalled);
}

void room_restore_again(struct room *room)
{
    struct archive *archive = room->config.archive;
    if (archive == NULL || room->config.ordering != NULL || atomic_load(&room->archived))
        return;
    int64_t now = clock_now();
    lock_take(&room->order);
    bool is_due = !room->archived && now >= room->retry && archive->talk->is_up(archive);
    if (is_due)
        room->retry = now + RETRY_AFTER;
    lock_release(&room->order);
    if (is_due)
        room_restore(room);
}

bool room_is_archived(struct room *room)
{
    return atomic_load(&room->archived);
}

void room_recall_newest(struct room *room, size_t count, struct transcript *out)
{
    struct message message;
    lock_take(&room->order);
    size_t place = transcript_newest(&room->transcript, count);
    while (transcript_next(&room->transcript, &place, &message))
        transcript_add(out, &message);
    lock_release(&room->order);
}

void room_visit_said(struct room *room, void (*visit)(void *context, const struct message *message),
                     void *context)
{
    struct message message;
    size_t place = 0;
    lock_take(&room->order);
    while (transcript_next(&room->transcript, &place, &message))
        visit(context, &message);
    lock_release(&room->order);
}

void room_recall_since(struct room *room, int64_t time, size_t count, struct transcript *out)
{
    struct message message;
    size_t place = 0;
    lock_take(&room->order);
    while (out->count < count && transcript_next(&room->transcript, &place, &message))
        if (message.time >= time)
            transcript_add(out, &message);
    lock_release(&room->order);
}

/*
 * Returns the number of the last message that is not in what follows `since`: of the open batch, or
 * before it. Wants the order lock held.
 */
static uint64_t last_before(const struct room *room, uint64_t since)
{
    const struct batch *open = room->open;
    uint64_t last = room->said_before;
    for (size_t i = 0; i < open->count && open->first + i < since; i++) {
        const struct message message = batch_message(open, i);
        if (message_is_counted(message.kind))
            last = message.seq;
    }
    return last;
}

uint64_t room_suspend(struct member *member)
{
    struct room *room = member->room;
    lock_take(&room->order);
    room_wait_for_rest(room);
    uint64_t sent = last_before(room, member->since);
    member->since = MEMBER_SUSPENDED;
    lock_release(&room->order);
    return sent;
}

void room_go_on(struct member *member)
{
    struct room *room = member->room;
    lock_take(&room->order);
    room_wait_for_rest(room);
    member->since = room->next;
    lock_release(&room->order);
}

/*
 * Returns the first number in memory that can be resumed from. Among numbers that were skipped may
 * be one that this room never gave, of which the archive knows: memory begins behind them then.
 * Wants the order lock held.
 */
static uint64_t first_to_resume(const struct room *room, uint64_t seq)
{
    struct message message;
    size_t place = transcript_above(&room->transcript, seq);
    if (transcript_next(&room->transcript, &place, &message) && message.kind == MESSAGE_SKIP &&
        message.seq <= seq)
        return transcript_last(&message) + 1;
    uint64_t first = transcript_first(&room->transcript);
    return first != 0 ? first : room->said + 1;
}

bool room_resume(struct member *member, uint64_t seq, uint64_t *first)
{
    struct room *room = member->room;
    struct past past = past_again(room->name);
    struct message message;
    lock_take(&room->order);
    room_wait_for_rest(room);
    *first = first_to_resume(room, seq);
    bool whole = *first <= seq + 1 && seq <= room->said;
    uint64_t last = last_before(room, member->since);
    size_t place = whole ? transcript_above(&room->transcript, seq) : 0;
    while (whole && transcript_next(&room->transcript, &place, &message) && message.seq <= last) {
        if (message.seq <= seq) { /* it has the beginning of this gap */
            message.counts.missing -= seq + 1 - message.seq;
            message.seq = seq + 1;
        }
        past_show(&past, member->user, &message);
    }
    if (whole && member_is_suspended(member))
        member->since = room->next;
    lock_release(&room->order);
    outbox_flush(member->user->outbox);
    return whole;
}
