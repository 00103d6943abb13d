#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "chat/replica.h"
#include "cluster/node.h"
#include "cluster/node_inside.h"

#include <assert.h>
#include <nats/nats.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Of the stream: twice what is behind the oldest of the snapshots that are kept. */
#define NEEDED_BYTES (INT64_C(64) * 1024 * 1024)
#define END_PATIENCE (2 * CLOCK_SECOND) /* for the last message */

/* How long nothing may come from the stream at the start until that is told, and until it fails. */
#define BEGIN_NOTICE   (2 * CLOCK_SECOND)
#define BEGIN_PATIENCE (20 * CLOCK_SECOND)
#define BEGIN_TICK     (100 * CLOCK_MILLISECOND)

enum { SERVERS_SIZE = 256 };

bool node_is_available(void)
{
    return true;
}

const char *node_features(char features[NODE_FEATURES_SIZE])
{
    snprintf(features, NODE_FEATURES_SIZE, "with NATS %s", nats_GetVersion());
    return features;
}

static int init(struct node *node, int64_t link_timeout)
{
    int error = turns_init(&node->turns, link_timeout);
    if (error != 0)
        return error;
    node->turns.send = node_send_letter;
    node->turns.hurried = node_hurry_accounts;
    node->turns.list = node_list_machine;
    node->turns.context = node;
    error = lock_init(&node->lock, LOCK_RANK_CLUSTER, "node");
    if (error != 0)
        goto no_lock;
    error = condition_init(&node->changed);
    if (error == 0)
        return 0;
    lock_destroy(&node->lock);
no_lock:
    turns_destroy(&node->turns);
    return error;
}

static struct node *create(const struct node_config *config)
{
    struct node *node = calloc(1, sizeof *node);
    if (node == NULL)
        return NULL;
    node->event_log = config->event_log;
    node->machine = config->machine;
    node->limits = config->limits;
    node->lockdown = config->lockdown;
    node->snapshot_every = config->snapshot_every;
    node->stream_bytes = config->stream_bytes;
    node->id = machines_id(config->machine);
    node->boot = machines_boot(clock_utc(), (long)getpid());
    node->process = node->boot;
    atomic_init(&node->given_up, NULL);
    atomic_init(&node->ends, false);
    atomic_init(&node->stopping, false);
    atomic_init(&node->received, 0);
    atomic_init(&node->hears, false);
    atomic_init(&node->reach, 0);
    if (init(node, config->link_timeout) != 0) {
        free(node);
        return NULL;
    }
    return node;
}

/* At the start, tells what is waited for if that lasts for more than a moment. */
struct notice {
    struct node *node;
    const char *what;
    pthread_t thread;
    bool runs;
    bool over; /* with the node's lock */
};

static void *tell_late(void *argument)
{
    struct notice *notice = argument;
    struct node *node = notice->node;
    int64_t deadline = clock_now() + BEGIN_NOTICE;
    lock_take(&node->lock);
    while (!notice->over && clock_now() < deadline)
        condition_wait_until(&node->changed, &node->lock, deadline);
    bool over = notice->over;
    lock_release(&node->lock);
    if (!over)
        event_log_print(node->event_log, EVENT_LOG_EVENT, "Waiting for the cluster: %s",
                        notice->what);
    return NULL;
}

/* It is only a notice: without a thread for it, it is left out. */
static void notice_begin(struct notice *notice, struct node *node, const char *what)
{
    *notice = (struct notice){.node = node, .what = what};
    notice->runs = pthread_create(&notice->thread, NULL, tell_late, notice) == 0;
}

static void notice_end(struct notice *notice)
{
    struct node *node = notice->node;
    lock_take(&node->lock);
    notice->over = true;
    condition_broadcast(&node->changed);
    lock_release(&node->lock);
    if (notice->runs)
        pthread_join(notice->thread, NULL);
}

static bool open_post(struct node *node, const struct node_config *config,
                      char why[STREAM_FAULT_SIZE])
{
    const struct post_config post_config = {.servers = config->servers,
                                            .name = config->cluster,
                                            .credentials = config->credentials,
                                            .self = {node->id, node->boot}};
    static_assert((int)POST_FAULT_SIZE <= (int)STREAM_FAULT_SIZE, "a fault fits");
    node->post =
        post_open(&post_config, node_receive_letter, node, clock_now() + STREAM_OPEN_PATIENCE, why);
    return node->post != NULL;
}

