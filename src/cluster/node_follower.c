#include "base/platform.h"

#include "chat/batch.h"
#include "chat/judging.h"
#include "chat/lockdown.h"
#include "chat/replica.h"
#include "cluster/node_inside.h"
#include "cluster/wire.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Changes of one message of the stream have places that follow each other. */
#define PLACES_PER_MESSAGE TURNS_MOST

enum { UNSETTLED_MAX = 1024 * 1024 };

static void log_machine(struct node *node, const struct machine *machine, const char *what)
{
    event_log_print(node->event_log, EVENT_LOG_EVENT, "*** Machine %s %s ***", machine->name, what);
}

/* Has the users of a machine leave, and hears it no more. */
static void remove_machine(struct node *node, struct machine *machine, const char *what,
                           const char *why)
{
    if (machine->gone)
        return;
    lock_take(&node->lock);
    machine->gone = true;
    lock_release(&node->lock);
    log_machine(node, machine, what);
    replica_remove(node->chat, machine->name, why);
}

void node_give_up(struct node *node, const char *why)
{
    lock_take(&node->lock);
    bool starts = !node->begun && !node->reads_anew;
    bool first = node->given_up == NULL;
    if (first)
        node->given_up = why;
    condition_broadcast(&node->changed);
    lock_release(&node->lock);
    atomic_store(&node->stopping, true);
    turns_stop(&node->turns);
    if (starts || !first) /* a second signal would end the grace of the first */
        return;
    event_log_hush(node->event_log, false); /* it may be reading anew */
    event_log_print(node->event_log, EVENT_LOG_EVENT, "This machine leaves the cluster: %s", why);
    kill(getpid(), SIGTERM);
}

void node_give_up_for_good(struct node *node, const char *why)
{
    lock_take(&node->lock);
    node->for_good = true;
    lock_release(&node->lock);
    node_give_up(node, why);
}

/* Copies what was said, for the chat. Waits for memory. */
static void copy_said(const struct change *change, struct batch *said)
{
    struct change_messages messages = change->messages;
    struct message message;
    while (wire_next_message(&messages, &message))
        while (!batch_add(said, &message))
            clock_sleep_until(clock_now() + NODE_RETRY_INTERVAL);
}

/* At the start talk comes faster than a disk takes it. The follower alone sets `begun`. */
static void settle_some(struct node *node, const struct change_messages *messages)
{
    if (node->begun)
        return;
    node->unsettled += (size_t)(messages->end - messages->at);
    if (node->unsettled < UNSETTLED_MAX)
        return;
    node->unsettled = 0;
    replica_settle(node->chat);
}

static void make_talk(struct node *node, const struct machine *machine, uint64_t place,
                      const struct change *change)
{
    struct batch said = {0};
    struct change talk = *change;
    copy_said(change, &said);
    talk.said = &said;
    replica_make(node->chat, machine->name, place, &talk);
    batch_free(&said);
    settle_some(node, &change->messages);
}

static bool is_own(const struct node *node, const struct machine *machine)
{
    return machine->id == node->id && machine->boot == node->boot;
}

/* Makes what a user of another machine does. */
static void make_remote(struct node *node, const struct machine *machine, uint64_t place,
                        const struct change *change)
{
    replica_make(node->chat, machine->name, place, change);
    if (change->kind != CHANGE_BAN)
        return;
    lock_take(&node->lock);
    node->calls_until = clock_now() + JUDGING_PATIENCE;
    condition_broadcast(&node->changed);
    lock_release(&node->lock);
}

static void make(struct node *node, struct machine *machine, uint64_t place,
                 const struct change *change)
{
    if (change->kind == CHANGE_NODE_SNAPSHOT)
        node_note_snapshot(node, change->number);
    else if (change->kind == CHANGE_NODE_END)
        remove_machine(node, machine, "has left the cluster", "its machine has ended");
    else if (change->kind == CHANGE_NODE_BEAT)
        node_note_lag(node, machine, place / PLACES_PER_MESSAGE, change->number);
    else if (change->kind == CHANGE_NODE_BEGIN)
        return;
    else if (is_own(node, machine))
        turns_give(&node->turns, place);
    else if (change->kind == CHANGE_TALK)
        make_talk(node, machine, place, change);
    else
        make_remote(node, machine, place, change);
}

static struct machine *add_machine(struct node *node, const struct wire_header *header,
                                   const struct change *change)
{
    lock_take(&node->lock);
    struct machine *machine =
        machines_add(&node->machines, header->node, header->boot, change->text);
    lock_release(&node->lock);
    return machine;
}

static void write_quarrel(struct node *node, const char *option, uint64_t here, uint64_t there)
{
    snprintf(node->quarrel, sizeof node->quarrel,
             "%s is %" PRIu64 " here, and %" PRIu64 " on the other machines. Give all the same.",
             option, here, there);
}

