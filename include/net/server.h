/*
 * server: listens, accepts, and runs a handler on a separate thread for every client. It is the
 * interface of the net layer: a program passes a configuration and a handler, as echo.c does in a
 * few dozen lines.
 */
#ifndef NET_SERVER_H
#define NET_SERVER_H

#include "net/conn.h"
#include "net/door.h"
#include "net/entrance.h"
#include "net/listener.h"
#include "net/notify.h"
#include "net/server_figures.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What can change while the server runs. */
struct server_limits {
    unsigned max_clients;  /* clients at a time; 0: as many as descriptors allow */
    unsigned max_per_host; /* clients of one host at a time, without unix sockets; 0: no limit */
    size_t sendq;          /* bytes of pending output that one client may have */
    int64_t timeout;       /* nanoseconds for a client's line, initially; 0: no limit */
    int64_t finish;        /* nanoseconds to send pending output to a client that ends */
    int64_t grace;         /* nanoseconds that stopping may take */
};

struct server;

/* Callbacks for what happens outside the handlers. Each may be NULL. */
struct server_events {
    /* The server listens on `address`, as a client would write it. */
    void (*listening)(void *context, const char *address, const struct entrance *entrance);
    /* All addresses are open, and have been told. The figures of the server
     * (net/server_figures.h) may be read from now on, and as long as a handler runs. */
    void (*starting)(void *context, struct server *server);
    /* `peer` was turned away; `why` is a clause such as "the chat is full". */
    void (*refused)(void *context, const char *peer, const char *why);
    /* SIGHUP was received. What is changed in the limits holds from then on. */
    void (*hangup)(void *context, struct server_limits *limits);
    /*
     * Writes what a service manager shows people about the server: a line. Is asked once a second
     * by the accepting thread, if there is a manager; must not wait.
     */
    void (*status)(void *context, char status[NOTIFY_STATUS_SIZE]);
    /* The server stops: no more clients come, and those that are here are told next. */
    void (*stopping)(void *context);
};

/* Where to listen: one of the forms of listener.h; and for whom. */
struct server_address {
    const char *address;
    struct entrance entrance;
    int fd; /* of a socket that listens already (net/inherited.h): the address only names it; or 0
             */
};

struct server_config {
    const char *program; /* prefix of messages on stderr */
    const struct server_address *addresses;
    size_t address_count;
    size_t max_line; /* bytes, without the line end */
    struct server_limits limits;

    /* A whole line with its LF, for all clients when the server stops; NULL: send nothing. */
    const char *stopping_line;

    struct filter_maker *tls; /* for addresses that want it; NULL if none does */
    entrance_gate *gate;      /* NULL: whoever comes may come in */
    struct server_events events;
};

/*
 * Opens all addresses of the configuration, and leaves clients waiting; the caller may give up the
 * rights that this took. Returns false, with the cause on stderr and nothing open, if that fails.
 */
bool server_listen(const struct server_config *config, struct listeners *listeners);

/*
 * Serves whoever comes to the listeners, which it closes in any case, until SIGTERM or SIGINT; then
 * tells every client and waits, for at most the grace time, until all threads have ended. A second
 * signal ends the wait at once. Ignores SIGPIPE, and raises the soft limit of descriptors to the
 * hard one. Reports to a service manager that set $NOTIFY_SOCKET when it listens, when SIGHUP was
 * received and when it stops, and that the accepting thread is alive (notify.h).
 *
 * Returns the program's exit status: EXIT_SUCCESS, or EXIT_FAILURE when it could not start (the
 * cause is on stderr) or some threads had not ended. `context` is passed to the handler and the
 * events.
 *
 * After EXIT_SUCCESS no handler runs any more, but a thread whose handler has returned may still be
 * ending.
 */
int server_run(const struct server_config *config, const struct listeners *listeners,
               conn_handler *handler, void *context);

#endif
