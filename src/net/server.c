#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "net/hosts.h"
#include "net/listener.h"
#include "net/pipe.h"
#include "net/postman.h"
#include "net/refused.h"
#include "net/server.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef CLIENT_STACK_BYTES
/* A conversation needs a few KiB; only the pages it touches become memory. */
#define CLIENT_STACK_BYTES (64 * 1024)
#endif

enum {
    ACCEPTS_IN_A_ROW = 64, /* before the other listeners and the signals are looked at */
    /*
     * What the kernel may hold for one client. Left to itself it holds megabytes, and beside a
     * flood people's words wait behind all that; much less, and loopback's large segments do not
     * fit any more.
     */
    SEND_BUFFER_BYTES = 128 * 1024,
    RESERVED_DESCRIPTORS = 12 + REFUSED_MAX, /* stdio, two pipes, the log, the spare, air */
    DESCRIPTORS_MAX = 1 << 20,               /* where systems say "unlimited" */
    ADDRESS_SIZE = 64,
    PORT_SIZE = 16,
    PEER_SIZE = ADDRESS_SIZE + PORT_SIZE /* at most CONN_PEER_SIZE */
};

/* What wakes client threads that wait for input when the server stops. */
#define NUDGE SIGUSR1

/* A nudge that comes just before a thread begins to wait is lost, so there are more. */
#define NUDGE_INTERVAL (20 * CLOCK_MILLISECOND)

/* How long to leave the listeners alone when accept() failed for a reason that will pass. */
#define ACCEPT_PAUSE (100 * CLOCK_MILLISECOND)

/* A client in the server: its conn and what must be given back when it goes. */
struct seat {
    struct server *server;
    struct conn *conn;
    struct host *host; /* NULL: not counted by address */
    pthread_t thread;  /* once it runs */
    bool runs;
    struct seat *previous, *next;
};

struct server {
    const struct server_config *config;
    server_handler *handler;
    void *context;
    struct listeners listeners;
    struct postman *postman;
    pthread_attr_t thread_attributes;
    unsigned max_clients;
    struct refused refused;
    int spare; /* a descriptor to give up when there are no others, so as to refuse politely */

    struct lock lock; /* guards the rest */
    struct seat *seats;
    unsigned seat_count;
    struct hosts hosts;
    bool stopping;
};

/*
 * Signals
 */

static int signal_pipe[2] = {-1, -1};
static volatile sig_atomic_t stop_signals;
static volatile sig_atomic_t hangup_signals;

static void on_signal(int number)
{
    if (number == SIGHUP)
        hangup_signals = 1;
    else if (stop_signals < 2)
        stop_signals++;
    pipe_wake(signal_pipe);
}

/* Ends a client thread's wait for input: that is all there is to do. */
static void on_nudge(int number)
{
    (void)number;
}

static int catch_signals(bool hangup)
{
    int error = pipe_open(signal_pipe);
    if (error != 0)
        return error;
    stop_signals = hangup_signals = 0;
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    if (hangup)
        sigaction(SIGHUP, &action, NULL);
    action.sa_handler = on_nudge;
    action.sa_flags = 0;
    sigaction(NUDGE, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, NULL);
    sigaction(SIGXFSZ, &action, NULL); /* a log that may not grow is a full disk */
    return 0;
}

static void take_hangups(const struct server *server)
{
    if (hangup_signals == 0)
        return;
    hangup_signals = 0;
    if (server->config->events.hangup != NULL)
        server->config->events.hangup(server->context);
}

/*
 * Descriptors
 */

/* Raises the soft limit to the hard one; returns what it is then. */
static unsigned raise_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return _POSIX_OPEN_MAX;
    struct rlimit raised = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
        limit = raised;
