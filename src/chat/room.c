#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "base/meter.h"
#include "chat/flow.h"
#include "chat/room.h"
#include "chat/round.h"
#include "net/link.h"
#include "net/outbox.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    NOTICE_SIZE = NAME_SIZE + NAME_SIZE + 64, /* any line about one or two names */
    WELCOME_NAMES_MAX = 20,                   /* more than that, nobody reads */
    LINE_SLOTS = 16                           /* conditions for those who stand in line */
};

/* Notices that follow one within this time go out together. */
#define NOTICE_INTERVAL (20 * CLOCK_MILLISECOND)

/*
 * Comings and goings that have a line each: so many in one go, and so many a second. Beyond that,
 * they are summed up as in a big room: the lines cost every member.
 */
#define NOTICES_BURST      512
#define NOTICES_PER_SECOND 16
#define NOTICE_NANOSECONDS (CLOCK_SECOND / NOTICES_PER_SECOND)

/* In a big room, comings and goings are summed up so often. */
#define SUMMARY_INTERVAL CLOCK_SECOND

/* How long to wait for memory when there is none for a snapshot. */
#define RETRY_INTERVAL (10 * CLOCK_MILLISECOND)

/* Somebody who leaves while a round is on its way to them; on the stack of their thread. */
struct departure {
    struct client *client;
    const char *why;
    bool silently;
    bool done;
    struct departure *next;
};

/* A piece of a flood, in the line before the gate; on the stack of its author's thread. */
struct piece {
    struct client *author;
    const char *lines;
    size_t length;
    size_t said;     /* bytes of it that are in a round */
    int64_t arrival; /* clock_now() */
    uint64_t ticket; /* its author waits at that slot, modulo LINE_SLOTS */
    bool done;       /* all of it has been delivered */
    bool failed;     /* memory was out */
    struct piece *next;
};

struct room {
    struct room_config config;
    struct registry *members;
    struct flow flow; /* who must wait */

    struct lock order;      /* guards the rest, and fixes the order of the room's lines */
    uint64_t position;      /* bytes ever added to the room's stream */
    struct round rounds[2]; /* one collects, the other may be on its way */
    struct round *open;     /* the one that collects */
    uint64_t delivered;     /* the number of the last round that has been delivered */
    bool leading;           /* somebody is delivering a round */

    /* Who waits for a round waits at the turn of its number, even or odd. */
    struct condition turns[2];
    unsigned waiting[2];

    /* The floods: pieces that wait to be let in, and those that are whole in the present round. */
    struct piece *line, *line_end;
    struct piece *let_in;
    struct condition slots[LINE_SLOTS];
    uint64_t tickets;
    bool gate_kept; /* the first author in the line waits for the gate to open */

    struct departure *departures; /* to be seen to when the present round is delivered */
    struct condition departed;

    struct condition herald; /* for his next duty */
    pthread_t herald_thread;
    int64_t due;             /* when what nobody waits for must go out; or CLOCK_NEVER */
    int64_t herald_wakes_at; /* what he sleeps until; CLOCK_NEVER: until he is woken */
    int64_t quiet_until;     /* before this time a notice does not go out by itself */
    int64_t summary_at;      /* before this time a big room gets no summary */
    unsigned joined, left;   /* since the last summary */
    struct meter notices;    /* comings and goings that had a line each */
    bool closing;
};

/* The functions down to room_create() want the order lock held. */

/* Puts lines into the room's stream. */
static bool add(struct room *room, struct client *author, const char *lines, size_t length)
{
    lock_assert_held(&room->order);
    if (!round_add(room->open, author, lines, length))
        return false;
    room->position += length;
    return true;
}

/* The line that stands for all comings and goings since the last one, if it is time for it. */
static void add_summary(struct room *room)
{
    if ((room->joined == 0 && room->left == 0) || clock_now() < room->summary_at)
        return;
    char line[NOTICE_SIZE];
    int length = snprintf(line, sizeof line, "*** %u joined, %u left; %zu here ***\n", room->joined,
                          room->left, registry_count(room->members));
    room->summary_at = clock_now() + SUMMARY_INTERVAL;
    if (add(room, NULL, line, (size_t)length))
        room->joined = room->left = 0;
}

