#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "chat/flood_queue.h"
#include "chat/flow.h"
#include "chat/past.h"
#include "chat/presence.h"
#include "chat/room.h"
#include "chat/roster.h"
#include "net/link.h"
#include "net/outbox.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* How long to wait before another try to allocate a snapshot, in nanoseconds. */
#define RETRY_INTERVAL (10 * CLOCK_MILLISECOND)

struct room {
    char name[NAME_SIZE];
    uint64_t number; /* among the rooms of the server */
    struct room_config config;
    struct flow flow; /* which authors wait */

    struct lock order;    /* guards the rest, and defines the sequence of messages */
    struct roster roster; /* in the order in which they joined */
    struct room_settings settings;
    uint64_t next;                /* sequence number of the next message, from 1 */
    uint64_t said;                /* number of the last message that is counted (message.h), */
    uint64_t said_before;         /* and of the last one that is not in the open batch */
    struct transcript transcript; /* the last messages that were counted */
    bool restored;                /* room_restore() was called */
    bool kept;                    /* what is said goes to the archive */
    struct batch batches[2];      /* one is open, the other may be in delivery */
    struct batch *open;           /* the batch that collects messages */
    uint64_t delivered;           /* number of the last batch that was delivered */
    bool delivering;              /* a thread delivers a batch */

    /* A thread that waits for a batch waits at the turn of its number modulo 2. */
    struct condition turns[2];
    unsigned waiting[2];

    struct flood_queue floods; /* pieces that wait to enter a batch */
    struct presence presence;
    struct timer timer;
    int64_t due;      /* when a batch that no author waits for must go out; CLOCK_NEVER: none */
    int64_t fires_at; /* when the timer is set to fire */
};

/*
 * Publishing. The functions down to room_create() want the order lock held.
 */

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

static bool publish_notice(struct room *room, const struct message *message)
{
    size_t before = room->open->count;
    return settle(room, before, batch_add(room->open, message)) != NULL;
}

/* Withdraws the notice that was published last. */
static void withdraw_notice(struct room *room)
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

/* Adds messages of the open batch, which are counted, to the transcript and the archive. */
static void remember(struct room *room, size_t before)
{
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
        if (room->kept)
            room->config.archive->talk->append(room->config.archive, &copy);
    }
}

/* Whether a user leads the room: as its owner, or as an operator. */
static bool leads(const struct room *room, const struct user *user)
{
    return room->settings.owner == user->id || user_is_operator(user);
}

static enum room_permission ask(const struct room *room, const struct user *user, int64_t *end)
{
    const struct room_voices *voices = &room->settings.voices;
    *end = 0;
    return room_voices_are_free(voices)
               ? ROOM_SPEAKS
               : room_voices_ask(voices, user->id, leads(room, user), clock_utc(), end);
}

/* Adds messages of a member to the open batch, and to the log. */
static bool publish(void *context, struct member *author, const struct batch *said,
                    struct batch_range range)
{
    struct room *room = context;
    struct batch *open = room->open;
    size_t before = open->count;
    int64_t end;
    lock_assert_held(&room->order);
    author->refused = ask(room, author->user, &end) != ROOM_SPEAKS;
    if (author->refused)
        return false;
    const struct rendering *rendering = settle(room, before, batch_append(open, said, range));
    if (rendering == NULL)
        return false;
    member_skip_some(author, open);
    remember(room, before);
    log_talk(room, rendering, before);
    return true;
}

/* Publishes a summary of joins and leaves, if one is due. */
static void add_summary(struct room *room)
{
    int64_t now = clock_now();
    if (!presence_summary_is_due(&room->presence, now))
        return;
    const struct message summary = {.kind = MESSAGE_SUMMARY,
                                    .counts =
                                        presence_sum_up(&room->presence, room->roster.count, now)};
    if (publish_notice(room, &summary))
        presence_summed_up(&room->presence);
}

/*
 * Announces that a user joined or left: by a notice, or in the next summary, which also replaces a
 * notice for which memory was out. Returns whether it is a notice.
 */
