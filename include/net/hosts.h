/*
 * hosts: how many connections each host has. It belongs to whoever holds it; the server guards
 * its own with its lock.
 *
 * A host is an IPv4 address, also one that comes mapped into IPv6 (::ffff:a.b.c.d), or an IPv6
 * network of 64 bits: that is the least that anybody has, with all its addresses to choose from.
 * Link-local networks look alike on every interface, and are told apart by it.
 */
#ifndef NET_HOSTS_H
#define NET_HOSTS_H

struct sockaddr_storage;

/* All connections of one host. */
struct host;

struct hosts {
    void *tree; /* tsearch(3) */
};

/*
 * Counts one more connection from the host of `address` if that has fewer than `limit`, which is
 * at least 1. All addresses of other families are one host. Returns it, or NULL with errno EAGAIN
 * when the limit is reached, or ENOMEM.
 */
struct host *hosts_enter(struct hosts *hosts, const struct sockaddr_storage *address,
                         unsigned limit);

/* One connection less. A host without any is forgotten. */
void hosts_leave(struct hosts *hosts, struct host *host);

#endif