/* A machine that has other limits than the others does not begin. If it is this one, it ends. */
static void refuse(struct node *node, const struct wire_header *header)
{
    const struct change_limits *here = &node->limits;
    const struct change_limits *there = &node->machines.limits;
    if (header->node != node->id || header->boot != node->boot)
        return;
    if (here->max_rooms != there->max_rooms)
        write_quarrel(node, "--max-rooms", here->max_rooms, there->max_rooms);
    else
        write_quarrel(node, "--rooms-per-client", here->rooms_per_client, there->rooms_per_client);
    node_give_up(node, node->quarrel);
}

/*
 * A machine begins. An earlier run of it has ended. Returns NULL if it may not begin.
 */
static struct machine *begin(struct node *node, const struct wire_header *header,
                             const struct change *change)
{
    struct machine *machine = node->machines.first;
    if (!machines_agree(&node->machines, header->node, &change->limits)) {
        refuse(node, header);
        return NULL;
    }
    for (; machine != NULL; machine = machine->next) {
        if (machine->id != header->node || machine->gone)
            continue;
        remove_machine(node, machine, "has been started again", "its machine was started again");
        if (is_own(node, machine))
            node_give_up_for_good(
                node, "another one has its name. Give each a name of its own with --node.");
    }
    while ((machine = add_machine(node, header, change)) == NULL)
        clock_sleep_until(clock_now() + NODE_RETRY_INTERVAL);
    log_machine(node, machine, "has come into the cluster");
    if (change->given)
        lockdown_begin(node->chat, machine->name);
    if (is_own(node, machine))
        node_note_begun(node);
    return machine;
}

/* Removes the machines that were not heard for too long when a message came. */
static void remove_silent(struct node *node, struct machine *from, int64_t time, uint64_t place)
{
    struct machine *silent;
    while ((silent = machines_hear(&node->machines, from, time)) != NULL) {
        remove_machine(node, silent, "is not heard any more", "its machine is not heard");
        if (is_own(node, silent))
            node_come_in_anew(node, place);
    }
}

static void report_strange(struct node *node, uint64_t sequence, enum sealed_result result)
{
    event_log_print(node->event_log, EVENT_LOG_EVENT,
                    "Message %" PRIu64 " of the stream is left out: %s", sequence,
                    sealed_describe(result));
    if (result == SEALED_NEWER)
        node_give_up_for_good(
            node, "a newer version has written to the stream. Install that version here.");
}

/*
 * A message of this machine has come. Those before it have not if the stream has lost them: changes
 * are sent again; without its beginning the machine does not count, so it begins anew.
 */
static void note_own(struct node *node, const struct machine *machine,
                     const struct wire_header *header, bool begins, uint64_t place)
{
    if (header->node != node->id || header->boot != node->boot)
        return;
    turns_take_back(&node->turns, header->number);
    if (machine == NULL && !begins)
        node_come_in_anew(node, place);
}

/* What a machine says before it begins, or after it is gone, or says again does not count. */
static void make_message(struct node *node, uint64_t sequence, int64_t time, const void *bytes,
                         size_t length)
{
    struct wire_reader reader;
    struct wire_header header;
    struct change change;
    enum sealed_result result = wire_open(&reader, bytes, length, &header);
    struct machine *machine =
        result == SEALED_OK ? machines_find(&node->machines, header.node, header.boot) : NULL;
    remove_silent(node, machine, time, sequence * PLACES_PER_MESSAGE);
    if (result != SEALED_OK) {
        report_strange(node, sequence, result);
        return;
    }
    if (machine != NULL && (machine->gone || header.number <= machine->number))
        return;
    if (machine != NULL)
        node_note_heard(node, machine, time);
    note_own(node, machine, &header, header.number == 1, sequence * PLACES_PER_MESSAGE);
    /* Those of a kind that is not known here have their places, too. */
    while (wire_next(&reader, &change) && reader.taken <= PLACES_PER_MESSAGE) {
        if (machine == NULL && change.kind == CHANGE_NODE_BEGIN)
            machine = begin(node, &header, &change);
        if (machine == NULL || machine->gone)
            return;
        machine->number = header.number;
        make(node, machine, sequence * PLACES_PER_MESSAGE + reader.taken - 1, &change);
    }
}

void node_receive(void *context, uint64_t sequence, int64_t time, const void *bytes, size_t length)
{
    struct node *node = context;
    if (node->given_up == NULL && sequence != node->made + 1) /* the stream prevents that */
        node_give_up(node, "a message of the stream was not read. Start it again.");
    if (node->given_up != NULL)
        return;
    atomic_fetch_add(&node->received, 1);
    node_note_backlog(node);
    make_message(node, sequence, time, bytes, length);
    node_note_made(node, sequence);
    atomic_store(&node->reach, (sequence + 1) * PLACES_PER_MESSAGE - 1);
    if (node->given_up == NULL)
        node_consider_snapshot(node, length);
}
