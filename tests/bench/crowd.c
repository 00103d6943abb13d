/* The clients of the load generator; see crowd.h. */
#include "crowd.h"

#include "clock.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_BYTES = 64 * 1024,
    LONGEST_LINE_BYTES = 4 * 1024 * 1024, /* some servers greet with the names of all clients */
    EVENTS_A_TURN = 256,
    EVENTS_BETWEEN = 16,
    CONNECTS_A_TURN = 64,
    PASSER_BY_PLACES = 2048,
    STALLED_BUFFER_BYTES = 4096, /* what a stalled reader's own kernel buffers proves nothing */
    STEADY_READ_MS = 10,         /* between two reads of a slow reader */
    STEADY_MOST_MS = 500         /* at most the data of this time is read at once after a delay */
};

_Noreturn static void give_up(const char *what)
{
    fprintf(stderr, "load: cannot %s: %s\n", what, strerror(errno));
    exit(2);
}

static void raise_descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/*
 * The order of ids: talkers, flooders, clients that only listen, slow readers, askers, and last the
 * stalled readers.
 */
static enum peer_role role_of(const struct options *options, uint32_t id)
{
    if (id < options->talkers)
        return PEER_TALKER;
    if (id < options->talkers + options->flooders)
        return PEER_FLOODER;
    if (id < options->clients - options->stalled - options->askers - options->slow)
        return PEER_LISTENER;
    if (id < options->clients - options->stalled - options->askers)
        return PEER_SLOW;
    if (id < options->clients - options->stalled)
        return PEER_ASKER;
    return id < options->clients ? PEER_STALLED : PEER_PASSER_BY;
}

struct crowd_room *crowd_room_of(const struct crowd *crowd, uint32_t id)
{
    return &crowd->rooms[id % crowd->room_count];
}

/* The witnesses are the first clients that do not talk, one in each room. */
static void open_rooms(struct crowd *crowd)
{
    uint32_t authors = crowd->options->talkers + crowd->options->flooders;

    crowd->room_count = crowd->options->rooms > 0 ? crowd->options->rooms : 1;
    crowd->rooms = calloc(crowd->room_count, sizeof *crowd->rooms);
    if (crowd->rooms == NULL)
        give_up("allocate memory");
    for (uint32_t id = authors; id < authors + crowd->room_count; id++) {
        struct crowd_room *room = crowd_room_of(crowd, id);

        room->ledger = ledger_new(authors);
        room->witness = &crowd->peers[id];
        if (room->ledger == NULL)
            give_up("allocate memory");
    }
}

void crowd_open(struct crowd *crowd, const struct options *options)
{
    memset(crowd, 0, sizeof *crowd);
    raise_descriptor_limit();
    crowd->options = options;
    for (uint32_t i = 0; i < options->servers; i++) {
        crowd->servers[i].sin_family = AF_INET;
        crowd->servers[i].sin_port = htons(options->ports[i]);
        if (inet_pton(AF_INET, options->host, &crowd->servers[i].sin_addr) != 1) {
            fprintf(stderr, "load: --host %s: must be an IPv4 address\n", options->host);
            exit(2);
        }
    }
    crowd->terminals = crowd->servers[0];
    crowd->terminals.sin_port = htons(options->terminal_port);
    crowd->at_terminals = dialect_find("terminal");
    crowd->random = 1;
    crowd->passers_by = options->churn > 0 || options->stall_every > 0 ? PASSER_BY_PLACES : 0;
    crowd->peers = calloc((size_t)options->clients + crowd->passers_by, sizeof *crowd->peers);
    crowd->completion_lines =
        (size_t)(options->pace * (options->seconds + options->warmup)) + 2 * options->talkers + 2;
    crowd->completion_ns = calloc(crowd->completion_lines, sizeof *crowd->completion_ns);
    crowd->buffer = malloc(LONGEST_LINE_BYTES + READ_BYTES);
    if (crowd->peers == NULL || crowd->buffer == NULL || crowd->completion_ns == NULL)
        give_up("allocate memory");
    for (uint32_t id = 0; id < options->clients + crowd->passers_by; id++) {
        crowd->peers[id].fd = -1;
        crowd->peers[id].id = id;
        crowd->peers[id].role = role_of(options, id);
    }
    open_rooms(crowd);
    crowd->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (crowd->epoll < 0)
        give_up("create an epoll descriptor");
}

