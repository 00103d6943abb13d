/*
 * filter: what stands between a peer's socket and the bytes that the server means, as TLS does. A
 * peer without one is read by recv() and written to by send().
 *
 * No function of a filter waits, and none takes a lock. Once the handshake is over, the peer's
 * outbox owns the filter, and its lock guards it.
 */
#ifndef NET_FILTER_H
#define NET_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { FILTER_FAULT_SIZE = 128, FILTER_IDENTITY_SIZE = 256 };

enum filter_progress {
    FILTER_DONE,
    FILTER_WANTS_INPUT,  /* it goes on when the socket is readable, */
    FILTER_WANTS_OUTPUT, /* or writable */
    FILTER_FAILED
};

struct filter;

struct filter_functions {
    /*
     * Begins the connection, or goes on with that; called until it is done or has failed, and
     * `fault` tells why, as a clause.
     */
    enum filter_progress (*shake)(struct filter *filter, char fault[FILTER_FAULT_SIZE]);

    /*
     * As recv() and send() with MSG_DONTWAIT: with EAGAIN as the error, they go on when the socket
     * is readable, or writable. After EAGAIN from send(), the next call begins with the same bytes,
     * all of them. receive() returns 0 only if the peer has said that nothing more comes;
     * ECONNRESET if the connection ended without that.
     * `overhead` is set to what the rest of its work costs, as so many bytes of answers
     * (net/throttle.h): the bytes that it has taken beyond those that it returns, and more for what
     * is dear.
     */
    ssize_t (*receive)(struct filter *filter, void *bytes, size_t size, size_t *overhead);
    ssize_t (*send)(struct filter *filter, const void *bytes, size_t length);

    /*
     * Tells the peer that nothing more is sent. Returns whether there is nothing to wait for;
     * otherwise it is to be called again when the socket is writable.
     */
    bool (*finish)(struct filter *filter);

    /*
     * Writes who the peer has proved to be, "" if nobody: a name that somebody whom the server
     * trusts has given it.
     */
    void (*identify)(const struct filter *filter, char identity[FILTER_IDENTITY_SIZE]);

    void (*free)(struct filter *filter);
};

/* Whoever makes a filter embeds this. */
struct filter {
    const struct filter_functions *functions;
};

/* Makes filters for sockets. `make` may be called by any thread; it returns NULL without memory. */
struct filter_maker {
    struct filter *(*make)(struct filter_maker *maker, int fd);
};

#endif
