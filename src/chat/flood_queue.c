#include "base/platform.h"

#include "chat/flood_queue.h"
#include "net/link.h"
#include "net/outbox.h"

int flood_queue_init(struct flood_queue *queue, struct flow *flow)
{
    *queue = (struct flood_queue){.flow = flow};
    for (int i = 0; i < FLOOD_QUEUE_SLOTS; i++) {
        int error = condition_init(&queue->slots[i]);
        while (error != 0 && i > 0)
            condition_destroy(&queue->slots[--i]);
        if (error != 0)
            return error;
    }
    return 0;
}

void flood_queue_destroy(struct flood_queue *queue)
{
    for (int i = 0; i < FLOOD_QUEUE_SLOTS; i++)
        condition_destroy(&queue->slots[i]);
}

void flood_queue_add(struct flood_queue *queue, struct flood_piece *piece)
{
    piece->ticket = queue->tickets++;
    if (queue->last != NULL)
        queue->last->next = piece;
    else
        queue->first = piece;
    queue->last = piece;
}

/* Wakes the author with a ticket, and others that share its slot. */
static void wake(struct flood_queue *queue, uint64_t ticket)
{
    condition_broadcast(&queue->slots[ticket % FLOOD_QUEUE_SLOTS]);
}

/* Whether a piece does not wait for readers, because the server stops. */
static bool hurries(const struct flood_piece *piece)
{
    return link_reason(outbox_link(piece->author->user->outbox)) == LINK_SHUTTING_DOWN;
}

static size_t count_of(const struct flood_piece *piece)
{
    return piece->said != NULL ? piece->said->count : 1;
}

static size_t bytes_at(const struct flood_piece *piece, size_t i)
{
    if (piece->said == NULL)
        return piece->bytes;
    struct message message = batch_message(piece->said, i);
    return message_bytes(&message);
}

/*
 * Returns the messages of a piece that fit into what is left of the portion, and reduces that. The
 * first piece gets one message in even if it does not fit.
 */
static struct batch_range take_portion(const struct flood_piece *piece, struct flow_portion *left,
                                       bool first)
{
    struct batch_range range = {piece->published, piece->published};
    while (range.end < count_of(piece)) {
        size_t line = bytes_at(piece, range.end);
        bool fits = line <= left->bytes && line + FLOW_LINE_BYTES <= left->shown;
        if (!fits && (range.end > range.begin || !first))
            break;
        left->bytes -= fits ? line : left->bytes;
        left->shown -= fits ? line + FLOW_LINE_BYTES : left->shown;
        range.end++;
    }
    return range;
}

static size_t bytes_of(const struct flood_piece *piece, struct batch_range range)
{
    size_t bytes = 0;
    for (size_t i = range.begin; i < range.end; i++)
        bytes += bytes_at(piece, i);
    return bytes;
}

/* Moves the first piece to those that are let in. */
static void take_first(struct flood_queue *queue)
{
    struct flood_piece *piece = queue->first;
    queue->first = piece->next;
    if (queue->first == NULL)
        queue->last = NULL;
    piece->next = queue->let_in;
    queue->let_in = piece;
}

/* Has what was let in of a piece be under way. Its author comes again with the rest. */
static void launch(struct flood_queue *queue, struct flood_piece *piece, struct batch_range portion)
{
    piece->bytes = bytes_of(piece, portion);
    flow_launch(queue->flow, piece->bytes);
}

bool flood_queue_let_in(struct flood_queue *queue,
                        bool (*publish)(void *context, struct member *author,
                                        const struct batch *said, struct batch_range range),
                        void *context)
{
    if (queue->first == NULL)
        return false;
    size_t let_in = 0;
    struct flow_portion left = flow_open(queue->flow, queue->first->arrival, hurries(queue->first));
    while (queue->first != NULL && left.bytes > 0) {
        struct flood_piece *piece = queue->first;
        struct batch_range portion = take_portion(piece, &left, let_in == 0);
        if (portion.begin == portion.end)
            break;
        piece->failed = piece->said != NULL && !piece->launches &&
                        !publish(context, piece->author, piece->said, portion);
        if (!piece->failed) {
            piece->published = portion.end;
            let_in += bytes_of(piece, portion);
        }
        if (piece->launches)
            launch(queue, piece, portion);
        else if (!piece->failed && piece->published < count_of(piece))
            break;
        take_first(queue);
    }
    flow_overdraw(queue->flow, let_in);
    return left.rests;
}

void flood_queue_serve(struct flood_queue *queue)
{
    for (; queue->let_in != NULL; queue->let_in = queue->let_in->next) {
        queue->let_in->done = true;
        wake(queue, queue->let_in->ticket);
    }
    if (queue->first != NULL && !queue->waits_for_flow)
        wake(queue, queue->first->ticket);
}

bool flood_queue_is_ready(const struct flood_queue *queue, const struct flood_piece *piece)
{
    return queue->first == piece && (hurries(piece) || flow_is_open(queue->flow, piece->arrival));
}

void flood_queue_wait(struct flood_queue *queue, const struct flood_piece *piece,
                      struct lock *order, bool delivering)
{
    if (delivering || queue->first != piece) {
        condition_wait(&queue->slots[piece->ticket % FLOOD_QUEUE_SLOTS], order);
        return;
    }
    queue->waits_for_flow = true;
    uint64_t openings = flow_openings(queue->flow);
    lock_release(order);
    flow_wait(queue->flow, openings, piece->arrival);
    lock_take(order);
    queue->waits_for_flow = false;
}
