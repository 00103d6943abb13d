#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "chat/batch.h"
#include "chat/directory.h"
#include "chat/replica.h"
#include "chat/user.h"
#include "cluster/machines.h"
#include "cluster/node.h"
#include "cluster/post.h"
#include "cluster/stream.h"
#include "cluster/turns.h"
#include "cluster/wire.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <nats/nats.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN_PATIENCE       (10 * CLOCK_SECOND)      /* for the servers, at the start */
#define PUBLISH_PATIENCE    (30 * CLOCK_SECOND)      /* of one call; it is repeated */
#define RETRY_INTERVAL      (10 * CLOCK_MILLISECOND) /* when memory was out */
#define LINK_PATIENCE       (2 * CLOCK_SECOND) /* before users are told that the link is down */
#define WATCH_INTERVAL      (100 * CLOCK_MILLISECOND)
#define LETTER_PATIENCE_MAX (POST_SECONDS_MAX * CLOCK_SECOND)
#define END_PATIENCE        (2 * CLOCK_SECOND) /* for the last message */

/* Changes of one message of the stream have places that follow each other. */
#define PLACES_PER_MESSAGE TURNS_MOST

struct node {
    struct turns turns;
    struct machines machines; /* for the follower's thread, and with the lock for others */
    struct stream *stream;
    struct post *post; /* for what concerns one machine alone */
    struct chat *chat;
    struct event_log *event_log;
    const char *machine; /* name of this one, */
    uint64_t id;         /* its id, */
    uint64_t boot;       /* and its run; guarded by the lock, and read by the follower without it */
    uint64_t sent_boot;  /* of the last message, with its number; for the sender */
    uint64_t number;
    pthread_t sender, watcher;
    bool sends, watches; /* these threads run */
    atomic_bool stopping;

    struct lock lock; /* guards the rest */
    struct condition changed;
    bool begun;           /* this machine's beginning has come around */
    const char *given_up; /* why this machine is no part of the cluster any more; NULL: it is */
    bool sent;            /* the sender has ended */
    bool up;              /* the link to the stream */
    bool told;            /* users know that it is down */
    int64_t down_since;   /* clock_now() */
};

const char *node_features(char features[NODE_FEATURES_SIZE])
{
    snprintf(features, NODE_FEATURES_SIZE, "with NATS %s", nats_GetVersion());
    return features;
}

static bool is_linked(struct node *node)
{
    lock_take(&node->lock);
    bool up = node->up;
    lock_release(&node->lock);
    return up;
}

/* Whether all that was before this machine has been made here. */
static bool has_begun(struct node *node)
{
    lock_take(&node->lock);
    bool begun = node->begun;
    lock_release(&node->lock);
    return begun;
}

/*
 * The sender: takes changes of this machine's users into messages, one message at a time. While one
 * is under way, the next one fills.
 */

/*
 * Publishes a message until it is in the stream. Returns false if the node stops. It has a number,
 * so it may be there twice. It has no id: copies of a stream have not the same messages any more
 * when nats-servers that were killed remember other ids.
 */
static bool publish(struct node *node, const struct buffer *out)
{
    uint64_t sequence;
    int error;
    while ((error = stream_publish(node->stream, NULL, buffer_bytes(out), buffer_length(out),
                                   clock_now() + PUBLISH_PATIENCE, &sequence, NULL)) != 0 &&
           error != ECANCELED)
        clock_sleep_until(clock_now() + RETRY_INTERVAL);
    return error == 0;
}

/* Sends what was written, as the next message. Returns false if the node stops. */
static bool send_message(struct node *node, struct buffer *out)
{
    while (wire_seal(out) != 0) /* what was taken must be sent */
        clock_sleep_until(clock_now() + RETRY_INTERVAL);
    node->number++;
    return publish(node, out);
}

/* Begins a message. Waits for memory. */
static void begin_message(struct node *node, struct buffer *out)
{
    const struct wire_header header = {node->id, node->sent_boot, node->number + 1};
    buffer_truncate(out, 0);
    while (wire_begin(out, &header) != 0)
        clock_sleep_until(clock_now() + RETRY_INTERVAL);
}

