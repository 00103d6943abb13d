#include "base/platform.h"

#include "base/clock.h"
#include "chat/room_delivery.h"
#include "chat/room_inside.h"
#include "chat/room_publishing.h"

#include <assert.h>
#include <errno.h>

/* How long to wait before another try to allocate a snapshot, in nanoseconds. */
#define RETRY_INTERVAL (10 * CLOCK_MILLISECOND)

/*
 * Batches. The functions down to room_delivery_init() want the order lock held.
 */

/* Takes the open batch for delivery, and opens the next one. */
static struct batch *take_batch(struct room *room)
{
    room_publish_summary(room);
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

/* Publishes what the queue of floods lets in. */
static bool let_in(void *room, struct member *author, const struct batch *said,
                   struct batch_range range)
{
    return room_publish_talk(room, author, said, range);
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
    bool rests = flood_queue_let_in(&room->floods, let_in, room);
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

bool room_has_delivered(const struct room *room, uint64_t seq)
{
    uint64_t number = room->delivering ? room->delivered + 1 : room->open->number;
    return seq < room->batches[number % 2].first;
}

void room_see_through(struct room *room)
{
    uint64_t number = room->open->number;
    while (room->delivered < number) {
        if (!room->delivering)
            deliver(room);
        else
            wait_for_turn(room, number);
    }
}

int room_tell(struct room *room, const struct user *user, struct member *member,
              enum message_kind kind, struct words text)
{
    const struct message notice = {
        .kind = kind, .author = user->id, .name = words_of(user->name), .text = text};
    if (!room_publish_notice(room, &notice))
        return ENOMEM;
    if (member != NULL && message_spares_author(&notice))
        member_skip_some(member, room->open);
    room_conclude(room, user);
    return 0;
}

void room_conclude(struct room *room, const struct user *user)
{
    ordering_end(room->config.ordering);
    if (!user_is_remote(user)) {
        room_see_through(room);
        return;
    }
    room->due = clock_now();
    room_send_notices(room);
}

void room_send_notices(struct room *room)
{
    if (!room->delivering && room->due <= clock_now())
        deliver(room);
    else
        set_timer(room);
}

void room_wait_for_delivery(struct room *room)
{
    uint64_t number = room->delivering ? room->delivered + 1 : 0;
    while (room->delivered < number)
        wait_for_turn(room, number);
}

void room_wait_for_rest(struct room *room)
{
    while (room->delivering)
        wait_for_turn(room, room->delivered + 1);
}

/* The timer: delivers batches that no author waits for when they are due. */
static void on_timer(struct timer *timer)
{
    struct room *room = (struct room *)(void *)((char *)timer - offsetof(struct room, timer));
    lock_take(&room->order);
    room->fires_at = CLOCK_NEVER;
    room_send_notices(room);
    lock_release(&room->order);
}

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

int room_delivery_init(struct room *room)
{
    const struct room_config *config = &room->config;
    room->due = room->fires_at = CLOCK_NEVER;
    room->open = &room->batches[1];
    batch_begin(room->open, 1, room->next);
    int error = flow_init(&room->flow, config->talkers, config->drain_timeout, config->sendq);
    if (error != 0)
        return error;
    error = init_turns(room);
    if (error != 0)
        goto no_turns;
    error = flood_queue_init(&room->floods, &room->flow);
    if (error != 0)
        goto no_floods;
    timer_init(&room->timer, config->timers, on_timer);
    return 0;
no_floods:
    destroy_turns(room);
no_turns:
    flow_destroy(&room->flow);
    return error;
}

void room_delivery_end(struct room *room)
{
    timer_end(&room->timer);
    flood_queue_destroy(&room->floods);
    destroy_turns(room);
    flow_destroy(&room->flow);
    batch_free(&room->batches[0]);
    batch_free(&room->batches[1]);
}

/*
 * Talk and floods. These functions take the order lock.
 */

/* Publishes talk in its turn: into the open batch, which is delivered at once. */
static int talk(struct room *room, struct member *author, const struct batch *said)
{
    struct ordering *ordering = room->config.ordering;
    int error = ordering_await_talk(ordering, author->user, room->name, said);
    if (error != 0)
        return error;
    lock_take(&room->order);
    bool published = room_publish_talk(room, author, said, batch_all(said));
    if (published)
        room_conclude(room, author->user);
    lock_release(&room->order);
    ordering_end(ordering);
    if (published)
        return 0;
    return author->refused ? EACCES : ENOMEM;
}

/* Has a piece of a flood wait in the queue until it is done. */
static void await(struct room *room, struct flood_piece *piece)
{
    lock_take(&room->order);
    flood_queue_add(&room->floods, piece);
    while (!piece->done) {
        if (!room->delivering && flood_queue_is_ready(&room->floods, piece))
            deliver(room);
        else
            flood_queue_wait(&room->floods, piece, &room->order, room->delivering);
    }
    if (!room->delivering)
        flood_queue_serve(&room->floods);
    lock_release(&room->order);
}

/* Publishes a piece of a flood. Returns as room_publish(). */
static int flood(struct room *room, struct member *author, const struct batch *said,
                 size_t *published)
{
    struct flood_piece piece = {.author = author, .said = said, .arrival = clock_now()};
    await(room, &piece);
    *published = piece.published;
    if (piece.published == said->count)
        return 0;
    return author->refused ? EACCES : ENOMEM;
}

/* Has a flood wait at the gate. */
static void await_gate(struct member *author, size_t bytes)
{
    struct flood_piece piece = {.author = author, .bytes = bytes, .arrival = clock_now()};
    await(author->room, &piece);
}

/* Notes that a user says something of so many bytes. Returns whether it is flooding. */
static bool note_talker(struct room *room, struct user *user, size_t bytes)
{
    int64_t now = clock_now();
    bool floods = flow_is_flood(&user->pace, bytes, now);
    if (floods)
        talkers_remove(room->config.talkers, user->id);
    else
        talkers_add(room->config.talkers, user->id, now);
    return floods;
}

void room_await_gate(struct member *author, size_t bytes)
{
    struct user *user = author->user;
    if (user_is_remote(user) || !flow_is_flood(&user->pace, bytes, clock_now()))
        return;
    talkers_remove(author->room->config.talkers, user->id);
    await_gate(author, bytes);
}

int room_publish(struct member *author, const struct batch *said, size_t *published)
{
    struct room *room = author->room;
    bool is_shared = room->config.ordering != NULL;
    *published = 0;
    if (said->count == 0) /* an empty piece would never be let in */
        return 0;
    bool floods = note_talker(room, author->user, batch_bytes(said));
    if (floods && !is_shared)
        return flood(room, author, said, published);
    if (floods) /* its turn comes behind the gate, so it enters the batch whole */
        await_gate(author, batch_bytes(said));
    int error = talk(room, author, said);
    if (error == 0)
        *published = said->count;
    return error;
}

bool room_publish_remote(struct member *author, const struct batch *said)
{
    struct room *room = author->room;
    note_talker(room, author->user, batch_bytes(said));
    lock_take(&room->order);
    bool published = room_publish_talk(room, author, said, batch_all(said));
    bool done = published || author->refused;
    if (published)
        room_conclude(room, author->user);
    lock_release(&room->order);
    return done;
}

void room_sync(struct room *room)
{
    lock_take(&room->order);
    if (room->open->count > 0)
        room_see_through(room);
    else
        room_wait_for_delivery(room);
    lock_release(&room->order);
}
