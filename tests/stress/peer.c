/*
 * peer: one simulated client. This file has its connection: connecting, typing, reading, leaving.
 * dialog.c processes its lines.
 */
#include "peer.h"

#include "complaint.h"
#include "dialog.h"
#include "telnet.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

enum {
    STEADY_READ_MILLIS = 10,  /* between two reads of a steady reader */
    STEADY_MOST_MILLIS = 500, /* at most what its rate allows in this time is read at once */

    LONGEST_PIECE_GAP_MILLIS = 3, /* between two pieces of a write */
    SLOWEST_WRITES = 32           /* about so many writes halve what is left to be written */
};

/* The connection ended in a way that a correct server does not cause. */
static void peer_broke(struct peer *peer, const char *operation, const char *cause)
{
    char quote[COMPLAINT_QUOTE_BYTES];
    size_t unread = peer->in_end - peer->in_first;
    ssize_t more =
        channel_receive(&peer->channel, peer->in + peer->in_end, PEER_IN_BYTES - peer->in_end);

    /* The server's reason, if it gave one, is the last input. */
    if (more > 0) {
        unread += (size_t)more;
    }
    complaint_raise("client %u: %s: %s", (unsigned)peer->serial, operation, cause);
    complaint_add("unread: \"%s\"", complaint_quote(peer->in + peer->in_first, unread, quote));
    peer_describe(peer);
    peer_drop(peer, true);
}

bool peer_connect(struct peer *peer, const struct place *place, struct ledger *ledger,
                  uint64_t seed, uint32_t serial, struct peer_manner manner)
{
    struct chance fingers = chance_stream(seed, serial, 1);

    assert(peer->stage == PEER_ABSENT);
    if (!channel_open(&peer->channel, place, NULL, manner.narrow, &fingers)) {
        return false;
    }
    peer->stage = PEER_CONNECTING;
    peer->serial = serial;
    peer->ledger = ledger;
    peer->seed = seed;
    peer->fingers = fingers;
    peer->eyes = chance_stream(seed, serial, 2);
    peer->manner = manner;
    peer->parting = PEER_STAYS;
    peer->shut = peer->named = peer->welcomed = peer->farewell = peer->carriage_returns = false;
    peer->prompts = peer->refusals = 0;
    peer->pause_until = peer->write_at = 0;
    peer->pause_volume = peer->slow_volume = 0;
    peer->read_at = 0;
    peer->hearing = TELNET_TEXT;
    peer->piece = 0;
    peer->out_first = peer->out_end = peer->in_first = peer->in_end = 0;
    if (manner.eager) {
        dialog_introduce(peer);
    }
    return true;
}

static void out_add(struct peer *peer, const char *bytes, size_t length)
{
    if (length == 0) {
        return;
    }
    if (peer->out_capacity - peer->out_end < length) {
        size_t capacity = 2 * (peer->out_end + length);
        char *out = realloc(peer->out, capacity);

        if (out == NULL) {
            complaint_raise("this program is out of memory");
            return;
        }
        peer->out = out;
        peer->out_capacity = capacity;
    }
    memcpy(peer->out + peer->out_end, bytes, length);
    peer->out_end += length;
}

/*
 * Ends a line. The client's last line end must have no bytes that the server need not read: the
 * server could close the connection with these unread, which resets it.
 */
static void out_add_line_end(struct peer *peer)
{
    static const struct {
        const char *bytes;
        size_t length;
    } ends[] = {{"\n", 1}, {"\n", 1}, {"\r\n", 2}, {"\r\0", 2}, {"\r\0\n", 3}};
    uint32_t count = sizeof ends / sizeof ends[0];
    uint32_t choice = chance_below(&peer->fingers, peer->parting == PEER_QUITS ? count - 1 : count);

    out_add(peer, ends[choice].bytes, ends[choice].length);
}

void peer_type(struct peer *peer, const char *bytes, size_t length)
{
    struct chance *fingers = &peer->fingers;
    size_t cut = chance_below(fingers, (uint32_t)length + 1);

    if (peer->named && chance_one_in(fingers, 24)) {
        out_add_line_end(peer);
    }
    /* The protocol does not define whether blanks may precede a command. */
    if (bytes[0] != '/' && chance_one_in(fingers, 8)) {
        out_add(peer, " \t", 2);
    }
    out_add(peer, bytes, cut);
    if (peer->manner.telnet && chance_one_in(fingers, 8)) {
        size_t command_length;
        const char *command = telnet_command(fingers, &command_length);

        out_add(peer, command, command_length);
    }
    out_add(peer, bytes + cut, length - cut);
    if (chance_one_in(fingers, 8)) {
        out_add(peer, "  ", 2);
    }
    out_add_line_end(peer);
}

