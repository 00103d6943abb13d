/*
 * channel: the way from a client to the server: a socket, and what lies between it and what they
 * say to each other: TLS, the header of a proxy, both, or nothing. No function waits. SIGPIPE must
 * be ignored.
 */
#ifndef STRESS_CHANNEL_H
#define STRESS_CHANNEL_H

#include "chance.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum { PLACES_MAX = 8 };

/* Where the server listens, and what is spoken there before anything else. */
struct place {
    struct sockaddr_storage address;
    socklen_t length;
    bool tls, proxy;
};

/* All of them. Nothing but what everybody says is spoken at the first. */
struct places {
    struct place some[PLACES_MAX];
    unsigned count;
};

/* Returns one of them. */
const struct place *places_draw(const struct places *places, struct chance *chance);

struct tls_client;

struct channel {
    int socket;             /* -1: none */
    struct tls_client *tls; /* NULL: none */
    bool opening;
    short wants; /* the poll() events that it waits for while it opens */
    const struct place *place;
    struct sockaddr_storage source; /* the client's address, as its proxy tells it */
};

/*
 * Begins to connect. `source` is the local address, of any port, or NULL. `narrow`: the kernels
 * keep little for a client that does not read. Returns false with errno if it cannot. The channel
 * must have no socket; `place` must outlive it.
 */
bool channel_open(struct channel *channel, const struct place *place, const struct sockaddr *source,
                  bool narrow, struct chance *chance);

enum channel_progress { CHANNEL_OPEN, CHANNEL_OPENING, CHANNEL_FAILED };

/* Goes on with opening, when poll() has reported an event; errno tells why it fails. */
enum channel_progress channel_progress(struct channel *channel);

/* As send() and recv(). Receiving fails with ECONNABORTED at an end that TLS did not tell. */
ssize_t channel_send(struct channel *channel, const void *bytes, size_t length,
                     struct chance *chance);
ssize_t channel_receive(struct channel *channel, void *bytes, size_t size);

/* Whether there is input that poll() does not report. */
bool channel_holds_input(const struct channel *channel);

/* Sends what was taken and waits for the socket. Returns whether all of it is sent. */
bool channel_flush(struct channel *channel);

/* Says that nothing more is sent. Returns false with errno; EAGAIN: to be called again. */
bool channel_shut(struct channel *channel);

/* Sends only the beginning of the bytes, with TLS up to the middle of a record. */
void channel_break_off(struct channel *channel, const void *bytes, size_t length,
                       struct chance *chance);

/* Closes it, by a reset or as close() does. */
void channel_close(struct channel *channel, bool reset);

#endif
