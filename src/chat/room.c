#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "chat/flood_queue.h"
#include "chat/flow.h"
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
    struct room_config config;
    struct flow flow; /* which authors wait */

    struct lock order;       /* guards the rest, and defines the sequence of messages */
    struct roster roster;    /* in the order in which they joined */
    uint64_t next;           /* sequence number of the next message, from 1 */
    struct batch batches[2]; /* one is open, the other may be in delivery */
    struct batch *open;      /* the batch that collects messages */
    uint64_t delivered;      /* number of the last batch that was delivered */
    bool delivering;         /* a thread delivers a batch */

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
    const struct rendering *rendering =
        added ? batch_render(room->open, &format_lines, NULL) : NULL;
    if (rendering == NULL)
        batch_truncate(room->open, before);
    else
        room->next += room->open->count - before;
    return rendering;
}

static bool publish_notice(struct room *room, const struct message *message)
{
    size_t before = room->open->count;
    return settle(room, before, batch_add(room->open, message)) != NULL;
}

/* Adds messages of a member to the open batch, and to the log. */
static bool publish(void *context, struct member *author, const struct batch *said,
                    struct batch_range range)
{
    struct room *room = context;
    struct batch *open = room->open;
    size_t before = open->count;
    size_t length;
    lock_assert_held(&room->order);
    const struct rendering *rendering = settle(room, before, batch_append(open, said, range));
    if (rendering == NULL)
        return false;
    author->spoke_in[open->number % 2] = open->number;
    const char *lines =
        rendering_bytes(rendering, (struct batch_range){before, open->count}, &length);
    event_log_write(room->config.event_log, EVENT_LOG_TALK, lines, length);
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
 * notice for which memory was out.
 */
static void announce(struct room *room, const struct user *user, enum message_kind kind)
{
    int64_t now = clock_now();
    int64_t due;
    const struct message notice = {.kind = kind, .author = user->id, .name = words_of(user->name)};
    if (presence_sums_up(&room->presence, room->roster.count, now) ||
        !publish_notice(room, &notice)) {
        presence_count(&room->presence, kind == MESSAGE_JOIN);
        add_summary(room);
        due = presence_due(&room->presence);
        if (due == CLOCK_NEVER)
            due = now; /* a summary was published: it goes out at once */
    } else {
        due = presence_note(&room->presence, now);
    }
    room->open->presence = true;
    if (due < room->due)
        room->due = due;
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
    for (size_t i = 0; i < snapshot->count && batch->count > 0; i++)
        member_send(snapshot->members[i], batch);
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

int room_create(struct room **result, const struct room_config *config)
{
    struct room *room = calloc(1, sizeof *room);
    if (room == NULL)
        return ENOMEM;
    room->config = *config;
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
    free(room);
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
 * Queues the welcome for a user that is about to join: before the user is listed, so that no
 * private message precedes it. Returns false when memory is out.
 */
static bool welcome(struct room *room, struct user *user)
{
    struct buffer names = {0};
    struct user_text text = {0};
    if (!room->config.welcome)
        return true;
    unsigned unnamed;
    bool whole = roster_list_names(&room->roster, room->config.directory, &names, &unnamed);
    const struct message message = {.kind = MESSAGE_WELCOME,
                                    .author = user->id,
                                    .name = words_of(user->name),
                                    .text = {buffer_bytes(&names), buffer_length(&names)},
                                    .counts = {.unnamed = unnamed}};
    whole = whole && user_render(user, &message, &text);
    if (whole)
        user_queue(user, &message, &text, false);
    buffer_free(&names);
    buffer_free(&text.bytes);
    return whole;
}

/* Adds a member. Wants the order lock held, and all memory reserved. */
static void let_in(struct room *room, struct member *member)
{
    struct user *user = member->user;
    flow_add(&room->flow, &member->reader, user->outbox);
    roster_add(&room->roster, member);
    directory_list(room->config.directory, user);
    announce(room, user, MESSAGE_JOIN);
    member->since = room->next;
    event_log_print(room->config.event_log, EVENT_LOG_EVENT, "%s (%s) has joined", user->name,
                    link_peer(outbox_link(user->outbox)));
    send_notices(room);
}

int room_join(struct room *room, struct member *member)
{
    lock_take(&room->order);
    int error = roster_reserve(&room->roster);
    if (error == 0 && !welcome(room, member->user))
        error = ENOMEM;
    if (error == 0)
        let_in(room, member);
    lock_release(&room->order);
    outbox_flush(member->user->outbox);
    return error;
}

/* Removes a member, and announces it. Wants the order lock held. */
static void let_out(struct room *room, struct member *member, const struct room_leaving *leaving)
{
    struct user *user = member->user;
    roster_remove(&room->roster, member);
    if (leaving->for_good) /* before the notice: a user that sees it can take the name */
        directory_remove(room->config.directory, user);
    if (!leaving->silently)
        announce(room, user, MESSAGE_LEAVE);
    event_log_print(room->config.event_log, EVENT_LOG_EVENT, "%s (%s) has left: %s", user->name,
                    link_peer(outbox_link(user->outbox)), leaving->why);
}

/* Waits until the batch in delivery, if there is one, has been delivered. */
static void wait_for_delivery(struct room *room)
{
    uint64_t number = room->delivering ? room->delivered + 1 : 0;
    while (room->delivered < number)
        wait_for_turn(room, number);
}

void room_leave(struct room *room, struct member *member, const struct room_leaving *leaving)
{
    struct batch last = {0};
    flow_remove(&member->reader);
    lock_take(&room->order);
    /* The batch in delivery is still sent to the member; of the open batch, what is in it now. */
    bool whole = member_gather(member, room->open, &last);
    let_out(room, member, leaving);
    wait_for_delivery(room);
    if (!leaving->silently)
        send_notices(room);
    lock_release(&room->order);
    member_hand_over(member, whole, &last);
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

size_t room_publish(struct room *room, struct member *author, const struct batch *said)
{
    if (said->count == 0) /* an empty piece would never be let in */
        return 0;
    int64_t now = clock_now();
    struct user *user = author->user;
    if (flow_is_flood(&user->pace, batch_bytes(said), now)) {
        flow_note_flood(&room->flow, user->id);
        return flood(room, author, said);
    }
    flow_note_talk(&room->flow, user->id, now);
    return talk(room, author, said);
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

int room_rename(struct room *room, struct member *member, const char *name, char rival[NAME_SIZE])
{
    struct user *user = member->user;
    char old[NAME_SIZE];
    strcpy(old, user->name);
    const struct message notice = {
        .kind = MESSAGE_RENAME, .author = user->id, .name = words_of(old), .text = words_of(name)};
    lock_take(&room->order);
    /* The notice needs memory, so it is published first: no name changes without a notice. */
    size_t before = room->open->count;
    int error = publish_notice(room, &notice) ? 0 : ENOMEM;
    if (error == 0) {
        error = directory_rename(room->config.directory, user, name, rival);
        if (error != 0) {
            batch_truncate(room->open, before);
            room->next--;
        }
    }
    if (error == 0) {
        event_log_print(room->config.event_log, EVENT_LOG_EVENT, "%s is now known as %s", old,
                        name);
        see_through(room);
    }
    lock_release(&room->order);
    return error;
}