static bool announce(struct room *room, const struct user *user, enum message_kind kind,
                     struct words text)
{
    int64_t now = clock_now();
    int64_t due;
    const struct message notice = {
        .kind = kind, .author = user->id, .name = words_of(user->name), .text = text};
    bool single = (message_tells_of_order(kind) ||
                   !presence_sums_up(&room->presence, room->roster.count, now)) &&
                  publish_notice(room, &notice);
    if (single) {
        due = presence_note(&room->presence, now);
    } else {
        presence_count(&room->presence, kind == MESSAGE_JOIN || kind == MESSAGE_ENTER);
        add_summary(room);
        due = presence_due(&room->presence);
        if (due == CLOCK_NEVER)
            due = now; /* a summary was published: it goes out at once */
    }
    room->open->presence = true;
    if (due < room->due)
        room->due = due;
    return single;
}

/*
 * Spares those members the notice that was published last who are told of it in another room: one
 * of those of the user's memberships `first`, before that of this room. Without memory for that
 * they are told twice.
 */
static void spare_told(struct room *room, struct member *first, const struct member *here)
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

/*
 * Delivering.
 */

/* Takes the open batch for delivery, and opens the next one. */
static struct batch *take_batch(struct room *room)
{
    add_summary(room);
    struct batch *batch = room->open;
    uint64_t next = batch->number + 1;
    room->open = &room->batches[next % 2];
    batch_begin(room->open, next, room->next);
    room->said_before = room->said;
    if (batch->presence)
        presence_sent(&room->presence, clock_now());
    room->due = presence_due(&room->presence);
    return batch;
}

/*
 * Returns a snapshot of the members. Waits for memory when it is out, as published messages must
 * not be lost.
 */
static struct snapshot *everyone(struct room *room)
{
    struct snapshot *snapshot;
    while ((snapshot = roster_snapshot(&room->roster)) == NULL) {
        lock_release(&room->order);
        clock_sleep_until(clock_now() + RETRY_INTERVAL);
        lock_take(&room->order);
    }
    return snapshot;
}

/* Sets the timer if it would fire too late. */
static void set_timer(struct room *room)
{
    if (room->delivering || room->due >= room->fires_at)
        return;
    room->fires_at = room->due;
    timer_set(&room->timer, room->due);
}

/*
 * Wakes the threads that wait for the batch that was delivered, and one that may deliver the next.
 */
static void end_delivery(struct room *room, const struct batch *done)
{
    unsigned turn = done->number % 2;
    unsigned next = 1 - turn;
    room->delivered = done->number;
    room->delivering = false;
    flood_queue_serve(&room->floods);
    if (room->waiting[turn] > 0)
        condition_broadcast(&room->turns[turn]);
    if (room->waiting[next] > 0)
        condition_signal(&room->turns[next]);
    /*
     * Set even if a thread waits for the next batch: it may have been woken already, for the batch
     * before, and not deliver the next one.
     */
    set_timer(room);
}

/*
 * Has the processor fetch what member_send() reads of the members from an index on. Each send of
 * the kernel displaces all that from the caches, and each pointer leads to the next: waiting for
 * them would be most of what a delivery costs besides its send.
 */
static void expect(const struct snapshot *snapshot, size_t next)
{
    if (next + 2 < snapshot->count)
        PLATFORM_PREFETCH(snapshot->members[next + 2]);
    if (next + 1 < snapshot->count)
        PLATFORM_PREFETCH(snapshot->members[next + 1]->user);
    if (next < snapshot->count)
        outbox_expect(snapshot->members[next]->user->outbox);
}

static void send_to_all(const struct snapshot *snapshot, struct batch *batch)
{
    for (size_t i = 0; i < snapshot->count; i++) {
        expect(snapshot, i + 1);
        member_send(snapshot->members[i], batch);
    }
}

/*
 * Delivers the open batch to all members. No other thread delivers meanwhile. The order lock is
 * released while the batch is sent; messages published in that time enter the next batch.
 */
static void deliver(struct room *room)
{
    assert(!room->delivering);
    room->delivering = true;
    struct snapshot *snapshot = everyone(room);
    bool rests = flood_queue_let_in(&room->floods, publish, room);
    struct batch *batch = take_batch(room);
    lock_release(&room->order);
    int64_t began = rests ? clock_now() : 0;
    if (batch->count > 0)
        send_to_all(snapshot, batch);
    snapshot_release(snapshot);
    if (rests)
        flow_rest(&room->flow, began);
    lock_take(&room->order);
    end_delivery(room, batch);
}

/* Waits until a thread has delivered the batch with that number, or may deliver it. */
static void wait_for_turn(struct room *room, uint64_t number)
{
    room->waiting[number % 2]++;
    condition_wait(&room->turns[number % 2], &room->order);
    room->waiting[number % 2]--;
}

