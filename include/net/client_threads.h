/*
 * client_threads: the set of client threads, one for each client that is served. Each thread has a
 * conn and a place in the limits, which it returns when it ends. One limit holds for all clients,
 * another for the clients of one host.
 *
 * All functions but create and destroy take the server lock, which guards the set.
 */
#ifndef NET_CLIENT_THREADS_H
#define NET_CLIENT_THREADS_H

#include "net/conn.h"

#include <stdbool.h>

struct client_threads;
struct door;
struct sockaddr_storage;

struct client_threads_config {
    unsigned max;            /* clients at a time */
    unsigned max_per_host;   /* clients of one host at a time; 0: no limit */
    struct conn_config conn; /* for each client; what is the visitor's own comes from it */
    conn_handler *handler;
    void *context; /* passed to the handler */
};

/* A connection that asks to be served. The caller owns the socket until it is accepted. */
struct visitor {
    int fd;
    const struct door *door;
    const struct sockaddr_storage
        *address;     /* for the limit for each host; NULL: not counted by host */
    const char *peer; /* its name in the log */
};

/*
 * Makes an empty set. Copies the config; what that points to must live as long as any thread runs.
 * Returns 0 and the set in *result, or an errno.
 */
int client_threads_create(struct client_threads **result,
                          const struct client_threads_config *config);

/* Frees the set, which must be empty. */
void client_threads_destroy(struct client_threads *threads);

/*
 * Starts the thread that serves a visitor; the thread then owns the socket. Returns NULL on
 * success. Otherwise returns the reason as a clause for the log and stores in *line what to send to
 * the visitor (NULL: nothing); the socket is still the caller's.
 */
const char *client_threads_start(struct client_threads *threads, const struct visitor *visitor,
                                 const char **line);

/*
 * Sends `line` to every client and asks its thread to end; a thread that waits for input notices
 * only after client_threads_nudge(). The last thread calls signals_wake() when it leaves the set.
 * No thread may be started afterwards.
 */
void client_threads_stop(struct client_threads *threads, const char *line);

/* Interrupts the wait for input of every thread (net/signals.h). */
void client_threads_nudge(struct client_threads *threads);

/* Shuts down the socket of every client. */
void client_threads_kill(struct client_threads *threads);

/* Whether the set is empty. */
bool client_threads_are_over(struct client_threads *threads);

#endif
