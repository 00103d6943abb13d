/*
 * server: listens, accepts, and runs a handler on a separate thread for every client. It is the
 * interface of the net layer: a program passes a configuration and a handler, as echo.c does in a
 * few dozen lines.
 */
#ifndef NET_SERVER_H
#define NET_SERVER_H

#include "base/buffer.h"
#include "net/conn.h"
#include "net/door.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Callbacks for what happens outside the handlers. Each may be NULL. */
struct server_events {
    /* The server listens on `address`, as a client would write it, for the clients of a door. */
    void (*listening)(void *context, const char *address, const struct door *door);
    /* `peer` was turned away; `why` is a clause such as "the chat is full". */
    void (*refused)(void *context, const char *peer, const char *why);
    /* SIGHUP was received. */
    void (*hangup)(void *context);
    /* The server stops: no more clients come, and those that are here are told next. */
    void (*stopping)(void *context);
};

/* Where to listen: one of the forms of listener.h; and for whom. */
struct server_address {
    const char *address;
    const struct door *door;
};

/*
 * Decides whether a client of a door may come in from an address. To turn it away, it appends a
 * whole line for the client to `line`, or nothing, and returns why, as a clause for the log that
 * lives on; otherwise it returns NULL. It is called by the accepting thread for each client but
 * those of unix sockets, with no lock held, and must not wait.
 */
typedef const char *server_gate(void *context, const struct door *door,
                                const struct address_prefix *address, struct buffer *line);

struct server_config {
    const char *program; /* prefix of messages on stderr */
    const struct server_address *addresses;
    size_t address_count;
    unsigned max_clients;  /* clients at a time; 0: as many as descriptors allow */
    unsigned max_per_host; /* clients of one host at a time, without unix sockets; 0: no limit */
    size_t max_line;       /* bytes, without the line end */
    size_t sendq;          /* bytes of pending output that one client may have */
    int64_t timeout;       /* nanoseconds for a client's line, initially; 0: no limit */
    int64_t finish;        /* nanoseconds to send pending output to a client that ends */
    int64_t grace;         /* nanoseconds that stopping may take */

    /* A whole line with its LF, for all clients when the server stops; NULL: send nothing. */
    const char *stopping_line;

    server_gate *gate; /* NULL: whoever comes may come in */
    struct server_events events;
};

/*
 * Serves until SIGTERM or SIGINT; then tells every client and waits, for at most the grace time,
 * until all threads have ended. A second signal ends the wait at once. Ignores SIGPIPE, and raises
 * the soft limit of descriptors to the hard one. Reports to a service manager that set
 * $NOTIFY_SOCKET when it listens, when SIGHUP was received and when it stops, and that the
 * accepting thread is alive (notify.h).
 *
 * Returns the program's exit status: EXIT_SUCCESS, or EXIT_FAILURE when it could not start (the
 * cause is on stderr) or some threads had not ended. `context` is passed to the handler and the
 * events.
 *
 * After EXIT_SUCCESS no handler runs any more, but a thread whose handler has returned may still be
 * ending.
 */
int server_run(const struct server_config *config, conn_handler *handler, void *context);

#endif