/* Sends something about this machine. Returns false if the node stops. */
static bool send_own(struct node *node, struct buffer *out, enum change_kind kind)
{
    struct change change = {.kind = kind, .node = node->id, .time = clock_utc()};
    if (kind == CHANGE_NODE_BEGIN)
        change.text = words_of(node->machine);
    begin_message(node, out);
    while (wire_add(out, &change) == ENOMEM)
        clock_sleep_until(clock_now() + RETRY_INTERVAL);
    return send_message(node, out);
}

/* Whether this machine is to begin, for the first time or anew. */
static bool is_to_begin(struct node *node)
{
    lock_take(&node->lock);
    bool begins = node->sent_boot != node->boot;
    if (begins)
        node->number = 0;
    node->sent_boot = node->boot;
    lock_release(&node->lock);
    return begins;
}

/*
 * Sends that this machine begins, some changes of users, or after a while that it is there. Returns
 * false if the node stops.
 */
static bool send_some(struct node *node, struct buffer *out)
{
    if (is_to_begin(node)) {
        bool sent = send_own(node, out, CHANGE_NODE_BEGIN);
        turns_resume(&node->turns);
        return sent;
    }
    begin_message(node, out);
    if (turns_take(&node->turns, out, clock_now() + MACHINES_BEAT * CLOCK_MILLISECOND) > 0)
        return send_message(node, out);
    if (atomic_load(&node->stopping))
        return false;
    if (!turns_are_paused(&node->turns))
        return send_own(node, out, CHANGE_NODE_BEAT);
    clock_sleep_until(clock_now() + RETRY_INTERVAL); /* it is about to begin anew */
    return true;
}

static void *send_all(void *argument)
{
    struct node *node = argument;
    struct buffer out = {0};
    while (send_some(node, &out))
        ;
    if (is_linked(node))
        send_own(node, &out, CHANGE_NODE_END);
    buffer_free(&out);
    lock_take(&node->lock);
    node->sent = true;
    condition_broadcast(&node->changed);
    lock_release(&node->lock);
    return NULL;
}

/*
 * The follower: what comes from the stream.
 */

static void log_machine(struct node *node, const struct machine *machine, const char *what)
{
    event_log_print(node->event_log, EVENT_LOG_EVENT, "*** Machine %s %s ***", machine->name, what);
}

/* Has the users of a machine leave, and hears it no more. */
static void remove_machine(struct node *node, struct machine *machine, const char *what,
                           const char *why)
{
    if (machine->gone)
        return;
    machine->gone = true;
    log_machine(node, machine, what);
    replica_remove(node->chat, machine->name, why);
}

/*
 * Ends the program, since it would not be as the other machines any more: nothing is made from here
 * on. At the start node_start() fails, and tells why.
 */
static void give_up(struct node *node, const char *why)
{
    lock_take(&node->lock);
    bool starts = !node->begun;
    node->given_up = why;
    condition_broadcast(&node->changed);
    lock_release(&node->lock);
    atomic_store(&node->stopping, true);
    turns_stop(&node->turns);
    if (starts)
        return;
    event_log_print(node->event_log, EVENT_LOG_EVENT, "This machine leaves the cluster: %s", why);
    kill(getpid(), SIGTERM);
}

/* Copies what was said, for the chat. Waits for memory. */
static void copy_said(const struct change *change, struct batch *said)
{
    struct change_messages messages = change->messages;
    struct message message;
    while (wire_next_message(&messages, &message))
        while (!batch_add(said, &message))
            clock_sleep_until(clock_now() + RETRY_INTERVAL);
}

static void make_talk(struct node *node, const struct machine *machine, uint64_t place,
                      const struct change *change)
{
    struct batch said = {0};
    struct change talk = *change;
    copy_said(change, &said);
    talk.said = &said;
    replica_make(node->chat, machine->name, place, &talk);
    batch_free(&said);
}

static bool is_own(const struct node *node, const struct machine *machine)
{
    return machine->id == node->id && machine->boot == node->boot;
}

/* All that was before has been made here. */
static void note_begun(struct node *node)
{
    lock_take(&node->lock);
    node->begun = true;
    condition_broadcast(&node->changed);
    lock_release(&node->lock);
}

