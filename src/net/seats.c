#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "net/conn.h"
#include "net/hosts.h"
#include "net/seats.h"
#include "net/signals.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef CLIENT_STACK_BYTES
/* A conversation needs a few KiB; only the pages it touches become memory. */
#define CLIENT_STACK_BYTES (64 * 1024)
#endif

struct seat {
    struct seats *seats;
    struct conn *conn;     /* the thread's alone */
    struct outbox *outbox; /* the conn's; it stays while the seat is in the list */
    struct host *host;     /* NULL: not counted by host */
    pthread_t thread;      /* once it runs */
    bool runs;
    struct seat *previous, *next;
};

struct seats {
    const struct server_config *config;
    unsigned max;
    server_handler *handler;
    void *context;
    struct flusher *flusher;
    pthread_attr_t thread_attributes;

    struct lock lock; /* guards the rest */
    struct seat *first;
    unsigned count;
    struct hosts hosts;
    bool stopping;
};

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

int seats_create(struct seats **result, const struct server_config *config, unsigned max,
                 server_handler *handler, void *context, struct flusher *flusher)
{
    struct seats *seats = malloc(sizeof *seats);
    if (seats == NULL)
        return ENOMEM;
    *seats = (struct seats){
        .config = config, .max = max, .handler = handler, .context = context, .flusher = flusher};
    int error = init_thread_attributes(&seats->thread_attributes);
    if (error != 0)
        goto no_attributes;
    error = lock_init(&seats->lock, LOCK_RANK_SERVER, "server");
    if (error != 0)
        goto no_lock;
    *result = seats;
    return 0;
no_lock:
    pthread_attr_destroy(&seats->thread_attributes);
no_attributes:
    free(seats);
    return error;
}

void seats_destroy(struct seats *seats)
{
    hosts_clear(&seats->hosts);
    lock_destroy(&seats->lock);
    pthread_attr_destroy(&seats->thread_attributes);
    free(seats);
}

/*
 * Coming and going.
 */

/* A connection as seen by where it comes from. */
struct arrival {
    struct host *host; /* NULL: not counted by host */
    int64_t debt;
};

/* Whether there is no place for one more from `address`; if there is, it is counted. Lock held. */
static const char *refusal(struct seats *seats, const struct sockaddr_storage *address,
                           struct arrival *arrival, const char **line)
{
    int64_t now = clock_now();
    *arrival = (struct arrival){.host = NULL};
    *line = seats->config->full_line;
    if (seats->count >= seats->max)
        return "the chat is full";
    if (address == NULL)
        return NULL;
    struct host *host = hosts_enter(&seats->hosts, address, seats->config->max_per_host, now);
    if (host != NULL) {
        *arrival = (struct arrival){host, host_debt(host, now)};
        return NULL;
    }
    if (errno == ENOMEM)
        return "out of memory";
    *line = seats->config->crowded_line;
    return "too many connections from its address";
}

/* Puts a seat into the list. Lock held. */
static void link_seat(struct seats *seats, struct seat *seat)
{
    seat->next = seats->first;
    if (seat->next != NULL)
        seat->next->previous = seat;
    seats->first = seat;
    seats->count++;
}

/* Gives back all that the seat took, and tells a server that is stopping. */
static void leave(struct seats *seats, struct seat *seat)
{
    lock_take(&seats->lock);
    if (seat->host != NULL)
        hosts_leave(&seats->hosts, seat->host, clock_now());
    if (seat->next != NULL)
        seat->next->previous = seat->previous;
    if (seat->previous != NULL)
        seat->previous->next = seat->next;
    else
        seats->first = seat->next;
    /* Behind this the server may be gone: the last one out touches nothing of it any more. */
    if (--seats->count == 0 && seats->stopping)
        signals_wake();
    lock_release(&seats->lock);
    free(seat);
}

