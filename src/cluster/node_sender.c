#include "base/platform.h"

#include "cluster/node_inside.h"
#include "cluster/wire.h"

#include <errno.h>

#define PUBLISH_PATIENCE (5 * CLOCK_SECOND) /* of one call; then it is told, and repeated */

/*
 * Publishes a message until it is in the stream. Returns false if the node stops. It has a number,
 * so it may be there twice. It has no id: copies of a stream have not the same messages any more
 * when nats-servers that were killed remember other ids.
 */
static bool publish(struct node *node, const struct buffer *out)
{
    const struct stream_content content = {buffer_bytes(out), buffer_length(out), clock_utc()};
    uint64_t sequence;
    char fault[STREAM_FAULT_SIZE];
    int error;
    while ((error = stream_publish(node->stream, NULL, &content, clock_now() + PUBLISH_PATIENCE,
                                   &sequence, fault)) != 0 &&
           error != ECANCELED) {
        node_note_publishing(node, fault);
        clock_sleep_until(clock_now() + NODE_RETRY_INTERVAL);
    }
    if (error == 0 && node->refused)
        node_note_publishing(node, NULL);
    return error == 0;
}

/* Sends what was written, as the next message. Returns false if the node stops. */
static bool send_message(struct node *node, struct buffer *out)
{
    while (wire_seal(out) != 0) /* what was taken must be sent */
        clock_sleep_until(clock_now() + NODE_RETRY_INTERVAL);
    node->number++;
    return publish(node, out);
}

/* Begins a message. Waits for memory. */
static void begin_message(struct node *node, struct buffer *out)
{
    const struct wire_header header = {node->id, node->sent_boot, node->number + 1};
    buffer_truncate(out, 0);
    while (wire_begin(out, &header) != 0)
        clock_sleep_until(clock_now() + NODE_RETRY_INTERVAL);
}

static uint64_t number_made(struct node *node)
{
    lock_take(&node->lock);
    uint64_t made = node->made;
    lock_release(&node->lock);
    return made;
}

/* Sends something about this machine, with a number. Returns false if the node stops. */
static bool send_own(struct node *node, struct buffer *out, enum change_kind kind, uint64_t number)
{
    struct change change = {.kind = kind, .node = node->id, .time = clock_utc(), .number = number};
    if (kind == CHANGE_NODE_BEGIN) {
        change.text = words_of(node->machine);
        change.limits = node->limits;
        change.given = node->begins_locked;
    }
    if (kind == CHANGE_NODE_BEAT)
        change.number = number_made(node);
    begin_message(node, out);
    while (wire_add(out, &change) == ENOMEM)
        clock_sleep_until(clock_now() + NODE_RETRY_INTERVAL);
    return send_message(node, out);
}

/* Whether this machine is to begin, for the first time or anew. */
static bool is_to_begin(struct node *node)
{
    lock_take(&node->lock);
    bool begins = node->sent_boot != node->boot;
    if (begins)
        node->number = 0;
    node->sent_boot = node->boot;
    node->sent_voids = node->voids;
    node->begins_locked = node->was_locked || (node->lockdown && (node->boot & MACHINES_ANEW) == 0);
    lock_release(&node->lock);
    return begins;
}

/*
 * Sends that this machine begins, that it has kept a snapshot, some changes of users, or after a
 * while that it is there. Returns false if the node stops.
 */
static bool send_some(struct node *node, struct buffer *out)
{
    if (is_to_begin(node)) {
        bool sent = send_own(node, out, CHANGE_NODE_BEGIN, 0);
        turns_resume(&node->turns, node->sent_voids);
        return sent;
    }
    uint64_t kept = node_take_announcement(node);
    if (kept != 0)
        return send_own(node, out, CHANGE_NODE_SNAPSHOT, kept);
    if (turns_are_paused(&node->turns) && !atomic_load(&node->stopping)) {
        clock_sleep_until(clock_now() + NODE_RETRY_INTERVAL); /* it is about to begin anew */
        return true;
    }
    begin_message(node, out);
    if (clock_now() < node->beats_at &&
        turns_take(&node->turns, out, node->number + 1, node->beats_at) > 0)
        return send_message(node, out);
    if (atomic_load(&node->stopping))
        return false;
    if (clock_now() < node->beats_at)
        return true; /* memory was out */
    node->beats_at = clock_now() + MACHINES_BEAT * CLOCK_MILLISECOND;
    return turns_are_paused(&node->turns) || send_own(node, out, CHANGE_NODE_BEAT, 0);
}

static bool is_linked(struct node *node)
{
    lock_take(&node->lock);
    bool up = node->up;
    lock_release(&node->lock);
    return up;
}

void *node_send(void *argument)
{
    struct node *node = argument;
    struct buffer out = {0};
    while (send_some(node, &out))
        ;
    if (is_linked(node))
        send_own(node, &out, CHANGE_NODE_END, 0);
    buffer_free(&out);
    lock_take(&node->lock);
    node->sent = true;
    condition_broadcast(&node->changed);
    lock_release(&node->lock);
    return NULL;
}
