#include "base/platform.h"

#include "cluster/connection.h"
#include "cluster/post.h"
#include "cluster/post_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FLUSH_MS = 2000,
    PENDING_BYTES_MAX = 16 * 1024 * 1024, /* messages that wait for us, of each kind */
    PENDING_MAX = 65536
};

_Static_assert((int)POST_BYTES_MAX == (int)ENVELOPE_CONTENT_MAX, "a letter fits an envelope");
_Static_assert((int)POST_WINDOW == (int)ENVELOPE_WINDOW, "numbers fit an envelope");
_Static_assert((int)POST_FAULT_SIZE == (int)CONNECTION_FAULT_SIZE, "faults are passed on");
_Static_assert(MAILBOX_SECONDS >= 2 * POST_SECONDS_MAX, "what can come again is remembered");

int post_write_subject(const struct post *post, char subject[POST_SUBJECT_SIZE], const char *kind,
                       struct post_run run)
{
    return snprintf(subject, POST_SUBJECT_SIZE, "%s.%s.%016" PRIx64 ".%016" PRIx64, post->name,
                    kind, run.node, run.boot);
}

void post_add(struct post *post, uint64_t *counter)
{
    lock_take(&post->lock);
    ++*counter;
    lock_release(&post->lock);
}

/* Reads a message of one kind; counts one that is none. */
bool post_read(struct post *post, natsMsg *message, enum envelope_kind kind,
               struct envelope *envelope)
{
    enum sealed_result result =
        envelope_read(envelope, natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message));
    if (result == SEALED_FOREIGN)
        post_add(post, &post->counts.foreign);
    else if (result == SEALED_NEWER)
        post_add(post, &post->counts.newer);
    else if (result == SEALED_GARBLED || envelope->kind != kind)
        post_add(post, &post->counts.garbled);
    else
        return true;
    return false;
}

void post_count(struct post *post, struct post_counts *counts)
{
    lock_take(&post->lock);
    *counts = post->counts;
    lock_release(&post->lock);
}

/*
 * Opening. The functions that the library calls back.
 */

/* It is the last that the library does with answers. */
static void note_deaf(void *context)
{
    struct post *post = context;
    lock_take(&post->lock);
    post->listening = false;
    condition_broadcast(&post->changed);
    lock_release(&post->lock);
}

static void note_reconnect(natsConnection *connection, void *context)
{
    (void)connection;
    post_hurry(context);
}

/* It is the last callback of a connection. */
static void note_close(natsConnection *connection, void *context)
{
    struct post *post = context;
    (void)connection;
    lock_take(&post->lock);
    post->closed = true;
    condition_broadcast(&post->changed);
    lock_release(&post->lock);
}

static struct post *create(const struct post_config *config, char *fault)
{
    struct post *post = calloc(1, sizeof *post);
    int error = post == NULL ? ENOMEM : lock_init(&post->lock, LOCK_RANK_CLUSTER, "post");
    if (error == 0) {
        error = condition_init(&post->changed);
        if (error != 0)
            lock_destroy(&post->lock);
    }
    if (error != 0) {
        snprintf(fault, POST_FAULT_SIZE, "cannot open the post: %s", strerror(error));
        free(post);
        return NULL;
    }
    snprintf(post->name, sizeof post->name, "%s", config->name);
    post->self = config->self;
    return post;
}

static bool connect_post(struct post *post, const struct post_config *config, int64_t deadline,
                         char *fault)
{
    const struct connection_config connection = {.servers = config->servers,
                                                 .credentials = config->credentials,
                                                 .reconnected = note_reconnect,
                                                 .closed = note_close,
                                                 .context = post};
    post->connection = connection_open(&connection, deadline, fault);
    return post->connection != NULL && connection_check_size(post->connection, fault);
}

