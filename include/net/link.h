/*
 * link: a connected socket: its descriptor, its references and why it ended. It neither reads nor
 * writes.
 *
 * It is reference-counted. Only the last reference closes the descriptor, so the number cannot
 * become another connection's while some thread still sends to it. Every function may be called by
 * any thread that has a reference, and takes no lock.
 */
#ifndef NET_LINK_H
#define NET_LINK_H

#include "net/address_prefix.h"

#include <stdbool.h>

struct link;

/* Why a link ended; the first reason given is kept. */
enum link_reason {
    LINK_OPEN,          /* it has not ended */
    LINK_CLOSED,        /* the peer closed its side, and all its input has been read */
    LINK_RESET,         /* the peer reset the connection, or the network failed */
    LINK_IDLE,          /* no line was completed in time */
    LINK_SILENT,        /* the peer's terminal does not answer whether it is there */
    LINK_TOO_SLOW,      /* the peer did not read its output */
    LINK_OUT_OF_MEMORY, /* no memory for the peer's input or output */
    LINK_KICKED,        /* somebody else has ended it, as its user has to leave */
    LINK_REPLACED,      /* its person has come in from elsewhere */
    LINK_NAME_TAKEN,    /* somebody else has its user's name by now */
    LINK_SHUTTING_DOWN  /* the server is stopping */
};

enum { LINK_REASONS = LINK_SHUTTING_DOWN + 1 };

/*
 * The kernel's send buffer for one peer (SO_SNDBUF, of which Linux makes twice as much). The
 * default grows to megabytes, and during a flood people's lines would wait behind all that; with a
 * much smaller one loopback's large segments no longer fit.
 */
enum { LINK_SEND_BUFFER_BYTES = 128 * 1024 };

enum { LINK_PEER_SIZE = 80 }; /* bytes of link_peer() with the NUL; longer names are cut */

/*
 * Makes a link with one reference for a connected, blocking socket, which it then owns. Copies
 * `peer`, the peer's name in the log. Returns NULL when memory is out; the socket is then still the
 * caller's. The peer has no address until link_set_address().
 */
struct link *link_create(int fd, const char *peer);

/*
 * Acquires or releases one reference. Releasing the last one closes the socket and frees the link.
 */
void link_acquire(struct link *link);
void link_release(struct link *link);

/*
 * Releases the last reference but leaves the socket open. Returns its descriptor, which is the
 * caller's again.
 */
int link_give_back(struct link *link);

/* The socket's descriptor. The link still owns it. */
int link_fd(const struct link *link);

/*
 * Sets the peer's name, which is copied, before any thread asks for it that does not attend to the
 * link.
 */
void link_set_peer(struct link *link, const char *peer);

/* The peer's name: "127.0.0.1:50512", "[::1]:50512", "unix". Lives as long as the link. */
const char *link_peer(const struct link *link);

/*
 * Sets the peer's address, before any other thread has a reference. link_address() returns it: no
 * address for a unix socket.
 */
void link_set_address(struct link *link, const struct address_prefix *address);
const struct address_prefix *link_address(const struct link *link);

/* Why the link ended, or LINK_OPEN. */
enum link_reason link_reason(const struct link *link);

/* Returns a word for a reason, for figures. LINK_OPEN: it is the handler that has ended it. */
const char *link_reason_word(enum link_reason reason);

/* Sets the reason why the link ends. Returns false if it had one before, which is kept. */
bool link_end(struct link *link, enum link_reason reason);

/* Does the same, and shuts the socket down, which wakes every thread that waits for it. */
void link_kill(struct link *link, enum link_reason reason);

/*
 * The thread that serves the link. It attends from link_attend() to link_leave(), which it calls
 * itself; only then is it nudged. link_leave() returns when no nudge is under way.
 */
void link_attend(struct link *link);
void link_leave(struct link *link);

/*
 * Interrupts the wait of the attending thread, if it waits (signals_nudge()). Pending output is not
 * lost by it, as by link_kill(). A nudge just before the wait begins is lost, so callers repeat it.
 * Returns whether a thread attends.
 */
bool link_nudge(struct link *link);

/*
 * Calls the attending thread away from its wait for input: conn_read_line() returns CONN_CALLED,
 * once for all calls so far. link_take_call() does that: whether there was a call since the last
 * time. link_nudge() must follow until the thread has come, as it may wait already.
 */
void link_call(struct link *link);
bool link_take_call(struct link *link);

#endif
