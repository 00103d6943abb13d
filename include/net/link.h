/*
 * link: a connected socket: its descriptor, who shares it, why it ended. It reads nothing and
 * writes nothing, and knows of nobody who does.
 *
 * It is reference-counted, and only the last reference closes the descriptor, so that its number
 * is never another connection's while somebody is sending. Every function may be called by any
 * thread that has a reference, and takes no lock.
 */
#ifndef NET_LINK_H
#define NET_LINK_H

#include <stdbool.h>

struct link;

/* Why a link ended; the first reason given stays. */
enum link_reason {
    LINK_OPEN,          /* it has not */
    LINK_CLOSED,        /* the peer closed its side, and everything it sent has been read */
    LINK_RESET,         /* the peer reset the connection, or the network failed */
    LINK_IDLE,          /* no line was completed in time */
    LINK_TOO_SLOW,      /* the peer did not read what it was sent */
    LINK_OUT_OF_MEMORY, /* there was no memory for what the peer sent, or was sent */
    LINK_SHUTTING_DOWN  /* the server stops */
};

enum { LINK_PEER_SIZE = 80 }; /* of what link_peer() returns, with its NUL; longer is cut */

/*
 * Makes a link with one reference of a connected, blocking socket, which it owns from then on.
 * `peer` (copied) is what the log calls the other side. Returns NULL when memory is out; the
 * socket is then still the caller's.
 */
struct link *link_create(int fd, const char *peer);

/* One more reference, or one less; the last one closes the socket and frees the link. */
void link_acquire(struct link *link);
void link_release(struct link *link);

/* Releases the last reference, but leaves the socket open: it is the caller's again. */
int link_give_back(struct link *link);

/* The socket's descriptor. It stays the link's. */
int link_fd(const struct link *link);

/* Who is there: "127.0.0.1:50512", "[::1]:50512", "unix". Lives as long as the link. */
const char *link_peer(const struct link *link);

/* Why it ended, or LINK_OPEN. */
enum link_reason link_reason(const struct link *link);

/* Gives the reason why it ends. Returns false if there was one before, which stays. */
bool link_end(struct link *link, enum link_reason reason);

/* The same, and shuts the socket down: whoever waits for it wakes. */
void link_kill(struct link *link, enum link_reason reason);

#endif
