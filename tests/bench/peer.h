/*
 * One connection to the server: its socket, the line it has half read, and what it has still to
 * send. It knows nothing of what the lines mean.
 */
#ifndef BENCH_PEER_H
#define BENCH_PEER_H

#include "ledger.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum peer_role {
    PEER_TALKER,
    PEER_FLOODER,
    PEER_LISTENER,
    PEER_SLOW,
    PEER_ASKER,
    PEER_STALLED,  /* reads like a listener until it stops */
    PEER_PASSER_BY /* leaves, or stops reading, as soon as it is in */
};

enum peer_stage {
    PEER_ABSENT,
    PEER_CONNECTING,
    PEER_GREETING, /* connected, not yet in the room */
    PEER_IN,
    PEER_GONE /* the server ended it */
};

struct peer {
    int fd;
    enum peer_role role;
    enum peer_stage stage;
    bool writable; /* as far as is known: the socket has not refused anything yet */
    uint32_t id;   /* position in the room, by which authors are numbered; a passer-by's visit */

    char *carry; /* the beginning of a line whose end has not arrived */
    size_t carry_bytes;
    size_t carry_capacity;

    char *unsent; /* from unsent_start to unsent_end; NULL before it has ever said anything */
    size_t unsent_start;
    size_t unsent_end;
    size_t unsent_capacity;

    uint64_t read_ns; /* who reads slowly: when it last did; who reads now and then: when it will */

    uint64_t got_talk;
    uint64_t got_flood;
    struct reading reading;
};

/*
 * Starts to connect, from `source` (host order; 0: any), and has `epoll` watch the socket,
 * edge-triggered, with the peer as its data. A receive buffer of `receive_bytes` is asked for, if
 * not 0. Returns 0, or -1 with errno.
 */
int peer_connect(struct peer *peer, int epoll, const struct sockaddr_in *server, uint32_t source,
                 int receive_bytes);

/* Has `epoll` report, or not report, what there is to read. */
void peer_listen(struct peer *peer, int epoll, bool listens);

/* 0 once the connection is made, otherwise the errno why it is not. */
int peer_connected(const struct peer *peer);

/* Closes the socket and forgets what is half read and unsent. `reset`: by RST, which leaves no port
 * in TIME_WAIT; otherwise as a program that ends does. */
void peer_close(struct peer *peer, bool reset);

/* Keeps the beginning of a line for the next read. Ends the process if memory runs out. */
void peer_carry(struct peer *peer, const char *text, size_t bytes);

/* Room for `bytes` more at the end of what is unsent. The caller fills it and adds to unsent_end.
 * Ends the process if memory runs out. */
char *peer_room(struct peer *peer, size_t bytes);

/* Sends what is unsent, as far as the socket takes it. Returns false if the connection is dead. */
bool peer_flush(struct peer *peer);

static inline bool peer_has_unsent(const struct peer *peer)
{
    return peer->unsent_start < peer->unsent_end;
}

#endif
