#include "base/platform.h"

#include "base/clock.h"
#include "net/client_threads.h"
#include "net/listener.h"
#include "net/notify.h"
#include "net/flusher.h"
#include "net/lingering.h"
#include "net/server.h"
#include "net/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    ACCEPTS_IN_A_ROW = 64, /* before the other listeners and the signals are checked */
    RESERVED_DESCRIPTORS =
        12 + LINGERING_MAX,    /* stdio, two pipes, the log, notify, the spare, some reserve */
    DESCRIPTORS_MAX = 1 << 20, /* where the system says "unlimited" */
    ADDRESS_SIZE = 64,
    PORT_SIZE = 16,
    PEER_SIZE = ADDRESS_SIZE + PORT_SIZE /* at most LINK_PEER_SIZE */
};

/*
 * TCP's keepalive: the kernel asks a silent peer's kernel before a firewall forgets the connection,
 * which many do after five minutes, and gives up after ten.
 */
enum { KEEPALIVE_IDLE_SECONDS = 240, KEEPALIVE_PAUSE_SECONDS = 60, KEEPALIVE_PROBES = 6 };

/*
 * A terminal that is silent for this time is asked whether it is there, and has the same time to
 * answer: a network that fails for a minute or two ends no connection.
 */
#define PULSE_INTERVAL (300 * CLOCK_SECOND)

/* How often threads that wait for input are nudged until they have ended. */
#define NUDGE_INTERVAL (20 * CLOCK_MILLISECOND)

/* How long accepting pauses when accept() fails for a reason that will pass. */
#define ACCEPT_PAUSE (100 * CLOCK_MILLISECOND)

struct server {
    const struct server_config *config;
    void *context;
    struct listeners listeners;
    struct flusher *flusher;
    struct client_threads *threads;
    struct lingering lingering;
    struct notify notify;
    int spare; /* closed when there is no other descriptor, to refuse a client with a reply */
};

/*
 * Descriptors
 */

/* Raises the soft limit to the hard one; returns the new soft limit. */
static unsigned raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return _POSIX_OPEN_MAX;
    struct rlimit raised = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
        limit = raised;
#ifdef OPEN_MAX
    else { /* macOS refuses more, even if the hard limit is higher */
        raised.rlim_cur = OPEN_MAX;
        if (limit.rlim_cur < OPEN_MAX && setrlimit(RLIMIT_NOFILE, &raised) == 0)
            limit = raised;
    }
#endif
    return limit.rlim_cur > DESCRIPTORS_MAX ? DESCRIPTORS_MAX : (unsigned)limit.rlim_cur;
}

static unsigned choose_max_clients(const struct server *server)
{
    unsigned descriptors = raise_descriptor_limit();
    unsigned reserved = RESERVED_DESCRIPTORS + (unsigned)server->listeners.count;
    unsigned possible = descriptors > reserved ? descriptors - reserved : 1;
    unsigned wanted = server->config->max_clients;
    if (wanted > possible)
        fprintf(stderr,
                "%s: %u clients are allowed, but the limit of %u descriptors is enough for about "
                "%u only (see ulimit -n)\n",
                server->config->program, wanted, descriptors, possible);
    return wanted != 0 ? wanted : possible;
}

static int open_spare(void)
{
    int fd = open("/dev/null", O_RDONLY);
    if (fd >= 0)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

/*
 * Accepting
 */

static void say_refused(const struct server *server, const char *peer, const char *why)
{
    if (server->config->events.refused != NULL)
        server->config->events.refused(server->context, peer, why);
}

/* Sends the refusal to a client, and adds its socket to `lingering`. */
static void turn_away(struct server *server, int fd, const char *line)
{
    if (line != NULL)
        send(fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL);
    lingering_add(&server->lingering, fd);
}

/* Left to itself, the kernel asks after two hours. */
static void keep_alive(int fd)
{
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
#ifdef PLATFORM_KEEPALIVE_IDLE
    int idle = KEEPALIVE_IDLE_SECONDS;
    int pause = KEEPALIVE_PAUSE_SECONDS;
    int probes = KEEPALIVE_PROBES;
    setsockopt(fd, IPPROTO_TCP, PLATFORM_KEEPALIVE_IDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &pause, sizeof pause);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
#endif
}

/*
 * On some systems an accepted socket inherits O_NONBLOCK; a client's thread must wait in recv().
 * Urgent data must stay in the stream, where telnet expects it (RFC 854).
 */
static void prepare_socket(int fd, int family)
{
    int on = 1;
    int send_buffer = LINK_SEND_BUFFER_BYTES;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, 0);
    if (family == AF_UNIX)
        return;
    keep_alive(fd);
    setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
}