#ifdef OPEN_MAX
    else { /* macOS refuses more than this, whatever it says the hard limit is */
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
 * A client's seat and thread
 */

/* Whether there is a place for one more from `address`; if so it is taken. Lock held. */
static const char *refusal(struct server *server, const char *address, struct host **host,
                           const char **line)
{
    *host = NULL;
    *line = server->config->full_line;
    if (server->seat_count >= server->max_clients)
        return "the chat is full";
    if (server->config->max_per_host == 0 || address == NULL)
        return NULL;
    *host = hosts_enter(&server->hosts, address, server->config->max_per_host);
    if (*host != NULL)
        return NULL;
    if (errno == ENOMEM)
        return "out of memory";
    *line = server->config->crowded_line;
    return "too many connections from its address";
}

/* Puts the seat into the list. Lock held. */
static void link_seat(struct server *server, struct seat *seat)
{
    seat->next = server->seats;
    if (seat->next != NULL)
        seat->next->previous = seat;
    server->seats = seat;
    server->seat_count++;
}

/* Gives back all that the seat took, and tells a server that is stopping. */
static void leave_seat(struct server *server, struct seat *seat)
{
    lock_take(&server->lock);
    if (seat->host != NULL)
        hosts_leave(&server->hosts, seat->host);
    if (seat->next != NULL)
        seat->next->previous = seat->previous;
    if (seat->previous != NULL)
        seat->previous->next = seat->next;
    else
        server->seats = seat->next;
    /* Behind this the server may be gone: the last one out touches nothing of it any more. */
    if (--server->seat_count == 0 && server->stopping)
        pipe_wake(signal_pipe);
    lock_release(&server->lock);
    free(seat);
}

static void *client_thread(void *argument)
{
    struct seat *seat = argument;
    struct conn *conn = seat->conn;
    lock_take(&seat->server->lock);
    seat->thread = pthread_self();
    seat->runs = true;
    lock_release(&seat->server->lock);
    seat->server->handler(conn, seat->server->context);
    conn_finish(conn);
    leave_seat(seat->server, seat);
    conn_release(conn);
    return NULL;
}

static void say_refused(const struct server *server, const char *peer, const char *why)
{
    if (server->config->events.refused != NULL)
        server->config->events.refused(server->context, peer, why);
}

/* Tells a client that there is no place for it, and leaves it to be read to its end. */
static void turn_away(struct server *server, int fd, const char *line)
{
    if (line != NULL)
        send(fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL);
    refused_add(&server->refused, fd);
}

/* Gives a new conn its thread. Returns 0 or an errno. */
static int start_thread(struct server *server, struct seat *seat)
{
    pthread_t thread;
    lock_take(&server->lock);
    link_seat(server, seat);
    lock_release(&server->lock);
    int error = pthread_create(&thread, &server->thread_attributes, client_thread, seat);
    if (error != 0)
        leave_seat(server, seat);
    return error;
}

static struct seat *make_seat(struct server *server, int fd, bool telnet, const char *peer,
                              struct host *host)
{
    const struct server_config *config = server->config;
    struct conn_config conn_config = {.telnet = telnet,
                                      .max_line = config->max_line,
                                      .sendq = config->sendq,
                                      .timeout = config->timeout,
                                      .finish = config->finish,
                                      .postman = server->postman};
    struct seat *seat = malloc(sizeof *seat);
    struct conn *conn = seat != NULL ? conn_create(fd, peer, &conn_config) : NULL;
    if (conn == NULL) {
        free(seat);
        return NULL;
    }
    *seat = (struct seat){.server = server, .conn = conn, .host = host};
    return seat;
}

/* Seats a client, or turns it away with a reason. The socket is owned from here on. */
static void receive_client(struct server *server, int fd, bool telnet, const char *address,
                           const char *peer)
{
    struct host *host;
    const char *line;
    lock_take(&server->lock);
    const char *why = refusal(server, address, &host, &line);
    lock_release(&server->lock);
    if (why != NULL) {
        say_refused(server, peer, why);
        turn_away(server, fd, line);
        return;
    }
    struct seat *seat = make_seat(server, fd, telnet, peer, host);
    if (seat == NULL) {
        say_refused(server, peer, strerror(ENOMEM));
        turn_away(server, fd, line);
        lock_take(&server->lock);
        if (host != NULL)
            hosts_leave(&server->hosts, host);
        lock_release(&server->lock);
        return;
    }
    struct conn *conn = seat->conn;
    int error = start_thread(server, seat);
    if (error != 0) {
        say_refused(server, peer, "no thread is to be had");
        turn_away(server, conn_give_back(conn), line);
    }
}

/*
 * Accepting
 */

/*
 * Some systems let an accepted socket inherit O_NONBLOCK, and some do not; a client's thread
 * wants to wait in recv(). Urgent data stays in the stream, where telnet expects it (RFC 854).
 */
static void prepare_socket(int fd, int family)
{
    int on = 1;
    int send_buffer = SEND_BUFFER_BYTES;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, 0);
    if (family == AF_UNIX)
        return;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
}