void crowd_close(struct crowd *crowd)
{
    for (uint32_t id = 0; id < crowd->options->clients + crowd->passers_by; id++)
        if (crowd->peers[id].fd >= 0)
            peer_close(&crowd->peers[id], true);
    close(crowd->epoll);
    for (uint32_t i = 0; i < crowd->room_count; i++)
        ledger_free(crowd->rooms[i].ledger);
    free(crowd->rooms);
    free(crowd->buffer);
    free(crowd->completion_ns);
    free(crowd->peers);
}

bool crowd_counts(const struct peer *peer)
{
    return peer->stage == PEER_IN && peer->role != PEER_STALLED && peer->role != PEER_PASSER_BY;
}

/* The server has closed this connection, or refused it. */
static void bury(struct crowd *crowd, struct peer *peer)
{
    enum peer_stage stage = peer->stage;

    peer_close(peer, true);
    peer->stage = PEER_GONE;
    if (peer->role == PEER_PASSER_BY) {
        peer->stage = PEER_ABSENT;
        crowd->turned_away++;
    } else if (stage != PEER_IN) {
        crowd->refused++;
    } else if (peer->role != PEER_STALLED) {
        crowd->lost++;
    }
}

void crowd_name(const struct crowd *crowd, const struct peer *peer, char *name)
{
    char initial = peer->role == PEER_PASSER_BY ? 'p' : crowd->options->initial;

    snprintf(name, DIALECT_NAME_BYTES, "%c%07u", initial, peer->id % 10000000U);
}

/*
 * All source addresses have the same number of digits, so that the origins of authors have equal
 * length.
 */
static uint32_t source_of(const struct crowd *crowd, uint32_t id)
{
    if (crowd->options->sources == 1 || (ntohl(crowd->servers[0].sin_addr.s_addr) >> 24) != 127)
        return 0;
    return INADDR_LOOPBACK + id % crowd->options->sources;
}

/* Which of the servers a client is at. */
static uint32_t server_of(const struct crowd *crowd, uint32_t id)
{
    return id % crowd->options->servers;
}

static bool is_at_terminal(const struct crowd *crowd, const struct peer *peer)
{
    return crowd->options->terminal_port != 0 && peer->role == PEER_LISTENER;
}

static const struct dialect *dialect_of(const struct crowd *crowd, const struct peer *peer)
{
    return is_at_terminal(crowd, peer) ? crowd->at_terminals : crowd->options->dialect;
}

static void begin(struct crowd *crowd, struct peer *peer)
{
    const struct sockaddr_in *server = is_at_terminal(crowd, peer)
                                           ? &crowd->terminals
                                           : &crowd->servers[server_of(crowd, peer->id)];
    bool stalls = peer->role == PEER_STALLED ||
                  (peer->role == PEER_PASSER_BY && crowd->options->stall_every > 0);
    int receive_bytes = stalls ? STALLED_BUFFER_BYTES : 0;

    if (peer_connect(peer, crowd->epoll, server, source_of(crowd, peer->id), receive_bytes,
                     crowd->options->tls) != 0)
        give_up("connect");
}

void crowd_invite(struct crowd *crowd)
{
    const struct options *options = crowd->options;

    for (int i = 0; i < CONNECTS_A_TURN && crowd->started < options->clients; i++) {
        uint32_t under_way = crowd->started - crowd->in - crowd->refused;

        if (options->window > 0 && under_way >= options->window)
            return;
        begin(crowd, &crowd->peers[crowd->started++]);
    }
}