/* Takes the open round to be delivered, and opens the next one. */
static struct round *take_round(struct room *room)
{
    add_summary(room);
    struct round *round = room->open;
    uint64_t next = round->number + 1;
    room->open = &room->rounds[next % 2];
    round_begin(room->open, next, room->position);
    if (round->notices)
        room->quiet_until = clock_now() + NOTICE_INTERVAL;
    room->due = room->joined + room->left > 0 ? room->summary_at : CLOCK_NEVER;
    return round;
}

/*
 * The line before the gate.
 */

/* How many bytes of a piece may enter: whole lines that fit, but one at least if it is the first.
 */
static size_t take_portion(const struct piece *piece, struct flow_portion *left, bool first)
{
    const char *lines = piece->lines + piece->said;
    const char *end = piece->lines + piece->length;
    const char *next = lines;
    while (next < end) {
        size_t line = (size_t)((const char *)memchr(next, '\n', (size_t)(end - next)) - next) + 1;
        bool fits = line <= left->bytes && line + FLOW_LINE_BYTES <= left->shown;
        if (!fits && (next > lines || !first))
            break;
        left->bytes -= fits ? line : left->bytes;
        left->shown -= fits ? line + FLOW_LINE_BYTES : left->shown;
        next += line;
    }
    return (size_t)(next - lines);
}

/* Wakes the author of that ticket, and others who share its slot. */
static void wake(struct room *room, uint64_t ticket)
{
    condition_broadcast(&room->slots[ticket % LINE_SLOTS]);
}

/* Whether a piece cannot wait for readers: the server stops. */
static bool hurries(const struct piece *piece)
{
    return link_reason(outbox_link(piece->author->outbox)) == LINK_SHUTTING_DOWN;
}

/* The first piece in the line has been dealt with. */
static void take_first(struct room *room)
{
    struct piece *piece = room->line;
    room->line = piece->next;
    if (room->line == NULL)
        room->line_end = NULL;
    piece->next = room->let_in;
    room->let_in = piece;
}

/*
 * Lets the floods into the open round, as far as the gate is open. Returns whether they are to rest
 * when that has been delivered.
 */
static bool let_floods_in(struct room *room)
{
    if (room->line == NULL)
        return false;
    size_t let_in = 0;
    struct flow_portion left = flow_open(&room->flow, room->line->arrival, hurries(room->line));
    while (room->line != NULL && left.bytes > 0) {
        struct piece *piece = room->line;
        const char *lines = piece->lines + piece->said;
        size_t portion = take_portion(piece, &left, let_in == 0);
        if (portion == 0)
            break;
        piece->failed = !add(room, piece->author, lines, portion);
        if (!piece->failed) {
            journal_write(room->config.journal, JOURNAL_TALK, lines, portion);
            piece->said += portion;
        }
        let_in += portion;
        if (!piece->failed && piece->said < piece->length)
            break;
        take_first(room);
    }
    flow_overdraw(&room->flow, let_in);
    return left.rests;
}

/* The authors of what has been delivered go on, and the first one in the line looks to the gate. */
static void serve_line(struct room *room)
{
    for (; room->let_in != NULL; room->let_in = room->let_in->next) {
        room->let_in->done = true;
        wake(room, room->let_in->ticket);
    }
    if (room->line != NULL && !room->gate_kept)
        wake(room, room->line->ticket);
}

/* Everyone as of now. Out of memory, it tries again: what was accepted must not be lost. */
static struct snapshot *everyone(struct room *room)
{
    struct snapshot *snapshot;
    while ((snapshot = registry_snapshot(room->members)) == NULL) {
        lock_release(&room->order);
        clock_sleep_until(clock_now() + RETRY_INTERVAL);
        lock_take(&room->order);
    }
    return snapshot;
}

/* Whether comings and goings are summed up, or may have a line each. */
static bool sums_up(struct room *room)
{
    unsigned limit = room->config.presence_limit;
    int64_t burst = NOTICES_BURST * NOTICE_NANOSECONDS;
    return limit > 0 && (registry_count(room->members) > limit ||
                         meter_debt(&room->notices, burst, clock_now()) > 0);
}

/*
 * Tells that somebody came or went: by a line of its own, or in the next summary, which also makes
 * up for a line for which there was no memory.
 */
