/*
 * throttle: slows down a peer that asks for much. What the peer has the server do is charged to its
 * meter, and what it is sent in answer may not pile up: it is read no further until both are in
 * order. What others send it does not count.
 *
 * A throttle belongs to the thread that reads from the peer. Costs are in bytes of answers.
 */
#ifndef NET_THROTTLE_H
#define NET_THROTTLE_H

#include "base/meter.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outbox;

struct throttle {
    struct outbox *outbox;
    struct meter meter;
    unsigned charged; /* how many bytes of answers have been charged, modulo the type's range */
};

/*
 * Makes the throttle for the peer of an outbox, which must outlive it. `debt`: nanoseconds that the
 * peer has to wait before it is read, for what it did before.
 */
void throttle_init(struct throttle *throttle, struct outbox *outbox, int64_t debt);

/* Charges for a request. Returns false if the peer is beyond its measure now. */
bool throttle_charge_request(struct throttle *throttle);

/* Charges for work, and for the answers that were sent since the last time. */
void throttle_charge(struct throttle *throttle, size_t cost);

/* Until when (as of clock_now()) the peer has to wait before it is read on; 0: it has not. */
int64_t throttle_ends(struct throttle *throttle);

/* Whether the peer has taken most of its answers. Takes the outbox lock. */
bool throttle_is_clear(struct throttle *throttle);

/*
 * Waits until the peer has taken most of its answers; after `timeout` nanoseconds (0: never) its
 * link is killed with LINK_TOO_SLOW. Returns false when the link has ended, or nothing goes out any
 * more. With no lock held.
 */
bool throttle_catch_up(struct throttle *throttle, int64_t timeout);

/* Waits until the peer may be read on, as throttle_catch_up() does, or until its link ends. */
void throttle_wait(struct throttle *throttle, int64_t timeout);

#endif
