/*
 * hosts: how many connections each address has. It belongs to whoever holds it; the server
 * guards its own with its lock.
 */
#ifndef NET_HOSTS_H
#define NET_HOSTS_H

/* All connections of one address. */
struct host;

struct hosts {
    void *tree; /* tsearch(3) */
};

/*
 * Counts one more connection from `address` (copied) if it has fewer than `limit`, which is at
 * least 1. Returns its host, or NULL with errno EAGAIN when the limit is reached, or ENOMEM.
 */
struct host *hosts_enter(struct hosts *hosts, const char *address, unsigned limit);

/* One connection less. A host without any is forgotten. */
void hosts_leave(struct hosts *hosts, struct host *host);

#endif
