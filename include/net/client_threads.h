/*
 * client_threads: one thread for each client that is served, with its conn, and what must be given
 * back when it ends. There is a limit to the clients, and to those of one host.
 *
 * The functions take the server lock, with which everything in here is guarded.
 */
#ifndef NET_CLIENT_THREADS_H
#define NET_CLIENT_THREADS_H

#include "net/conn.h"

#include <stdbool.h>

struct client_threads;
struct sockaddr_storage;

struct client_threads_config {
    unsigned max;            /* at once */
    unsigned max_per_host;   /* of them, from one host; 0: no limit */
    struct conn_config conn; /* but for telnet and the debt, which are the client's own */
    conn_handler *handler;
    void *context; /* for the handler */

    /* Whole lines with their LF, for clients that are turned away; NULL: nothing. */
    const char *full_line;
    const char *crowded_line;
};

/* A connection that wants to be served. The socket is the caller's until it is. */
struct visitor {
    int fd;
    bool telnet;                            /* came by a listener on which telnet is expected */
    const struct sockaddr_storage *address; /* for the limit of a host; NULL: none */
    const char *peer;                       /* what the log calls it */
};

/*
 * Makes an empty set. What the config (copied) points to must live as long as any thread. Returns 0
 * or an errno.
 */
int client_threads_create(struct client_threads **result,
                          const struct client_threads_config *config);

/* Frees it. It must be empty. */
void client_threads_destroy(struct client_threads *threads);

/*
 * Starts the thread of a visitor, which owns the socket from then on. Returns NULL, or why not, fit
 * for the log, with what the visitor is to be told in *line (NULL: nothing).
 */
const char *client_threads_start(struct client_threads *threads, const struct visitor *visitor,
                                 const char **line);

/*
 * Tells everyone `line`, and their threads to come to an end when they notice; signals_wake() is
 * called when the last one is gone. No thread may be started any more.
 */
void client_threads_stop(struct client_threads *threads, const char *line);

/* Ends the waiting for input of everyone who waits for it (net/signals.h). */
void client_threads_nudge(struct client_threads *threads);

/* Shuts everyone's socket down. */
void client_threads_kill(struct client_threads *threads);

/* Whether there are none. */
bool client_threads_are_over(struct client_threads *threads);

#endif
