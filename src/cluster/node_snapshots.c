#include "base/platform.h"

#include "chat/state.h"
#include "cluster/node_inside.h"
#include "cluster/wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READ_PATIENCE (20 * CLOCK_SECOND) /* for an answer of the servers, at the start */
#define KEEP_PATIENCE (60 * CLOCK_SECOND)

enum {
    BYTES_BETWEEN = 8 * 1024 * 1024, /* of messages: with so many a snapshot is due as well */
    TAIL = 2                         /* times the messages between two: what is read, for history */
};

/*
 * Telling a snapshot. For the follower's thread.
 */

/* A snapshot that is being told. */
struct telling {
    struct snapshot *snapshot;
    const struct node *node;
    int error;
};

static bool hear(void *context, const struct change *change)
{
    struct telling *telling = context;
    telling->error = snapshot_add(telling->snapshot, change);
    return telling->error == 0;
}

/* The id of a machine is made of its name. */
static uint64_t node_of(void *context, const char *machine)
{
    const struct telling *telling = context;
    return machine == NULL ? telling->node->id : machines_id(machine);
}

/*
 * Tells the state. Users of a server that stops leave without their turns, which the others learn
 * from the last message: then what is here is not the state any more.
 */
static bool tell(struct node *node, struct snapshot *snapshot)
{
    const struct wire_header header = {node->id, node->boot, 1};
    struct telling telling = {snapshot, node, 0};
    const struct state_listener listener = {hear, node_of, &telling};
    return snapshot_begin(snapshot, &header, node->made) == 0 &&
           machines_tell(&node->machines, hear, &telling) && state_tell(node->chat, &listener) &&
           snapshot_end(snapshot) == 0 && !turns_are_hurried(&node->turns);
}

/* Whether so many messages, or so many bytes of them, have come since a mark. */
static bool is_past(const struct node *node, const struct node_mark *mark, uint64_t times)
{
    return node->made - mark->made >= node->snapshot_every * times ||
           node->bytes - mark->bytes >= BYTES_BETWEEN * times;
}

/*
 * Whether this machine is to tell the state now: the one with the lowest id that is there when
 * enough messages have come since the last snapshot; when it has not, the next one after as many
 * more. All know what is kept from the stream. Two at once would do no harm.
 */
static bool is_due(const struct node *node)
{
    const struct machine *own = machines_find(&node->machines, node->id, node->boot);
    return own != NULL && !own->gone && is_past(node, &node->tried, 1) &&
           is_past(node, &node->kept, machines_rank(&node->machines, node->id) + UINT64_C(1));
}

/* Whether the keeper has one to keep. The follower alone gives it one. */
static bool is_keeping(struct node *node)
{
    lock_take(&node->lock);
    bool keeping = node->keeping;
    lock_release(&node->lock);
    return keeping;
}

/* Gives the keeper a snapshot. */
static void hand_over(struct node *node, const struct snapshot *snapshot)
{
    lock_take(&node->lock);
    node->to_keep = *snapshot;
    node->keeping = true;
    condition_broadcast(&node->changed);
    lock_release(&node->lock);
}

void node_consider_snapshot(struct node *node, size_t bytes)
{
    struct snapshot snapshot = {0};
    node->bytes += bytes;
    if (!is_due(node) || is_keeping(node))
        return;
    node->tried = (struct node_mark){node->made, node->bytes};
    if (tell(node, &snapshot)) {
        snapshot.reading = stream_has_read(node->stream, &snapshot.mark);
        snapshot.created = (int64_t)stream_identity(node->stream);
        hand_over(node, &snapshot);
    } else {
        snapshot_free(&snapshot);
    }
}

/* What came between the two is not counted: nobody knows its bytes. */
void node_note_snapshot(struct node *node, uint64_t sequence)
{
    if (sequence > node->kept.made && sequence <= node->made)
        node->kept = (struct node_mark){sequence, node->bytes};
}

/*
 * Keeping it. The keeper's thread.
 */

/* Waits for a snapshot. Returns false if the node stops. */
static bool await_snapshot(struct node *node)
{
    lock_take(&node->lock);
    while (!node->keeping && !atomic_load(&node->stopping))
        condition_wait(&node->changed, &node->lock);
    lock_release(&node->lock);
    return !atomic_load(&node->stopping);
}

/*
 * Has the sender tell the others that a snapshot is kept; unless the machine has begun anew since,
 * as it may be of messages that are lost.
 */
static void announce(struct node *node, const struct snapshot *snapshot)
{
    lock_take(&node->lock);
    if (!node->reads_anew && node->boot == snapshot->header.boot)
        node->to_announce = snapshot->sequence;
    lock_release(&node->lock);
}

void *node_keep(void *argument)
{
    struct node *node = argument;
    char fault[STREAM_FAULT_SIZE];
    while (await_snapshot(node)) {
        bool kept =
            snapshots_keep(&node->snapshots, &node->to_keep, clock_now() + KEEP_PATIENCE, fault);
        if (kept)
            announce(node, &node->to_keep);
        else if (!atomic_load(&node->stopping))
            event_log_print(node->event_log, EVENT_LOG_EVENT, "A snapshot is not kept: %s", fault);
        snapshot_free(&node->to_keep);
        if (kept)
            snapshots_tidy(&node->snapshots, node->stream_bytes, clock_now() + KEEP_PATIENCE);
        lock_take(&node->lock);
        node->keeping = false;
        lock_release(&node->lock);
    }
    return NULL;
}

uint64_t node_take_announcement(struct node *node)
{
    lock_take(&node->lock);
    uint64_t sequence = node->to_announce;
    node->to_announce = 0;
    lock_release(&node->lock);
    return sequence;
}

/*
 * Beginning with one.
 */

