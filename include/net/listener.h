/*
 * listener: the listening sockets and their addresses.
 *
 * An address is PORT (on 127.0.0.1), HOST:PORT, [IPV6]:PORT, *:PORT (all addresses, IPv4 and IPv6)
 * or unix:PATH. Port 0 picks a free port.
 */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include "net/entrance.h"

#include <stdbool.h>
#include <stddef.h>

enum { LISTENER_NAME_BYTES = 128, LISTENER_ERROR_BYTES = 256 };

struct socket_path;

struct listener {
    int fd;                         /* non-blocking */
    int family;                     /* AF_INET, AF_INET6 or AF_UNIX */
    struct entrance entrance;       /* of its clients */
    struct socket_path *path;       /* of a unix socket that was bound here; otherwise NULL */
    char name[LISTENER_NAME_BYTES]; /* as a client would write its address: "127.0.0.1:8888" */
};

struct listeners {
    struct listener *items;
    size_t count;
};

/* The forms of an address, for errors and help. */
#define LISTENER_FORMS "[HOST:]PORT, [IPV6]:PORT, *:PORT or unix:PATH"

/* Whether an address has one of the forms. Does not check whether it can be bound. */
bool listener_address_is_valid(const char *address);

/*
 * Whether two valid addresses have the same host and port as they are written, or the same path, so
 * that only one of them can be opened. Port 0 is another one each time.
 */
bool listener_address_is_same(const char *address, const char *other);

/* Returns the path in an address of a unix socket; of any other NULL. */
const char *listener_address_path(const char *address);

/*
 * Opens every socket that `address` stands for and adds them to `listeners` (all zero: empty).
 * Replaces the file of a unix socket that no process listens on, and reserves the path for this
 * process until the listeners are closed (net/socket_path.h). Returns 0, or -1 with the cause in
 * `error`, as text for the user; the sockets opened for this address are then closed again.
 */
int listeners_open(struct listeners *listeners, const char *address,
                   const struct entrance *entrance, char error[LISTENER_ERROR_BYTES]);

/*
 * Adds a socket that somebody else has opened, which listens and is non-blocking. It is closed with
 * the others; the file of a unix socket stays. Returns 0, or -1 with the cause in `error`; the
 * socket is the caller's then.
 */
int listeners_adopt(struct listeners *listeners, int fd, const struct entrance *entrance,
                    char error[LISTENER_ERROR_BYTES]);

/*
 * Closes all sockets, removes the files of unix sockets that still belong to them, and frees
 * `listeners`.
 */
void listeners_close(struct listeners *listeners);

#endif