/* Copies a list of nats-servers without the users and passwords, which stand before an '@'. */
static void copy_servers(char copy[SERVERS_SIZE], const char *servers)
{
    size_t length = 0;
    for (; *servers != '\0'; servers++) {
        if (*servers != '@' && length < SERVERS_SIZE - 1)
            copy[length++] = *servers;
        while (*servers == '@' && length > 0 && copy[length - 1] != '/' && copy[length - 1] != ',')
            length--;
    }
    copy[length] = '\0';
}

static bool open_bulletin(struct node *node, const struct node_config *config,
                          char why[STREAM_FAULT_SIZE])
{
    const struct bulletin_config bulletin = {.servers = config->servers,
                                             .name = config->cluster,
                                             .credentials = config->credentials,
                                             .node = node->id};
    static_assert((int)BULLETIN_FAULT_SIZE <= (int)STREAM_FAULT_SIZE, "a fault fits");
    node->bulletin =
        bulletin_open(&bulletin, node_hear_pressure, node, clock_now() + STREAM_OPEN_PATIENCE, why);
    return node->bulletin != NULL;
}

/* Opens all that is at the servers. Returns false, with the cause in `why`, if that fails. */
static bool open_all(struct node *node, const struct node_config *config,
                     char why[STREAM_FAULT_SIZE])
{
    const struct stream_config stream_config = {.servers = config->servers,
                                                .name = config->cluster,
                                                .credentials = config->credentials,
                                                .least_bytes = NEEDED_BYTES};
    node->stream = stream_open(&stream_config, clock_now() + STREAM_OPEN_PATIENCE, why);
    if (node->stream == NULL)
        return false;
    node->turns.ordering.identity = stream_identity(node->stream);
    return snapshots_open(&node->snapshots, node->stream, clock_now() + STREAM_OPEN_PATIENCE,
                          why) &&
           open_post(node, config, why) && open_bulletin(node, config, why) &&
           node_open_accounts(node, config->servers, config->cluster, config->credentials, why);
}

struct node *node_open(const struct node_config *config, char fault[NODE_FAULT_SIZE])
{
    char why[STREAM_FAULT_SIZE], servers[SERVERS_SIZE];
    struct notice notice;
    struct node *node = create(config);
    copy_servers(servers, config->servers);
    if (node == NULL) {
        snprintf(fault, NODE_FAULT_SIZE, "cannot join the cluster: out of memory");
        return NULL;
    }
    notice_begin(&notice, node, "not all that is asked of the nats-servers is answered yet");
    bool opened = open_all(node, config, why);
    notice_end(&notice);
    if (opened)
        return node;
    snprintf(fault, NODE_FAULT_SIZE, "cannot join the cluster at %s: %s", servers, why);
    node_stop_accounts(node);
    if (node->bulletin != NULL)
        bulletin_stop(node->bulletin);
    if (node->post != NULL)
        post_stop(node->post);
    if (node->stream != NULL)
        stream_stop(node->stream);
    node_free(node);
    return NULL;
}

struct ordering *node_ordering(struct node *node)
{
    return &node->turns.ordering;
}

struct archive *node_accounts(struct node *node)
{
    return accounts_archive(node->accounts);
}

static int start_thread(pthread_t *thread, bool *runs, void *(*run)(void *), struct node *node)
{
    int error = pthread_create(thread, NULL, run, node);
    *runs = error == 0;
    return error;
}

/* Returns why nothing comes from the stream. Wants the lock held. */
static const char *trouble_of(const struct node *node)
{
    return node->trouble[0] != '\0' ? node->trouble : "nothing has come from the stream yet";
}

/* Tells what the start waits for, unless that was told. Wants the lock held. */
static void tell_waiting(struct node *node, char told[STREAM_FAULT_SIZE])
{
    const char *trouble = trouble_of(node);
    if (strcmp(trouble, told) == 0)
        return;
    snprintf(told, STREAM_FAULT_SIZE, "%s", trouble);
    event_log_hush(node->event_log, false);
    event_log_print(node->event_log, EVENT_LOG_EVENT, "Waiting for the cluster: %s", told);
    event_log_hush(node->event_log, true);
}

/*
 * Waits until all that is in the stream has been made here, and this machine has begun. Returns
 * false with a sentence in `why` if it cannot begin; also when nothing comes for BEGIN_PATIENCE.
 */