/*
 * Waits until the batch that is open now has been delivered. Delivers it if no other thread
 * delivers.
 */
static void see_through(struct room *room)
{
    uint64_t number = room->open->number;
    while (room->delivered < number) {
        if (!room->delivering)
            deliver(room);
        else
            wait_for_turn(room, number);
    }
}

/* Delivers notices that are due, unless a thread that delivers now will see to them. */
static void send_notices(struct room *room)
{
    if (!room->delivering && room->due <= clock_now())
        deliver(room);
    else
        set_timer(room);
}

/* The timer: delivers batches that no author waits for when they are due. */
static void on_timer(struct timer *timer)
{
    struct room *room = (struct room *)(void *)((char *)timer - offsetof(struct room, timer));
    lock_take(&room->order);
    room->fires_at = CLOCK_NEVER;
    send_notices(room);
    lock_release(&room->order);
}

/* The functions from here on take the order lock. */

static int init_turns(struct room *room)
{
    int error = condition_init(&room->turns[0]);
    if (error != 0)
        return error;
    error = condition_init(&room->turns[1]);
    if (error != 0)
        condition_destroy(&room->turns[0]);
    return error;
}

static void destroy_turns(struct room *room)
{
    condition_destroy(&room->turns[0]);
    condition_destroy(&room->turns[1]);
}

int room_create(struct room **result, const char *name, uint64_t number,
                const struct room_config *config)
{
    struct room *room = calloc(1, sizeof *room);
    if (room == NULL)
        return ENOMEM;
    strcpy(room->name, name);
    room->number = number;
    room->batches[0].room = room->batches[1].room = words_of(room->name);
    room->config = *config;
    room->transcript =
        (struct transcript){.most_messages = config->history, .most_bytes = TRANSCRIPT_ROOM_BYTES};
    room->presence.limit = config->presence_limit;
    room->due = room->fires_at = CLOCK_NEVER;
    room->next = 1;
    room->open = &room->batches[1];
    batch_begin(room->open, 1, room->next);
    int error = flow_init(&room->flow, config->drain_timeout, config->sendq);
    if (error != 0)
        goto no_flow;
    error = lock_init(&room->order, LOCK_RANK_ORDER, "room order");
    if (error != 0)
        goto no_order;
    error = init_turns(room);
    if (error != 0)
        goto no_turns;
    error = flood_queue_init(&room->floods, &room->flow);
    if (error != 0)
        goto no_floods;
    timer_init(&room->timer, config->timers, on_timer);
    *result = room;
    return 0;
no_floods:
    destroy_turns(room);
no_turns:
    lock_destroy(&room->order);
no_order:
    flow_destroy(&room->flow);
no_flow:
    free(room);
    return error;
}

