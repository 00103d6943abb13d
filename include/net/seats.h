/*
 * seats: who is being served. A seat is a client's conn, its thread, and what must be given back
 * when it goes. There is a limit to them, and to those of one host.
 *
 * The functions take the server lock, with which everything in here is guarded.
 */
#ifndef NET_SEATS_H
#define NET_SEATS_H

#include "net/server.h"

#include <stdbool.h>

struct flusher;
struct seats;
struct sockaddr_storage;

/* One who wants a seat. The socket is the caller's until there is one. */
struct visitor {
    int fd;
    bool telnet;                            /* came by a listener on which telnet is expected */
    const struct sockaddr_storage *address; /* for the limit of a host; NULL: none */
    const char *peer;                       /* what the log calls it */
};

/*
 * Makes an empty set of at most `max` seats, for clients served by `handler`. What is pointed to
 * must live as long as any thread. Returns 0 or an errno.
 */
int seats_create(struct seats **result, const struct server_config *config, unsigned max,
                 server_handler *handler, void *context, struct flusher *flusher);

/* Frees it. It must be empty. */
void seats_destroy(struct seats *seats);

/*
 * Seats a visitor and starts its thread, which owns the socket from then on. Returns NULL, or why
 * not, fit for the log, with what the visitor is to be told in *line (NULL: nothing).
 */
const char *seats_take(struct seats *seats, const struct visitor *visitor, const char **line);

/*
 * Tells everyone `line`, and their threads to come to an end when they notice; signals_wake() is
 * called when the last one is gone. No seat may be taken any more.
 */
void seats_stop(struct seats *seats, const char *line);

/* Ends the waiting for input of everyone who waits for it (net/signals.h). */
void seats_nudge(struct seats *seats);

/* Shuts everyone's socket down. */
void seats_kill(struct seats *seats);

bool seats_are_empty(struct seats *seats);

#endif