void peer_say(struct peer *peer, unsigned count, size_t piece)
{
    struct script_line line;

    peer->piece = piece;
    while (count-- > 0) {
        script_spoken(peer->seed, peer->serial, ledger_said(peer->ledger, peer->serial), &line);
        peer_type(peer, line.bytes, line.length);
    }
}

void peer_write_to(struct peer *peer, uint32_t to)
{
    struct script_line line;

    if (ledger_letter(peer->ledger, peer->serial, to, &line)) {
        peer_type(peer, line.bytes, line.length);
    }
}

/* The last question is a line that is too long for the server. */
void peer_ask(struct peer *peer, unsigned question)
{
    static const char *const questions[] = {"/who", "/help", "/nonsense", "/nick", "/me"};
    const unsigned count = sizeof questions / sizeof questions[0];
    char too_long[SCRIPT_LINE_BYTES];

    assert(peer->manner.curious);
    if (question % (count + 1) < count) {
        const char *line = questions[question % (count + 1)];

        peer_type(peer, line, strlen(line));
        return;
    }
    memset(too_long, 'x', sizeof too_long);
    peer_type(peer, too_long, sizeof too_long);
}

void peer_pause(struct peer *peer, int64_t until, uint64_t volume)
{
    peer->pause_until = until;
    peer->pause_volume = volume;
}

void peer_dawdle(struct peer *peer, uint64_t volume)
{
    peer->slow_volume = volume;
}

void peer_leave(struct peer *peer, enum peer_parting parting)
{
    assert(peer->parting == PEER_STAYS && parting != PEER_STAYS);
    peer->parting = parting;
    peer->pause_until = 0;
    peer->slow_volume = 0;
    ledger_parting(peer->ledger, peer->serial, LEDGER_LEAVES);
    if (parting == PEER_QUITS) {
        peer_type(peer, "/quit", 5);
    }
}

void peer_drop(struct peer *peer, bool reset)
{
    channel_close(&peer->channel, reset);
    ledger_parting(peer->ledger, peer->serial, LEDGER_IS_CUT);
    peer->stage = PEER_ABSENT;
}

void peer_break_off(struct peer *peer)
{
    channel_break_off(&peer->channel, peer->out + peer->out_first, peer->out_end - peer->out_first,
                      &peer->fingers);
    peer_drop(peer, true);
}

static bool peer_is_slow(const struct peer *peer)
{
    return (peer->manner.rate > 0 || peer->manner.gap > 0) &&
           ledger_volume(peer->ledger) < peer->slow_volume;
}

/* Returns how many bytes it may read now. */
static size_t peer_appetite(const struct peer *peer, int64_t now)
{
    size_t room = PEER_IN_BYTES - peer->in_end;
    int64_t since = now - peer->read_at + STEADY_READ_MILLIS;
    size_t most;

    if (!peer_is_slow(peer) || peer->manner.rate == 0) {
        return room;
    }
    if (since > STEADY_MOST_MILLIS) {
        since = STEADY_MOST_MILLIS;
    }
    most = (size_t)peer->manner.rate * (size_t)since / 1000;
    return most < room ? most : room;
}

/* Call after a read of so many bytes, of at most most: sets when a slow reader reads again. */
static void peer_sates(struct peer *peer, size_t received, size_t most, int64_t now)
{
    if (peer->manner.rate > 0) {
        peer->read_at = now + STEADY_READ_MILLIS;
    } else if (received < most) {
        peer->read_at =
            now + peer->manner.gap / 3 + chance_below(&peer->eyes, peer->manner.gap + 1);
    }
}

static bool peer_reads(const struct peer *peer, int64_t now)
{
    if (peer_is_slow(peer) && now < peer->read_at) {
        return false;
    }
    return peer->in_end - peer->in_first < PEER_IN_BYTES &&
           (now >= peer->pause_until || ledger_volume(peer->ledger) >= peer->pause_volume);
}

short peer_events(const struct peer *peer, int64_t now)
{
    short events = 0;

    if (peer->stage == PEER_CONNECTING) {
        return peer->channel.wants;
    }
    if (peer->stage == PEER_CONNECTED && peer_reads(peer, now)) {
        events = POLLIN;
    }
    if (peer->stage == PEER_CONNECTED && peer_owes(peer) && peer->piece == 0) {
        events = (short)(events | POLLOUT);
    }
    return events;
}

static void peer_goes_on_connecting(struct peer *peer)
{
    switch (channel_progress(&peer->channel)) {
    case CHANNEL_OPEN:
        peer->stage = PEER_CONNECTED;
        break;
    case CHANNEL_OPENING:
        break;
    case CHANNEL_FAILED:
        peer_broke(peer, "connect", strerror(errno));
        break;
    }
}

