/* wire: a connection that returns whole lines. */
#include "wire.h"

#include "complaint.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NARROW_BYTES = 8192 }; /* of what the kernel keeps for a client that does not read */

bool wire_open(struct wire *wire, const struct sockaddr *address, socklen_t length, bool narrow)
{
    return wire_open_from(wire, NULL, address, length, narrow);
}

void wire_replace(struct wire *wire, struct wire *other)
{
    free(wire->out);
    *wire = *other;
    other->socket = -1;
    other->ended = false;
    other->out = NULL;
    other->out_first = other->out_end = other->out_capacity = 0;
    other->in_first = other->in_end = 0;
}

bool wire_open_from(struct wire *wire, const struct sockaddr *source,
                    const struct sockaddr *address, socklen_t length, bool narrow)
{
    const int on = 1;
    const int bytes = NARROW_BYTES;
    int descriptor = socket(address->sa_family, SOCK_STREAM, 0);

    if (descriptor < 0) {
        return false;
    }
    if (fcntl(descriptor, F_SETFL, O_NONBLOCK) != 0 ||
        fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0 ||
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        (narrow && setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes) != 0) ||
        (source != NULL && bind(descriptor, source, length) != 0) ||
        (connect(descriptor, address, length) != 0 && errno != EINPROGRESS)) {
        int cause = errno;

        close(descriptor);
        errno = cause;
        return false;
    }
    wire->socket = descriptor;
    wire->connecting = true;
    wire->ended = false;
    wire->out_first = wire->out_end = wire->in_first = wire->in_end = 0;
    return true;
}

void wire_type(struct wire *wire, const char *bytes, size_t length)
{
    if (wire->out_capacity - wire->out_end < length) {
        size_t capacity = 2 * (wire->out_end + length);
        char *out = realloc(wire->out, capacity);

        if (out == NULL) {
            complaint_raise("this program is out of memory");
            return;
        }
        wire->out = out;
        wire->out_capacity = capacity;
    }
    memcpy(wire->out + wire->out_end, bytes, length);
    wire->out_end += length;
}

short wire_events(const struct wire *wire, bool reads)
{
    short events =
        reads && !wire->connecting && wire->in_end - wire->in_first < WIRE_IN_BYTES ? POLLIN : 0;

    return (short)(wire->connecting || !wire_is_flushed(wire) ? events | POLLOUT : events);
}

static bool error_passes(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static void wire_send(struct wire *wire)
{
    ssize_t sent =
        send(wire->socket, wire->out + wire->out_first, wire->out_end - wire->out_first, 0);

    if (sent < 0) {
        wire->ended = wire->ended || !error_passes();
        return;
    }
    wire->out_first += (size_t)sent;
    if (wire_is_flushed(wire)) {
        wire->out_first = wire->out_end = 0;
    }
}

static void wire_receive(struct wire *wire)
{
    ssize_t received;

    if (wire->in_end > WIRE_IN_BYTES / 2) {
        memmove(wire->in, wire->in + wire->in_first, wire->in_end - wire->in_first);
        wire->in_end -= wire->in_first;
        wire->in_first = 0;
    }
    received = recv(wire->socket, wire->in + wire->in_end, WIRE_IN_BYTES - wire->in_end, 0);
    if (received > 0) {
        wire->in_end += (size_t)received;
    } else if (received == 0 || !error_passes()) {
        wire->ended = true;
    }
}

void wire_serve(struct wire *wire, short events)
{
    if (wire->socket < 0 || wire->ended) {
        return;
    }
    if ((events & (POLLOUT | POLLERR | POLLHUP)) != 0) {
        wire->connecting = false;
    }
    if ((events & POLLOUT) != 0 && !wire_is_flushed(wire)) {
        wire_send(wire);
    }
    if ((events & (POLLIN | POLLERR | POLLHUP)) != 0 &&
        wire->in_end - wire->in_first < WIRE_IN_BYTES) {
        wire_receive(wire);
    }
}

bool wire_line(const struct wire *wire, const char **bytes, size_t *length)
{
    const char *end;

    *bytes = wire->in + wire->in_first;
    end = memchr(*bytes, '\n', wire->in_end - wire->in_first);
    *length = end == NULL ? wire->in_end - wire->in_first : (size_t)(end - *bytes);
    return end != NULL;
}

void wire_drop(struct wire *wire, size_t length)
{
    assert(wire->in_end - wire->in_first >= length);
    wire->in_first += length;
    if (wire->in_first == wire->in_end) {
        wire->in_first = wire->in_end = 0;
    }
}

void wire_next(struct wire *wire)
{
    const char *bytes;
    size_t length;

    if (wire_line(wire, &bytes, &length)) {
        wire_drop(wire, length + 1);
    }
}

bool wire_is_flushed(const struct wire *wire)
{
    return wire->out_first == wire->out_end;
}

void wire_close(struct wire *wire, bool reset)
{
    const struct linger at_once = {.l_onoff = 1, .l_linger = 0};

    if (wire->socket >= 0) {
        if (reset) {
            setsockopt(wire->socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        }
        close(wire->socket);
        wire->socket = -1;
    }
}

void wire_discard(struct wire *wire)
{
    wire_close(wire, true);
    free(wire->out);
    wire->out = NULL;
    wire->out_capacity = 0;
}