static void announce(struct room *room, const char *line, unsigned *counter)
{
    int64_t due = room->quiet_until;
    if (sums_up(room) || !add(room, NULL, line, strlen(line))) {
        (*counter)++;
        add_summary(room);
        due = room->joined + room->left > 0 ? room->summary_at : 0;
    } else {
        meter_charge(&room->notices, NOTICE_NANOSECONDS, clock_now());
    }
    room->open->notices = true;
    if (due < room->due)
        room->due = due;
}

/*
 * Takes a member out between two rounds: it gets what was said before its left notice, and
 * nothing behind.
 */
static void depart(struct room *room, struct departure *departure)
{
    struct client *client = departure->client;
    char notice[NOTICE_SIZE];
    snprintf(notice, sizeof notice, "*** %s has left the chat ***\n", client->name);
    round_queue(room->open, client);
    registry_remove(room->members, client);
    if (!departure->silently)
        announce(room, notice, &room->left);
    journal_print(room->config.journal, JOURNAL_EVENT, "%s (%s) has left: %s", client->name,
                  link_peer(outbox_link(client->outbox)), departure->why);
    departure->done = true;
}

static void see_off_departures(struct room *room)
{
    if (room->departures == NULL)
        return;
    for (; room->departures != NULL; room->departures = room->departures->next)
        depart(room, room->departures);
    condition_broadcast(&room->departed);
}

/* Wakes the herald if he would sleep too long. */
static void tell_herald(struct room *room)
{
    if (!room->leading && room->due < room->herald_wakes_at)
        condition_signal(&room->herald);
}

/* Lets those go on who wait for what has just been delivered, or for their own turn. */
static void pass_the_lead(struct room *room, const struct round *done)
{
    unsigned turn = done->number % 2;
    unsigned next = 1 - turn;
    room->delivered = done->number;
    room->leading = false;
    see_off_departures(room);
    serve_line(room);
    if (room->waiting[turn] > 0)
        condition_broadcast(&room->turns[turn]);
    if (room->waiting[next] > 0)
        condition_signal(&room->turns[next]);
    /* Even so: those who count as waiting may have been woken already, for the round before. */
    tell_herald(room);
}

/*
 * Delivers the open round to everyone. Nobody else leads meanwhile, and the order lock is given
 * up for the time of waiting and sending; who speaks in that time speaks in the next round.
 */
static void lead(struct room *room)
{
    assert(!room->leading);
    room->leading = true;
    struct snapshot *snapshot = everyone(room);
    bool rests = let_floods_in(room);
    struct round *round = take_round(room);
    lock_release(&room->order);
    int64_t began = rests ? clock_now() : 0;
    for (size_t i = 0; i < snapshot->count; i++)
        round_send(round, snapshot->members[i]);
    snapshot_release(snapshot);
    if (rests)
        flow_rest(&room->flow, began);
    lock_take(&room->order);
    pass_the_lead(room, round);
}

/* Waits until the open round, as it is called now, has been delivered; leads if nobody does. */
static void see_through(struct room *room)
{
    uint64_t number = room->open->number;
    while (room->delivered < number) {
        if (!room->leading) {
            lead(room);
            continue;
        }
        room->waiting[number % 2]++;
        condition_wait(&room->turns[number % 2], &room->order);
        room->waiting[number % 2]--;
    }
}

/* The first in the line waits for the gate with the order lock given up. */
static void keep_gate(struct room *room, const struct piece *piece)
{
    room->gate_kept = true;
    uint64_t openings = flow_openings(&room->flow);
    lock_release(&room->order);
    flow_wait(&room->flow, openings, piece->arrival);
    lock_take(&room->order);
    room->gate_kept = false;
}

/* Waits until a piece of a flood has been let in and delivered. */
static void see_in(struct room *room, struct piece *piece)
{
    while (!piece->done) {
        if (room->leading || room->line != piece)
            condition_wait(&room->slots[piece->ticket % LINE_SLOTS], &room->order);
        else if (hurries(piece) || flow_is_open(&room->flow, piece->arrival))
            lead(room);
        else
            keep_gate(room, piece);
    }
    if (room->line != NULL && !room->leading && !room->gate_kept)
        wake(room, room->line->ticket);
}

/* Sends off an announcement that is due already, unless somebody who leads will come to it. */
static void send_announcement(struct room *room)
{
    if (!room->leading && room->due <= clock_now())
        lead(room);
    else
        tell_herald(room);
}