static void make(struct node *node, struct machine *machine, uint64_t place,
                 const struct change *change)
{
    if (change->kind == CHANGE_NODE_END)
        remove_machine(node, machine, "has left the cluster", "its machine has ended");
    else if (change->kind == CHANGE_NODE_BEGIN || change->kind == CHANGE_NODE_BEAT)
        return;
    else if (is_own(node, machine))
        turns_give(&node->turns, place);
    else if (change->kind == CHANGE_TALK)
        make_talk(node, machine, place, change);
    else
        replica_make(node->chat, machine->name, place, change);
}

static struct machine *add_machine(struct node *node, const struct wire_header *header,
                                   struct words name)
{
    lock_take(&node->lock);
    struct machine *machine = machines_add(&node->machines, header->node, header->boot, name);
    lock_release(&node->lock);
    return machine;
}

/* A machine begins. An earlier run of it has ended. */
static struct machine *begin(struct node *node, const struct wire_header *header,
                             const struct change *change)
{
    struct machine *machine = node->machines.first;
    for (; machine != NULL; machine = machine->next) {
        if (machine->id != header->node || machine->gone)
            continue;
        remove_machine(node, machine, "has been started again", "its machine was started again");
        if (is_own(node, machine))
            give_up(node, "another one has its name. Give each a name of its own with --node.");
    }
    while ((machine = add_machine(node, header, change->text)) == NULL)
        clock_sleep_until(clock_now() + RETRY_INTERVAL);
    log_machine(node, machine, "has come into the cluster");
    if (is_own(node, machine))
        note_begun(node);
    return machine;
}

/*
 * The others have not heard of this machine for too long: there its users have left at this place.
 * They come in again, when it has begun anew.
 */
static void come_in_anew(struct node *node, uint64_t place)
{
    turns_void(&node->turns, place);
    replica_evict(node->chat, place);
    lock_take(&node->lock);
    node->boot++;
    lock_release(&node->lock);
}

/* Removes the machines that were not heard for too long when a message came. */
static void remove_silent(struct node *node, struct machine *from, int64_t time, uint64_t place)
{
    struct machine *silent;
    while ((silent = machines_hear(&node->machines, from, time)) != NULL) {
        remove_machine(node, silent, "is not heard any more", "its machine is not heard");
        if (is_own(node, silent))
            come_in_anew(node, place);
    }
}

static void report_strange(struct node *node, uint64_t sequence, enum wire_result result)
{
    event_log_print(node->event_log, EVENT_LOG_EVENT,
                    "Message %" PRIu64 " of the stream is left out: %s", sequence,
                    wire_describe(result));
    if (result == WIRE_NEWER)
        give_up(node, "a newer version has written to the stream. Install that version here.");
}

/*
 * A message of the stream. What a machine says before it begins, or after it is gone, or says again
 * does not count.
 */
static void receive(void *context, uint64_t sequence, int64_t time, const void *bytes,
                    size_t length)
{
    struct node *node = context;
    struct wire_reader reader;
    struct wire_header header;
    struct change change;
    if (node->given_up != NULL)
        return;
    enum wire_result result = wire_open(&reader, bytes, length, &header);
    struct machine *machine =
        result == WIRE_OK ? machines_find(&node->machines, header.node, header.boot) : NULL;
    remove_silent(node, machine, time, sequence * PLACES_PER_MESSAGE);
    if (result != WIRE_OK) {
        report_strange(node, sequence, result);
        return;
    }
    if (machine != NULL && (machine->gone || header.number <= machine->number))
        return;
    for (uint64_t i = 0; i < PLACES_PER_MESSAGE && wire_next(&reader, &change); i++) {
        if (machine == NULL && change.kind == CHANGE_NODE_BEGIN)
            machine = begin(node, &header, &change);
        if (machine == NULL || machine->gone)
            return;
        machine->number = header.number;
        make(node, machine, sequence * PLACES_PER_MESSAGE + i, &change);
    }
}

static void on_link(void *context, bool up, const char *reason)
{
    struct node *node = context;
    event_log_print(node->event_log, EVENT_LOG_EVENT, "The link to the other machines is %s%s%s",
                    up ? "up" : "down", up ? "" : ": ", up ? "" : reason);
    lock_take(&node->lock);
    node->up = up;
    if (!up)
        node->down_since = clock_now();
    condition_broadcast(&node->changed);
    lock_release(&node->lock);
    turns_set_linked(&node->turns, up);
}

