/* One connection to the server; see peer.h. */
#include "peer.h"

#include "../tls/tls_client.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static int bind_source(int fd, uint32_t source)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(source)};
    int on = 1;

    /*
     * Without this the kernel picks a port that is free for all destinations, and runs out of
     * ports.
     */
    if (setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) != 0)
        return -1;
    return bind(fd, (const struct sockaddr *)&address, sizeof address);
}

static int start(struct peer *peer, int epoll, const struct sockaddr_in *server, uint32_t source,
                 int receive_bytes)
{
    struct epoll_event event = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
        .data = {.ptr = peer},
    };
    int on = 1;

    if (receive_bytes > 0 &&
        setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes) != 0)
        return -1;
    if (setsockopt(peer->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0)
        return -1;
    if (source != 0 && bind_source(peer->fd, source) != 0)
        return -1;
    if (connect(peer->fd, (const struct sockaddr *)server, sizeof *server) != 0 &&
        errno != EINPROGRESS)
        return -1;
    return epoll_ctl(epoll, EPOLL_CTL_ADD, peer->fd, &event);
}

int peer_connect(struct peer *peer, int epoll, const struct sockaddr_in *server, uint32_t source,
                 int receive_bytes, bool tls)
{
    int cause;

    peer->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (peer->fd < 0)
        return -1;
    peer->tls = tls ? tls_client_create(peer->fd, false) : NULL;
    if ((tls && peer->tls == NULL) || start(peer, epoll, server, source, receive_bytes) != 0) {
        cause = errno;
        tls_client_free(peer->tls);
        close(peer->fd);
        errno = cause;
        return -1;
    }
    peer->stage = PEER_CONNECTING;
    peer->writable = false;
    peer->prompted = false;
    return 0;
}

void peer_listen(struct peer *peer, int epoll, bool listens)
{
    struct epoll_event event = {
        .events = listens ? EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET : EPOLLOUT | EPOLLET,
        .data = {.ptr = peer},
    };

    epoll_ctl(epoll, EPOLL_CTL_MOD, peer->fd, &event);
}

int peer_connected(const struct peer *peer)
{
    int cause = 0;
    socklen_t bytes = sizeof cause;

    if (getsockopt(peer->fd, SOL_SOCKET, SO_ERROR, &cause, &bytes) != 0)
        return errno;
    if (cause != 0 || peer->tls == NULL)
        return cause;
    switch (tls_client_shake(peer->tls)) {
    case TLS_CLIENT_DONE:
        return 0;
    case TLS_CLIENT_WANTS_INPUT:
    case TLS_CLIENT_WANTS_OUTPUT:
        return EINPROGRESS;
    case TLS_CLIENT_FAILED:
        break;
    }
    return errno;
}

ssize_t peer_receive(const struct peer *peer, void *bytes, size_t size)
{
    return peer->tls != NULL ? tls_client_receive(peer->tls, bytes, size)
                             : recv(peer->fd, bytes, size, 0);
}

static ssize_t send_some(const struct peer *peer, const void *bytes, size_t length)
{
    return peer->tls != NULL ? tls_client_send(peer->tls, bytes, length)
                             : send(peer->fd, bytes, length, MSG_NOSIGNAL);
}

void peer_close(struct peer *peer, bool reset)
{
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    if (reset)
        setsockopt(peer->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    tls_client_free(peer->tls);
    peer->tls = NULL;
    close(peer->fd);
    peer->fd = -1;
    free(peer->carry);
    free(peer->unsent);
    peer->carry = NULL;
    peer->carry_bytes = peer->carry_capacity = 0;
    peer->unsent = NULL;
    peer->unsent_start = peer->unsent_end = peer->unsent_capacity = 0;
}

static char *grown(char *bytes, size_t capacity)
{
    char *larger = realloc(bytes, capacity);

    if (larger == NULL) {
        perror("load: cannot keep a connection's data");
        exit(2);
    }
    return larger;
}

void peer_carry(struct peer *peer, const char *text, size_t bytes)
{
    if (bytes > peer->carry_capacity) {
        peer->carry_capacity = bytes < 128 ? 128 : 2 * bytes;
        peer->carry = grown(peer->carry, peer->carry_capacity);
    }
    if (bytes > 0)
        memcpy(peer->carry, text, bytes);
    peer->carry_bytes = bytes;
}

char *peer_room(struct peer *peer, size_t bytes)
{
    if (peer->unsent_start == peer->unsent_end)
        peer->unsent_start = peer->unsent_end = 0;
    if (peer->unsent_end + bytes > peer->unsent_capacity) {
        peer->unsent_capacity = 2 * peer->unsent_end + bytes;
        peer->unsent = grown(peer->unsent, peer->unsent_capacity);
    }
    return peer->unsent + peer->unsent_end;
}

bool peer_flush(struct peer *peer)
{
    while (peer_has_unsent(peer)) {
        ssize_t sent = send_some(peer, peer->unsent + peer->unsent_start,
                                 peer->unsent_end - peer->unsent_start);

        if (sent >= 0) {
            peer->unsent_start += (size_t)sent;
        } else if (errno == EAGAIN) {
            peer->writable = false;
            return true;
        } else if (errno != EINTR) {
            return false;
        }
    }
    if (peer->tls != NULL)
        peer->writable = tls_client_flush(peer->tls);
    return true;
}
