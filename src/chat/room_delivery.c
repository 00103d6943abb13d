#include "base/platform.h"

#include "base/clock.h"
#include "chat/room_delivery.h"
#include "chat/room_inside.h"
#include "chat/room_publishing.h"

#include <assert.h>
#include <errno.h>

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
        clock_await_memory();
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
    if (done->names)
        atomic_store(&room->names_due, room->open->names);
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
 * Has the processor fetch what member_send() reads of the next members. Each send of
 * the kernel displaces all that from the caches, and each pointer leads to the next: waiting for
 * them would be most of what a delivery costs besides its send.
 */
static void expect(struct member *const members[SNAPSHOT_AHEAD])
{
    PLATFORM_PREFETCH(members[2]);
    PLATFORM_PREFETCH(&members[1]->user->outbox);
    outbox_expect(members[0]->user->outbox);
}

static void send_to_all(const struct snapshot *snapshot, struct batch *batch)
{
    for (size_t i = 0; i < snapshot->count; i++) {
        expect(snapshot->members + i + 1);
        member_send(snapshot->members[i], batch);
    }
}

/*
 * Figures. Lines are counted for their batch, and their times read once for all of it.
 */

/* Notes lines that were published, and when they arrived. */
static void note_lines(const struct room *room, struct room_lines lines[2], uint64_t count,
                       int64_t arrival)
{
    struct room_lines *noted = &lines[room->open->number % 2];
    if (noted->count == 0 || arrival < noted->since)
        noted->since = arrival;
    noted->count += count;
}

/* Counts how long the lines of a batch took, which its number modulo 2 tells. */
static void count_lines(struct histogram *histogram, struct room_lines *lines, int64_t now)
{
    if (lines->count == 0)
        return;
    histogram_add(histogram, now - lines->since, lines->count);
    lines->count = 0;
}

/*
 * Counts what a batch has brought to its readers; `said` of its messages are lines of talk. Needs
 * no lock: what was noted for a batch is its delivering thread's own.
 */
static void count_delivery(struct room *room, const struct batch *batch, size_t readers,
                           uint64_t said)
{
    struct talk_figures *figures = room->config.figures;
    struct room_lines *talk = &room->talk[batch->number % 2];
    struct room_lines *flood = &room->flood[batch->number % 2];
    tally_add(&figures->delivered, readers * batch->count - batch->left_out);
    if (said > 0)
        tally_add(&figures->said, said);
    if (said < batch->count)
        tally_add(&figures->notices, batch->count - said);
    if ((talk->count | flood->count) == 0)
        return;
    int64_t now = clock_now();
    count_lines(&figures->talk, talk, now);
    count_lines(&figures->flood, flood, now);
}

/*
 * Publishes what the queue of floods lets in, of its first piece.
 */