/*
 * The watcher: tells users when the link is down for longer than a moment, and when it is back.
 */

static void tell_users(struct node *node, enum message_kind kind)
{
    const struct message message = {.kind = kind};
    struct user *user;
    for (uint64_t id = 0; (user = directory_after(node->chat->directory, id)) != NULL;) {
        id = user->id;
        user_send(user, &message);
        user_release(user);
    }
}

/* Returns whether users are to be told of the state of the link. Wants the lock held. */
static bool is_to_be_told(const struct node *node)
{
    return node->up ? node->told : !node->told && clock_now() >= node->down_since + LINK_PATIENCE;
}

static void *watch(void *argument)
{
    struct node *node = argument;
    lock_take(&node->lock);
    while (!atomic_load(&node->stopping)) {
        if (is_to_be_told(node)) {
            bool up = node->up;
            node->told = !up;
            lock_release(&node->lock);
            tell_users(node, up ? MESSAGE_LINK_UP : MESSAGE_LINK_DOWN);
            lock_take(&node->lock);
        } else {
            condition_wait_until(&node->changed, &node->lock,
                                 node->up ? CLOCK_NEVER : clock_now() + WATCH_INTERVAL);
        }
    }
    lock_release(&node->lock);
    return NULL;
}

/*
 * Letters: what concerns one user of another machine alone. A letter is a message as those of the
 * stream, with one change; the answer is what has become of it.
 */

enum letter_answer { LETTER_DONE, LETTER_NOBODY, LETTER_REFUSED, LETTER_NO_MEMORY };

static enum letter_answer answer_of(int error)
{
    if (error == ESRCH)
        return LETTER_NOBODY;
    if (error == ENOMEM)
        return LETTER_NO_MEMORY;
    return error == 0 ? LETTER_DONE : LETTER_REFUSED;
}

static int error_of(const struct buffer *answer)
{
    int code = buffer_length(answer) == 1 ? *buffer_bytes(answer) : LETTER_REFUSED;
    if (code == LETTER_DONE)
        return 0;
    return code == LETTER_NO_MEMORY ? ENOMEM : ESRCH;
}

static void receive_letter(void *context, struct post_run from, const void *bytes, size_t length,
                           struct buffer *answer)
{
    struct node *node = context;
    struct wire_reader reader;
    struct wire_header header;
    struct change change;
    int error = EINVAL;
    bool sound = wire_open(&reader, bytes, length, &header) == WIRE_OK &&
                 header.node == from.node && wire_next(&reader, &change);
    if (sound && has_begun(node))
        error = replica_receive(node->chat, &change);
    char code = (char)answer_of(error);
    buffer_append(answer, &code, 1);
}

/*
 * Finds the run of a machine that a remote user is connected to, and begins a letter of this one.
 */
static bool find_run(struct node *node, const struct user *user, struct post_run *run,
                     struct wire_header *header)
{
    lock_take(&node->lock);
    *header = (struct wire_header){node->id, node->boot, 1};
    const struct machine *machine = machines_of(&node->machines, user->machine);
    if (machine != NULL)
        *run = (struct post_run){machine->id, machine->boot & ~MACHINES_ANEW};
    lock_release(&node->lock);
    return machine != NULL;
}

/* Writes a change as a letter. Returns as wire_add(). */
static int write_letter(const struct wire_header *header, const struct change *change,
                        struct buffer *out)
{
    int error = wire_begin(out, header);
    if (error == 0)
        error = wire_add(out, change);
    return error == 0 ? wire_seal(out) : error;
}

static int send_alone(void *context, const struct user *to, const struct change *change)
{
    struct node *node = context;
    struct post_run run;
    struct wire_header header;
    struct buffer out = {0};
    struct buffer answer = {0};
    int64_t patience = node->turns.patience;
    if (patience > LETTER_PATIENCE_MAX)
        patience = LETTER_PATIENCE_MAX;
    int error = find_run(node, to, &run, &header) ? write_letter(&header, change, &out) : ESRCH;
    if (error == 0)
        error = post_send(node->post, run, buffer_bytes(&out), buffer_length(&out),
                          clock_now() + patience, &answer);
    if (error == 0)
        error = error_of(&answer);
    buffer_free(&out);
    buffer_free(&answer);
    return error;
}