static bool await_beginning(struct node *node, char why[STREAM_FAULT_SIZE])
{
    char told[STREAM_FAULT_SIZE] = "";
    unsigned received = 0;
    int64_t now, since = clock_now();
    lock_take(&node->lock);
    while (!node->begun && node->given_up == NULL && (now = clock_now()) < since + BEGIN_PATIENCE) {
        if (received != atomic_load(&node->received)) {
            received = atomic_load(&node->received);
            since = now;
        }
        if (now - since >= BEGIN_NOTICE)
            tell_waiting(node, told);
        condition_wait_until(&node->changed, &node->lock, now + BEGIN_TICK);
    }
    bool begun = node->begun && node->given_up == NULL;
    snprintf(why, STREAM_FAULT_SIZE, "%s",
             node->given_up != NULL ? node->given_up : trouble_of(node));
    lock_release(&node->lock);
    return begun;
}

static int start_threads(struct node *node)
{
    const struct stream_follower follower = {node_receive, node_note_link, node_read_anew, node};
    int error = stream_follow(node->stream, node->made + 1, &follower);
    if (error == 0)
        error = start_thread(&node->sender, &node->sends, node_send, node);
    if (error == 0)
        error = start_thread(&node->watcher, &node->watches, node_watch, node);
    if (error == 0)
        error = start_thread(&node->presser, &node->presses, node_press, node);
    if (error == 0)
        error = start_thread(&node->keeper, &node->keeps, node_keep, node);
    return error;
}

static bool begin(struct node *node, char why[STREAM_FAULT_SIZE])
{
    event_log_hush(node->event_log, true);
    int error = start_threads(node);
    bool begun = error == 0 && await_beginning(node, why);
    event_log_hush(node->event_log, false);
    if (error != 0)
        snprintf(why, STREAM_FAULT_SIZE, "%s", strerror(error));
    return begun;
}

bool node_start(struct node *node, struct chat *chat, char fault[NODE_FAULT_SIZE])
{
    char why[STREAM_FAULT_SIZE];
    struct notice notice;
    node->chat = chat;
    node_init_backlog(node);
    atomic_store(&node->hears, true);
    notice_begin(&notice, node, "what it begins with is still being read");
    bool read = node_begin_reading(node, why);
    notice_end(&notice);
    bool begun = read && begin(node, why);
    if (!begun)
        snprintf(fault, NODE_FAULT_SIZE, "cannot take part in the cluster: %s", why);
    return begun;
}

const char *node_gave_up(struct node *node, bool *for_good)
{
    lock_take(&node->lock);
    const char *why = node->given_up;
    *for_good = node->for_good;
    lock_release(&node->lock);
    return why;
}

/* The sender's last message is given some time. */
static void stop_threads(struct node *node)
{
    int64_t deadline = clock_now() + END_PATIENCE;
    atomic_store(&node->stopping, true);
    turns_stop(&node->turns);
    lock_take(&node->lock);
    condition_broadcast(&node->changed);
    while (node->sends && !node->sent &&
           condition_wait_until(&node->changed, &node->lock, deadline))
        ;
    lock_release(&node->lock);
    pressure_hurry(&node->chat->pressure);
    if (node->presses)
        pthread_join(node->presser, NULL);
    bulletin_stop(node->bulletin);
    post_stop(node->post);
    stream_stop(node->stream);
    pressure_forget(&node->backlog);
    if (node->sends)
        pthread_join(node->sender, NULL);
    if (node->watches)
        pthread_join(node->watcher, NULL);
    if (node->keeps)
        pthread_join(node->keeper, NULL);
}

void node_stop(struct node *node)
{
    atomic_store(&node->ends, true);
    node_stop_accounts(node);
    stop_threads(node);
    for (struct machine *machine = node->machines.first; machine != NULL; machine = machine->next)
        if (!machine->gone)
            replica_remove(node->chat, machine->name, "the server ends");
}

void node_free(struct node *node)
{
    if (node == NULL)
        return;
    accounts_free(node->accounts);
    key_value_free(node->people);
    snapshot_free(&node->to_keep);
    bulletin_free(node->bulletin);
    reports_free(&node->reports);
    post_free(node->post);
    stream_free(node->stream);
    machines_free(&node->machines);
    condition_destroy(&node->changed);
    lock_destroy(&node->lock);
    turns_destroy(&node->turns);
    free(node);
}
