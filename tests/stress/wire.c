/* wire: a connection that returns whole lines. */
#include "wire.h"

#include "complaint.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

void wire_init(struct wire *wire)
{
    wire->channel = (struct channel){.socket = -1};
}

bool wire_is_open(const struct wire *wire)
{
    return wire->channel.socket >= 0;
}

void wire_replace(struct wire *wire, struct wire *other)
{
    free(wire->out);
    *wire = *other;
    other->channel = (struct channel){.socket = -1};
    other->ended = false;
    other->out = NULL;
    other->out_first = other->out_end = other->out_capacity = 0;
    other->in_first = other->in_end = 0;
}

bool wire_open(struct wire *wire, const struct place *place, const struct sockaddr *source,
               bool narrow, struct chance *chance)
{
    if (!channel_open(&wire->channel, place, source, narrow, chance)) {
        return false;
    }
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
    short events = reads && wire->in_end - wire->in_first < WIRE_IN_BYTES ? POLLIN : 0;

    if (wire->connecting) {
        return wire->channel.wants;
    }
    return (short)(wire_is_flushed(wire) ? events : events | POLLOUT);
}

static bool error_passes(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static void wire_send(struct wire *wire)
{
    ssize_t sent = channel_send(&wire->channel, wire->out + wire->out_first,
                                wire->out_end - wire->out_first, NULL);

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
    received =
        channel_receive(&wire->channel, wire->in + wire->in_end, WIRE_IN_BYTES - wire->in_end);
    if (received > 0) {
        wire->in_end += (size_t)received;
    } else if (received == 0 || !error_passes()) {
        wire->ended = true;
    }
}

static void wire_goes_on_connecting(struct wire *wire)
{
    enum channel_progress progress = channel_progress(&wire->channel);

    wire->connecting = progress == CHANNEL_OPENING;
    wire->ended = progress == CHANNEL_FAILED;
}

void wire_serve(struct wire *wire, short events, bool reads)
{
    bool readable = (events & (POLLIN | POLLERR | POLLHUP)) != 0 ||
                    (reads && channel_holds_input(&wire->channel));

    if (!wire_is_open(wire) || wire->ended) {
        return;
    }
    if (wire->connecting) {
        if (events != 0) {
            wire_goes_on_connecting(wire);
        }
        return;
    }
    if ((events & POLLOUT) != 0 && !wire_is_flushed(wire)) {
        wire_send(wire);
    }
    channel_flush(&wire->channel);
    if (readable && wire->in_end - wire->in_first < WIRE_IN_BYTES) {
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
    channel_close(&wire->channel, reset);
}

void wire_discard(struct wire *wire)
{
    wire_close(wire, true);
    free(wire->out);
    wire->out = NULL;
    wire->out_capacity = 0;
}