void crowd_pass_by(struct crowd *crowd)
{
    uint32_t visit = crowd->visits++;
    struct peer *peer = &crowd->peers[crowd->options->clients + visit % crowd->passers_by];

    if (peer->stage != PEER_ABSENT) {
        crowd->turned_away++; /* the previous visit has not been let in yet */
        return;
    }
    peer->id = visit;
    begin(crowd, peer);
}

void crowd_flush(struct crowd *crowd, struct peer *peer)
{
    if (!peer_flush(peer))
        bury(crowd, peer);
}

static void answer(struct crowd *crowd, struct peer *peer, const char *reply)
{
    size_t bytes = strlen(reply);

    if (bytes == 0)
        return;
    memcpy(peer_room(peer, bytes), reply, bytes);
    peer->unsent_end += bytes;
    crowd_flush(crowd, peer);
}

static void enter(struct crowd *crowd, struct peer *peer)
{
    if (peer->stage == PEER_IN)
        return;
    if (peer->stage == PEER_GREETING && crowd->options->rooms > 0) {
        char reply[DIALECT_REPLY_BYTES];

        peer->stage = PEER_MOVING;
        crowd->options->dialect->move(crowd->options->initial, peer->id % crowd->room_count, reply);
        answer(crowd, peer, reply);
        return;
    }
    if (peer->role == PEER_PASSER_BY && crowd->options->stall_every > 0) {
        crowd->passed++;
        peer->stage = PEER_IN;
        epoll_ctl(crowd->epoll, EPOLL_CTL_DEL, peer->fd, NULL);
        return;
    }
    if (peer->role == PEER_PASSER_BY) {
        crowd->passed++;
        peer_close(peer, false);
        peer->stage = PEER_ABSENT;
        return;
    }
    peer->stage = PEER_IN;
    crowd->in++;
}

/* Records for each paced line when the last receiver so far got it. */
static void complete(struct crowd *crowd, const struct message *message, uint64_t now_ns)
{
    size_t line = (size_t)message->number * crowd->options->talkers + message->author;

    if (line < crowd->completion_lines && now_ns > message->sent_ns &&
        now_ns - message->sent_ns > crowd->completion_ns[line])
        crowd->completion_ns[line] = now_ns - message->sent_ns;
}

static void take_message(struct crowd *crowd, struct peer *peer, const struct message *message,
                         uint64_t now_ns)
{
    const struct options *options = crowd->options;
    struct tally *tally;

    if (peer->role == PEER_PASSER_BY)
        return;
    if (message->author < options->talkers) {
        tally = &crowd->talk;
        peer->got_talk++;
        if (peer->role != PEER_SLOW)
            complete(crowd, message, now_ns);
    } else if (message->author < options->talkers + options->flooders) {
        tally = &crowd->flood;
        peer->got_flood++;
    } else {
        crowd->foreign++;
        return;
    }
    tally->deliveries++;
    /* A slow reader's latency is its own doing. */
    if (peer->role != PEER_SLOW) {
        uint64_t latency_ns = now_ns > message->sent_ns ? now_ns - message->sent_ns : 0;

        histogram_record(&tally->latency, latency_ns);
        if (tally == &crowd->talk &&
            server_of(crowd, peer->id) != server_of(crowd, message->author))
            histogram_record(&crowd->far, latency_ns);
    }
    reading_add(&peer->reading, message);
    crowd->last_delivery_ns = now_ns;
    if (peer == crowd_room_of(crowd, peer->id)->witness)
        ledger_add(crowd_room_of(crowd, peer->id)->ledger, message);
}

