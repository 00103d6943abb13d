#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "net/client_threads.h"
#include "net/door.h"
#include "net/hosts.h"
#include "net/peer_name.h"
#include "net/refusal.h"
#include "net/signals.h"
#include "net/turnstile.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef CLIENT_STACK_BYTES
/* A client thread uses a few KiB of stack; only the pages that it touches take memory. */
#define CLIENT_STACK_BYTES (64 * 1024)
#endif

enum { ENTRANCES_MAX = METRIC_SERIES_MAX };

/* The addresses at which the same is spoken. */
struct entrance_count {
    struct entrance entrance;
    char name[ENTRANCE_NAME_SIZE];
    uint64_t present, accepted; /* connections */
};

struct client_thread {
    struct client_threads *threads;
    struct entrance_count *entered;
    struct entrance entrance;
    struct conn *conn;     /* used by this thread only, but for its figures */
    struct outbox *outbox; /* of the conn; lives while the client is in the list */
    struct host *host;     /* NULL: not counted by host, or not yet */
    bool turned_away;      /* by its own thread, before the handler; that thread's */
    bool speaks;           /* it may be sent words: what comes before is over; with the lock */
    struct client_thread *previous, *next;
};

struct client_threads {
    struct client_threads_config config; /* but for the limits it does not change */
    pthread_attr_t thread_attributes;
    struct turnstile handshakes;

    struct lock lock; /* guards the rest, and the limits */
    struct client_thread *first;
    unsigned count; /* but for those at addresses apart */
    struct hosts hosts;
    bool stopping;