/* Writes what the log calls the peer, and, if that is wanted, its address without the port. */
static void name_peer(const struct listener *listener, const struct sockaddr_storage *from,
                      socklen_t length, char address[ADDRESS_SIZE], char peer[PEER_SIZE])
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
    if (address != NULL)
        memcpy(address, host, ADDRESS_SIZE);
}

enum accepted { ACCEPTED, NOBODY_WAITS, PAUSE_WANTED };

/* With no descriptor left, lets go of the spare one for a moment to say so to one client. */
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
        name_peer(listener, &from, length, NULL, peer);
        say_refused(server, peer, "no descriptor is to be had");
        turn_away(server, fd, server->config->full_line);
        refused_close(&server->refused); /* the descriptors are needed now */
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

static enum accepted accept_one(struct server *server, const struct listener *listener)
{
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    char address[ADDRESS_SIZE];
    char peer[PEER_SIZE];
    int fd = accept(listener->fd, (struct sockaddr *)&from, &length);
    if (fd < 0)
        return accept_failed(server, listener);
    prepare_socket(fd, listener->family);
    name_peer(listener, &from, length, address, peer);
    receive_client(server, fd, listener->telnet, listener->family == AF_UNIX ? NULL : address,
                   peer);
    return ACCEPTED;
}

/* Accepts who waits. Returns false if the listeners had better be left alone for a moment. */
static bool accept_some(struct server *server, const struct listener *listener)
{
    enum accepted accepted = ACCEPTED;
    for (int i = 0; i < ACCEPTS_IN_A_ROW && accepted == ACCEPTED; i++)
        accepted = accept_one(server, listener);
    return accepted != PAUSE_WANTED;
}

/*
 * What main waits for: first the signals, then the refused, then the listeners, which are left
 * out for a moment when accepting had better pause.
 */
static size_t fill_polled(struct server *server, struct pollfd *polled, bool paused)
{
    size_t count = 0;
    polled[count++] = (struct pollfd){.fd = signal_pipe[0], .events = POLLIN};
    count += refused_fill(&server->refused, polled + count);
    for (size_t i = 0; i < server->listeners.count && !paused; i++)
        polled[count++] = (struct pollfd){.fd = server->listeners.items[i].fd, .events = POLLIN};
    return count;
}

static void serve(struct server *server, struct pollfd *polled)
{
    bool paused = false;
    while (stop_signals == 0) {
        if (server->spare < 0)
            server->spare = open_spare();
        size_t count = fill_polled(server, polled, paused);
        int64_t deadline = refused_deadline(&server->refused);
        if (paused && deadline > clock_now() + ACCEPT_PAUSE)
            deadline = clock_now() + ACCEPT_PAUSE;
        if (poll(polled, (nfds_t)count, clock_poll_timeout(deadline)) < 0)
            continue;
        if (polled[0].revents != 0)
            pipe_clear(signal_pipe);
        take_hangups(server);
        size_t first = 1 + refused_serve(&server->refused, polled + 1);
        paused = false;
        for (size_t i = first; i < count; i++)
            if (polled[i].revents != 0 && !accept_some(server, &server->listeners.items[i - first]))
                paused = true;
    }
}

/*
 * Stopping
 */

static void stop_everyone(struct server *server)
{
    const char *line = server->config->stopping_line;
    lock_take(&server->lock);
    server->stopping = true;
    for (struct seat *seat = server->seats; seat != NULL; seat = seat->next)
        conn_stop(seat->conn, line != NULL ? line : "");
    lock_release(&server->lock);
}

