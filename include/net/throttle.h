/*
 * throttle: slows down a peer that makes many requests. The work that a peer causes is charged to
 * its meter, and its pending answers are limited: no more of its input is read until both are
 * within bounds. Output that others cause does not count.
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

enum { THROTTLE_ANSWERS_BYTES = 32 * 1024 }; /* of answers may be pending while a peer is read */

struct throttle {
    struct outbox *outbox;
    struct meter meter;
    unsigned charged; /* bytes of answers charged so far, modulo the type's range */
};

/*
 * Makes a throttle for the peer of an outbox, which must outlive it. `debt`: nanoseconds that the
 * peer waits before it is read, for its earlier connections.
 */
void throttle_init(struct throttle *throttle, struct outbox *outbox, int64_t debt);

/* Charges for one request. Returns false if the peer is over its budget now. */
bool throttle_charge_request(struct throttle *throttle);

/* Charges for work of `cost` bytes, and for the answers since the last call. */
void throttle_charge(struct throttle *throttle, size_t cost);

/* When (as of clock_now()) the peer may be read again; 0: it may now. */
int64_t throttle_ends(struct throttle *throttle);

/* Whether few enough answers are pending to read on. Takes the outbox lock. */
bool throttle_is_clear(struct throttle *throttle);

/*
 * Waits until few enough answers are pending; after `timeout` nanoseconds (0: never) kills the link
 * with LINK_TOO_SLOW. Returns false when the link has ended, or output has failed. No lock may be
 * held.
 */
bool throttle_catch_up(struct throttle *throttle, int64_t timeout);

/*
 * Waits until the peer may be read again, with throttle_catch_up() for its pending answers, or
 * until its link ends. No lock may be held.
 */
void throttle_wait(struct throttle *throttle, int64_t timeout);

#endif
