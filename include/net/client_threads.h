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
#include "net/entrance.h"
#include "net/refusal.h"
#include "net/server_figures.h"

#include <stdbool.h>

struct client_threads;
struct sockaddr_storage;

/* What can change while clients come and go. */
struct client_limits {
    unsigned max;          /* clients at a time */
    unsigned max_per_host; /* clients of one host at a time; 0: no limit */
    /* For who comes in from then on; as in conn_config. */
    size_t sendq;
    int64_t timeout;
    int64_t finish;
};

struct client_threads_config {
    struct client_limits limits;
    struct conn_config conn; /* for each client; what is the visitor's own, and limited, is not */
    conn_handler *handler;
    struct filter_maker *tls; /* for entrances that have it */
    entrance_gate *gate;      /* for who comes by a proxy; NULL: whoever comes may come in */
    /* `peer` was turned away by its own thread; `why` is a clause. May be NULL. */
    void (*refused)(void *context, const char *peer, const char *why);
    void *context; /* passed to these three */
};

/* A connection that asks to be served. The caller owns the socket until it is accepted. */
struct visitor {
    int fd;
    const struct entrance *entrance;
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

/*
 * Tells of an entrance by which clients may come, for the figures: it is in them before the first
 * one does. There are at most METRIC_SERIES_MAX different ones.
 */
void client_threads_expect(struct client_threads *threads, const struct entrance *entrance);

/* Counts a visitor that somebody else has turned away. */
void client_threads_note_refusal(struct client_threads *threads, enum refusal refusal);

/*
 * Reads the figures, which are all zero. Looks at each client, and nobody comes or goes meanwhile;
 * talk goes on. Takes the outbox locks, too, one after the other, each for a moment.
 */
void client_threads_read(struct client_threads *threads, struct server_figures *figures);

/* Frees the set, which must be empty. */
void client_threads_destroy(struct client_threads *threads);

/*
 * Starts the thread that serves a visitor; the thread then owns the socket. Returns NULL on
 * success. Otherwise returns the reason as a clause for the log and stores in *line what to send to
 * the visitor (NULL: nothing); the socket is still the caller's.
 */
const char *client_threads_start(struct client_threads *threads, const struct visitor *visitor,
                                 const char **line);

/* Has other limits hold. Who is here stays, and keeps what it came in with. */
void client_threads_limit(struct client_threads *threads, const struct client_limits *limits);

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