static void *client_thread(void *argument)
{
    struct seat *seat = argument;
    struct seats *seats = seat->seats;
    struct conn *conn = seat->conn;
    lock_take(&seats->lock);
    seat->thread = pthread_self();
    seat->runs = true;
    lock_release(&seats->lock);
    seats->handler(conn, seats->context);
    conn_finish(conn);
    leave(seats, seat);
    conn_destroy(conn);
    return NULL;
}

static struct seat *make_seat(struct seats *seats, const struct visitor *visitor,
                              const struct arrival *arrival)
{
    const struct server_config *config = seats->config;
    struct conn_config conn_config = {.telnet = visitor->telnet,
                                      .max_line = config->max_line,
                                      .sendq = config->sendq,
                                      .timeout = config->timeout,
                                      .finish = config->finish,
                                      .debt = arrival->debt,
                                      .flusher = seats->flusher};
    struct seat *seat = malloc(sizeof *seat);
    struct conn *conn = seat != NULL ? conn_create(visitor->fd, visitor->peer, &conn_config) : NULL;
    if (conn == NULL) {
        free(seat);
        return NULL;
    }
    *seat = (struct seat){
        .seats = seats, .conn = conn, .outbox = conn_outbox(conn), .host = arrival->host};
    return seat;
}

/* Gives a seat its thread. On failure the seat is gone, and its conn given up. */
static int start_thread(struct seats *seats, struct seat *seat)
{
    struct conn *conn = seat->conn;
    pthread_t thread;
    lock_take(&seats->lock);
    link_seat(seats, seat);
    lock_release(&seats->lock);
    int error = pthread_create(&thread, &seats->thread_attributes, client_thread, seat);
    if (error != 0) {
        leave(seats, seat);
        conn_give_back(conn);
    }
    return error;
}

const char *seats_take(struct seats *seats, const struct visitor *visitor, const char **line)
{
    struct arrival arrival;
    lock_take(&seats->lock);
    const char *why = refusal(seats, visitor->address, &arrival, line);
    lock_release(&seats->lock);
    if (why != NULL)
        return why;
    struct seat *seat = make_seat(seats, visitor, &arrival);
    if (seat == NULL) {
        lock_take(&seats->lock);
        if (arrival.host != NULL)
            hosts_leave(&seats->hosts, arrival.host, clock_now());
        lock_release(&seats->lock);
        return "out of memory";
    }
    return start_thread(seats, seat) == 0 ? NULL : "no thread is to be had";
}

/*
 * Stopping.
 */

/*
 * A client is told, and may still send what it owes. Its thread comes upon the reason when its wait
 * for input is over; a signal ends the wait. (Shutting down the socket's reading side would too,
 * but then the kernel answers to whatever the peer still sends with a reset, and what it is owed is
 * lost.)
 */
static void stop_client(struct outbox *outbox, const char *line)
{
    outbox_say(outbox, line);
    link_end(outbox_link(outbox), LINK_SHUTTING_DOWN);
}

void seats_stop(struct seats *seats, const char *line)
{
    lock_take(&seats->lock);
    seats->stopping = true;
    for (struct seat *seat = seats->first; seat != NULL; seat = seat->next)
        stop_client(seat->outbox, line);
    lock_release(&seats->lock);
}

/* A seat in the list means that its thread is there. */
void seats_nudge(struct seats *seats)
{
    lock_take(&seats->lock);
    for (struct seat *seat = seats->first; seat != NULL; seat = seat->next)
        if (seat->runs)
            signals_nudge(seat->thread);
    lock_release(&seats->lock);
}

void seats_kill(struct seats *seats)
{
    lock_take(&seats->lock);
    for (struct seat *seat = seats->first; seat != NULL; seat = seat->next)
        link_kill(outbox_link(seat->outbox), LINK_SHUTTING_DOWN);
    lock_release(&seats->lock);
}

bool seats_are_empty(struct seats *seats)
{
    lock_take(&seats->lock);
    bool empty = seats->first == NULL;
    lock_release(&seats->lock);
    return empty;
}