static void take_other_line(struct crowd *crowd, struct peer *peer, const char *text, size_t bytes)
{
    const struct dialect *dialect = dialect_of(crowd, peer);
    char name[DIALECT_NAME_BYTES] = "";
    char reply[DIALECT_REPLY_BYTES] = "";
    enum dialect_meaning meaning;

    if (peer->role == PEER_ASKER && peer->stage == PEER_IN)
        return; /* an answer: there may be a hundred megabytes a second of them */
    crowd_name(crowd, peer, name);
    meaning = dialect->line(text, bytes, name, reply);
    if (meaning == DIALECT_ARRIVAL && peer->role != PEER_PASSER_BY)
        crowd->arrivals++;
    answer(crowd, peer, reply);
    if (peer->fd < 0)
        return;
    if (meaning == DIALECT_IN || (meaning == DIALECT_MOVED && peer->stage == PEER_MOVING))
        enter(crowd, peer);
    else if (meaning == DIALECT_REFUSED)
        bury(crowd, peer);
}

/* Returns the length of a text without the CSI sequences at its end. */
static size_t without_style(const char *text, size_t bytes)
{
    size_t end = bytes;

    while (end > 0 && isalpha((unsigned char)text[end - 1])) {
        size_t begin = end - 1;

        while (begin > 0 && (isdigit((unsigned char)text[begin - 1]) || text[begin - 1] == ';'))
            begin--;
        if (begin < 2 || text[begin - 1] != '[' || text[begin - 2] != '\033')
            break;
        end = begin - 2;
    }
    return end;
}

static void take_line(struct crowd *crowd, struct peer *peer, const char *text, size_t bytes,
                      uint64_t now_ns)
{
    size_t message_bytes = crowd->options->size - 1;
    struct message message;

    if (bytes > 0 && text[bytes - 1] == '\r')
        bytes--;
    if (dialect_of(crowd, peer)->styled)
        bytes = without_style(text, bytes);
    if (bytes >= message_bytes &&
        message_read(text + bytes - message_bytes, message_bytes, &message))
        take_message(crowd, peer, &message, now_ns);
    else if (bytes > 0)
        take_other_line(crowd, peer, text, bytes);
}

/* Processes every whole line, and the prompt if there is one. Returns the bytes processed. */
static size_t take_lines(struct crowd *crowd, struct peer *peer, const char *text, size_t bytes,
                         uint64_t now_ns)
{
    char name[DIALECT_NAME_BYTES] = "";
    char reply[DIALECT_REPLY_BYTES] = "";
    const char *at = text;
    const char *limit = text + bytes;

    while (at < limit) {
        const char *end = memchr(at, '\n', (size_t)(limit - at));

        if (end == NULL)
            break;
        take_line(crowd, peer, at, (size_t)(end - at), now_ns);
        if (peer->fd < 0)
            return bytes;
        at = end + 1;
    }
    if (at < limit && peer->stage == PEER_GREETING && !peer->prompted) {
        crowd_name(crowd, peer, name);
        at += dialect_of(crowd, peer)->prompt(at, (size_t)(limit - at), name, reply);
        peer->prompted = reply[0] != '\0';
        answer(crowd, peer, reply);
    }
    return (size_t)(at - text);
}

/*
 * Reads at most `most` bytes and processes them. Returns how many were read; 0 also if the
 * connection has ended.
 */
static size_t take_some(struct crowd *crowd, struct peer *peer, size_t most)
{
    size_t carried = peer->carry_bytes;
    ssize_t got;
    size_t taken;
    uint64_t now_ns;

    if (carried > LONGEST_LINE_BYTES) {
        errno = EMSGSIZE;
        give_up("read a line");
    }
    if (carried > 0)
        memcpy(crowd->buffer, peer->carry, carried);
    do
        got = peer_receive(peer, crowd->buffer + carried, most);
    while (got < 0 && errno == EINTR);
    if (got < 0 && errno == EAGAIN)
        return 0;
    if (got <= 0) {
        bury(crowd, peer);
        return 0;
    }
    now_ns = clock_now_ns();
    crowd->last_byte_ns = now_ns;
    taken = take_lines(crowd, peer, crowd->buffer, carried + (size_t)got, now_ns);
    if (peer->fd >= 0)
        peer_carry(peer, crowd->buffer + taken, carried + (size_t)got - taken);
    return (size_t)got;
}

/*
 * Reads all input. A recv that fills less than the buffer has emptied the socket, so the next one,
 * which would return EAGAIN, is omitted, unless the connection is known to have ended behind the
 * data.
 */