void room_destroy(struct room *room)
{
    timer_end(&room->timer);
    flood_queue_destroy(&room->floods);
    destroy_turns(room);
    lock_destroy(&room->order);
    roster_free(&room->roster);
    flow_destroy(&room->flow);
    batch_free(&room->batches[0]);
    batch_free(&room->batches[1]);
    room_settings_free(&room->settings);
    transcript_free(&room->transcript);
    free(room);
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

/*
 * Joining and leaving.
 */

/*
 * Queues for a user who is in the room that is its current one now: the welcome to the chat, or
 * that it is in the room, as `kind` says. `self` is the user if it is a member already, or NULL.
 * Before a user is listed, so that no private message precedes its welcome. Returns false when
 * memory is out.
 */
static bool greet(struct room *room, struct user *user, const struct user *self,
                  enum message_kind kind)
{
    const struct buffer *topic = &room->settings.topic;
    struct buffer names = {0};
    struct user_text text = {0};
    unsigned unnamed;
    bool whole = roster_list_names(&room->roster, room->config.directory, self, &names, &unnamed);
    const struct message message = {.kind = kind,
                                    .author = user->id,
                                    .room = words_of(room->name),
                                    .name = words_of(user->name),
                                    .text = {buffer_bytes(&names), buffer_length(&names)},
                                    .topic = {buffer_bytes(topic), buffer_length(topic)},
                                    .counts = {.unnamed = unnamed}};
    whole = whole && user_render(user, &message, &text);
    if (whole)
        user_queue(user, &message, &text, false);
    buffer_free(&names);
    buffer_free(&text.bytes);
    return whole;
}

static bool has_greeting(const struct room *room, const struct user *user)
{
    return user->listed || room->config.welcome;
}

/* Adds a member. Wants the order lock held, and all memory reserved. */
static void let_in(struct room *room, struct member *member)
{
    struct user *user = member->user;
    if (room->roster.count == 0 && room->number != ROOM_LOBBY && room->settings.owner == 0)
        room->settings.owner = user->id;
    flow_add(&room->flow, &member->reader, user->outbox);
    roster_add(&room->roster, member);
    directory_list(room->config.directory, user);
    directory_add_member(room->config.directory, member);
    announce(room, user, room->number == ROOM_LOBBY ? MESSAGE_JOIN : MESSAGE_ENTER, words_of(""));
    member->since = room->next;
    bool lobby = room->number == ROOM_LOBBY;
    event_log_print(room->config.event_log, EVENT_LOG_EVENT, "%s (%s) has joined%s%s", user->name,
                    link_peer(outbox_link(user->outbox)), lobby ? "" : " #",
                    lobby ? "" : room->name);
    send_notices(room);
}

int room_join(struct member *member, struct member *former, const char *key)
{
    struct room *room = member->room;
    struct user *user = member->user;
    lock_take(&room->order);
    int error = room_settings_admit(&room->settings, user->id, key);
    if (error == 0)
        error = roster_reserve(&room->roster);
    /* The lines of the former room name it before the greeting says that this one is current. */
    if (error == 0 && former != NULL)
        member_focus(member, former);
    enum message_kind greeting = user->listed ? MESSAGE_ENTERED : MESSAGE_WELCOME;
    if (error == 0 && has_greeting(room, user) && !greet(room, user, NULL, greeting)) {
        error = ENOMEM;
        if (former != NULL)
            member_focus(former, NULL);
    }
    if (error == 0) {
        past_show_last(user, &room->transcript, room->name);
        let_in(room, member);
    }
    lock_release(&room->order);
    outbox_flush(user->outbox);
    return error;
}

int room_focus(struct member *member, struct member *former)
{
    struct room *room = member->room;
    if (member != former)
        member_focus(member, former);
    lock_take(&room->order);
    bool whole = greet(room, member->user, member->user, MESSAGE_ENTERED);
    lock_release(&room->order);
    outbox_flush(member->user->outbox);
    return whole ? 0 : ENOMEM;
}

/* Removes a member. Wants the order lock held. */
static void let_out(struct room *room, struct member *member)
{
    roster_remove(&room->roster, member);
    directory_remove_member(room->config.directory, member);
}

/* Waits until the batch in delivery, if there is one, has been delivered. */
static void wait_for_delivery(struct room *room)
{
    uint64_t number = room->delivering ? room->delivered + 1 : 0;
    while (room->delivered < number)
        wait_for_turn(room, number);
}

/*
 * Ends a member that was removed: waits for the batch in delivery, which is still sent to it, and
 * sends what was gathered of the open batch. Takes the order lock.
 */
static void end_member(struct member *member, bool silently, bool whole, struct batch *last)
{
    struct room *room = member->room;
    lock_take(&room->order);
    wait_for_delivery(room);
    if (!silently)
        send_notices(room);
    lock_release(&room->order);
    member_hand_over(member, whole, last);
}

/* Has a member leave by itself, or made to leave `by` somebody. */
static void leave(struct member *member, const char *by)
{
    struct room *room = member->room;
    const struct user *user = member->user;
    struct batch last = {0};
    flow_remove(&member->reader);
    lock_take(&room->order);
    bool whole = member_gather(member, room->open, &last);
    let_out(room, member);
    if (by != NULL)
        room_settings_uninvite(&room->settings, user->id);
    announce(room, user, by != NULL ? MESSAGE_EXPEL : MESSAGE_EXIT, words_of(by != NULL ? by : ""));
    event_log_print(room->config.event_log, EVENT_LOG_EVENT, "%s (%s) has left #%s%s%s", user->name,
                    link_peer(outbox_link(user->outbox)), room->name,
                    by != NULL ? ": kicked by " : "", by != NULL ? by : "");
    lock_release(&room->order);
    end_member(member, false, whole, &last);
}

void room_leave(struct member *member)
{
    leave(member, NULL);
}

void room_expel(struct member *member, const char *by)
{
    leave(member, by);
}

/*
 * What concerns a user in all its rooms.
 */

static void take_all(struct member *members)
{
    const struct lock *last = NULL;
    for (struct member *member = members; member != NULL; member = member->next) {
        lock_take_next(&member->room->order, last);
        last = &member->room->order;
    }
}

static void release_all(struct member *members)
{
    for (struct member *member = members; member != NULL; member = member->next)
        lock_release(&member->room->order);
}

/* Announces that a user has left the chat, in one of its rooms, from which it was removed. */
static void announce_leave(struct room *room, struct member *first, struct member *member,
                           const char *by)
{
    enum message_kind kind = by != NULL ? MESSAGE_KICK : MESSAGE_LEAVE;
    member->announced = announce(room, member->user, kind, words_of(by != NULL ? by : ""));
    if (member->announced && first != member)
        spare_told(room, first, member);
}

/* What each member of a user is still sent of its room's open batch. */
struct last_batches {
    struct batch one;
    struct batch *all; /* in the order of the memberships; NULL: memory was out */
    bool whole;
};

/* Returns false when memory is out. */
static bool last_batches_make(struct last_batches *lasts, struct member *members)
{
    size_t count = 0;
    for (struct member *member = members; member != NULL; member = member->next)
        count++;
    lasts->one = (struct batch){0};
    lasts->all = count > 1 ? calloc(count, sizeof *lasts->all) : &lasts->one;
    lasts->whole = lasts->all != NULL;
    return lasts->whole;
}

/* Fills them. Wants the order locks held. */
static void last_batches_gather(struct last_batches *lasts, struct member *members)
{
    struct batch *last = lasts->all;
    for (struct member *member = members; member != NULL && lasts->whole; member = member->next)
        lasts->whole = member_gather(member, member->room->open, last++);
}

/* Ends the members, which were removed, sends them what was gathered, and frees it. */
static void last_batches_send(struct last_batches *lasts, struct member *members, bool silently)
{
    struct batch *last = lasts->all;
    for (struct member *member = members; member != NULL; member = member->next) {
        struct batch none = {0};
        end_member(member, silently, lasts->whole, last != NULL ? last++ : &none);
    }
    if (lasts->all != &lasts->one)
        free(lasts->all);
}

static void leave_flows(struct member *members)
{
    for (struct member *member = members; member != NULL; member = member->next)
        flow_remove(&member->reader);
}

void room_leave_all(struct user *user, const struct room_leaving *leaving)
{
    struct member *const members = user->members;
    struct room *first = members->room;
    struct last_batches lasts;
    leave_flows(members);
    last_batches_make(&lasts, members);
    take_all(members);
    last_batches_gather(&lasts, members);
    for (struct member *member = members; member != NULL; member = member->next)
        roster_remove(&member->room->roster, member);
    /* Before the notice: a user that sees it can take the name. */
    directory_remove(first->config.directory, user);
    for (struct member *member = members; member != NULL && !leaving->silently;
         member = member->next)
        announce_leave(member->room, members, member, leaving->by);
    event_log_print(first->config.event_log, EVENT_LOG_EVENT, "%s (%s) has left: %s%s%s",
                    user->name, link_peer(outbox_link(user->outbox)), leaving->why,
                    leaving->by != NULL ? " by " : "", leaving->by != NULL ? leaving->by : "");
    release_all(members);
    last_batches_send(&lasts, members, leaving->silently);
}

/*
 * Greets an heir in a room, where the user still is; in its current one, with what was said. Wants
 * the order lock held.
 */
static void greet_heir(struct member *member, const struct user *user)
{
    struct room *room = member->room;
    struct user *heir = member->user;
    bool lobby = room->number == ROOM_LOBBY;
    if (lobby && !room->config.welcome)
        return;
    if (!greet(room, heir, user, lobby ? MESSAGE_WELCOME : MESSAGE_ENTERED))
        link_kill(outbox_link(heir->outbox), LINK_OUT_OF_MEMORY);
}

/* Greets an heir in all its rooms. Wants the order locks held. */
static void greet_heir_everywhere(struct user *user, struct user *heir)
{
    struct member *current = NULL;
    heir->id = user->id; /* nobody else sees the heir yet */
    strcpy(heir->name, user->name);
    for (struct member *member = heir->members; member != NULL; member = member->next) {
        if (atomic_load_explicit(&member->elsewhere, memory_order_relaxed))
            greet_heir(member, user);
        else
            current = member;
    }
    greet_heir(current, user);
    past_show_last(heir, &current->room->transcript, current->room->name);
}

/* Puts an heir into a user's place in a room. Wants the order lock held. */
static void succeed(struct member *member, struct member *successor)
{
    struct room *room = member->room;
    successor->since = room->next;
    flow_add(&room->flow, &successor->reader, successor->user->outbox);
    roster_replace(&room->roster, member, successor);
}

bool room_succeed(struct user *user, struct user *heir)
{
    struct member *const members = user->members;
    struct member *successor = heir->members;
    const struct room_config *config = &members->room->config;
    struct last_batches lasts;
    if (!last_batches_make(&lasts, members))
        return false;
    leave_flows(members);
    take_all(members);
    last_batches_gather(&lasts, members);
    greet_heir_everywhere(user, heir);
    for (struct member *member = members; member != NULL; member = member->next) {
        succeed(member, successor);
        successor = successor->next;
    }
    directory_succeed(config->directory, user, heir);
    event_log_print(config->event_log, EVENT_LOG_EVENT, "%s (%s) has come in from elsewhere: %s",
                    heir->name, link_peer(outbox_link(user->outbox)),
                    link_peer(outbox_link(heir->outbox)));
    release_all(members);
    outbox_flush(heir->outbox);
    last_batches_send(&lasts, members, true);
    return true;
}

/* Publishes the notice of a new name in one of the user's rooms. Returns false without memory. */
static bool announce_name(struct room *room, struct member *first, struct member *member,
                          const struct message *notice)
{
    member->announced = publish_notice(room, notice);
    if (member->announced && first != member)
        spare_told(room, first, member);
    return member->announced;
}

int room_rename(struct user *user, const char *name, char rival[NAME_SIZE])
{
    struct member *const members = user->members;
    const struct room_config *config = &members->room->config;
    char old[NAME_SIZE];
    strcpy(old, user->name);
    const struct message notice = {
        .kind = MESSAGE_RENAME, .author = user->id, .name = words_of(old), .text = words_of(name)};
    int error = 0;
    for (struct member *member = members; member != NULL; member = member->next)
        member->announced = false;
    take_all(members);
    /* The notices need memory, so they are published first: no name changes without a notice. */
    for (struct member *member = members; member != NULL && error == 0; member = member->next)
        error = announce_name(member->room, members, member, &notice) ? 0 : ENOMEM;
    if (error == 0)
        error = directory_rename(config->directory, user, name, rival);
    for (struct member *member = members; member != NULL && error != 0; member = member->next)
        if (member->announced)
            withdraw_notice(member->room);
    if (error == 0)
        event_log_print(config->event_log, EVENT_LOG_EVENT, "%s is now known as %s", old, name);
    release_all(members);
    for (struct member *member = members; member != NULL && error == 0; member = member->next) {
        lock_take(&member->room->order);
        see_through(member->room);
        lock_release(&member->room->order);
    }
    return error;
}

/*
 * What was said.
 */

/*
 * Adds the numbers behind the newest message, up to `last`, that nobody will have: after a crash
 * the room goes on behind them.
 */
static void skip_to(const struct room *room, uint64_t last, struct transcript *recalled)
{
    struct message newest;
    size_t place = transcript_newest(recalled, 1);
    if (!transcript_next(recalled, &place, &newest))
        return;
    uint64_t end = transcript_last(&newest);
    const struct message skipped = {.kind = MESSAGE_SKIP,
                                    .room = words_of(room->name),
                                    .seq = end + 1,
                                    .counts = {.unnamed = (unsigned)(last - end)}};
    if (last > end)
        transcript_add(recalled, &skipped);
}

/* Finds out how the archive has the room. Returns false if it does not take the room. */
static bool look_up(const struct room *room, uint64_t *last, struct transcript *recalled)
{
    struct archive *archive = room->config.archive;
    struct words name = words_of(room->name);
    if (archive == NULL || archive->talk->open(archive, name, last) != ARCHIVE_OK)
        return false;
    archive->talk->before(archive, name, 0, recalled->most_messages, transcript_add_archived,
                          recalled, NULL);
    skip_to(room, *last, recalled);
    return true;
}

void room_restore(struct room *room)
{
    lock_take(&room->order);
    bool restored = room->restored;
    struct transcript recalled = {.most_messages = room->transcript.most_messages,
                                  .most_bytes = room->transcript.most_bytes};
    lock_release(&room->order);
    uint64_t last = 0;
    if (restored)
        return;
    bool kept = look_up(room, &last, &recalled);
    lock_take(&room->order);
    if (!room->restored && kept) {
        room->said = room->said_before = last;
        room->transcript = recalled;
        recalled = (struct transcript){0};
        room->kept = true;
    }
    room->restored = true;
    lock_release(&room->order);
    transcript_free(&recalled);
}

bool room_is_kept(struct room *room)
{
    lock_take(&room->order);
    bool kept = room->kept;
    lock_release(&room->order);
    return kept;
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

/* Waits until no batch is in delivery, so that what delivery reads of a member may be changed. */
static void wait_for_rest(struct room *room)
{
    while (room->delivering)
        wait_for_turn(room, room->delivered + 1);
}

void room_suspend(struct member *member)
{
    struct room *room = member->room;
    lock_take(&room->order);
    wait_for_rest(room);
    member->since = UINT64_MAX;
    lock_release(&room->order);
}

void room_go_on(struct member *member)
{
    struct room *room = member->room;
    lock_take(&room->order);
    wait_for_rest(room);
    member->since = room->open->first;
    lock_release(&room->order);
}

bool room_resume(struct member *member, uint64_t seq, uint64_t *first)
{
    struct room *room = member->room;
    struct past past = past_again(room->name);
    struct message message;
    lock_take(&room->order);
    wait_for_rest(room);
    *first = transcript_first(&room->transcript);
    if (*first == 0)
        *first = room->said + 1;
    bool whole = *first <= seq + 1 && seq <= room->said;
    size_t place = whole ? transcript_above(&room->transcript, seq) : 0;
    while (whole && transcript_next(&room->transcript, &place, &message) &&
           message.seq <= room->said_before) {
        if (message.seq <= seq) { /* it has the beginning of this gap */
            message.counts.unnamed -= (unsigned)(seq + 1 - message.seq);
            message.seq = seq + 1;
        }
        past_show(&past, member->user, &message);
    }
    if (whole)
        member->since = room->open->first;
    lock_release(&room->order);
    outbox_flush(member->user->outbox);
    return whole;
}

/*
 * Settings.
 */

bool room_is_hidden(const struct room *room)
{
    return room->settings.hidden;
}

struct room_description room_describe(struct room *room)
{
    struct room_description description = {0};
    lock_take(&room->order);
    description.count = room->roster.count;
    description.hidden = room->settings.hidden;
    description.closed = room->settings.closed;
    description.needs_key = *room->settings.key != '\0';
    description.has_owner = room->settings.owner != 0;
    size_t length = buffer_length(&room->settings.topic);
    if (length > 0)
        memcpy(description.topic, buffer_bytes(&room->settings.topic), length);
    lock_release(&room->order);
    return description;
}

/* Publishes a notice of a member's, and waits until it is delivered. Wants the order lock held. */
static int tell_all(struct room *room, struct member *member, enum message_kind kind,
                    struct words text)
{
    const struct user *user = member->user;
    const struct message notice = {
        .kind = kind, .author = user->id, .name = words_of(user->name), .text = text};
    if (!publish_notice(room, &notice))
        return ENOMEM;
    if (message_spares_author(&notice))
        member_skip_some(member, room->open);
    see_through(room);
    return 0;
}

int room_set_topic(struct member *member, struct words topic)
{
    struct room *room = member->room;
    lock_take(&room->order);
    int error = ENOMEM;
    if (room_settings_set_topic(&room->settings, topic.bytes, topic.length))
        error = tell_all(room, member, MESSAGE_TOPIC, topic);
    lock_release(&room->order);
    return error;
}

static void change(struct room_settings *settings, enum message_kind kind, const char *key)
{
    if (kind == MESSAGE_HIDE || kind == MESSAGE_SHOW)
        settings->hidden = kind == MESSAGE_HIDE;
    else if (kind == MESSAGE_CLOSE || kind == MESSAGE_OPEN)
        settings->closed = kind == MESSAGE_CLOSE;
    else if (kind == MESSAGE_MODERATE || kind == MESSAGE_UNMODERATE)
        settings->voices.moderated = kind == MESSAGE_MODERATE;
    else
        strcpy(settings->key, kind == MESSAGE_LOCK ? key : "");
}

/* Whether a setting is about who speaks: the others are not to be had for the lobby. */
static bool is_about_speech(enum message_kind kind)
{
    return kind == MESSAGE_MODERATE || kind == MESSAGE_UNMODERATE;
}

int room_change(struct member *member, enum message_kind kind, const char *key)
{
    struct room *room = member->room;
    lock_take(&room->order);
    int error = leads(room, member->user) ? 0 : EPERM;
    if (error == 0 && room->number == ROOM_LOBBY && !is_about_speech(kind))
        error = EINVAL;
    if (error == 0) {
        change(&room->settings, kind, key);
        error = tell_all(room, member, kind, words_of(""));
    }
    lock_release(&room->order);
    return error;
}

enum room_permission room_ask(struct room *room, const struct user *user, int64_t *end)
{
    lock_take(&room->order);
    enum room_permission permission = ask(room, user, end);
    lock_release(&room->order);
    return permission;
}

bool room_mute(struct room *room, const struct user *user, int64_t end)
{
    lock_take(&room->order);
    bool muted = room_voices_mute(&room->settings.voices, user->id, end);
    lock_release(&room->order);
    return muted;
}

bool room_unmute(struct room *room, const struct user *user)
{
    lock_take(&room->order);
    bool was_muted = room_voices_unmute(&room->settings.voices, user->id, clock_utc());
    lock_release(&room->order);
    return was_muted;
}

int room_pass_floor(struct member *member, const struct user *to, struct words name, bool gives)
{
    struct room *room = member->room;
    struct room_voices *voices = &room->settings.voices;
    int error = 0;
    lock_take(&room->order);
    if (gives && !room_voices_give_floor(voices, to->id))
        error = ENOMEM;
    else if (!gives && !room_voices_take_floor(voices, to->id))
        error = EALREADY;
    if (error == 0)
        error = tell_all(room, member, gives ? MESSAGE_GIVE_FLOOR : MESSAGE_TAKE_FLOOR, name);
    lock_release(&room->order);
    return error;
}

bool room_is_owner(struct room *room, const struct user *user)
{
    lock_take(&room->order);
    bool is_owner = room->settings.owner == user->id;
    lock_release(&room->order);
    return is_owner;
}

int room_invite(const struct member *member, const struct user *invited)
{
    struct room *room = member->room;
    lock_take(&room->order);
    bool noted = room_settings_invite(&room->settings, invited->id);
    lock_release(&room->order);
    return noted ? 0 : ENOMEM;
}

/*
 * Talk and floods.
 */

/* Publishes talk: into the open batch, which is delivered at once. */
static size_t talk(struct room *room, struct member *author, const struct batch *said)
{
    lock_take(&room->order);
    bool published = publish(room, author, said, batch_all(said));
    if (published)
        see_through(room);
    lock_release(&room->order);
    return published ? said->count : 0;
}

/* Publishes a piece of a flood, which waits in the queue. */
static size_t flood(struct room *room, struct member *author, const struct batch *said)
{
    struct flood_piece piece = {.author = author, .said = said, .arrival = clock_now()};
    lock_take(&room->order);
    flood_queue_add(&room->floods, &piece);
    while (!piece.done) {
        if (!room->delivering && flood_queue_is_ready(&room->floods, &piece))
            deliver(room);
        else
            flood_queue_wait(&room->floods, &piece, &room->order, room->delivering);
    }
    if (!room->delivering)
        flood_queue_serve(&room->floods);
    lock_release(&room->order);
    return piece.published;
}

/* Publishes as a flood or as talk. */
static size_t publish_all(struct room *room, struct member *author, const struct batch *said)
{
    int64_t now = clock_now();
    struct user *user = author->user;
    if (flow_is_flood(&user->pace, batch_bytes(said), now)) {
        flow_note_flood(&room->flow, user->id);
        return flood(room, author, said);
    }
    flow_note_talk(&room->flow, user->id, now);
    return talk(room, author, said);
}

size_t room_publish(struct member *author, const struct batch *said, bool *refused)
{
    struct room *room = author->room;
    *refused = false;
    if (said->count == 0) /* an empty piece would never be let in */
        return 0;
    size_t published = publish_all(room, author, said);
    if (published < said->count)
        *refused = author->refused;
    return published;
}

void room_sync(struct room *room)
{
    lock_take(&room->order);
    if (room->open->count > 0)
        see_through(room);
    else
        wait_for_delivery(room);
    lock_release(&room->order);
}