/* What the herald does: he leads rounds that nobody waits for, when they are due. */
static void *herald_thread(void *argument)
{
    struct room *room = argument;
    lock_take(&room->order);
    while (!room->closing) {
        if (!room->leading && room->due <= clock_now()) {
            lead(room);
        } else {
            room->herald_wakes_at = room->leading ? CLOCK_NEVER : room->due;
            condition_wait_until(&room->herald, &room->order, room->herald_wakes_at);
        }
    }
    lock_release(&room->order);
    return NULL;
}

/* And these take it. */

enum { CONDITIONS = 4 + LINE_SLOTS };

/* All conditions of a room. */
static void list_conditions(struct room *room, struct condition *conditions[CONDITIONS])
{
    size_t count = 0;
    conditions[count++] = &room->turns[0];
    conditions[count++] = &room->turns[1];
    conditions[count++] = &room->departed;
    conditions[count++] = &room->herald;
    for (int i = 0; i < LINE_SLOTS; i++)
        conditions[count++] = &room->slots[i];
}

static int init_conditions(struct room *room)
{
    struct condition *conditions[CONDITIONS];
    list_conditions(room, conditions);
    for (size_t i = 0; i < CONDITIONS; i++) {
        int error = condition_init(conditions[i]);
        while (error != 0 && i > 0)
            condition_destroy(conditions[--i]);
        if (error != 0)
            return error;
    }
    return 0;
}

static void destroy_conditions(struct room *room)
{
    struct condition *conditions[CONDITIONS];
    list_conditions(room, conditions);
    for (size_t i = 0; i < CONDITIONS; i++)
        condition_destroy(conditions[i]);
}

int room_create(struct room **result, const struct room_config *config)
{
    struct room *room = calloc(1, sizeof *room);
    if (room == NULL)
        return ENOMEM;
    room->config = *config;
    room->due = CLOCK_NEVER;
    room->open = &room->rounds[1];
    round_begin(room->open, 1, 0);
    int error = registry_create(&room->members);
    if (error != 0)
        goto no_members;
    error = flow_init(&room->flow, config->drain_timeout, config->sendq);
    if (error != 0)
        goto no_flow;
    error = lock_init(&room->order, LOCK_RANK_ORDER, "room order");
    if (error != 0)
        goto no_order;
    error = init_conditions(room);
    if (error != 0)
        goto no_conditions;
    error = pthread_create(&room->herald_thread, NULL, herald_thread, room);
    if (error != 0)
        goto no_herald;
    *result = room;
    return 0;
no_herald:
    destroy_conditions(room);
no_conditions:
    lock_destroy(&room->order);
no_order:
    flow_destroy(&room->flow);
no_flow:
    registry_destroy(room->members);
no_members:
    free(room);
    return error;
}

void room_destroy(struct room *room)
{
    lock_take(&room->order);
    room->closing = true;
    condition_signal(&room->herald);
    lock_release(&room->order);
    pthread_join(room->herald_thread, NULL);
    destroy_conditions(room);
    lock_destroy(&room->order);
    registry_destroy(room->members);
    flow_destroy(&room->flow);
    round_free(&room->rounds[0]);
    round_free(&room->rounds[1]);
    free(room);
}

struct registry *room_members(struct room *room)
{
    return room->members;
}

/* The line that greets a newcomer, who is not yet one of those here. False: memory is out. */
static bool write_welcome(struct room *room, const char *name, struct buffer *line)
{
    if (!room->config.welcome)
        return true;
    bool alone = registry_count(room->members) == 0;
    return buffer_format(line, "*** Welcome, %s. Type /help for commands. Here now: ", name) &&
           (alone ? buffer_append_string(line, "nobody else")
                  : registry_list_names(room->members, WELCOME_NAMES_MAX, line)) &&
           buffer_append_string(line, ". ***\n");
}

/* Gets all the memory that a join takes. Returns as room_join(). The order lock is held. */
static int prepare_join(struct room *room, const char *name, char rival[NAME_SIZE],
                        struct buffer *welcome)
{
    if (registry_has(room->members, name, rival))
        return EEXIST;
    return write_welcome(room, name, welcome) ? registry_reserve(room->members) : ENOMEM;
}