static natsStatus subscribe_letters(struct post *post)
{
    char subject[POST_SUBJECT_SIZE];
    post_write_subject(post, subject, "post", post->self);
    natsStatus status = natsConnection_SubscribeSync(&post->letters, post->connection, subject);
    if (status == NATS_OK)
        status = natsSubscription_SetPendingLimits(post->letters, PENDING_MAX, PENDING_BYTES_MAX);
    return status;
}

static natsStatus subscribe_answers(struct post *post)
{
    char subject[POST_SUBJECT_SIZE];
    int length = post_write_subject(post, subject, "answer", post->self);
    snprintf(subject + length, sizeof subject - (size_t)length, ".*");
    natsStatus status =
        natsConnection_Subscribe(&post->answers, post->connection, subject, post_take_answer, post);
    if (status == NATS_OK)
        status = natsSubscription_SetPendingLimits(post->answers, PENDING_MAX, PENDING_BYTES_MAX);
    lock_take(&post->lock);
    post->listening = status == NATS_OK;
    lock_release(&post->lock);
    if (status != NATS_OK)
        return status;
    status = natsSubscription_SetOnCompleteCB(post->answers, note_deaf, post);
    if (status != NATS_OK)
        note_deaf(post);
    return status;
}

/* Has the server know the subscriptions before anybody is told of this machine. */
static bool subscribe(struct post *post, char *fault)
{
    natsStatus status = subscribe_letters(post);
    if (status == NATS_OK)
        status = subscribe_answers(post);
    if (status == NATS_OK)
        status = natsConnection_FlushTimeout(post->connection, FLUSH_MS);
    if (status != NATS_OK)
        connection_tell(fault, "cannot subscribe to letters", status);
    return status == NATS_OK;
}

static bool start_receiving(struct post *post, char *fault)
{
    int error = pthread_create(&post->thread, NULL, post_receive, post);
    if (error != 0)
        snprintf(fault, POST_FAULT_SIZE, "cannot start the thread that receives letters: %s",
                 strerror(error));
    post->receiving = error == 0;
    return error == 0;
}

struct post *post_open(const struct post_config *config, post_receiver *receiver, void *context,
                       int64_t deadline, char fault[POST_FAULT_SIZE])
{
    lock_assert_none_held();
    if (!stream_name_is_allowed(config->name)) {
        snprintf(fault, POST_FAULT_SIZE,
                 "the name of the cluster is none: it has " STREAM_NAME_FORM);
        return NULL;
    }
    struct post *post = create(config, fault);
    if (post == NULL)
        return NULL;
    post->receiver = receiver;
    post->context = context;
    bool well = connect_post(post, config, deadline, fault) && subscribe(post, fault) &&
                start_receiving(post, fault);
    if (!well) {
        post_stop(post);
        post_free(post);
    }
    nats_ReleaseThreadMemory();
    return well ? post : NULL;
}

/*
 * Ending.
 */

static void stop_senders(struct post *post)
{
    lock_take(&post->lock);
    post->stopping = true;
    post_wake_senders(post);
    lock_release(&post->lock);
}

bool post_is_over(const struct post *post)
{
    return natsConnection_IsClosed(post->connection);
}

void post_stop(struct post *post)
{
    lock_assert_none_held();
    stop_senders(post);
    if (post->connection != NULL)
        natsConnection_Close(post->connection); /* This ends all waits in the library. */
    if (post->receiving)
        pthread_join(post->thread, NULL);
    post->receiving = false;
    lock_take(&post->lock);
    while (post->senders > 0 || post->listening || (post->connection != NULL && !post->closed))
        condition_wait(&post->changed, &post->lock);
    lock_release(&post->lock);
}

void post_free(struct post *post)
{
    if (post == NULL)
        return;
    natsSubscription_Destroy(post->letters);
    natsSubscription_Destroy(post->answers);
    natsConnection_Destroy(post->connection);
    mailbox_free(&post->mailbox);
    condition_destroy(&post->changed);
    lock_destroy(&post->lock);
    free(post);
}
