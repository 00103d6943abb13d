/*
 * The lower bound: the cost of the kernel alone. One event loop sends every line it reads to all
 * other clients, with one send() per recipient and line (--lines) or per chunk of lines as it was
 * read (--chunks). It has no names, text cleaning, commands, clocks or notices: a chat server that
 * keeps any promise at all has to do all of this and more.
 *
 * It keeps one promise, so that its figures can be compared: nothing is lost and all clients see
 * one order. Output that a socket does not take is kept, and until it is sent no client is read. A
 * reader that stops therefore stops all clients, which no real server could afford.
 *
 * A new client is sent one line, so that it knows that it was accepted.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024, LONGEST_LINE_BYTES = 64 * 1024, EVENTS_A_TURN = 256 };

struct client {
    int fd;
    size_t place;  /* index in bare.clients */
    bool readable; /* the socket may have input */
    bool closed;   /* to be freed at the end of the turn */

    char *carry; /* the beginning of an unfinished line */
    size_t carry_bytes;

    char *owed; /* pending output: what its socket did not take */
    size_t owed_bytes;
    size_t owed_capacity;
};

struct bare {
    int listener;
    int epoll;
    bool whole_chunks;
    size_t behind;           /* clients with pending output */
    struct client **clients; /* in no particular order */
    size_t count;
    size_t capacity;
    struct client **readable; /* those with `readable` set, each once; some may be closed */
    size_t readable_count;
    struct client **closed; /* to be freed */
    size_t closed_count;
    char *buffer;
};

_Noreturn static void give_up(const char *what)
{
    fprintf(stderr, "bare: cannot %s: %s\n", what, strerror(errno));
    exit(1);
}

static void *grown(void *memory, size_t bytes)
{
    void *larger = realloc(memory, bytes);

    if (larger == NULL)
        give_up("allocate memory");
    return larger;
}

static void listen_on(struct bare *bare, const char *host, unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = NULL}};
    socklen_t bytes = sizeof address;
    int on = 1;

    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
        errno = EINVAL;
        give_up("read the address");
    }
    bare->epoll = epoll_create1(EPOLL_CLOEXEC);
    bare->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bare->epoll < 0 || bare->listener < 0)
        give_up("create a descriptor");
    setsockopt(bare->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(bare->listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(bare->listener, SOMAXCONN) != 0 ||
        getsockname(bare->listener, (struct sockaddr *)&address, &bytes) != 0 ||
        epoll_ctl(bare->epoll, EPOLL_CTL_ADD, bare->listener, &event) != 0)
        give_up("listen");
    printf("listening on %s:%u\n", host, ntohs(address.sin_port));
    fflush(stdout);
}

/* The client is freed at the end of the turn, since events and lists may still point to it. */
static void leave(struct bare *bare, struct client *client)
{
    if (client->closed)
        return;
    client->closed = true;
    if (client->owed_bytes > 0)
        bare->behind--;
    bare->clients[client->place] = bare->clients[--bare->count];
    bare->clients[client->place]->place = client->place;
    close(client->fd);
    bare->closed[bare->closed_count++] = client;
}

static void bury_closed(struct bare *bare)
{
    size_t kept = 0;

    if (bare->closed_count == 0)
        return;
    for (size_t i = 0; i < bare->readable_count; i++)
        if (!bare->readable[i]->closed)
            bare->readable[kept++] = bare->readable[i];
    bare->readable_count = kept;
    while (bare->closed_count > 0) {
        struct client *client = bare->closed[--bare->closed_count];

        free(client->carry);
        free(client->owed);
        free(client);
    }
}

static void owe(struct bare *bare, struct client *client, const char *text, size_t bytes)
{
    if (client->owed_bytes == 0)
        bare->behind++;
    if (client->owed_bytes + bytes > client->owed_capacity) {
        client->owed_capacity = 2 * client->owed_bytes + bytes;
        client->owed = grown(client->owed, client->owed_capacity);
    }
    memcpy(client->owed + client->owed_bytes, text, bytes);
    client->owed_bytes += bytes;
}

/* A dead connection is left to the reading side, which detects it. */
static void deliver(struct bare *bare, struct client *client, const char *text, size_t bytes)
{
    ssize_t sent = 0;

    if (client->owed_bytes == 0) {
        sent = send(client->fd, text, bytes, MSG_NOSIGNAL);
        if (sent < 0)
            sent = errno == EAGAIN ? 0 : (ssize_t)bytes;
    }
    if ((size_t)sent < bytes)
        owe(bare, client, text + sent, bytes - (size_t)sent);
}

static void pay(struct bare *bare, struct client *client)
{
    ssize_t sent = send(client->fd, client->owed, client->owed_bytes, MSG_NOSIGNAL);

    if (sent < 0)
        sent = errno == EAGAIN ? 0 : (ssize_t)client->owed_bytes;
    client->owed_bytes -= (size_t)sent;
    memmove(client->owed, client->owed + sent, client->owed_bytes);
    if (client->owed_bytes == 0)
        bare->behind--;
}

static void deliver_to_others(struct bare *bare, const struct client *from, const char *text,
                              size_t bytes)
{
    for (size_t i = 0; i < bare->count; i++)
        if (bare->clients[i] != from)
            deliver(bare, bare->clients[i], text, bytes);
}

