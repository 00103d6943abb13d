/*
 * hosts: how many connections each host has, and how often they come and go. It belongs to whoever
 * holds it; the server guards its own with its lock. Moments are those of clock_now().
 *
 * A host is an IPv4 address, also one that comes mapped into IPv6 (::ffff:a.b.c.d), or an IPv6
 * network of 64 bits: that is the least that anybody has, with all its addresses to choose from.
 * Link-local networks look alike on every interface, and are told apart by it.
 */
#ifndef NET_HOSTS_H
#define NET_HOSTS_H

#include "base/clock.h"

#include <stdint.h>

struct sockaddr_storage;

/*
 * All connections of one host. Each one that has ended counts as a visit. So many in one go, and so
 * many a second after that, make nobody wait: host_debt().
 */
struct host;

enum { HOST_VISITS_BURST = 2048, HOST_VISITS_PER_SECOND = 200 };

/* Nobody waits longer: not all who come from an address have made its visits. */
#define HOST_DEBT_MAX (5 * CLOCK_SECOND)

struct hosts {
    void *tree;         /* tsearch(3) */
    struct host *first; /* of those that had no connection at some time, to be forgotten */
    struct host *last;
};

/*
 * Counts one more connection from the host of `address` if that has fewer than `limit` (0: no
 * limit). All addresses of other families are one host. Returns it, or NULL with errno EAGAIN when
 * the limit is reached, or ENOMEM.
 */
struct host *hosts_enter(struct hosts *hosts, const struct sockaddr_storage *address,
                         unsigned limit, int64_t now);

/* One connection less. A host without any is forgotten when its visits count no more. */
void hosts_leave(struct hosts *hosts, struct host *host, int64_t now);

/* Forgets all. No host may have a connection. */
void hosts_clear(struct hosts *hosts);

/* How many nanoseconds the host's next connection has to wait before it is served; mostly 0. */
int64_t host_debt(const struct host *host, int64_t now);

#endif
