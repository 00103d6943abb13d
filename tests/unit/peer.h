/*
 * peer: a conn, and its other end as a client has it. All waiting has a deadline.
 */
#ifndef TESTS_UNIT_PEER_H
#define TESTS_UNIT_PEER_H

#include "base/platform.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "net/conn.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* How long a test waits for what must come; a sanitizer on a busy machine is slow. */
#define PEER_PATIENCE (30 * CLOCK_SECOND)

/* A socket with so small a send buffer is full soon. */
enum { PEER_SMALL_BYTES = 4096 };

struct peer {
    struct conn *conn;
    int conn_fd; /* the conn's own, for a test to look at */
    int fd;      /* the client's end */
};

/* Two ends that are connected; send_bytes is what the first may have under way, 0 for much. */
static inline bool peer_connect(int ends[2], int send_bytes)
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        return false;
    if (send_bytes > 0)
        setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &send_bytes, sizeof send_bytes);
    return true;
}

/* The same over TCP, which knows of resets. */
static inline bool peer_connect_tcp(int ends[2])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    ends[1] = socket(AF_INET, SOCK_STREAM, 0);
    bool connected = bind(listener, (struct sockaddr *)&address, length) == 0 &&
                     listen(listener, 1) == 0 &&
                     getsockname(listener, (struct sockaddr *)&address, &length) == 0 &&
                     connect(ends[1], (struct sockaddr *)&address, length) == 0;
    ends[0] = connected ? accept(listener, NULL, NULL) : -1;
    close(listener);
    return ends[0] >= 0;
}

/* Makes a conn of the first end. */
static inline bool peer_open_ends(struct peer *peer, const struct conn_config *config,
                                  const int ends[2])
{
    *peer = (struct peer){
        .conn = conn_create(ends[0], "peer", config), .conn_fd = ends[0], .fd = ends[1]};
    return peer->conn != NULL;
}

static inline bool peer_open(struct peer *peer, const struct conn_config *config, int send_bytes)
{
    int ends[2];
    *peer = (struct peer){.fd = -1};
    return peer_connect(ends, send_bytes) && peer_open_ends(peer, config, ends);
}

/* The client hangs up, if it has not. */
static inline void peer_hang_up(struct peer *peer)
{
    if (peer->fd >= 0)
        close(peer->fd);
    peer->fd = -1;
}

/* Hangs up at once and rudely: what is under way is lost, and the conn is told of a reset. */
static inline void peer_reset(struct peer *peer)
{
    struct linger now = {.l_onoff = 1, .l_linger = 0};
    setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    peer_hang_up(peer);
}

/* Lets go of both ends. */
static inline void peer_close(struct peer *peer)
{
    peer_hang_up(peer);
    conn_destroy(peer->conn);
}

/* Waits for one of the events on a descriptor. */
static inline bool peer_wait(int fd, short events)
{
    struct pollfd waited = {.fd = fd, .events = events};
    int64_t deadline = clock_now() + PEER_PATIENCE;
    int ready;
    while ((ready = poll(&waited, 1, clock_poll_timeout(deadline))) < 0 && errno == EINTR)
        ;
    return ready > 0;
}

/* The client sends bytes. */
static inline bool peer_send(const struct peer *peer, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t taken = send(peer->fd, bytes, length, MSG_NOSIGNAL);
        if (taken < 0)
            return false;
        bytes += taken;
        length -= (size_t)taken;
    }
    return true;
}

static inline bool peer_say(const struct peer *peer, const char *text)
{
    return peer_send(peer, text, strlen(text));
}

/* The client waits for so many bytes. False if they do not come. */
static inline bool peer_receive(const struct peer *peer, char *bytes, size_t length)
{
    size_t got = 0;
    while (got < length) {
        if (!peer_wait(peer->fd, POLLIN))
            return false;
        ssize_t received = recv(peer->fd, bytes + got, length - got, MSG_DONTWAIT);
        if (received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR))
            return false;
        if (received > 0)
            got += (size_t)received;
    }
    return true;
}

/* Whether exactly these bytes come next. */
static inline bool peer_gets_bytes(const struct peer *peer, const void *expected, size_t length)
{
    char *bytes = malloc(length + 1);
    bool same =
        bytes != NULL && peer_receive(peer, bytes, length) && memcmp(bytes, expected, length) == 0;
    free(bytes);
    return same;
}

static inline bool peer_gets(const struct peer *peer, const char *expected)
{
    return peer_gets_bytes(peer, expected, strlen(expected));
}

/* Whether nothing has come: what is sent through a socket pair is there at once. */
static inline bool peer_has_nothing(const struct peer *peer)
{
    char byte;
    return recv(peer->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

/* Whether the stream ends here, in order. */
static inline bool peer_is_at_end(const struct peer *peer)
{
    char byte;
    return peer_wait(peer->fd, POLLIN) && recv(peer->fd, &byte, 1, MSG_DONTWAIT) == 0;
}

/* Waits until something holds that has no descriptor to wait on. */
static inline bool peer_eventually(bool (*holds)(void *context), void *context)
{
    int64_t deadline = clock_now() + PEER_PATIENCE;
    while (!holds(context)) {
        if (clock_now() >= deadline)
            return false;
        struct timespec pause = {.tv_nsec = (long)CLOCK_MILLISECOND};
        nanosleep(&pause, NULL);
    }
    return true;
}

/* Text for whoever has that outbox, which goes out with the next; and what goes out now. */
static inline void text_queue(struct outbox *outbox, const char *text, size_t length)
{
    const struct outbox_message message = {
        .text = text, .length = length, .encoding = outbox_encoding(outbox)};
    outbox_queue_message(outbox, &message, false);
}

static inline void text_send(struct outbox *outbox, const char *text, size_t length)
{
    unsigned mode = outbox_mode(outbox);
    if (outbox_encoding(outbox) == NULL && outbox_send_encoded(outbox, mode, text, length))
        return;
    text_queue(outbox, text, length);
    outbox_flush(outbox);
}

#endif