int room_join(struct room *room, struct client *client, const char *name, char rival[NAME_SIZE])
{
    struct buffer welcome = {0};
    char notice[NOTICE_SIZE];
    snprintf(notice, sizeof notice, "*** %s has joined the chat ***\n", name);
    lock_take(&room->order);
    int error = prepare_join(room, name, rival, &welcome);
    if (error == 0) {
        /* Once it is in, the newcomer can be written to: it is welcomed before. */
        outbox_queue(client->outbox, buffer_bytes(&welcome), buffer_length(&welcome));
        flow_add(&room->flow, &client->reader, client->outbox);
        error = registry_add(room->members, client, name);
        assert(error == 0); /* nobody else adds to it, and it has the memory */
    }
    if (error == 0) {
        announce(room, notice, &room->joined);
        client->joined_at = room->position;
        journal_print(room->config.journal, JOURNAL_EVENT, "%s (%s) has joined", name,
                      link_peer(outbox_link(client->outbox)));
        send_announcement(room);
    }
    lock_release(&room->order);
    buffer_free(&welcome);
    outbox_flush(client->outbox);
    return error;
}

void room_leave(struct room *room, struct client *client, const char *why, bool silently)
{
    struct departure departure = {.client = client, .why = why, .silently = silently};
    flow_remove(&client->reader);
    lock_take(&room->order);
    if (room->leading) {
        departure.next = room->departures;
        room->departures = &departure;
    } else {
        depart(room, &departure);
    }
    while (!departure.done)
        condition_wait(&room->departed, &room->order);
    if (!silently)
        send_announcement(room);
    lock_release(&room->order);
    outbox_flush(client->outbox);
}

/* Talk goes into the open round, and the round out at once. */
static bool talk(struct room *room, struct client *author, const char *lines, size_t length)
{
    lock_take(&room->order);
    bool said = add(room, author, lines, length);
    if (said) {
        journal_write(room->config.journal, JOURNAL_TALK, lines, length);
        see_through(room);
    }
    lock_release(&room->order);
    return said;
}

/* A flood stands in line. */
static bool flood(struct room *room, struct client *author, const char *lines, size_t length)
{
    struct piece piece = {
        .author = author, .lines = lines, .length = length, .arrival = clock_now()};
    lock_take(&room->order);
    piece.ticket = room->tickets++;
    if (room->line_end != NULL)
        room->line_end->next = &piece;
    else
        room->line = &piece;
    room->line_end = &piece;
    see_in(room, &piece);
    lock_release(&room->order);
    return !piece.failed;
}

bool room_say(struct room *room, struct client *author, const char *lines, size_t length)
{
    int64_t now = clock_now();
    if (flow_is_flood(&author->pace, length, now)) {
        flow_note_flood(&room->flow, author->id);
        return flood(room, author, lines, length);
    }
    flow_note_talk(&room->flow, author->id, now);
    return talk(room, author, lines, length);
}

int room_rename(struct room *room, struct client *client, const char *name, char rival[NAME_SIZE])
{
    char notice[NOTICE_SIZE];
    char old[NAME_SIZE];
    strcpy(old, client->name);
    snprintf(notice, sizeof notice, "*** %s is now known as %s ***\n", old, name);
    lock_take(&room->order);
    /* First the memory: nobody may have a name that the others were not told. */
    int error = round_reserve(room->open, strlen(notice)) ? 0 : ENOMEM;
    if (error == 0)
        error = registry_rename(room->members, client, name, rival);
    if (error == 0) {
        add(room, NULL, notice, strlen(notice));
        journal_print(room->config.journal, JOURNAL_EVENT, "%s is now known as %s", old, name);
        see_through(room);
    }
    lock_release(&room->order);
    return error;
}

/* A private flood waits for its reader. */
static void tell_flood(struct room *room, struct client *author, struct client *member,
                       const char *lines, size_t length)
{
    int64_t arrival = clock_now();
    while (!outbox_offer(member->outbox, lines, length)) {
        bool enough = flow_wait_for(&room->flow, &member->reader, arrival);
        if (enough || link_reason(outbox_link(author->outbox)) != LINK_OPEN) {
            outbox_send(member->outbox, lines, length);
            return;
        }
    }
}

void room_tell(struct room *room, struct client *author, struct client *member, const char *lines,
               size_t length)
{
    bool floods = flow_is_flood(&author->pace, length, clock_now());
    if (floods && author != member)
        tell_flood(room, author, member, lines, length);
    else
        outbox_send(member->outbox, lines, length);
}
