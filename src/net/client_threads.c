#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "net/client_threads.h"
#include "net/door.h"
#include "net/hosts.h"
#include "net/signals.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef CLIENT_STACK_BYTES
/* A client thread uses a few KiB of stack; only the pages that it touches take memory. */
#define CLIENT_STACK_BYTES (64 * 1024)
#endif

struct client_thread {
    struct client_threads *threads;
    struct conn *conn;     /* used by this thread only */
    struct outbox *outbox; /* of the conn; lives while the client is in the list */
    struct host *host;     /* NULL: not counted by host */
    struct client_thread *previous, *next;
};

struct client_threads {
    struct client_threads_config config;
    pthread_attr_t thread_attributes;

    struct lock lock; /* guards the rest */
    struct client_thread *first;
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
    *result = threads;
    return 0;
no_lock:
    pthread_attr_destroy(&threads->thread_attributes);
no_attributes:
    free(threads);
    return error;
}

void client_threads_destroy(struct client_threads *threads)
{
    hosts_clear(&threads->hosts);
    lock_destroy(&threads->lock);
    pthread_attr_destroy(&threads->thread_attributes);
    free(threads);
}

/*
 * Coming and going.
 */

/* What a connection's address amounts to. */
struct arrival {
    struct host *host; /* NULL: not counted by host */
    int64_t debt;
};

/* Returns why a visitor is refused, or NULL, and then it counts. Lock held. */
static const char *refusal(struct client_threads *threads, const struct visitor *visitor,
                           struct arrival *arrival, const char **line)
{
    const struct sockaddr_storage *address = visitor->address;
    int64_t now = clock_now();
    *arrival = (struct arrival){.host = NULL};
    *line = visitor->door->full_line;
    if (threads->count >= threads->config.max)
        return "the chat is full";
    if (address == NULL)
        return NULL;
    struct host *host = hosts_enter(&threads->hosts, address, threads->config.max_per_host, now);
    if (host != NULL) {
        *arrival = (struct arrival){host, host_debt(host, now)};
        return NULL;
    }
    if (errno == ENOMEM)
        return "out of memory";
    *line = visitor->door->crowded_line;
    return "too many connections from its address";
}

/* Adds a client to the list. Lock held. */
static void enlist(struct client_threads *threads, struct client_thread *client)
{
    client->next = threads->first;
    if (client->next != NULL)
        client->next->previous = client;
    threads->first = client;
    threads->count++;
}

/* Removes a client from the list and the counts, and wakes a server that waits for the last. */
static void leave(struct client_threads *threads, struct client_thread *client)
{
    lock_take(&threads->lock);
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
    if (--threads->count == 0 && threads->stopping)
        signals_wake();
    lock_release(&threads->lock);
    free(client);
}

static void *client_thread(void *argument)
{
    struct client_thread *client = argument;
    struct client_threads *threads = client->threads;
    struct conn *conn = client->conn;
    link_attend(conn_link(conn));
    threads->config.handler(conn, threads->config.context);
    conn_finish(conn);
    link_leave(conn_link(conn));
    leave(threads, client);
    conn_destroy(conn);
    return NULL;
}

static struct client_thread *make_thread(struct client_threads *threads,
                                         const struct visitor *visitor,
                                         const struct arrival *arrival)
{
    struct conn_config conn_config = threads->config.conn;
    conn_config.telnet = visitor->door->telnet;
    conn_config.encoding = visitor->door->encoding;
    conn_config.debt = arrival->debt;
    if (visitor->address != NULL)
        conn_config.address = address_prefix_of(visitor->address);
    struct client_thread *client = malloc(sizeof *client);
    struct conn *conn =
        client != NULL ? conn_create(visitor->fd, visitor->peer, &conn_config) : NULL;
    if (conn == NULL) {
        free(client);
        return NULL;
    }
    *client = (struct client_thread){
        .threads = threads, .conn = conn, .outbox = conn_outbox(conn), .host = arrival->host};
    return client;
}

/* Starts the thread. On failure the client is freed, and the socket is the caller's again. */
static int start_thread(struct client_threads *threads, struct client_thread *client)
{
    struct conn *conn = client->conn;
    pthread_t thread;
    lock_take(&threads->lock);
    enlist(threads, client);
    lock_release(&threads->lock);
    int error = pthread_create(&thread, &threads->thread_attributes, client_thread, client);
    if (error != 0) {
        leave(threads, client);
        conn_give_back(conn);
    }
    return error;
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
static void stop_client(struct outbox *outbox, const char *line)
{
    outbox_say_last(outbox, line);
    link_end(outbox_link(outbox), LINK_SHUTTING_DOWN);
}

void client_threads_stop(struct client_threads *threads, const char *line)
{
    lock_take(&threads->lock);
    threads->stopping = true;
    for (struct client_thread *client = threads->first; client != NULL; client = client->next)
        stop_client(client->outbox, line);
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
