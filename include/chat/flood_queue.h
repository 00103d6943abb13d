/*
 * flood_queue: pieces of floods that wait to enter a batch of a room, first come, first served. The
 * flow decides how much enters, and when (chat/flow.h).
 *
 * It is a part of a room, and guarded by the room's order lock: all functions want it held.
 */
#ifndef CHAT_FLOOD_QUEUE_H
#define CHAT_FLOOD_QUEUE_H

#include "base/lock.h"
#include "chat/batch.h"
#include "chat/flow.h"
#include "chat/member.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FLOOD_QUEUE_SLOTS = 16 }; /* conditions that waiting authors share */

/*
 * What one author publishes at once. It is on the stack of the author's thread. With `said` NULL
 * nothing is published: the author waits for its turn to do something that has others told.
 */
struct flood_piece {
    struct member *author;
    const struct batch *said;
    size_t bytes;  /* without `said`: how many it counts as; if it launches: that are under way */
    bool launches; /* what is let in is not published, but under way until flow_land() */
    size_t published; /* number of its messages that are in a batch */
    int64_t arrival;  /* clock_now() */
    uint64_t ticket;  /* its author waits at the slot of this number modulo FLOOD_QUEUE_SLOTS */
    bool done;        /* it has been delivered or has failed, or some of it is under way */
    bool failed;      /* memory was out: the rest is not published */
    struct flood_piece *next;
};

struct flood_queue {
    struct flow *flow;
    struct flood_piece *first, *last;
    struct flood_piece *let_in; /* pieces that end in the batch that is being delivered */
    struct condition slots[FLOOD_QUEUE_SLOTS];
    uint64_t tickets;
    bool waits_for_flow; /* the author of the first piece is in flow_wait() */
};

/*
 * Initializes an empty queue at the gate of a flow, which must outlive it. Returns 0 or an errno.
 * This and the next need no lock.
 */
int flood_queue_init(struct flood_queue *queue, struct flow *flow);
void flood_queue_destroy(struct flood_queue *queue);

/* Adds a piece at the end. It must stay at its address until it is done. */
void flood_queue_add(struct flood_queue *queue, struct flood_piece *piece);

/*
 * Lets as many messages into the open batch as the gate allows, by calls of publish(context,
 * author, said, range), which returns false when memory is out. Returns whether flow_rest() is to
 * be called after delivery. Takes the flow lock.
 */
bool flood_queue_let_in(struct flood_queue *queue,
                        bool (*publish)(void *context, struct member *author,
                                        const struct batch *said, struct batch_range range),
                        void *context);

/*
 * Marks the pieces that were let in as done, after delivery, and wakes their authors and the author
 * of the next piece.
 */
void flood_queue_serve(struct flood_queue *queue);

/*
 * Whether the author of a piece is to deliver the batch: its piece is the first, and either the
 * gate is open, or the server stops and pieces no longer wait for it. Takes the flow lock.
 */
bool flood_queue_is_ready(const struct flood_queue *queue, const struct flood_piece *piece);

/*
 * Waits, on the author's thread, until the state of its piece may have changed. `delivering`: a
 * thread delivers a batch now. Releases the order lock while waiting; hold no other lock.
 */
void flood_queue_wait(struct flood_queue *queue, const struct flood_piece *piece,
                      struct lock *order, bool delivering);

#endif
