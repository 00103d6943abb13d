#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "net/link.h"
#include "net/outbox.h"
#include "net/throttle.h"

#include <poll.h>

enum { REQUEST_BYTES = 1024 }; /* cost of a request, besides the bytes of its answer */

/*
 * The budget of a peer, in bytes of answers. It is far more than a person reads, and little work: a
 * thousand small requests a second take less than a hundredth of a processor. The burst is a screen
 * or two; a longer list is sent whole and delays later requests.
 */
#define BYTES_PER_SECOND  INT64_C(1048576)
#define BURST_BYTES       INT64_C(32768)
#define BYTE_NANOSECONDS  (CLOCK_SECOND / BYTES_PER_SECOND)
#define BURST_NANOSECONDS (BURST_BYTES * BYTE_NANOSECONDS)

/* A shorter debt is not waited for, and may grow: the wait costs more than the request did. */
#define REST_LEAST (20 * CLOCK_MILLISECOND)

void throttle_init(struct throttle *throttle, struct outbox *outbox, int64_t debt)
{
    *throttle = (struct throttle){.outbox = outbox};
    if (debt > 0)
        meter_charge(&throttle->meter, BURST_NANOSECONDS + debt, clock_now());
}

bool throttle_charge_request(struct throttle *throttle)
{
    int64_t now = clock_now();
    meter_charge(&throttle->meter, REQUEST_BYTES * BYTE_NANOSECONDS, now);
    return meter_debt(&throttle->meter, BURST_NANOSECONDS, now) == 0;
}

/* Usually the cost is 0, and the clock is not read. */
void throttle_charge(struct throttle *throttle, size_t cost)
{
    unsigned answered = outbox_answered(throttle->outbox);
    cost += answered - throttle->charged;
    throttle->charged = answered;
    if (cost > 0)
        meter_charge(&throttle->meter, (int64_t)cost * BYTE_NANOSECONDS, clock_now());
}

int64_t throttle_ends(struct throttle *throttle)
{
    if (throttle->meter.used_until == 0)
        return 0;
    int64_t now = clock_now();
    int64_t debt = meter_debt(&throttle->meter, BURST_NANOSECONDS, now);
    meter_relax(&throttle->meter, now);
    return debt > REST_LEAST ? now + debt : 0;
}

bool throttle_is_clear(struct throttle *throttle)
{
    return outbox_try_answers(throttle->outbox) <= THROTTLE_ANSWERS_BYTES;
}

bool throttle_catch_up(struct throttle *throttle, int64_t timeout)
{
    struct link *link = outbox_link(throttle->outbox);
    struct pollfd writable = {.fd = link_fd(link), .events = POLLOUT};
    int64_t deadline = timeout > 0 ? clock_now() + timeout : CLOCK_NEVER;
    lock_assert_none_held();
    while (!throttle_is_clear(throttle) && link_reason(link) == LINK_OPEN) {
        if (poll(&writable, 1, clock_poll_timeout(deadline)) == 0)
            link_kill(link, LINK_TOO_SLOW);
    }
    return link_reason(link) == LINK_OPEN && outbox_error(throttle->outbox) == OUTBOX_OPEN;
}

/* Waits until `deadline`, or until the link ends or the peer hangs up. */
static void rest_until(struct link *link, int64_t deadline)
{
    struct pollfd hung_up = {.fd = link_fd(link), .events = 0};
    while (link_reason(link) == LINK_OPEN && clock_now() < deadline) {
        int ready = poll(&hung_up, 1, clock_poll_timeout(deadline));
        if (ready > 0)
            return;
    }
}

void throttle_wait(struct throttle *throttle, int64_t timeout)
{
    int64_t end = throttle_ends(throttle);
    if (throttle->meter.used_until != 0 && throttle_catch_up(throttle, timeout) && end != 0)
        rest_until(outbox_link(throttle->outbox), end);
}
