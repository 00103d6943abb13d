/*
 * listener: the sockets that wait for clients, and the addresses they have.
 *
 * An address is PORT (on 127.0.0.1), HOST:PORT, [IPV6]:PORT, *:PORT (every address, IPv4 and
 * IPv6) or unix:PATH. Port 0 takes a free port.
 */
#ifndef NET_LISTENER_H
#define NET_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

enum { LISTENER_NAME_BYTES = 128, LISTENER_ERROR_BYTES = 256 };

struct socket_path;

struct listener {
    int fd;                         /* non-blocking */
    int family;                     /* AF_INET, AF_INET6 or AF_UNIX */
    bool telnet;                    /* who comes here is expected to speak telnet */
    struct socket_path *path;       /* of a unix socket; NULL: it is none */
    char name[LISTENER_NAME_BYTES]; /* as a client would write it: "127.0.0.1:8888" */
};

struct listeners {
    struct listener *items;
    size_t count;
};

/* The forms of an address, for errors and help. */
#define LISTENER_FORMS "[HOST:]PORT, [IPV6]:PORT, *:PORT or unix:PATH"

/* Whether an address has one of the forms; whether it can be had is another question. */
bool listener_address_is_valid(const char *address);

/*
 * Opens every socket that `address` stands for and adds them to `listeners` (all zero: none).
 * A unix socket file that nobody listens on is replaced; its path is this process's alone until it
 * is closed (net/socket_path.h). Returns 0, or -1 with a cause fit for people in `error`; what was
 * opened for this address is then closed again.
 */
int listeners_open(struct listeners *listeners, const char *address, bool telnet,
                   char error[LISTENER_ERROR_BYTES]);

/* Closes all, removes the files of unix sockets that are still theirs, and frees. */
void listeners_close(struct listeners *listeners);

#endif