/* Wakes every thread that waits for input. A seat in the list means that its thread is there. */
static void nudge_everyone(struct server *server)
{
    lock_take(&server->lock);
    for (struct seat *seat = server->seats; seat != NULL; seat = seat->next)
        if (seat->runs)
            pthread_kill(seat->thread, NUDGE);
    lock_release(&server->lock);
}

static void kill_everyone(struct server *server)
{
    lock_take(&server->lock);
    for (struct seat *seat = server->seats; seat != NULL; seat = seat->next)
        conn_kill(seat->conn, CONN_SHUTTING_DOWN);
    lock_release(&server->lock);
}

static bool is_empty(struct server *server)
{
    lock_take(&server->lock);
    bool empty = server->seats == NULL;
    lock_release(&server->lock);
    return empty;
}

/* Waits until everyone is gone, or until `deadline`, or for a second signal. */
static bool wait_until_empty(struct server *server, int64_t deadline)
{
    struct pollfd woken = {.fd = signal_pipe[0], .events = POLLIN};
    while (!is_empty(server)) {
        if (stop_signals > 1 || clock_now() >= deadline)
            return false;
        nudge_everyone(server);
        int64_t next = clock_now() + NUDGE_INTERVAL;
        poll(&woken, 1, clock_poll_timeout(next < deadline ? next : deadline));
        pipe_clear(signal_pipe);
    }
    return true;
}

/* Returns whether everyone left in order. The last fifth of the grace is for those who hang. */
static bool stop(struct server *server)
{
    int64_t now = clock_now();
    int64_t grace = server->config->grace;
    stop_everyone(server);
    if (wait_until_empty(server, now + grace / 5 * 4))
        return true;
    if (stop_signals > 1)
        return false;
    kill_everyone(server);
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
        if (listeners_open(&server->listeners, address->address, address->telnet, error) < 0) {
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
            server->config->events.listening(server->context, server->listeners.items[i].name);
}

static int init_thread_attributes(pthread_attr_t *attributes)
{
    size_t stack = CLIENT_STACK_BYTES;
    long least = sysconf(_SC_THREAD_STACK_MIN);
    if (least > 0 && (size_t)least > stack)
        stack = (size_t)least;
    int error = pthread_attr_init(attributes);
    if (error != 0)
        return error;
    pthread_attr_setdetachstate(attributes, PTHREAD_CREATE_DETACHED);
    error = pthread_attr_setstacksize(attributes, stack);
    if (error != 0)
        pthread_attr_destroy(attributes);
    return error;
}

/* Serves with everything in place. */
static int run(struct server *server)
{
    struct pollfd *polled = calloc(1 + REFUSED_MAX + server->listeners.count, sizeof *polled);
    if (polled == NULL) {
        fprintf(stderr, "%s: cannot start: %s\n", server->config->program, strerror(ENOMEM));
        listeners_close(&server->listeners);
        return EXIT_FAILURE;
    }
    server->max_clients = choose_max_clients(server);
    server->spare = open_spare();
    say_listening(server);
    serve(server, polled);
    free(polled);
    refused_close(&server->refused);
    listeners_close(&server->listeners);
    if (!stop(server))
        return EXIT_FAILURE; /* threads still run: what they use must stay */
    postman_stop(server->postman);
    pipe_close(signal_pipe);
    close(server->spare);
    pthread_attr_destroy(&server->thread_attributes);
    lock_destroy(&server->lock);
    return EXIT_SUCCESS;
}

int server_run(const struct server_config *config, server_handler *handler, void *context)
{
    /* Not on the stack: should the grace run out, threads go on using it until the exit. */
    static struct server server;
    server = (struct server){.config = config, .handler = handler, .context = context};
    if (!start_listening(&server)) {
        listeners_close(&server.listeners);
        return EXIT_FAILURE;
    }
    int error = lock_init(&server.lock, LOCK_RANK_SERVER, "server");
    if (error == 0)
        error = init_thread_attributes(&server.thread_attributes);
    if (error == 0)
        error = catch_signals(config->events.hangup != NULL);
    if (error == 0)
        error = postman_start(&server.postman);
    if (error != 0) {
        fprintf(stderr, "%s: cannot start: %s\n", config->program, strerror(error));
        listeners_close(&server.listeners);
        return EXIT_FAILURE;
    }
    return run(&server);
}