static bool let_in(void *context, struct member *author, const struct batch *said,
                   struct batch_range range)
{
    struct room *room = context;
    bool published = room_publish_talk(room, author, said, range);
    if (published)
        note_lines(room, room->flood, range.end - range.begin, room->floods.first->arrival);
    return published;
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
    uint64_t said = room->said - room->said_before;
    struct batch *batch = take_batch(room);
    lock_release(&room->order);
    int64_t began = rests ? clock_now() : 0;
    if (batch->count > 0)
        send_to_all(snapshot, batch);
    if (batch->count > 0 && room->config.figures != NULL)
        count_delivery(room, batch, snapshot->count, said);
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

/* Whether a message is in the outbox of every member it is for. Wants the order lock held. */
static bool has_delivered(const struct room *room, uint64_t seq)
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

bool room_has_told(struct room *room, uint64_t seq)
{
    lock_take(&room->order);
    bool told = has_delivered(room, seq);
    lock_release(&room->order);
    return told;
}

void room_await_told(struct room *room, uint64_t seq)
{
    lock_take(&room->order);
    if (!has_delivered(room, seq))
        room_see_through(room);
    lock_release(&room->order);
}

/*
 * Ends the turn of a user's, if there is one, and waits until what it has published is delivered.
 * That of a remote user is delivered, but not waited for.
 */
static void conclude(struct room *room, const struct user *user)
{
    ordering_end(room->config.ordering);
    if (!user_is_remote(user)) {
        room_see_through(room);
        return;
    }
    room->due = clock_now();
    room_send_notices(room);
}

int room_tell(struct room *room, const struct user *user, struct member *member,
              enum message_kind kind, struct words text)
{
    const struct message notice = {
        .kind = kind, .author = user->id, .name = words_of(user->name), .text = text};
    if (!room_publish_notice(room, &notice))
        return ENOMEM;
    if (member != NULL)
        member->told = room->next - 1;
    if (member != NULL && message_spares_author(&notice))
        member_skip_some(member, room->open);
    conclude(room, user);
    return 0;
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
    atomic_init(&room->names_due, false);
    room->open = &room->batches[1];
    batch_begin(room->open, 1, room->next);
    int error =
        flow_init(&room->flow, config->talkers, config->limits.drain_timeout, config->limits.sendq);
    if (error != 0)
        return error;
    error = init_turns(room);
    if (error != 0)
        goto no_turns;
    error = flood_queue_init(&room->floods, &room->flow);
    if (error != 0)
        goto no_floods;
    flow_tell(&room->flow, config->pressure, room->name);
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

/*
 * Publishes talk in its turn: into the open batch, which is delivered at once. Stores when its turn
 * came, and its place. It has arrived at `arrival`, and counts as these lines of the room.
 */
static int talk(struct room *room, struct member *author, const struct batch *said,
                struct flow_flight *flight, int64_t arrival, struct room_lines lines[2])
{
    struct ordering *ordering = room->config.ordering;
    uint64_t place = 0;
    int error = ordering_await_talk(ordering, author->user, room->name, said, &place);
    flight->began = clock_now();
    if (error != 0)
        return error;
    lock_take(&room->order);
    bool published;
    do
        published = room_publish_talk(room, author, said, batch_all(said));
    while (!published && !author->refused && room_await_memory(room));
    if (published) {
        note_lines(room, lines, said->count, arrival);
        conclude(room, author->user);
    }
    lock_release(&room->order);
    ordering_end(ordering);
    flight->place = published ? place : 0;
    if (published)
        return 0;
    return author->refused ? EACCES : ENOMEM;
}

/* Has a piece of a flood wait in the queue until it is done. */
static void await(struct room *room, struct flood_piece *piece)
{
    struct talk_figures *figures = room->config.figures;
    if (figures != NULL)
        tally_add(&figures->floods, 1);
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
    if (figures != NULL)
        tally_add(&figures->floods_over, 1);
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

/* Publishes some messages of a piece, as talk(). */
static int talk_some(struct room *room, struct member *author, const struct batch *said,
                     struct batch_range range, struct flow_flight *flight, int64_t arrival)
{
    struct batch part = {0};
    int error = ENOMEM;
    if (range.begin == 0 && range.end == said->count)
        return talk(room, author, said, flight, arrival, room->flood);
    if (batch_append(&part, said, range))
        error = talk(room, author, &part, flight, arrival, room->flood);
    batch_free(&part);
    return error;
}

/*
 * Publishes a piece of a flood where the order is shared by several machines: what the gate lets in
 * of it awaits its turn. Returns as room_publish().
 */
static int flood_in_turns(struct room *room, struct member *author, const struct batch *said,
                          size_t *published)
{
    struct flood_piece piece = {
        .author = author, .said = said, .launches = true, .arrival = clock_now()};
    int error = 0;
    while (*published < said->count && error == 0) {
        piece.done = false;
        piece.next = NULL;
        await(room, &piece);
        int64_t now = clock_now();
        struct flow_flight flight = {.bytes = piece.bytes, .launched = now, .began = now};
        error = talk_some(room, author, said, (struct batch_range){*published, piece.published},
                          &flight, piece.arrival);
        flow_land(&room->flow, &flight);
        if (error == 0)
            *published = piece.published;
    }
    return error;
}

/* Has a flood wait at the gate. */
static void await_gate(struct member *author, size_t bytes)
{
    struct flood_piece piece = {.author = author, .bytes = bytes, .arrival = clock_now()};
    await(author->room, &piece);
}

/* Notes that a user says something of so many bytes now. Returns whether it is flooding. */
static bool note_talker(struct room *room, struct user *user, size_t bytes, int64_t now)
{
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
    int64_t now = clock_now();
    bool floods = note_talker(room, author->user, batch_bytes(said), now);
    if (floods)
        return is_shared ? flood_in_turns(room, author, said, published)
                         : flood(room, author, said, published);
    struct flow_flight flight;
    int error = talk(room, author, said, &flight, now, room->talk);
    if (error == 0)
        *published = said->count;
    return error;
}

bool room_publish_remote(struct member *author, const struct batch *said)
{
    struct room *room = author->room;
    if (note_talker(room, author->user, batch_bytes(said), clock_now()))
        flow_note_flooded(&room->flow);
    lock_take(&room->order);
    bool published = room_publish_talk(room, author, said, batch_all(said));
    bool done = published || author->refused;
    if (published) {
        author->told = room->next - 1;
        conclude(room, author->user);
    }
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

void room_press(struct room *room, const struct flow_elsewhere *elsewhere)
{
    flow_press(&room->flow, elsewhere);
}

void room_tick(struct room *room)
{
    flow_tick(&room->flow);
}