    /* For figures. */
    struct entrance_count entrances[ENTRANCES_MAX];
    size_t entrance_count;
    uint64_t refused[REFUSALS];
    uint64_t closed[LINK_REASONS];
    uint64_t turned_away; /* closed before their handler began: by none of these reasons */
    uint64_t received, sent, lines; /* of those who are gone */
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

/* Half of the processors at most are busy with handshakes. */
static unsigned handshakes_at_once(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors > 3 ? (unsigned)processors / 2 : 1;
}

int client_threads_create(struct client_threads **result,
                          const struct client_threads_config *config)
{
    struct client_threads *threads = malloc(sizeof *threads);
    if (threads == NULL)
        return ENOMEM;
    *threads = (struct client_threads){.config = *config};
    int error = init_thread_attributes(&threads->thread_attributes);
    if (error != 0)
        goto no_attributes;
    error = lock_init(&threads->lock, LOCK_RANK_SERVER, "server");
    if (error != 0)
        goto no_lock;
    error = turnstile_init(&threads->handshakes, handshakes_at_once());
    if (error != 0)
        goto no_turnstile;
    *result = threads;
    return 0;
no_turnstile:
    lock_destroy(&threads->lock);
no_lock:
    pthread_attr_destroy(&threads->thread_attributes);
no_attributes:
    free(threads);
    return error;
}

void client_threads_limit(struct client_threads *threads, const struct client_limits *limits)
{
    lock_take(&threads->lock);
    threads->config.limits = *limits;
    lock_release(&threads->lock);
}

static struct client_limits read_limits(struct client_threads *threads)
{
    lock_take(&threads->lock);
    struct client_limits limits = threads->config.limits;
    lock_release(&threads->lock);
    return limits;
}

void client_threads_destroy(struct client_threads *threads)
{
    hosts_clear(&threads->hosts);
    turnstile_destroy(&threads->handshakes);
    lock_destroy(&threads->lock);
    pthread_attr_destroy(&threads->thread_attributes);
    free(threads);
}

/*
 * Figures. Those of addresses apart are in none but the refusals.
 */

/* Returns the count of what is spoken at an entrance. Lock held. */
static struct entrance_count *count_of(struct client_threads *threads,
                                       const struct entrance *entrance)
{
    for (size_t i = 0; i < threads->entrance_count; i++) {
        const struct entrance *other = &threads->entrances[i].entrance;
        if (other->door == entrance->door && other->tls == entrance->tls &&
            other->proxy == entrance->proxy)
            return &threads->entrances[i];
    }
    assert(threads->entrance_count < ENTRANCES_MAX);
    struct entrance_count *added = &threads->entrances[threads->entrance_count++];
    added->entrance = *entrance;
    entrance_name(entrance, added->name);
    return added;
}

void client_threads_expect(struct client_threads *threads, const struct entrance *entrance)
{
    lock_take(&threads->lock);
    count_of(threads, entrance);
    lock_release(&threads->lock);
}

void client_threads_note_refusal(struct client_threads *threads, enum refusal refusal)
{
    lock_take(&threads->lock);
    threads->refused[refusal]++;
    lock_release(&threads->lock);
}

/* Adds up what has passed through the connections that are there. Lock held. */
static void read_clients(struct client_threads *threads, struct server_figures *figures)
{
    for (struct client_thread *client = threads->first; client != NULL; client = client->next) {
        if (client->entrance.apart != NULL)
            continue;
        struct outbox_status status = outbox_status(client->outbox);
        figures->received += conn_received(client->conn);
        figures->lines += conn_lines(client->conn);
        figures->sent += status.sent;
        figures->pending += status.pending;
        figures->behind += status.level >= OUTBOX_BEHIND;
        figures->near_limit += status.level >= OUTBOX_NEAR_LIMIT;
    }
}

static void read_entrances(const struct client_threads *threads, struct server_figures *figures)
{
    for (size_t i = 0; i < threads->entrance_count; i++) {
        const struct entrance_count *count = &threads->entrances[i];
        if (count->entrance.apart != NULL)
            continue;
        metric_series_add(&figures->present, count->name, count->present);
        metric_series_add(&figures->accepted, count->name, count->accepted);
    }
}

void client_threads_read(struct client_threads *threads, struct server_figures *figures)
{
    lock_take(&threads->lock);
    figures->max = threads->config.limits.max;
    figures->received = threads->received;
    figures->sent = threads->sent;
    figures->lines = threads->lines;
    read_clients(threads, figures);
    read_entrances(threads, figures);
    for (int i = 0; i < REFUSALS; i++)
        metric_series_add(&figures->refused, refusal_word((enum refusal)i), threads->refused[i]);
    for (int i = 0; i < LINK_REASONS; i++)
        metric_series_add(&figures->closed, link_reason_word((enum link_reason)i),
                          threads->closed[i]);
    metric_series_add(&figures->closed, "refused", threads->turned_away);
    lock_release(&threads->lock);
}

/* Adds a client to the figures of those who are gone. Lock held. */
static void remember(struct client_threads *threads, const struct client_thread *client)
{
    if (client->entrance.apart != NULL)
        return;
    threads->received += conn_received(client->conn);
    threads->lines += conn_lines(client->conn);
    threads->sent += outbox_status(client->outbox).sent;
    if (client->turned_away)
        threads->turned_away++;
    else
        threads->closed[link_reason(conn_link(client->conn))]++;
}

/*
 * Coming and going.
 */

/* What a connection's address amounts to. */
struct arrival {
    struct host *host; /* NULL: not counted by host */
    int64_t debt;
};

/* Counts a connection from an address. Returns why it is refused, or NULL. Lock held. */
static const char *count_by_host(struct client_threads *threads,
                                 const struct sockaddr_storage *address, const struct door *door,
                                 struct arrival *arrival, const char **line)
{
    int64_t now = clock_now();
    struct host *host =
        hosts_enter(&threads->hosts, address, threads->config.limits.max_per_host, now);
    if (host != NULL) {
        *arrival = (struct arrival){host, host_debt(host, now)};
        return NULL;
    }
    if (errno == ENOMEM) {
        threads->refused[REFUSAL_MEMORY]++;
        return "out of memory";
    }
    threads->refused[REFUSAL_CROWDED]++;
    *line = door->crowded_line;
    return "too many connections from its address";
}

/* Returns why a visitor is refused at an address apart, or NULL. Lock held. */
static const char *refusal_apart(struct client_threads *threads, const struct entrance *entrance)
{
    if (count_of(threads, entrance)->present < entrance->apart->max)
        return NULL;
    threads->refused[REFUSAL_ADDRESS_FULL]++;
    return "its address serves as many as it may";
}

/* Returns why a visitor is refused, or NULL, and then it counts. Lock held. */
static const char *refusal(struct client_threads *threads, const struct visitor *visitor,
                           struct arrival *arrival, const char **line)
{
    const struct door *door = visitor->entrance->door;
    *arrival = (struct arrival){.host = NULL};
    *line = door->full_line;
    if (visitor->entrance->apart != NULL)
        return refusal_apart(threads, visitor->entrance);
    if (threads->count >= threads->config.limits.max) {
        threads->refused[REFUSAL_FULL]++;
        return "the chat is full";
    }
    if (visitor->address == NULL)
        return NULL;
    return count_by_host(threads, visitor->address, door, arrival, line);
}

/* Adds a client to the list. Lock held. */
static void enlist(struct client_threads *threads, struct client_thread *client)
{
    client->next = threads->first;
    if (client->next != NULL)
        client->next->previous = client;
    threads->first = client;
    threads->count += client->entrance.apart == NULL;
    client->entered = count_of(threads, &client->entrance);
    client->entered->present++;
}

/*
 * Removes a client from the list and the counts, and wakes a server that waits for the last.
 */
static void leave(struct client_threads *threads, struct client_thread *client, bool served)
{
    lock_take(&threads->lock);
    if (served)
        remember(threads, client);
    client->entered->present--;
    threads->count -= client->entrance.apart == NULL;
    if (client->host != NULL)
        hosts_leave(&threads->hosts, client->host, clock_now());
    if (client->next != NULL)
        client->next->previous = client->previous;
    if (client->previous != NULL)
        client->previous->next = client->next;
    else
        threads->first = client->next;
    /*
     * The server may free `threads` once the lock is released, so this thread must not use it then.
     */
    if (threads->first == NULL && threads->stopping)
        signals_wake();
    lock_release(&threads->lock);
    free(client);
}

/*
 * What comes before the handler.
 */

/* Turns a client away. A line for it is said unless it expects a handshake first. */
static void turn_away(struct client_thread *client, const char *why, const char *line)
{
    const struct client_threads_config *config = &client->threads->config;
    client->turned_away = true;
    if (config->refused != NULL)
        config->refused(config->context, link_peer(conn_link(client->conn)), why);
    if (line != NULL && !client->entrance.tls)
        outbox_say_last(client->outbox, line);
}

/* Whether a client may come in from the address that its proxy has told. Turns it away if not. */
static bool may_come_from(struct client_thread *client, const struct address_prefix *address)
{
    const struct client_threads_config *config = &client->threads->config;
    struct buffer line = {0};
    const char *why = config->gate == NULL
                          ? NULL
                          : config->gate(config->context, client->entrance.door, address, &line);
    if (why != NULL)
        client_threads_note_refusal(client->threads, REFUSAL_BANNED);
    if (why != NULL)
        turn_away(client, why, buffer_append(&line, "", 1) ? buffer_bytes(&line) : NULL);
    buffer_free(&line);
    return why == NULL;
}

/* Has a client be who its proxy says. Returns false if it is turned away. */
static bool introduce(struct client_thread *client, const struct sockaddr_storage *source)
{
    struct client_threads *threads = client->threads;
    struct address_prefix address = address_prefix_of(source);
    struct arrival arrival = {.host = NULL};
    char peer[PEER_NAME_SIZE];
    const char *line = NULL;
    peer_name_write(source, peer);
    lock_take(&threads->lock);
    const char *why = count_by_host(threads, source, client->entrance.door, &arrival, &line);
    client->host = arrival.host;
    lock_release(&threads->lock);
    conn_introduce(client->conn, peer, &address, arrival.debt);
    if (why != NULL)
        turn_away(client, why, line);
    return why == NULL && may_come_from(client, &address);
}

/*
 * Reads who the client is from the header of its proxy. Returns false if it is turned away, or the
 * server stops meanwhile: that is no fault of the proxy's.
 */
static bool hear_proxy(struct client_thread *client, int64_t deadline)
{
    struct sockaddr_storage source;
    switch (conn_hear_proxy(client->conn, deadline, &source)) {
    case CONN_PROXY_TELLS:
        return introduce(client, &source);
    case CONN_PROXY_TELLS_NOTHING:
        return true;
    case CONN_PROXY_LATE:
        if (link_reason(conn_link(client->conn)) == LINK_SHUTTING_DOWN)
            return false;
        client_threads_note_refusal(client->threads, REFUSAL_PROXY);
        turn_away(client, "no header of the PROXY protocol has come in time", NULL);
        return false;
    case CONN_PROXY_MALFORMED:
        client_threads_note_refusal(client->threads, REFUSAL_PROXY);
        turn_away(client, "its header of the PROXY protocol is malformed, or missing", NULL);
        return false;
    }
    return false;
}

/* Returns false if the client is turned away: that it does not speak TLS is no news of its own. */
static bool begin_tls(struct client_thread *client, int64_t deadline)
{
    struct filter_maker *maker = client->threads->config.tls;
    char why[FILTER_FAULT_SIZE + 32];
    char fault[FILTER_FAULT_SIZE] = "out of memory";
    struct filter *filter = maker->make(maker, link_fd(conn_link(client->conn)));
    if (filter == NULL)
        link_end(conn_link(client->conn), LINK_OUT_OF_MEMORY);
    else if (conn_filter(client->conn, filter, &client->threads->handshakes, deadline, fault))
        return true;
    snprintf(why, sizeof why, "its TLS handshake has failed: %s", fault);
    if (link_reason(conn_link(client->conn)) != LINK_SHUTTING_DOWN) {
        client_threads_note_refusal(client->threads, REFUSAL_TLS);
        turn_away(client, why, NULL);
    }
    return false;
}

/* Returns false if the client is turned away, or has ended. */
static bool come_in(struct client_thread *client)
{
    int64_t timeout = read_limits(client->threads).timeout;
    int64_t deadline = timeout == 0 ? CLOCK_NEVER : clock_now() + timeout;
    if (client->entrance.proxy && !hear_proxy(client, deadline))
        return false;
    if (client->entrance.tls && !begin_tls(client, deadline))
        return false;
    if (timeout != 0)
        conn_set_deadline(client->conn, deadline);
    lock_take(&client->threads->lock);
    client->speaks = true;
    lock_release(&client->threads->lock);
    return true;
}

/* The end of a client. */
static void go(struct client_thread *client)
{
    struct conn *conn = client->conn;
    conn_finish(conn);
    link_leave(conn_link(conn));
    leave(client->threads, client, true);
    conn_destroy(conn);
}

static void *client_thread(void *argument)
{
    struct client_thread *client = argument;
    const struct client_threads_config *config = &client->threads->config;
    const struct entrance_apart *apart = client->entrance.apart;
    link_attend(conn_link(client->conn));
    (apart != NULL ? apart->handler : config->handler)(client->conn, config->context);
    go(client);
    return NULL;
}

/*
 * What comes before the handler has a thread of its own, which starts the client's: a handshake
 * leaves 20 KiB of touched stack and of freed memory that only the end of its thread gives back.
 * Who only looked whether there is an answer, as probes do, is gone by then and needs no other.
 */
static void *newcomer_thread(void *argument)
{
    struct client_thread *client = argument;
    struct link *link = conn_link(client->conn);
    pthread_t thread;
    link_attend(link);
    if (!come_in(client)) {
        go(client);
        return NULL;
    }
    link_leave(link);
    if (conn_has_ended(client->conn) ||
        pthread_create(&thread, &client->threads->thread_attributes, client_thread, client) != 0)
        client_thread(client);
    return NULL;
}

/* Returns the lesser of two times, of which the first may be 0: no limit. */
static int64_t lesser(int64_t one, int64_t other)
{
    return one > 0 && one < other ? one : other;
}

static struct client_thread *make_thread(struct client_threads *threads,
                                         const struct visitor *visitor,
                                         const struct arrival *arrival)
{
    const struct client_limits limits = read_limits(threads);
    struct conn_config conn_config = threads->config.conn;
    conn_config.sendq = limits.sendq;
    conn_config.timeout = limits.timeout;
    conn_config.finish = limits.finish;
    conn_config.telnet = visitor->entrance->door->telnet;
    conn_config.encoding = visitor->entrance->door->encoding;
    conn_config.debt = arrival->debt;
    if (visitor->entrance->apart != NULL) {
        conn_config.max_line = visitor->entrance->apart->max_line;
        conn_config.timeout = lesser(limits.timeout, visitor->entrance->apart->timeout);
    }
    if (visitor->address != NULL)
        conn_config.address = address_prefix_of(visitor->address);
    struct client_thread *client = malloc(sizeof *client);
    struct conn *conn =
        client != NULL ? conn_create(visitor->fd, visitor->peer, &conn_config) : NULL;
    if (conn == NULL) {
        free(client);
        return NULL;
    }
    *client = (struct client_thread){.threads = threads,
                                     .entrance = *visitor->entrance,
                                     .conn = conn,
                                     .outbox = conn_outbox(conn),
                                     .host = arrival->host,
                                     .speaks = !visitor->entrance->tls &&
                                               visitor->entrance->apart == NULL};
    return client;
}

/* Starts the thread. On failure the client is freed, and the socket is the caller's again. */
static int start_thread(struct client_threads *threads, struct client_thread *client)
{
    struct conn *conn = client->conn;
    pthread_t thread;
    lock_take(&threads->lock);
    enlist(threads, client);
    struct entrance_count *entered = client->entered; /* the client may be gone before it counts */
    lock_release(&threads->lock);
    bool is_newcomer = client->entrance.tls || client->entrance.proxy;
    int error = pthread_create(&thread, &threads->thread_attributes,
                               is_newcomer ? newcomer_thread : client_thread, client);
    if (error != 0) {
        leave(threads, client, false);
        client_threads_note_refusal(threads, REFUSAL_THREAD);
        conn_give_back(conn);
        return error;
    }
    lock_take(&threads->lock);
    entered->accepted++;
    lock_release(&threads->lock);
    return 0;
}

const char *client_threads_start(struct client_threads *threads, const struct visitor *visitor,
                                 const char **line)
{
    struct arrival arrival;
    lock_take(&threads->lock);
    const char *why = refusal(threads, visitor, &arrival, line);
    lock_release(&threads->lock);
    if (why != NULL)
        return why;
    struct client_thread *client = make_thread(threads, visitor, &arrival);
    if (client == NULL) {
        lock_take(&threads->lock);
        if (arrival.host != NULL)
            hosts_leave(&threads->hosts, arrival.host, clock_now());
        threads->refused[REFUSAL_MEMORY]++;
        lock_release(&threads->lock);
        return "out of memory";
    }
    return start_thread(threads, client) == 0 ? NULL : "no thread is to be had";
}

/*
 * Stopping.
 */

/*
 * Sends the line and asks the thread to end; pending output may still be sent. The thread sees the
 * reason when its wait for input ends, which a signal brings about. Shutting down the reading side
 * of the socket would end the wait too, but then the kernel answers further input with a reset, and
 * the pending output is lost.
 */
static void stop_client(const struct client_thread *client, const char *line)
{
    if (client->speaks)
        outbox_say_last(client->outbox, line);
    link_end(outbox_link(client->outbox), LINK_SHUTTING_DOWN);
}

void client_threads_stop(struct client_threads *threads, const char *line)
{
    lock_take(&threads->lock);
    threads->stopping = true;
    for (struct client_thread *client = threads->first; client != NULL; client = client->next)
        stop_client(client, line);
    lock_release(&threads->lock);
}

void client_threads_nudge(struct client_threads *threads)
{
    lock_take(&threads->lock);
    for (struct client_thread *client = threads->first; client != NULL; client = client->next)
        link_nudge(outbox_link(client->outbox));
    lock_release(&threads->lock);
}

void client_threads_kill(struct client_threads *threads)
{
    lock_take(&threads->lock);
    for (struct client_thread *client = threads->first; client != NULL; client = client->next)
        link_kill(outbox_link(client->outbox), LINK_SHUTTING_DOWN);
    lock_release(&threads->lock);
}

bool client_threads_are_over(struct client_threads *threads)
{
    lock_take(&threads->lock);
    bool empty = threads->first == NULL;
    lock_release(&threads->lock);
    return empty;
}
