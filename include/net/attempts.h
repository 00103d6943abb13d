/*
 * attempts: attempts at a password, and how long they wait because others from the same host have
 * failed; or at something else that a host may do a few times only, each of which counts as a
 * failure then. A host is what address_prefix_host() says. Some failures may be free. After its
 * first other one its next attempt is
 * looked at 1 second later, after the second 2, then 4, at most 30; attempts that come at once are
 * looked at one after the other, that far apart. Before a host has failed they are looked at one
 * after the other, too, without a pause: otherwise all that come before the first one has failed
 * would be. So however many connections a host makes, it tries no faster; other hosts do not wait.
 * Who has no address, as on a unix socket, does not count.
 *
 * All functions but attempts_create() and attempts_destroy() may be called by any thread, and take
 * the attempts lock for a moment: the caller waits, not this module. Moments are those of
 * clock_now().
 */
#ifndef NET_ATTEMPTS_H
#define NET_ATTEMPTS_H

#include "base/clock.h"
#include "net/address_prefix.h"

#include <stdbool.h>
#include <stdint.h>

/* After how long to ask again whether another attempt of the host has been looked at. */
#define ATTEMPTS_PAUSE (20 * CLOCK_MILLISECOND)

/* The longest wait; and when a host is forgotten after its last failure. */
#define ATTEMPTS_WAIT_MAX  (30 * CLOCK_SECOND)
#define ATTEMPTS_FORGOTTEN (15 * 60 * CLOCK_SECOND)

enum { ATTEMPTS_HOSTS_MAX = 4096 }; /* one more, and the one that failed longest ago is forgotten */

struct attempts;

/* One attempt, for its thread. */
struct attempt {
    struct address_prefix host;
    int64_t wait;     /* nanoseconds until it may be looked at */
    int64_t reserved; /* nanoseconds that those who come later wait for it; 0: until it has ended */
};

enum attempts_verdict {
    ATTEMPTS_BEGUN,
    ATTEMPTS_LATER, /* another one of its host is being looked at: ask again after ATTEMPTS_PAUSE */
    ATTEMPTS_TOO_MANY /* others of its host wait already, too long: nothing is to be done */
};

/*
 * The first `free_failures` of a host slow down nothing, until it is forgotten. Returns 0, or an
 * errno.
 */
int attempts_create(struct attempts **result, unsigned free_failures);

/* No thread may use it any more. */
void attempts_destroy(struct attempts *attempts);

/*
 * Begins an attempt from an address, unless it would have to wait for another one, or for longer
 * than ATTEMPTS_WAIT_MAX. Each that was begun is to be ended or dropped.
 */
enum attempts_verdict attempts_begin(struct attempts *attempts,
                                     const struct address_prefix *address, int64_t now,
                                     struct attempt *attempt);

/*
 * Ends an attempt that was begun and is not looked at, as its client is gone. Those who come later
 * wait for what it has reserved all the same.
 */
void attempts_drop(struct attempts *attempts, const struct attempt *attempt);

/*
 * Ends an attempt that was begun, and was looked at after its wait. Without memory for a new host
 * its failure does not count.
 */
void attempts_end(struct attempts *attempts, const struct attempt *attempt, bool right,
                  int64_t now);

#endif
