/*
 * server: listens, accepts, and runs a handler on a thread of its own for every client. This is
 * the way into the net layer: a program gives it a configuration and a handler, as echo.c does
 * in a few dozen lines.
 */
#ifndef NET_SERVER_H
#define NET_SERVER_H

#include "net/conn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What happens around the conversations. Each may be NULL. */
struct server_events {
    /* The server listens on `address`, as a client would write it; `telnet` as it was told. */
    void (*listening)(void *context, const char *address, bool telnet);
    /* `peer` was turned away; `why` is a clause such as "the chat is full". */
    void (*refused)(void *context, const char *peer, const char *why);
    /* SIGHUP came. */
    void (*hangup)(void *context);
};

/* Where to listen: one of the forms of listener.h, and whether telnet is expected there. */
struct server_address {
    const char *address;
    bool telnet;
};

struct server_config {
    const char *program; /* how messages on stderr begin */
    const struct server_address *addresses;
    size_t address_count;
    unsigned max_clients;  /* at once; 0: as many as descriptors allow */
    unsigned max_per_host; /* at once from one host, unix sockets apart; 0: no limit */
    size_t max_line;       /* bytes, without the line end */
    size_t sendq;          /* bytes of undelivered output that one client may have */
    int64_t timeout;       /* nanoseconds for a client's line, at first; 0: for ever */
    int64_t finish;        /* nanoseconds for a client that ends to take what it is owed */
    int64_t grace;         /* nanoseconds for stopping */

    /* Whole lines with their LF, for clients that are turned away or sent off; NULL: nothing. */
    const char *full_line;
    const char *crowded_line;
    const char *stopping_line;

    struct server_events events;
};

/*
 * Serves until SIGTERM or SIGINT; then tells every client and waits, for at most the grace time,
 * until all threads have ended. A second signal ends it at once. Ignores SIGPIPE, and raises the
 * soft limit of descriptors to the hard one. A service manager that set $NOTIFY_SOCKET is told
 * when it listens, when SIGHUP came and when it stops, and that the accepting thread is alive
 * (notify.h).
 *
 * Returns the exit status for the program: EXIT_SUCCESS; EXIT_FAILURE when it could not start
 * (said on stderr) or did not end in order. `context` goes to the handler and the events.
 *
 * After EXIT_SUCCESS no handler runs any more, but a thread that has just left one may still be
 * on its way out.
 */
int server_run(const struct server_config *config, conn_handler *handler, void *context);

#endif
