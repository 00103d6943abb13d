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

/* How long to wait for memory when there is none for a snapshot. */
#define RETRY_INTERVAL (10 * CLOCK_MILLISECOND)

struct room {
    struct room_config config;
    struct flow flow; /* who must wait */

    struct lock order;       /* guards the rest, and fixes the order of the room's messages */
    struct roster roster;    /* the members */
    uint64_t next;           /* the sequence number of the next message, from 1 */
    struct batch batches[2]; /* one collects, the other may be on its way */
    struct batch *open;      /* the one that collects */
    uint64_t delivered;      /* the number of the last batch that has been delivered */
    bool delivering;         /* a thread delivers a batch */

    /* Threads that wait for a batch wait at the turn of its number, even or odd. */
    struct condition turns[2];
    unsigned waiting[2];

    struct flood_queue floods; /* pieces that wait to be let into a batch */
    struct presence presence;
    struct timer timer;
    int64_t due;      /* when what nobody waits for must go out; or CLOCK_NEVER */
    int64_t fires_at; /* what the timer is set to */
};

/*
 * Publishing. The functions down to room_create() want the order lock held.
 */

/*
 * The open batch has got new messages, from `before` on. They are rendered in the format that most
 * have: what is accepted can be delivered. NULL: memory was out, and they are gone.
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

/* Puts messages of a member's into the open batch, and into the log. */
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

/* The line that stands for all comings and goings since the last one, if it is time for it. */
static void add_summary(struct room *room)
{
    char text[PRESENCE_SUMMARY_SIZE];
    int64_t now = clock_now();
    if (!presence_summary_is_due(&room->presence, now))
        return;
    size_t length = presence_write_summary(&room->presence, room->roster.count, now, text);
    const struct message summary = {.kind = MESSAGE_SUMMARY, .text = {text, length}};
    if (publish_notice(room, &summary))
        presence_summed_up(&room->presence);
}

/*
 * Tells that somebody came or went: by a notice, or in the next summary, which also makes up for a
 * notice for which there was no memory.
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
            due = now; /* the summary goes out at once */
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

/* Takes the open batch to be delivered, and opens the next one. */
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

/* Everyone as of now. Out of memory, it tries again: what was published must not be lost. */
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

/* Lets those go on who wait for what has just been delivered, or for their own turn. */
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
    /* Even so: those who count as waiting may have been woken already, for the batch before. */
    set_timer(room);
}

/*
 * Delivers the open batch to everyone. No other thread delivers meanwhile, and the order lock is
 * given up for the time of sending; what is published in that time is in the next batch.
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

/* Waits for something to happen to the batch of that number. */
static void wait_for_turn(struct room *room, uint64_t number)
{
    room->waiting[number % 2]++;
    condition_wait(&room->turns[number % 2], &room->order);
    room->waiting[number % 2]--;
}

/* Waits until the open batch, as it is called now, has been delivered; delivers it if nobody does.
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

/* Sends off a notice that is due already, unless a thread that delivers will come to it. */
static void send_notices(struct room *room)
{
    if (!room->delivering && room->due <= clock_now())
        deliver(room);
    else
        set_timer(room);
}

/* Delivers batches that nobody waits for, when they are due. On the timers' thread. */
static void on_timer(struct timer *timer)
{
    struct room *room = (struct room *)(void *)((char *)timer - offsetof(struct room, timer));
    lock_take(&room->order);
    room->fires_at = CLOCK_NEVER;
    send_notices(room);
    lock_release(&room->order);
}

/* And these take it. */

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

/* The same as room_list(), with the order lock held. */
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
 * Coming and going.
 */

/*
 * Greets a newcomer, who is not yet one of those here. False: memory is out. Once it is listed,
 * others can write to it: it is welcomed before.
 */
static bool welcome(struct room *room, struct user *user)
{
    struct buffer names = {0};
    struct buffer text = {0};
    if (!room->config.welcome)
        return true;
    bool whole = roster_list_names(&room->roster, room->config.directory, &names);
    const struct message message = {.kind = MESSAGE_WELCOME,
                                    .author = user->id,
                                    .name = words_of(user->name),
                                    .text = {buffer_bytes(&names), buffer_length(&names)}};
    whole = whole && user_render(user, &message, &text);
    if (whole)
        user_queue(user, &message, &text, false);
    buffer_free(&names);
    buffer_free(&text);
    return whole;
}

/* Puts a member in, with the order lock held and all memory at hand. */
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

/* Takes a member out of the room, and tells of it. The order lock is held. */
static void let_out(struct room *room, struct member *member, const struct room_leaving *leaving)
{
    struct user *user = member->user;
    roster_remove(&room->roster, member);
    if (leaving->for_good) /* whoever is told of it may take the name */
        directory_remove(room->config.directory, user);
    if (!leaving->silently)
        announce(room, user, MESSAGE_LEAVE);
    event_log_print(room->config.event_log, EVENT_LOG_EVENT, "%s (%s) has left: %s", user->name,
                    link_peer(outbox_link(user->outbox)), leaving->why);
}

/* Waits until the batch that is being delivered, if one is, has been. */
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
    /* The batch on its way goes to it, too; of the next one what has been published until now. */
    bool whole = member_gather(member, room->open, &last);
    let_out(room, member, leaving);
    wait_for_delivery(room);
    if (!leaving->silently)
        send_notices(room);
    lock_release(&room->order);
    member_hand_over(member, whole, &last);
}

/*
 * Saying.
 */

/* Talk goes into the open batch, and the batch out at once. */
static bool talk(struct room *room, struct member *author, const struct batch *said)
{
    lock_take(&room->order);
    bool published = publish(room, author, said, batch_all(said));
    if (published)
        see_through(room);
    lock_release(&room->order);
    return published;
}

/* A flood waits in the queue. */
static bool flood(struct room *room, struct member *author, const struct batch *said)
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
    return !piece.failed;
}

bool room_publish(struct room *room, struct member *author, const struct batch *said)
{
    if (said->count == 0) /* it would never be let in */
        return true;
    int64_t now = clock_now();
    struct user *user = author->user;
    if (flow_is_flood(&user->pace, batch_bytes(said), now)) {
        flow_note_flood(&room->flow, user->id);
        return flood(room, author, said);
    }
    flow_note_talk(&room->flow, user->id, now);
    return talk(room, author, said);
}

int room_rename(struct room *room, struct member *member, const char *name, char rival[NAME_SIZE])
{
    struct user *user = member->user;
    char old[NAME_SIZE];
    strcpy(old, user->name);
    const struct message notice = {
        .kind = MESSAGE_RENAME, .author = user->id, .name = words_of(old), .text = words_of(name)};
    lock_take(&room->order);
    /* First the notice, which takes memory: nobody has a name that the others were not told. */
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
