/*
 * hosts: counts the connections of each host, and how often they are made. It has no lock: the
 * owner guards it (client_threads uses the server lock). All times are those of clock_now().
 *
 * A host is what address_prefix_host() says: an IPv4 address or an IPv6 /64 network. Link-local
 * networks are told apart by their interface.
 */
#ifndef NET_HOSTS_H
#define NET_HOSTS_H

#include "base/clock.h"

#include <stdint.h>

struct sockaddr_storage;

/*
 * All connections of one host. Each connection that has ended counts as a visit. HOST_VISITS_BURST
 * visits at once, and HOST_VISITS_PER_SECOND after that, cause no delay; more of them do:
 * host_debt().
 */
struct host;

enum { HOST_VISITS_BURST = 2048, HOST_VISITS_PER_SECOND = 200 };

/* The longest delay: some who share the address did not make its visits. */
#define HOST_DEBT_MAX (5 * CLOCK_SECOND)

struct hosts {
    void *tree;         /* tsearch(3) */
    struct host *first; /* hosts that were without a connection once; candidates for removal */
    struct host *last;
};

/*
 * Counts one more connection from the host of `address` if the host has fewer than `limit` (0: no
 * limit). All addresses of one family other than IPv4 and IPv6 are one host. Returns the host, or
 * NULL with errno EAGAIN when the limit is reached, or ENOMEM.
 */
struct host *hosts_enter(struct hosts *hosts, const struct sockaddr_storage *address,
                         unsigned limit, int64_t now);

/*
 * Counts one connection less. A host without connections is removed once its visits no longer
 * count; the host must not be used after this call unless it has other connections.
 */
void hosts_leave(struct hosts *hosts, struct host *host, int64_t now);

/* Frees all hosts. None may have a connection. */
void hosts_clear(struct hosts *hosts);

/* The delay in nanoseconds before the host's next connection is served; usually 0. */
int64_t host_debt(const struct host *host, int64_t now);

#endif
