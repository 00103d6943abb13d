/*
 * flood_queue: the pieces of floods that wait to be let into a batch of a room, first come, first
 * served. How much is let in, and when, the flow says (chat/flow.h).
 *
 * It is a part of a room, and guarded by its order lock.
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

enum { FLOOD_QUEUE_SLOTS = 16 }; /* conditions for those who wait */

/* What one author says at once; on the stack of its thread. */
struct flood_piece {
    struct member *author;
    const struct batch *said;
    size_t published; /* messages of it that are in a batch */
    int64_t arrival;  /* clock_now() */
    uint64_t ticket;  /* its author waits at that slot, modulo FLOOD_QUEUE_SLOTS */
    bool done;        /* all of it has been delivered */
    bool failed;      /* memory was out */
    struct flood_piece *next;
};

struct flood_queue {
    struct flow *flow;
    struct flood_piece *first, *last;
    struct flood_piece *let_in; /* those that are whole in the batch that is being delivered */
    struct condition slots[FLOOD_QUEUE_SLOTS];
    uint64_t tickets;
    bool waits_for_flow; /* the first author waits for the flow, without the order lock */
};

/* Makes an empty queue before that flow's gate. Returns 0 or an errno. */
int flood_queue_init(struct flood_queue *queue, struct flow *flow);
void flood_queue_destroy(struct flood_queue *queue);

/* Puts a piece at the end. It must stay where it is until it is done. */
void flood_queue_add(struct flood_queue *queue, struct flood_piece *piece);

/*
 * Lets messages in as far as the gate is open, by calling publish(context, author, said, range),
 * which returns false when memory is out. Returns whether the flow is to rest when that has been
 * delivered. Takes the flow lock.
 */
bool flood_queue_let_in(struct flood_queue *queue,
                        bool (*publish)(void *context, struct member *author,
                                        const struct batch *said, struct batch_range range),
                        void *context);

/* What was let in has been delivered: its authors go on, and the next one looks at the gate. */
void flood_queue_serve(struct flood_queue *queue);

/*
 * Whether the piece is the first, and the gate is open for it, or it cannot wait as the server
 * stops: then its author is to deliver the batch.
 */
bool flood_queue_is_ready(const struct flood_queue *queue, const struct flood_piece *piece);

/* Waits for something to change for the piece. Gives up the order lock meanwhile. */
void flood_queue_wait(struct flood_queue *queue, const struct flood_piece *piece,
                      struct lock *order, bool delivering);

#endif