/*
 * Starting and stopping.
 */

static int init(struct node *node, int64_t link_timeout)
{
    int error = turns_init(&node->turns, link_timeout);
    if (error != 0)
        return error;
    node->turns.send = send_alone;
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
    node->id = machines_id(config->machine);
    /* Two runs of one machine do not begin in the same millisecond with the same process id. */
    node->boot = ((uint64_t)clock_utc() << 14 | ((uint64_t)getpid() & 0x3FFF)) << 8;
    atomic_init(&node->stopping, false);
    if (init(node, config->link_timeout) != 0) {
        free(node);
        return NULL;
    }
    return node;
}

static bool open_post(struct node *node, const struct node_config *config,
                      char why[STREAM_FAULT_SIZE])
{
    const struct post_config post_config = {.servers = config->servers,
                                            .name = config->cluster,
                                            .credentials = config->credentials,
                                            .self = {node->id, node->boot}};
    static_assert((int)POST_FAULT_SIZE <= (int)STREAM_FAULT_SIZE, "a fault fits");
    node->post = post_open(&post_config, receive_letter, node, clock_now() + OPEN_PATIENCE, why);
    return node->post != NULL;
}

struct node *node_open(const struct node_config *config, char fault[NODE_FAULT_SIZE])
{
    char why[STREAM_FAULT_SIZE];
    const struct stream_config stream_config = {
        .servers = config->servers, .name = config->cluster, .credentials = config->credentials};
    struct node *node = create(config);
    if (node == NULL) {
        snprintf(fault, NODE_FAULT_SIZE, "cannot join the cluster: out of memory");
        return NULL;
    }
    node->stream = stream_open(&stream_config, clock_now() + OPEN_PATIENCE, why);
    if (node->stream != NULL && open_post(node, config, why))
        return node;
    snprintf(fault, NODE_FAULT_SIZE, "cannot join the cluster at %s: %s", config->servers, why);
    if (node->stream != NULL)
        stream_stop(node->stream);
    node_free(node);
    return NULL;
}

struct ordering *node_ordering(struct node *node)
{
    return &node->turns.ordering;
}

static int start_thread(pthread_t *thread, bool *runs, void *(*run)(void *), struct node *node)
{
    int error = pthread_create(thread, NULL, run, node);
    *runs = error == 0;
    return error;
}

/* Returns NULL, or why this machine cannot begin. */
static const char *await_beginning(struct node *node)
{
    lock_take(&node->lock);
    while (!node->begun && node->given_up == NULL)
        condition_wait(&node->changed, &node->lock);
    const char *given_up = node->given_up;
    lock_release(&node->lock);
    return given_up;
}

bool node_start(struct node *node, struct chat *chat, char fault[NODE_FAULT_SIZE])
{
    const struct stream_follower follower = {receive, on_link, node};
    const char *given_up = NULL;
    node->chat = chat;
    event_log_hush(node->event_log, true);
    int error = stream_follow(node->stream, 1, &follower);
    if (error == 0)
        error = start_thread(&node->sender, &node->sends, send_all, node);
    if (error == 0)
        error = start_thread(&node->watcher, &node->watches, watch, node);
    if (error == 0)
        given_up = await_beginning(node);
    event_log_hush(node->event_log, false);
    if (error == 0 && given_up == NULL)
        return true;
    snprintf(fault, NODE_FAULT_SIZE, "cannot take part in the cluster: %s",
             given_up != NULL ? given_up : strerror(error));
    return false;
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
    post_stop(node->post);
    stream_stop(node->stream);
    if (node->sends)
        pthread_join(node->sender, NULL);
    if (node->watches)
        pthread_join(node->watcher, NULL);
}

void node_stop(struct node *node)
{
    stop_threads(node);
    for (struct machine *machine = node->machines.first; machine != NULL; machine = machine->next)
        if (!machine->gone)
            replica_remove(node->chat, machine->name, "the server ends");
}

void node_free(struct node *node)
{
    if (node == NULL)
        return;
    post_free(node->post);
    stream_free(node->stream);
    machines_free(&node->machines);
    condition_destroy(&node->changed);
    lock_destroy(&node->lock);
    turns_destroy(&node->turns);
    free(node);
}