/* Sends what is queued, or the next piece of it. */
static void peer_send(struct peer *peer, int64_t now)
{
    size_t length = peer->out_end - peer->out_first;

    if (length > 0 && now >= peer->write_at) {
        ssize_t sent;

        if (peer->piece > 0) {
            /*
             * A peer with a long queue sends larger pieces, so that the run need not wait for it at
             * the end.
             */
            size_t most = peer->piece + length / SLOWEST_WRITES;
            size_t piece = 1 + chance_below(&peer->fingers, (uint32_t)most);

            length = piece < length ? piece : length;
            peer->write_at = now + chance_below(&peer->fingers, LONGEST_PIECE_GAP_MILLIS + 1);
        }
        sent = channel_send(&peer->channel, peer->out + peer->out_first, length, &peer->fingers);
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
            peer_broke(peer, "send", strerror(errno));
            return;
        }
        peer->out_first += sent > 0 ? (size_t)sent : 0;
    }
    if (peer->out_first < peer->out_end || !channel_flush(&peer->channel)) {
        return;
    }
    peer->out_first = peer->out_end = 0;
    if (peer->parting == PEER_HALF_CLOSES && !peer->shut) {
        peer->shut = channel_shut(&peer->channel);
        if (!peer->shut && errno != EAGAIN) {
            peer_broke(peer, "shutdown", strerror(errno));
        }
    }
}

/* The server has closed the connection. */
static void peer_reached_end(struct peer *peer)
{
    bool asked_to = peer->parting == PEER_QUITS || peer->shut;

    if (!asked_to || peer_owes(peer)) {
        peer_broke(peer, "recv", "the server closed the connection");
        return;
    }
    channel_close(&peer->channel, false);
    peer->stage = PEER_DEPARTED;
}

static void peer_receive(struct peer *peer, int64_t now)
{
    ssize_t received;
    size_t most;

    if (peer->in_end > PEER_IN_BYTES / 2) {
        memmove(peer->in, peer->in + peer->in_first, peer->in_end - peer->in_first);
        peer->in_end -= peer->in_first;
        peer->in_first = 0;
    }
    most = peer_appetite(peer, now);
    received = channel_receive(&peer->channel, peer->in + peer->in_end, most);
    if (received > 0) {
        peer_sates(peer, (size_t)received, most, now);
        peer->in_end += peer->manner.telnet ? telnet_strip(&peer->hearing, peer->in + peer->in_end,
                                                           (size_t)received)
                                            : (size_t)received;
    } else if (received == 0) {
        peer_reached_end(peer);
    } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        peer_broke(peer, "recv", strerror(errno));
    }
}

void peer_serve(struct peer *peer, short events, int64_t now)
{
    if (peer->stage == PEER_CONNECTING && events != 0) {
        peer_goes_on_connecting(peer);
    }
    /*
     * POLLERR and POLLHUP are always reported; a client that pauses sees them when it reads again.
     */
    if (peer->stage == PEER_CONNECTED &&
        ((events & (POLLIN | POLLERR | POLLHUP)) != 0 || channel_holds_input(&peer->channel)) &&
        peer_reads(peer, now)) {
        peer_receive(peer, now);
    }
    if (peer->stage == PEER_CONNECTED) {
        peer_send(peer, now);
    }
}

void peer_digest(struct peer *peer)
{
    if (peer->stage == PEER_CONNECTED || peer->stage == PEER_DEPARTED) {
        dialog_digest(peer);
    }
    if (peer->stage == PEER_DEPARTED && dialog_is_complete(peer)) {
        peer->stage = PEER_ABSENT;
    }
}

bool peer_owes(const struct peer *peer)
{
    return peer->out_first < peer->out_end;
}

bool peer_idle(const struct peer *peer)
{
    return peer->stage == PEER_CONNECTED && peer->welcomed && peer->parting == PEER_STAYS &&
           !peer_owes(peer) && peer->in_first == peer->in_end;
}

void peer_describe(const struct peer *peer)
{
    static const char *const stages[] = {"absent", "connecting", "connected", "departed"};
    static const char *const partings[] = {"to stay", "by /quit", "by half-close"};
    char quote[COMPLAINT_QUOTE_BYTES];

    complaint_add("client %u: %s, %s, %s; %zu bytes to send; %zu bytes unread: \"%s\"",
                  (unsigned)peer->serial, stages[peer->stage], partings[peer->parting],
                  peer->welcomed ? "welcomed" : "not welcomed", peer->out_end - peer->out_first,
                  peer->in_end - peer->in_first,
                  complaint_quote(peer->in + peer->in_first, peer->in_end - peer->in_first, quote));
    ledger_describe(peer->ledger, peer->serial);
}

void peer_discard(struct peer *peer)
{
    if (peer->stage != PEER_ABSENT) {
        peer_drop(peer, true);
    }
    free(peer->out);
    peer->out = NULL;
    peer->out_first = peer->out_end = peer->out_capacity = 0;
}