static void take_input(struct crowd *crowd, struct peer *peer, bool ended)
{
    size_t got;

    do
        got = take_some(crowd, peer, READ_BYTES);
    while (peer->fd >= 0 && got > 0 && (got == READ_BYTES || ended));
}

static void connected(struct crowd *crowd, struct peer *peer)
{
    const struct dialect *dialect = dialect_of(crowd, peer);
    char name[DIALECT_NAME_BYTES] = "";
    char reply[DIALECT_REPLY_BYTES] = "";
    int cause = peer_connected(peer);

    if (cause == EINPROGRESS)
        return;
    if (cause != 0) {
        errno = cause;
        give_up("connect");
    }
    peer->stage = PEER_GREETING;
    peer->writable = true;
    crowd_name(crowd, peer, name);
    dialect->hello(name, reply);
    answer(crowd, peer, reply);
}

static void take_event(struct crowd *crowd, const struct epoll_event *event)
{
    struct peer *peer = event->data.ptr;
    bool ended = (event->events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;

    if (peer->fd < 0)
        return; /* closed earlier in the same turn */
    bool connects = peer->stage == PEER_CONNECTING;

    if (connects && (event->events & EPOLLOUT || ended || peer->tls != NULL))
        connected(crowd, peer);
    if (peer->stage == PEER_CONNECTING)
        return;
    if (peer->fd >= 0 && event->events & EPOLLOUT) {
        peer->writable = true;
        if (peer_has_unsent(peer) || peer->tls != NULL)
            crowd_flush(crowd, peer);
    }
    /* A handshake may have fetched what is behind it. */
    if (peer->fd >= 0 && (event->events & EPOLLIN || ended || (connects && peer->tls != NULL)))
        take_input(crowd, peer, ended);
}

void crowd_turn(struct crowd *crowd, uint64_t wait_ns, void (*between)(void *context),
                void *context)
{
    struct epoll_event events[EVENTS_A_TURN];
    struct timespec wait = {
        .tv_sec = (time_t)(wait_ns / NS_PER_S),
        .tv_nsec = (long)(wait_ns % NS_PER_S),
    };
    int count = epoll_pwait2(crowd->epoll, events, EVENTS_A_TURN, &wait, NULL);

    if (count < 0 && errno != EINTR)
        give_up("wait for events");
    for (int i = 0; i < count; i++) {
        take_event(crowd, &events[i]);
        if (between != NULL && i % EVENTS_BETWEEN == EVENTS_BETWEEN - 1)
            between(context);
    }
}

void crowd_measure_from_here(struct crowd *crowd)
{
    crowd->talk.deliveries = crowd->flood.deliveries = 0;
    histogram_clear(&crowd->talk.latency);
    histogram_clear(&crowd->flood.latency);
    histogram_clear(&crowd->far);
    memset(crowd->completion_ns, 0, crowd->completion_lines * sizeof *crowd->completion_ns);
}

void crowd_completion(const struct crowd *crowd, struct histogram *completion)
{
    histogram_clear(completion);
    for (size_t line = 0; line < crowd->completion_lines; line++)
        if (crowd->completion_ns[line] > 0)
            histogram_record(completion, crowd->completion_ns[line]);
}

/* Whether the peer reads only on request, while the crowd is slowed down. */
static bool reads_late(const struct crowd *crowd, const struct peer *peer)
{
    bool lazy = crowd->options->lazy_most_ms > 0 && peer->role != PEER_TALKER;

    return peer->fd >= 0 && peer->stage == PEER_IN && peer->role != PEER_PASSER_BY &&
           !(crowd->stalled && peer->role == PEER_STALLED) && (lazy || peer->role == PEER_SLOW);
}

/* A random time that a lazy reader waits before it reads again. */
static uint64_t lazy_ns(struct crowd *crowd)
{
    const struct options *options = crowd->options;
    double part;

    crowd->random = crowd->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    part = (double)(crowd->random >> 33) / (double)(UINT64_C(1) << 31);
    return (uint64_t)((options->lazy_least_ms +
                       part * (options->lazy_most_ms - options->lazy_least_ms)) *
                      (double)NS_PER_MS);
}

/* A steady reader reads what its rate allows since its last read. */
static void read_steadily(struct crowd *crowd, struct peer *peer, uint64_t now_ns)
{
    uint64_t since_ns = now_ns - peer->read_ns;
    size_t left;

    if (since_ns < STEADY_READ_MS * NS_PER_MS)
        return;
    if (since_ns > STEADY_MOST_MS * NS_PER_MS)
        since_ns = STEADY_MOST_MS * NS_PER_MS;
    peer->read_ns = now_ns;
    left = (size_t)(crowd->options->slow_rate * (double)since_ns / (double)NS_PER_S);
    while (left > 0 && peer->fd >= 0) {
        size_t got = take_some(crowd, peer, left < READ_BYTES ? left : READ_BYTES);

        if (got == 0)
            return;
        left -= got;
    }
}

void crowd_slow_down(struct crowd *crowd)
{
    uint64_t now_ns = clock_now_ns();

    crowd->slowed = crowd->options->slow > 0 || crowd->options->lazy_most_ms > 0;
    for (uint32_t id = 0; crowd->slowed && id < crowd->options->clients; id++) {
        struct peer *peer = &crowd->peers[id];

        if (!reads_late(crowd, peer))
            continue;
        peer_listen(peer, crowd->epoll, false);
        peer->read_ns = now_ns + (peer->role == PEER_SLOW ? 0 : lazy_ns(crowd));
    }
}

void crowd_tend(struct crowd *crowd)
{
    for (uint32_t id = 0; crowd->slowed && id < crowd->options->clients; id++) {
        struct peer *peer = &crowd->peers[id];
        uint64_t now_ns;

        if (!reads_late(crowd, peer))
            continue;
        now_ns = clock_now_ns();
        if (peer->role == PEER_SLOW) {
            read_steadily(crowd, peer, now_ns);
        } else if (now_ns >= peer->read_ns) {
            peer->read_ns = now_ns + lazy_ns(crowd);
            take_input(crowd, peer, false);
        }
    }
}

void crowd_hurry(struct crowd *crowd)
{
    for (uint32_t id = 0; crowd->slowed && id < crowd->options->clients; id++)
        if (reads_late(crowd, &crowd->peers[id]))
            peer_listen(&crowd->peers[id], crowd->epoll, true);
    crowd->slowed = false;
}

void crowd_stall(struct crowd *crowd)
{
    crowd->stalled = true;
    for (uint32_t id = 0; id < crowd->options->clients; id++) {
        struct peer *peer = &crowd->peers[id];

        if (peer->role == PEER_STALLED && peer->fd >= 0)
            epoll_ctl(crowd->epoll, EPOLL_CTL_DEL, peer->fd, NULL);
    }
}

uint32_t crowd_stalled_gone(struct crowd *crowd)
{
    uint32_t gone = 0;

    for (uint32_t id = 0; id < crowd->options->clients; id++) {
        struct peer *peer = &crowd->peers[id];
        ssize_t got = 1;

        if (peer->role != PEER_STALLED)
            continue;
        while (peer->fd >= 0 && got > 0)
            got = peer_receive(peer, crowd->buffer, READ_BYTES);
        if (peer->fd < 0 || got == 0 || errno != EAGAIN)
            gone++;
    }
    return gone;
}

void crowd_witness_catches_up(struct crowd *crowd, uint64_t ns)
{
    struct timespec pause = {.tv_sec = 0, .tv_nsec = (long)NS_PER_MS};
    uint64_t until_ns = clock_now_ns() + ns;

    while (clock_now_ns() < until_ns && crowd->rooms[0].witness->fd >= 0) {
        take_input(crowd, crowd->rooms[0].witness, false);
        nanosleep(&pause, NULL);
    }
}
