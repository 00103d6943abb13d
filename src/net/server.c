#include "base/platform.h"

#include "base/clock.h"
#include "net/client_threads.h"
#include "net/listener.h"
#include "net/notify.h"
#include "net/peer_name.h"
#include "net/flusher.h"
#include "net/lingering.h"
#include "net/server.h"
#include "net/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
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
        12 + LINGERING_MAX,   /* stdio, two pipes, the log, notify, the spare, some reserve */
    DESCRIPTORS_MAX = 1 << 20 /* where the system says "unlimited" */
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

/* How often a service manager is told how many people there are, at most. */
#define STATUS_INTERVAL CLOCK_SECOND

struct server {
    const struct server_config *config;
    struct server_limits limits; /* those of the config at first */
    unsigned descriptors;        /* how many there may be */
    void *context;
    struct listeners listeners;
    struct flusher *flusher;
    struct client_threads *threads;
    struct lingering lingering;
    struct notify notify;
    int64_t status_due; /* when the service manager is told what goes on; CLOCK_NEVER: never */
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

/* Connections to addresses apart have descriptors of their own, each with a file that it may read.
 */
static unsigned count_apart(const struct listeners *listeners)
{
    unsigned count = 0;
    for (size_t i = 0; i < listeners->count; i++)
        if (listeners->items[i].entrance.apart != NULL)
            count += 2 * listeners->items[i].entrance.apart->max;
    return count;
}

/* Returns for how many clients there are descriptors. */
static unsigned count_possible(const struct server *server)
{
    unsigned reserved =
        RESERVED_DESCRIPTORS + (unsigned)server->listeners.count + count_apart(&server->listeners);
    return server->descriptors > reserved ? server->descriptors - reserved : 1;
}

/* Returns the limits of clients. Warns if there may be more than there are descriptors for. */
static struct client_limits limit_clients(const struct server *server)
{
    const struct server_limits *limits = &server->limits;
    unsigned possible = count_possible(server);
    if (limits->max_clients > possible)
        fprintf(stderr,
                "%s: %u clients are allowed, but the limit of %u descriptors is enough for about "
                "%u only (see ulimit -n)\n",
                server->config->program, limits->max_clients, server->descriptors, possible);
    return (struct client_limits){.max = limits->max_clients != 0 ? limits->max_clients : possible,
                                  .max_per_host = limits->max_per_host,
                                  .sendq = limits->sendq,
                                  .timeout = limits->timeout,
                                  .finish = limits->finish};
}

/* A socket takes no file, which there may not be below the folder of --chroot. */
static int open_spare(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
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

/*
 * Sends the refusal to a client, unless that expects a handshake, and adds its socket to
 * `lingering`.
 */
static void turn_away(struct server *server, int fd, const struct entrance *entrance,
                      const char *line)
{
    if (line != NULL && !entrance->tls)
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

/*
 * Accepts a client, and stores its address, of which some systems write nothing when it has gone
 * already.
 */
static int accept_from(const struct listener *listener, struct sockaddr_storage *from)
{
    socklen_t length = sizeof *from;
    *from = (struct sockaddr_storage){.ss_family = (sa_family_t)listener->family};
    return accept(listener->fd, (struct sockaddr *)from, &length);
}

enum accepted { ACCEPTED, NOBODY_WAITS, PAUSE_WANTED };

/* When no descriptor is left, closes the spare one for a moment to tell one client so. */
static enum accepted refuse_with_spare(struct server *server, const struct listener *listener)
{
    struct sockaddr_storage from;
    char peer[PEER_NAME_SIZE];
    if (server->spare < 0)
        return PAUSE_WANTED;
    close(server->spare);
    int fd = accept_from(listener, &from);
    if (fd >= 0) {
        peer_name_write(&from, peer);
        say_refused(server, peer, "no descriptor is to be had");
        client_threads_note_refusal(server->threads, REFUSAL_DESCRIPTOR);
        turn_away(server, fd, &listener->entrance, listener->entrance.door->full_line);
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

/*
 * Turns a client away whose address may not come in. Returns whether it did. That of a proxy may,
 * and who comes to an address apart.
 */
static bool turns_away(struct server *server, int fd, const struct entrance *entrance,
                       const struct sockaddr_storage *from, const char *peer)
{
    struct buffer line = {0};
    struct address_prefix address = address_prefix_of(from);
    const char *why = server->config->gate != NULL && address.family != ADDRESS_NONE &&
                              !entrance->proxy && entrance->apart == NULL
                          ? server->config->gate(server->context, entrance->door, &address, &line)
                          : NULL;
    if (why == NULL)
        return false;
    say_refused(server, peer, why);
    client_threads_note_refusal(server->threads, REFUSAL_BANNED);
    turn_away(server, fd, entrance, buffer_append(&line, "", 1) ? buffer_bytes(&line) : NULL);
    buffer_free(&line);
    return true;
}

static enum accepted accept_one(struct server *server, const struct listener *listener)
{
    struct sockaddr_storage from;
    char peer[PEER_NAME_SIZE];
    int fd = accept_from(listener, &from);
    if (fd < 0)
        return accept_failed(server, listener);
    prepare_socket(fd, listener->family);
    peer_name_write(&from, peer);
    if (turns_away(server, fd, &listener->entrance, &from, peer))
        return ACCEPTED;
    const char *line;
    bool counted = listener->family != AF_UNIX && !listener->entrance.proxy &&
                   listener->entrance.apart == NULL;
    struct visitor visitor = {
        .fd = fd, .entrance = &listener->entrance, .address = counted ? &from : NULL, .peer = peer};
    const char *why = client_threads_start(server->threads, &visitor, &line);
    if (why != NULL) {
        say_refused(server, peer, why);
        turn_away(server, fd, &listener->entrance, line);
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
    int64_t reports = earlier(notify_deadline(&server->notify), server->status_due);
    return clock_poll_timeout(
        earlier(pause_end, earlier(lingering_deadline(&server->lingering), reports)));
}

/* Handles SIGHUP. The program may open its files later, on a thread that may wait for a disk. */
static void reload(struct server *server)
{
    notify_reloading(&server->notify);
    server->config->events.hangup(server->context, &server->limits);
    const struct client_limits limits = limit_clients(server);
    client_threads_limit(server->threads, &limits);
    (void)notify_ready(&server->notify);
}

/* People come and go on other threads, which need not report that: this one looks now and then. */
static void report_status(struct server *server)
{
    char status[NOTIFY_STATUS_SIZE] = "";
    int64_t now = clock_now();
    if (now < server->status_due)
        return;
    server->config->events.status(server->context, status);
    notify_status(&server->notify, status);
    server->status_due = now + STATUS_INTERVAL;
}

static void serve(struct server *server, struct pollfd *polled)
{
    bool paused = false;
    while (signals_stops() == 0) {
        if (server->spare < 0)
            server->spare = open_spare();
        size_t count = fill_polled(server, polled, paused);
        notify_serve(&server->notify);
        report_status(server);
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
    int64_t grace = server->limits.grace;
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

bool server_listen(const struct server_config *config, struct listeners *listeners)
{
    *listeners = (struct listeners){0};
    for (size_t i = 0; i < config->address_count; i++) {
        const struct server_address *address = &config->addresses[i];
        char error[LISTENER_ERROR_BYTES];
        int result = address->fd != 0
                         ? listeners_adopt(listeners, address->fd, &address->entrance, error)
                         : listeners_open(listeners, address->address, &address->entrance, error);
        if (result < 0) {
            fprintf(stderr, "%s: cannot listen on %s: %s\n", config->program, address->address,
                    error);
            listeners_close(listeners);
            return false;
        }
    }
    return true;
}

static void say_listening(struct server *server)
{
    for (size_t i = 0; i < server->listeners.count; i++)
        client_threads_expect(server->threads, &server->listeners.items[i].entrance);
    for (size_t i = 0; i < server->listeners.count; i++)
        if (server->config->events.listening != NULL)
            server->config->events.listening(server->context, server->listeners.items[i].name,
                                             &server->listeners.items[i].entrance);
    if (server->config->events.starting != NULL)
        server->config->events.starting(server->context, server);
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
    bool told = notify_is_open(&server->notify) && server->config->events.status != NULL;
    server->status_due = told ? clock_now() : CLOCK_NEVER;
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

static int create_threads(struct server *server, conn_handler *handler)
{
    const struct server_config *config = server->config;
    const struct client_threads_config threads = {
        .limits = limit_clients(server),
        .conn = {.max_line = config->max_line, .pulse = PULSE_INTERVAL, .flusher = server->flusher},
        .handler = handler,
        .tls = config->tls,
        .gate = config->gate,
        .refused = config->events.refused,
        .context = server->context};
    return client_threads_create(&server->threads, &threads);
}

/*
 * Figures.
 */

static void read_figures(void *owner, void *figures)
{
    const struct server *server = owner;
    client_threads_read(server->threads, figures);
}

#define AT(member) offsetof(struct server_figures, member)

static const struct metric rows[] = {
    {"partyline_connections", METRIC_GAUGE, "", "scheme", METRIC_SERIES, AT(present),
     "Connections that are open, by what is spoken at their addresses"},
    {"partyline_connections_max", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(max),
     "Connections that may be open at a time (--max-clients)"},
    {"partyline_connections_accepted", METRIC_COUNTER, "", "scheme", METRIC_SERIES, AT(accepted),
     "Connections that were accepted, by what is spoken at their addresses"},
    {"partyline_connections_refused", METRIC_COUNTER, "", "reason", METRIC_SERIES, AT(refused),
     "Connections that were turned away, by the reason"},
    {"partyline_connections_closed", METRIC_COUNTER, "", "reason", METRIC_SERIES, AT(closed),
     "Connections that have ended, by the reason; too-slow: they were cut off"},
    {"partyline_received_bytes", METRIC_COUNTER, "bytes", NULL, METRIC_NUMBER, AT(received),
     "What clients have sent, within TLS"},
    {"partyline_received_lines", METRIC_COUNTER, "", NULL, METRIC_NUMBER, AT(lines),
     "Lines that clients have sent, commands and answers to prompts as well"},
    {"partyline_sent_bytes", METRIC_COUNTER, "bytes", NULL, METRIC_NUMBER, AT(sent),
     "What clients were sent, within TLS"},
    {"partyline_pending_bytes", METRIC_GAUGE, "bytes", NULL, METRIC_NUMBER, AT(pending),
     "Output that waits for clients whose sockets are full"},
    {"partyline_readers_behind", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(behind),
     "Clients for which more than 64 KiB, or half of --sendq, is pending"},
    {"partyline_readers_near_limit", METRIC_GAUGE, "", NULL, METRIC_NUMBER, AT(near_limit),
     "Clients for which more than five eighths of --sendq is pending"},
};

const struct metric_table server_metrics = {rows, sizeof rows / sizeof *rows,
                                            sizeof(struct server_figures), read_figures};

int server_run(const struct server_config *config, const struct listeners *listeners,
               conn_handler *handler, void *context)
{
    /* Static, as threads read its figures until the process exits when the grace runs out. */
    static struct server server;
    server = (struct server){.config = config,
                             .listeners = *listeners,
                             .limits = config->limits,
                             .context = context,
                             .spare = -1};
    server.descriptors = raise_descriptor_limit();
    struct pollfd *polled = calloc(1 + LINGERING_MAX + server.listeners.count, sizeof *polled);
    int error = polled == NULL ? ENOMEM : signals_catch(config->events.hangup != NULL);
    if (error == 0)
        error = flusher_start(&server.flusher);
    if (error == 0)
        error = create_threads(&server, handler);
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
