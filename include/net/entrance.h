/*
 * entrance: how the clients of an address come in: the door that they come to, and what is before
 * it.
 */
#ifndef NET_ENTRANCE_H
#define NET_ENTRANCE_H

#include "base/buffer.h"
#include "net/conn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address_prefix;
struct door;

/*
 * What is other at an address apart: it is not for the server's clients, but for a program that
 * asks how the server is. Its connections have limits of their own, and count for no others, so
 * that neither keep the others out. They pass no gate, and are told nothing when the server stops.
 */
struct entrance_apart {
    conn_handler *handler; /* instead of the server's */
    unsigned max;          /* connections at a time at all addresses of the door */
    size_t max_line;       /* as in server_config */
    int64_t timeout;       /* nanoseconds for a line; that of the server's, if it is less */
};

struct entrance {
    const struct door *door;
    bool tls;   /* they speak TLS, and the door's words within */
    bool proxy; /* a proxy is before all that, and tells who they are (net/proxy_header.h) */
    const struct entrance_apart *apart; /* NULL: it is for the server's clients */
};

/*
 * Decides whether a client of a door may come in from an address. To turn it away, it appends a
 * whole line for the client to `line`, or nothing, and returns why, as a clause for the log that
 * lives on; otherwise it returns NULL. It is not called for clients without an address. It is
 * called with no lock held, by the accepting thread, or the client's own behind a proxy, and must
 * not wait.
 */
typedef const char *entrance_gate(void *context, const struct door *door,
                                  const struct address_prefix *address, struct buffer *line);

enum { ENTRANCE_NAME_SIZE = 40 };

/* Writes what is spoken there, as in an address: "telnet+tls+proxy". Returns its place. */
const char *entrance_name(const struct entrance *entrance, char name[ENTRANCE_NAME_SIZE]);

#endif