/* A state that is being made. */
struct making {
    struct node *node;
    struct state_maker maker;
};

static void make(void *context, const struct change *change)
{
    struct making *making = context;
    struct node *node = making->node;
    bool made = false;
    if (change->kind == CHANGE_STATE_USER) {
        const struct machine *machine = machines_living(&node->machines, change->node);
        if (machine != NULL)
            state_make(&making->maker, machine->name, change);
        return;
    }
    while (!made) {
        lock_take(&node->lock);
        made = machines_make(&node->machines, change);
        lock_release(&node->lock);
        if (!made)
            clock_sleep_until(clock_now() + NODE_RETRY_INTERVAL);
    }
    state_make(&making->maker, NULL, change);
}

static void make_state(struct node *node, const struct snapshot *snapshot)
{
    struct making making = {.node = node};
    lock_take(&node->lock);
    machines_forget(&node->machines);
    lock_release(&node->lock);
    state_begin(&making.maker, node->chat);
    snapshot_visit(snapshot, make, &making);
    state_end(&making.maker);
    node_note_made(node, snapshot->sequence);
    node->kept = node->tried = (struct node_mark){node->made, node->bytes};
}

/* What there is to begin with. */
struct choice {
    uint64_t first, last; /* messages that are in the stream */
    struct snapshots_record *records;
    size_t count;
    bool newer; /* one that is left out was written by a newer version */
};

static void leave_out(const struct node *node, struct snapshots_record *record, const char *why)
{
    event_log_print(node->event_log, EVENT_LOG_EVENT, "Snapshot %" PRIu64 " is left out: %s",
                    record->place, why);
    record->result = SEALED_GARBLED;
}

/* Leaves out what cannot be begun with, whatever is in it. */
static void sift(const struct node *node, struct choice *choice)
{
    for (size_t i = 0; i < choice->count; i++) {
        struct snapshots_record *record = &choice->records[i];
        choice->newer |= record->result == SEALED_NEWER;
        if (record->result != SEALED_OK)
            leave_out(node, record, sealed_describe(record->result));
        else if (!record->is_of_stream || record->sequence > choice->last)
            leave_out(node, record, "it is of another stream");
        else if (record->sequence + 1 < choice->first)
            leave_out(node, record, "the stream begins behind it");
    }
}

/*
 * Returns the oldest one behind which not too many messages are to be read, for what people said
 * last; or the newest. NULL: there is none.
 */
static struct snapshots_record *choose(const struct node *node, const struct choice *choice)
{
    struct snapshots_record *newest = NULL;
    for (size_t i = 0; i < choice->count; i++) {
        struct snapshots_record *record = &choice->records[i];
        if (record->result != SEALED_OK)
            continue;
        if (choice->last - record->sequence <= TAIL * node->snapshot_every)
            return record;
        if (newest == NULL || newest->sequence < record->sequence)
            newest = record;
    }
    return newest;
}

/*
 * Makes the state of a snapshot. Returns STREAM_DONE; with a fault, STREAM_NEVER if it is of no
 * use, and STREAM_AGAIN if that cannot be found out now.
 */
static enum stream_answer begin_with(struct node *node, const struct snapshots_record *record,
                                     struct choice *choice, char *fault)
{
    struct snapshot snapshot = {0};
    enum sealed_result result = SEALED_OK;
    enum stream_answer answer =
        snapshots_match(&node->snapshots, record, choice->first, READ_PATIENCE, fault);
    if (answer != STREAM_DONE)
        return answer;
    if (snapshots_read(&node->snapshots, record, READ_PATIENCE, &snapshot, &result, fault))
        make_state(node, &snapshot);
    else
        answer = result == SEALED_OK ? STREAM_AGAIN : STREAM_NEVER;
    choice->newer |= result == SEALED_NEWER;
    snapshot_free(&snapshot);
    return answer;
}

/* The same with the first one that is whole. Returns STREAM_NEVER if there is none. */
static enum stream_answer begin_with_snapshot(struct node *node, struct choice *choice, char *fault)
{
    struct snapshots_record *record;
    enum stream_answer answer = STREAM_NEVER;
    while (answer == STREAM_NEVER && (record = choose(node, choice)) != NULL) {
        answer = begin_with(node, record, choice, fault);
        if (answer == STREAM_NEVER)
            leave_out(node, record, fault);
    }
    return answer;
}

/* Whether all that has ever happened can be read, or there is nothing. */
static bool is_complete(const struct choice *choice)
{
    return choice->first <= 1;
}

static bool begin(struct node *node, struct choice *choice, char *fault)
{
    sift(node, choice);
    enum stream_answer answer = begin_with_snapshot(node, choice, fault);
    if (answer != STREAM_NEVER)
        return answer == STREAM_DONE;
    if (choice->newer) {
        snprintf(fault, STREAM_FAULT_SIZE,
                 "a newer version has written the snapshots. Install that version here.");
        return false;
    }
    if (is_complete(choice)) {
        const struct snapshot nothing = {0};
        make_state(node, &nothing);
        return true;
    }
    snprintf(fault, STREAM_FAULT_SIZE,
             "the stream begins with message %" PRIu64
             ", and there is no snapshot from which it can be read. Stop all machines, and remove "
             "the stream, to begin anew.",
             choice->first);
    return false;
}

bool node_begin_reading(struct node *node, char fault[STREAM_FAULT_SIZE])
{
    struct choice choice = {.count = 0};
    int64_t deadline = clock_now() + READ_PATIENCE;
    bool begun =
        stream_measure(node->stream, deadline, &choice.first, &choice.last, fault) &&
        snapshots_list(&node->snapshots, deadline, &choice.records, &choice.count, fault) &&
        begin(node, &choice, fault);
    free(choice.records);
    return begun;
}
