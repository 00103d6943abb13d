/* channel: the way from a client to the server. */
#include "channel.h"

#include "../tls/tls_client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    /*
     * What the two kernels buffer for a client that does not read grows with the segment size, to
     * megabytes on loopback by default. With these sizes it is some 50 kilobytes, and the server
     * must keep the rest.
     */
    NARROW_SEGMENT_BYTES = 1000,
    NARROW_BUFFER_BYTES = 8192,

    KEYS_LAST_SENDS = 40, /* about so often something is sent until new keys are taken */
    HEADER_BYTES = 128
};

const struct place *places_draw(const struct places *places, struct chance *chance)
{
    return &places->some[places->count > 1 ? chance_below(chance, places->count) : 0];
}

/* Gives small buffers to a socket that is not connected yet. */
static bool socket_narrow(int descriptor)
{
    const int segment_bytes = NARROW_SEGMENT_BYTES;
    const int buffer_bytes = NARROW_BUFFER_BYTES;

    return setsockopt(descriptor, IPPROTO_TCP, TCP_MAXSEG, &segment_bytes, sizeof segment_bytes) ==
               0 &&
           setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes) == 0;
}

/* Sets a socket up and begins to connect. Returns false with errno. */
static bool socket_connect(int descriptor, const struct place *place, const struct sockaddr *source,
                           bool narrow)
{
    const int on = 1;

    return fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 &&
           fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 &&
           /* Without TCP_NODELAY the kernel would join the pieces of a line. */
           setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
           (!narrow || socket_narrow(descriptor)) &&
           (source == NULL || bind(descriptor, source, place->length) == 0) &&
           (connect(descriptor, (const struct sockaddr *)&place->address, place->length) == 0 ||
            errno == EINPROGRESS);
}

bool channel_open(struct channel *channel, const struct place *place, const struct sockaddr *source,
                  bool narrow, struct chance *chance)
{
    int descriptor = socket(place->address.ss_family, SOCK_STREAM, 0);
    bool old = place->tls && chance_one_in(chance, 4);
    int cause;

    *channel = (struct channel){.socket = -1, .place = place};
    if (descriptor < 0) {
        return false;
    }
    if (socket_connect(descriptor, place, source, narrow) &&
        (!place->tls || (channel->tls = tls_client_create(descriptor, old)) != NULL)) {
        memcpy(&channel->source, source != NULL ? (const void *)source : &place->address,
               place->length);
        channel->socket = descriptor;
        channel->opening = true;
        channel->wants = POLLOUT;
        return true;
    }
    cause = errno;
    close(descriptor);
    errno = cause;
    return false;
}

/* Tells the server who the client is. The socket, which is new, has room for it. */
static bool send_header(const struct channel *channel)
{
    const struct sockaddr_in *source = (const void *)&channel->source;
    char header[HEADER_BYTES];
    char host[INET_ADDRSTRLEN];
    int length;

    if (channel->source.ss_family == AF_INET &&
        inet_ntop(AF_INET, &source->sin_addr, host, sizeof host) != NULL) {
        length = snprintf(header, sizeof header, "PROXY TCP4 %s 192.0.2.1 %d 8888\r\n", host,
                          (int)(1024 + channel->socket));
    } else {
        length = snprintf(header, sizeof header, "PROXY UNKNOWN\r\n");
    }
    return send(channel->socket, header, (size_t)length, MSG_NOSIGNAL) == length;
}

/* The socket is connected, or it has failed. */
static bool begin(const struct channel *channel)
{
    int cause = 0;
    socklen_t cause_length = sizeof cause;

    if (getsockopt(channel->socket, SOL_SOCKET, SO_ERROR, &cause, &cause_length) != 0) {
        return false;
    }
    errno = cause;
    return cause == 0 && (!channel->place->proxy || send_header(channel));
}

enum channel_progress channel_progress(struct channel *channel)
{
    bool begins = channel->opening;

    channel->opening = false;
    if (begins && !begin(channel)) {
        return CHANNEL_FAILED;
    }
    if (channel->tls == NULL) {
        return CHANNEL_OPEN;
    }
    switch (tls_client_shake(channel->tls)) {
    case TLS_CLIENT_DONE:
        return CHANNEL_OPEN;
    case TLS_CLIENT_WANTS_INPUT:
        channel->wants = POLLIN;
        return CHANNEL_OPENING;
    case TLS_CLIENT_WANTS_OUTPUT:
        channel->wants = POLLOUT;
        return CHANNEL_OPENING;
    case TLS_CLIENT_FAILED:
        break;
    }
    return CHANNEL_FAILED;
}

ssize_t channel_send(struct channel *channel, const void *bytes, size_t length,
                     struct chance *chance)
{
    if (channel->tls == NULL) {
        return send(channel->socket, bytes, length, 0);
    }
    if (chance != NULL && chance_one_in(chance, KEYS_LAST_SENDS)) {
        tls_client_change_keys(channel->tls);
    }
    return tls_client_send(channel->tls, bytes, length);
}

ssize_t channel_receive(struct channel *channel, void *bytes, size_t size)
{
    return channel->tls == NULL ? recv(channel->socket, bytes, size, 0)
                                : tls_client_receive(channel->tls, bytes, size);
}

bool channel_holds_input(const struct channel *channel)
{
    return channel->tls != NULL && tls_client_holds_input(channel->tls);
}

bool channel_flush(struct channel *channel)
{
    return channel->tls == NULL || tls_client_flush(channel->tls);
}

bool channel_shut(struct channel *channel)
{
    if (channel->tls != NULL) {
        tls_client_finish(channel->tls);
        if (!tls_client_flush(channel->tls)) {
            errno = EAGAIN;
            return false;
        }
    }
    return shutdown(channel->socket, SHUT_WR) == 0;
}

void channel_break_off(struct channel *channel, const void *bytes, size_t length,
                       struct chance *chance)
{
    size_t some = chance_below(chance, (uint32_t)length + 1);

    if (channel->tls != NULL) {
        tls_client_break_off(channel->tls, bytes, length, chance_below(chance, 257));
    } else if (some > 0 && send(channel->socket, bytes, some, 0) < 0) {
        errno = 0; /* no check relies on these bytes */
    }
}

void channel_close(struct channel *channel, bool reset)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    if (channel->socket < 0) {
        return;
    }
    if (reset) {
        setsockopt(channel->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    }
    tls_client_free(channel->tls);
    channel->tls = NULL;
    close(channel->socket);
    channel->socket = -1;
}