/* Sends the whole lines on. Returns their size in bytes. */
static size_t forward(struct bare *bare, const struct client *from, const char *text, size_t bytes)
{
    const char *last = memrchr(text, '\n', bytes);
    const char *limit = last != NULL ? last + 1 : text;

    if (bare->whole_chunks && limit > text) {
        deliver_to_others(bare, from, text, (size_t)(limit - text));
        return (size_t)(limit - text);
    }
    for (const char *at = text; at < limit;) {
        const char *end = memchr(at, '\n', (size_t)(limit - at));

        deliver_to_others(bare, from, at, (size_t)(end + 1 - at));
        at = end + 1;
    }
    return (size_t)(limit - text);
}

static void keep_rest(struct client *client, const char *text, size_t bytes)
{
    if (bytes > 0 && client->carry == NULL)
        client->carry = grown(NULL, LONGEST_LINE_BYTES);
    if (bytes > 0)
        memcpy(client->carry, text, bytes);
    client->carry_bytes = bytes;
}

/* Makes one recv, so that every client has its turn. Clears `readable` when no input is left. */
static void read_once(struct bare *bare, struct client *client)
{
    size_t carried = client->carry_bytes;
    ssize_t got;
    size_t taken;

    if (carried > 0)
        memcpy(bare->buffer, client->carry, carried);
    got = recv(client->fd, bare->buffer + carried, READ_BYTES, 0);
    if (got < 0 && errno == EINTR)
        return;
    if (got < 0 && errno == EAGAIN) {
        client->readable = false;
        return;
    }
    if (got <= 0 || carried + (size_t)got > LONGEST_LINE_BYTES + READ_BYTES) {
        leave(bare, client);
        return;
    }
    taken = forward(bare, client, bare->buffer, carried + (size_t)got);
    if (carried + (size_t)got - taken > LONGEST_LINE_BYTES) {
        leave(bare, client);
        return;
    }
    keep_rest(client, bare->buffer + taken, carried + (size_t)got - taken);
}

/* Reads from all clients with input, until none has any or a client has pending output. */
static void read_round(struct bare *bare)
{
    size_t kept = 0;

    for (size_t i = 0; i < bare->readable_count; i++) {
        struct client *client = bare->readable[i];

        if (bare->behind == 0 && !client->closed)
            read_once(bare, client);
        if (client->readable && !client->closed)
            bare->readable[kept++] = client;
    }
    bare->readable_count = kept;
}

static void enter(struct bare *bare, int fd)
{
    struct client *client = calloc(1, sizeof *client);
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data = {.ptr = client}};
    int on = 1;

    if (client == NULL)
        give_up("allocate memory");
    client->fd = fd;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (bare->count == bare->capacity) {
        bare->capacity = bare->capacity > 0 ? 2 * bare->capacity : 64;
        bare->clients = grown(bare->clients, bare->capacity * sizeof(struct client *));
        bare->readable = grown(bare->readable, 2 * bare->capacity * sizeof(struct client *));
        bare->closed = grown(bare->closed, 2 * bare->capacity * sizeof(struct client *));
    }
    client->place = bare->count;
    bare->clients[bare->count++] = client;
    if (epoll_ctl(bare->epoll, EPOLL_CTL_ADD, fd, &event) != 0)
        give_up("watch a connection");
    deliver(bare, client, "ready\n", 6);
}

static void accept_all(struct bare *bare)
{
    for (;;) {
        int fd = accept4(bare->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd >= 0)
            enter(bare, fd);
        else if (errno == EAGAIN)
            return;
        else if (errno != EINTR && errno != ECONNABORTED)
            give_up("accept a connection");
    }
}

static void take_event(struct bare *bare, const struct epoll_event *event)
{
    struct client *client = event->data.ptr;

    if (client == NULL) {
        accept_all(bare);
        return;
    }
    if (client->closed)
        return;
    if (event->events & EPOLLOUT && client->owed_bytes > 0)
        pay(bare, client);
    if (event->events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !client->readable) {
        client->readable = true;
        bare->readable[bare->readable_count++] = client;
    }
}

static void serve(struct bare *bare)
{
    struct epoll_event events[EVENTS_A_TURN];

    for (;;) {
        bool more = bare->readable_count > 0 && bare->behind == 0;
        int count = epoll_wait(bare->epoll, events, EVENTS_A_TURN, more ? 0 : -1);

        if (count < 0 && errno != EINTR)
            give_up("wait for events");
        for (int i = 0; i < count; i++)
            take_event(bare, &events[i]);
        read_round(bare);
        bury_closed(bare);
    }
}

int main(int argc, char **argv)
{
    struct bare bare = {.listener = -1};
    struct rlimit limit;
    unsigned port = 0;

    if (argc < 2 || argc > 3 || (argc == 3 && sscanf(argv[2], "%u", &port) != 1) || port > 65535 ||
        (strcmp(argv[1], "--lines") != 0 && strcmp(argv[1], "--chunks") != 0)) {
        fputs("Usage: bare --lines|--chunks [PORT]\n"
              "Forwards every line to everyone else, as fast as one event loop can.\n",
              stderr);
        return 2;
    }
    bare.whole_chunks = strcmp(argv[1], "--chunks") == 0;
    bare.buffer = grown(NULL, LONGEST_LINE_BYTES + READ_BYTES);
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    listen_on(&bare, "127.0.0.1", port);
    serve(&bare);
}
