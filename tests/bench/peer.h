/*
 * One connection to the server: its socket, the unfinished line and the pending output. It does not
 * know the meaning of lines.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "ledger.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum peer_role {
    PEER_TALKER,
    PEER_FLOODER,
    PEER_LISTENER,
    PEER_SLOW,
    PEER_ASKER,
    PEER_STALLED,  /* reads everything until it stalls */
    PEER_PASSER_BY /* leaves, or stops reading, when it is in the room */
};

enum peer_stage {
    PEER_ABSENT,
    PEER_CONNECTING,
    PEER_GREETING, /* connected, not yet in the room */
    PEER_MOVING,   /* in the first room, on its way into its own */
    PEER_IN,
    PEER_GONE /* disconnected by the server */
};

struct tls_client;

struct peer {
    int fd;
    struct tls_client *tls; /* NULL: it speaks no TLS */
    enum peer_role role;
    enum peer_stage stage;
    bool prompted; /* it has answered the prompt for a name */
    bool writable; /* the socket has refused nothing since it was last writable */
    uint32_t id; /* index in the room, which is also its author number; for a passer-by the visit */

    char *carry; /* the beginning of an unfinished line */
    size_t carry_bytes;
    size_t carry_capacity;

    char *unsent; /* pending from unsent_start to unsent_end; NULL before the first use */
    size_t unsent_start;
    size_t unsent_end;
    size_t unsent_capacity;

    uint64_t read_ns; /* a slow reader: the time of its last read; a lazy one: of its next */

    uint64_t got_talk;
    uint64_t got_flood;
    struct reading reading;
};

/*
 * Begins to connect from `source` (host order; 0: any) and adds the socket to `epoll`,
 * edge-triggered, with the peer as its data. Requests a receive buffer of `receive_bytes`, if not
 * 0. With `tls` it will speak TLS. Returns 0, or -1 with errno.
 */
int peer_connect(struct peer *peer, int epoll, const struct sockaddr_in *server, uint32_t source,
                 int receive_bytes, bool tls);

/* Makes `epoll` report input, or stops that. */
void peer_listen(struct peer *peer, int epoll, bool listens);

/*
 * Returns 0 if the connection is established, EINPROGRESS if its handshake goes on, otherwise the
 * errno of its failure.
 */
int peer_connected(const struct peer *peer);

/* Receives as recv() does; what comes less than that is all that is there. */
ssize_t peer_receive(const struct peer *peer, void *bytes, size_t size);

/*
 * Closes the socket and drops unfinished input and pending output. `reset`: by RST, which leaves no
 * port in TIME_WAIT; otherwise as at the end of a program.
 */
void peer_close(struct peer *peer, bool reset);

/* Keeps the beginning of a line for the next read. Ends the process when memory is out. */
void peer_carry(struct peer *peer, const char *text, size_t bytes);

/*
 * Returns space for `bytes` at the end of the pending output. The caller fills it and increases
 * unsent_end. Ends the process when memory is out.
 */
char *peer_room(struct peer *peer, size_t bytes);

/* Sends as much pending output as the socket takes. Returns false if the connection is dead. */
bool peer_flush(struct peer *peer);

static inline bool peer_has_unsent(const struct peer *peer)
{
    return peer->unsent_start < peer->unsent_end;
}

#endif