/* Writes the peer's name for the log. */
static void name_peer(const struct listener *listener, const struct sockaddr_storage *from,
                      socklen_t length, char peer[PEER_SIZE])
{
    char host[ADDRESS_SIZE] = "unknown";
    char port[PORT_SIZE] = "0";
    if (listener->family == AF_UNIX) {
        snprintf(peer, PEER_SIZE, "unix");
        return;
    }
    getnameinfo((const struct sockaddr *)from, length, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(peer, PEER_SIZE, listener->family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

enum accepted { ACCEPTED, NOBODY_WAITS, PAUSE_WANTED };

/* When no descriptor is left, closes the spare one for a moment to tell one client so. */
static enum accepted refuse_with_spare(struct server *server, const struct listener *listener)
{
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    char peer[PEER_SIZE];
    if (server->spare < 0)
        return PAUSE_WANTED;
    close(server->spare);
    int fd = accept(listener->fd, (struct sockaddr *)&from, &length);
    if (fd >= 0) {
        name_peer(listener, &from, length, peer);
        say_refused(server, peer, "no descriptor is to be had");
        turn_away(server, fd, listener->door->full_line);
        lingering_close(&server->lingering); /* the descriptors are needed now */
    }
    server->spare = open_spare();
    return fd >= 0 ? ACCEPTED : PAUSE_WANTED;
}

static enum accepted accept_failed(struct server *server, const struct listener *listener)
{
    switch (errno) {
    case EAGAIN:
#if EWOULDBLOCK != EAGAIN
    case EWOULDBLOCK:
#endif
        return NOBODY_WAITS;
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
        return ACCEPTED;
    case EMFILE:
    case ENFILE:
        return refuse_with_spare(server, listener);
    default:
        return PAUSE_WANTED;
    }
}

/* Turns a client away whose address may not come in. Returns whether it did. */
static bool turns_away(struct server *server, int fd, const struct door *door,
                       const struct sockaddr_storage *from, const char *peer)
{
    struct buffer line = {0};
    struct address_prefix address = address_prefix_of(from);
    const char *why = server->config->gate != NULL && address.family != ADDRESS_NONE
                          ? server->config->gate(server->context, door, &address, &line)
                          : NULL;
    if (why == NULL)
        return false;
    say_refused(server, peer, why);
    turn_away(server, fd, buffer_append(&line, "", 1) ? buffer_bytes(&line) : NULL);
    buffer_free(&line);
    return true;
}

static enum accepted accept_one(struct server *server, const struct listener *listener)
{
    struct sockaddr_storage from = {
        0}; /* some systems do not write it when the peer has gone already */
    socklen_t length = sizeof from;
    char peer[PEER_SIZE];
    int fd = accept(listener->fd, (struct sockaddr *)&from, &length);
    if (fd < 0)
        return accept_failed(server, listener);
    prepare_socket(fd, listener->family);
    name_peer(listener, &from, length, peer);
    if (turns_away(server, fd, listener->door, &from, peer))
        return ACCEPTED;
    const char *line;
    struct visitor visitor = {.fd = fd,
                              .door = listener->door,
                              .address = listener->family == AF_UNIX ? NULL : &from,
                              .peer = peer};
    const char *why = client_threads_start(server->threads, &visitor, &line);
    if (why != NULL) {
        say_refused(server, peer, why);
        turn_away(server, fd, line);
    }
    return ACCEPTED;
}

/* Accepts waiting clients. Returns false if accepting should pause for a moment. */
static bool accept_some(struct server *server, const struct listener *listener)
{
    enum accepted accepted = ACCEPTED;
    for (int i = 0; i < ACCEPTS_IN_A_ROW && accepted == ACCEPTED; i++)
        accepted = accept_one(server, listener);
    return accepted != PAUSE_WANTED;
}

static int64_t earlier(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/*
 * What the main thread waits for: first the signals, then the lingering sockets, then the
 * listeners, unless accepting pauses.
 */
static size_t fill_polled(struct server *server, struct pollfd *polled, bool paused)
{
    size_t count = 0;
    polled[count++] = (struct pollfd){.fd = signals_descriptor(), .events = POLLIN};
    count += lingering_fill(&server->lingering, polled + count);
    for (size_t i = 0; i < server->listeners.count && !paused; i++)
        polled[count++] = (struct pollfd){.fd = server->listeners.items[i].fd, .events = POLLIN};
    return count;
}

/* Returns the poll() timeout until the next deadline that no descriptor reports. */
static int choose_timeout(const struct server *server, bool paused)
{
    int64_t pause_end = paused ? clock_now() + ACCEPT_PAUSE : CLOCK_NEVER;
    return clock_poll_timeout(earlier(pause_end, earlier(lingering_deadline(&server->lingering),
                                                         notify_deadline(&server->notify))));
}

/* Handles SIGHUP. The program may open its files later, on a thread that may wait for a disk. */
static void reload(struct server *server)
{
    notify_reloading(&server->notify);
    server->config->events.hangup(server->context);
    (void)notify_ready(&server->notify);
}

static void serve(struct server *server, struct pollfd *polled)
{
    bool paused = false;
    while (signals_stops() == 0) {
        if (server->spare < 0)
            server->spare = open_spare();
        size_t count = fill_polled(server, polled, paused);
        notify_serve(&server->notify);
        if (poll(polled, (nfds_t)count, choose_timeout(server, paused)) < 0)
            continue;
        if (polled[0].revents != 0)
            signals_clear();
        if (signals_take_hangup() && server->config->events.hangup != NULL)
            reload(server);
        size_t first = 1 + lingering_serve(&server->lingering, polled + 1);
        paused = false;
        for (size_t i = first; i < count; i++)
            if (polled[i].revents != 0 && !accept_some(server, &server->listeners.items[i - first]))
                paused = true;
    }
}

/*
 * Stopping
 */

/* Waits until all threads have ended, until `deadline`, or for a second signal. */
static bool wait_until_empty(struct server *server, int64_t deadline)
{
    struct pollfd woken = {.fd = signals_descriptor(), .events = POLLIN};
    while (!client_threads_are_over(server->threads)) {
        if (signals_stops() > 1 || clock_now() >= deadline)
            return false;
        notify_serve(&server->notify);
        client_threads_nudge(server->threads);
        int64_t next = clock_now() + NUDGE_INTERVAL;
        poll(&woken, 1, clock_poll_timeout(next < deadline ? next : deadline));
        signals_clear();
    }
    return true;
}

/*
 * Returns whether all threads ended in time. Those left after four fifths of the grace are killed.
 */
static bool stop(struct server *server)
{
    int64_t now = clock_now();
    int64_t grace = server->config->grace;
    const char *line = server->config->stopping_line;
    if (server->config->events.stopping != NULL)
        server->config->events.stopping(server->context);
    client_threads_stop(server->threads, line != NULL ? line : "");
    if (wait_until_empty(server, now + grace / 5 * 4))
        return true;
    if (signals_stops() > 1)
        return false;
    client_threads_kill(server->threads);
    return wait_until_empty(server, now + grace);
}

/*
 * Starting
 */

static bool start_listening(struct server *server)
{
    const struct server_config *config = server->config;
    for (size_t i = 0; i < config->address_count; i++) {
        const struct server_address *address = &config->addresses[i];
        char error[LISTENER_ERROR_BYTES];
        if (listeners_open(&server->listeners, address->address, address->door, error) < 0) {
            fprintf(stderr, "%s: cannot listen on %s: %s\n", config->program, address->address,
                    error);
            return false;
        }
    }
    return true;
}

static void say_listening(const struct server *server)
{
    for (size_t i = 0; i < server->listeners.count; i++)
        if (server->config->events.listening != NULL)
            server->config->events.listening(server->context, server->listeners.items[i].name,
                                             server->listeners.items[i].door);
}

/*
 * Reports to the service manager, if there is one. A failure is only printed: the chat works
 * without a service manager.
 */
static void say_ready(struct server *server)
{
    int error = notify_open(&server->notify);
    if (error == 0)
        error = notify_ready(&server->notify);
    if (error != 0)
        fprintf(stderr, "%s: cannot tell the service manager at $NOTIFY_SOCKET, %s: %s\n",
                server->config->program, getenv("NOTIFY_SOCKET"), strerror(error));
}

/* Serves after all has been set up. */
static int run(struct server *server, struct pollfd *polled)
{
    say_listening(server);
    say_ready(server);
    serve(server, polled);
    notify_stopping(&server->notify);
    lingering_close(&server->lingering);
    listeners_close(&server->listeners);
    if (!stop(server))
        return EXIT_FAILURE; /* threads still run: what they use must not be freed */
    flusher_stop(server->flusher);
    client_threads_destroy(server->threads);
    return EXIT_SUCCESS;
}

static int create_threads(struct server *server, unsigned max, conn_handler *handler)
{
    const struct server_config *config = server->config;
    const struct client_threads_config threads = {.max = max,
                                                  .max_per_host = config->max_per_host,
                                                  .conn = {.max_line = config->max_line,
                                                           .sendq = config->sendq,
                                                           .timeout = config->timeout,
                                                           .finish = config->finish,
                                                           .pulse = PULSE_INTERVAL,
                                                           .flusher = server->flusher},
                                                  .handler = handler,
                                                  .context = server->context};
    return client_threads_create(&server->threads, &threads);
}

int server_run(const struct server_config *config, conn_handler *handler, void *context)
{
    struct server server = {.config = config, .context = context, .spare = -1};
    if (!start_listening(&server)) {
        listeners_close(&server.listeners);
        return EXIT_FAILURE;
    }
    unsigned max = choose_max_clients(&server);
    struct pollfd *polled = calloc(1 + LINGERING_MAX + server.listeners.count, sizeof *polled);
    int error = polled == NULL ? ENOMEM : signals_catch(config->events.hangup != NULL);
    if (error == 0)
        error = flusher_start(&server.flusher);
    if (error == 0)
        error = create_threads(&server, max, handler);
    int status = EXIT_FAILURE;
    if (error == 0) {
        server.spare = open_spare();
        status = run(&server, polled);
        notify_close(&server.notify);
        close(server.spare);
    } else {
        fprintf(stderr, "%s: cannot start: %s\n", config->program, strerror(error));
        listeners_close(&server.listeners);
    }
    free(polled);
    return status;
}
