#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "cluster/stream.h"

#include <errno.h>
#include <inttypes.h>
#include <nats/nats.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Milliseconds, as the library wants them. */
enum {
    CONNECT_MS = 1000,
    RECONNECT_MS = 100,
    WRITE_MS = 1000,
    PING_MS = 500, /* a server that owes two answers to pings is taken for dead */
    PINGS_OUT = 2,
    ASK_MS = 500,       /* how long the first question to JetStream waits for its answer, */
    ASK_MOST_MS = 2000, /* and the last one */
    ACKNOWLEDGE_MS = 1000,
    HEARTBEAT_MS = 300,
    SILENCE_MS = 1000, /* without a message or a heartbeat */
    SETTLE_MS = 1000,  /* how long an empty stream must be the same one */
    TICK_MS = 100      /* how often a follower without news looks at the connection */
};

enum {
    PAUSE_LEAST_MS = 20, /* between two attempts */
    PAUSE_MOST_MS = 200,
    PENDING_BYTES_MAX = 16 * 1024 * 1024, /* messages that wait for the follower */
    RECONNECT_BYTES_MAX = 2 * 1024 * 1024,
    SUBJECT_SIZE = STREAM_NAME_MAX + sizeof ".events",
    INACTIVE_SECONDS = 5
};

struct stream {
    char name[STREAM_NAME_MAX + 1];
    char subject[SUBJECT_SIZE];
    natsConnection *connection;
    jsCtx *jetstream;
    int64_t
        created; /* when the stream was made: another one of its name was made at another time */
    atomic_uint reconnects;
    atomic_bool stopping;

    struct stream_follower follower;
    pthread_t thread;
    bool following;
    uint64_t last;     /* sequence that the follower was given last */
    uint64_t consumed; /* the same, among what the present consumer sent */
    enum { LINK_NEW, LINK_DOWN, LINK_UP } state;

    struct condition changed;
    struct lock lock;    /* guards what follows */
    unsigned publishers; /* in stream_publish() */
    bool closed;         /* the library is done with the connection, and calls back no more */
};

/*
 * Faults
 */

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
tell(char *fault, const char *format, ...)
{
    if (fault == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fault, STREAM_FAULT_SIZE, format, arguments);
    va_end(arguments);
}

/* Tells what the library says of the last call of this thread. */
static void tell_status(char *fault, const char *what, natsStatus status)
{
    natsStatus last;
    const char *text = nats_GetLastError(&last);
    bool told = text != NULL && *text != '\0' && last == status;
    tell(fault, "%s: %s", what, told ? text : natsStatus_GetText(status));
}

/*
 * Connecting
 */

/* The library would print errors that nobody waits for. The follower sees their consequences. */
static void ignore_error(natsConnection *connection, natsSubscription *subscription,
                         natsStatus status, void *context)
{
    (void)connection;
    (void)subscription;
    (void)status;
    (void)context;
}

static void note_reconnect(natsConnection *connection, void *context)
{
    struct stream *stream = context;
    (void)connection;
    atomic_fetch_add(&stream->reconnects, 1);
}

/* It is the last callback of a connection. */
static void note_close(natsConnection *connection, void *context)
{
    struct stream *stream = context;
    (void)connection;
    lock_take(&stream->lock);
    stream->closed = true;
    condition_broadcast(&stream->changed);
    lock_release(&stream->lock);
}

/* Sets the servers of a list, which is cut up for it. Returns false if there are none or too many.
 */
static bool set_servers(natsOptions *options, char *list)
{
    const char *servers[STREAM_SERVERS_MAX];
    int count = 0;
    char *rest = NULL;
    for (char *server = strtok_r(list, ",", &rest); server != NULL;
         server = strtok_r(NULL, ",", &rest)) {
        if (count == STREAM_SERVERS_MAX)
            return false;
        servers[count++] = server;
    }
    return count > 0 && natsOptions_SetServers(options, servers, count) == NATS_OK;
}

static natsStatus set_times(natsOptions *options)
{
    natsStatus status = natsOptions_SetTimeout(options, CONNECT_MS);
    if (status == NATS_OK)
        status = natsOptions_SetReconnectWait(options, RECONNECT_MS);
    if (status == NATS_OK)
        status = natsOptions_SetReconnectJitter(options, RECONNECT_MS, RECONNECT_MS);
    if (status == NATS_OK)
        status = natsOptions_SetMaxReconnect(options, -1);
    if (status == NATS_OK)
        status = natsOptions_SetPingInterval(options, PING_MS);
    if (status == NATS_OK)
        status = natsOptions_SetMaxPingsOut(options, PINGS_OUT);
    if (status == NATS_OK)
        status = natsOptions_SetWriteDeadline(options, WRITE_MS);
    return status;
}

static natsStatus set_behaviour(natsOptions *options, struct stream *stream)
{
    natsStatus status = natsOptions_SetErrorHandler(options, ignore_error, NULL);
    if (status == NATS_OK)
        status = natsOptions_SetReconnectedCB(options, note_reconnect, stream);
    if (status == NATS_OK)
        status = natsOptions_SetClosedCB(options, note_close, stream);
    if (status == NATS_OK)
        status = natsOptions_SetFailRequestsOnDisconnect(options, true);
    if (status == NATS_OK)
        status = natsOptions_SetReconnectBufSize(options, RECONNECT_BYTES_MAX);
    if (status == NATS_OK)
        status = natsOptions_SetSendAsap(options, true);
    return status;
}

static bool set_credentials(natsOptions *options, const char *path, char *fault)
{
    if (path == NULL)
        return true;
    if (access(path, R_OK) != 0) {
        tell(fault, "cannot read the credentials file %s: %s", path, strerror(errno));
        return false;
    }
    natsStatus status = natsOptions_SetUserCredentialsFromFiles(options, path, NULL);
    if (status == NATS_OK)
        return true;
    tell_status(fault, "cannot use the credentials file", status);
    return false;
}

/* Returns the options of a connection, or NULL. */
static natsOptions *make_options(struct stream *stream, const struct stream_config *config,
                                 char *fault)
{
    natsOptions *options = NULL;
    char *list = strdup(config->servers);
    natsStatus status = list == NULL ? NATS_NO_MEMORY : natsOptions_Create(&options);
    if (status == NATS_OK)
        status = set_times(options);
    if (status == NATS_OK)
        status = set_behaviour(options, stream);
    bool well = status == NATS_OK;
    if (!well) {
        tell_status(fault, "cannot prepare the connection to the nats-servers", status);
    } else if (!set_servers(options, list)) {
        well = false;
        tell(fault, "the list of nats-servers is none: 1 to %d of nats://HOST:PORT with commas",
             STREAM_SERVERS_MAX);
    } else {
        well = set_credentials(options, config->credentials, fault);
    }
    free(list);
    if (well)
        return options;
    natsOptions_Destroy(options);
    return NULL;
}

/* Sleeps for a moment, which grows with each attempt. Returns false if the deadline has passed. */
static bool pause_until(int64_t deadline, int64_t *pause)
{
    int64_t now = clock_now();
    int64_t end = now + *pause;
    if (now >= deadline)
        return false;
    *pause = *pause * 2 < PAUSE_MOST_MS * CLOCK_MILLISECOND ? *pause * 2
                                                            : PAUSE_MOST_MS * CLOCK_MILLISECOND;
    clock_sleep_until(end < deadline ? end : deadline);
    return true;
}

static bool connect_servers(struct stream *stream, natsOptions *options, int64_t deadline,
                            char *fault)
{
    int64_t pause = PAUSE_LEAST_MS * CLOCK_MILLISECOND;
    natsStatus status;
    do {
        status = natsConnection_Connect(&stream->connection, options);
    } while (status != NATS_OK && status != NATS_CONNECTION_AUTH_FAILED &&
             pause_until(deadline, &pause));
    if (status == NATS_CONNECTION_AUTH_FAILED)
        tell(fault, "the nats-server refuses the credentials; check them");
    else if (status == NATS_NO_SERVER)
        tell(fault, "no nats-server can be reached; check the addresses, and that they run");
    else if (status != NATS_OK)
        tell_status(fault, "cannot connect to a nats-server", status);
    if (status != NATS_OK)
        return false;
    int64_t payload = natsConnection_GetMaxPayload(stream->connection);
    if (payload >= STREAM_SERVER_BYTES)
        return true;
    tell(fault, "the nats-server's max_payload is %" PRId64 "; it must be at least %d", payload,
         STREAM_SERVER_BYTES);
    return false;
}

/* The library connects anew by itself, but not after servers have refused the credentials twice. */
static bool is_connected(const struct stream *stream, char *fault)
{
    natsConnStatus status = natsConnection_Status(stream->connection);
    tell(fault, "%s",
         status == NATS_CONN_STATUS_CLOSED
             ? "the nats-server refuses the credentials, which it took before"
             : "no nats-server can be reached");
    return status == NATS_CONN_STATUS_CONNECTED;
}

/*
 * The stream's settings
 */

/* Whether a stream of these settings is an ordered log from which nothing but the oldest is lost.
 */
static bool check_settings(const struct stream *stream, const jsStreamConfig *found, char *fault)
{
    const char *wrong = NULL;
    if (found->SubjectsLen != 1 || strcmp(found->Subjects[0], stream->subject) != 0)
        wrong = "it has other subjects";
    else if (found->Storage != js_FileStorage)
        wrong = "its storage is not the disk";
    else if (found->Retention != js_LimitsPolicy || found->Discard != js_DiscardOld)
        wrong = "its retention is not by limits, with the old discarded";
    else if (found->MaxMsgsPerSubject > 0 || found->Sealed || found->NoAck || found->AllowRollup)
        wrong = "it is sealed, does not acknowledge, allows rollups or limits messages per subject";
    else if (found->Mirror != NULL || found->SourcesLen > 0)
        wrong = "it copies other streams";
    else if (found->MaxMsgSize >= 0 && found->MaxMsgSize < STREAM_SERVER_BYTES)
        wrong = "its messages are too small";
    else if (found->Duplicates < STREAM_ID_SECONDS * CLOCK_SECOND)
        wrong = "its window for duplicates is too short";
    if (wrong != NULL)
        tell(fault,
             "the stream '%s' has wrong settings: %s; remove it, or choose another name and have "
             "it made",
             stream->name, wrong);
    return wrong == NULL;
}

/* A stream on one server of a cluster would not survive it. */
static bool check_replicas(const struct stream *stream, const jsStreamInfo *info, int replicas,
                           char *fault)
{
    bool clustered =
        info->Cluster != NULL && info->Cluster->Name != NULL && *info->Cluster->Name != '\0';
    int wanted = replicas != 0 ? replicas : clustered ? STREAM_REPLICAS : 1;
    if (info->Config->Replicas >= wanted)
        return true;
    tell(fault,
         "the stream '%s' has wrong settings: %d of its servers hold it where %d are wanted; raise "
         "its replicas",
         stream->name, (int)info->Config->Replicas, wanted);
    return false;
}

/* What became of a question to JetStream. */
enum answer { DONE, AGAIN, NEVER };

static enum answer judge(natsStatus status, jsErrCode code, char *fault)
{
    if (status == NATS_OK)
        return DONE;
    if (code == JSNotEnabledErr || code == JSNotEnabledForAccountErr) {
        tell(fault, "the nats-server has no JetStream for this account; switch it on there");
        return NEVER;
    }
    if (status == NATS_NO_RESPONDERS) {
        tell(fault, "the nats-server has no JetStream, or it has not started yet");
        return AGAIN;
    }
    if (status == NATS_TIMEOUT || code == JSClusterNotAvailErr) {
        tell(fault, "JetStream does not answer; are most of the nats-servers there?");
        return AGAIN;
    }
    if (code == JSClusterNoPeersErr || code == JSInsufficientResourcesErr) {
        tell(fault, "not enough nats-servers of the cluster are there, with room for the stream");
        return AGAIN;
    }
    tell_status(fault, "JetStream refuses the stream", status);
    return code == 0 || code == JSStreamNameExistErr ? AGAIN : NEVER;
}

/* Without a number of replicas there are fewer where servers are no cluster. */
static enum answer make_stream(struct stream *stream, const struct stream_config *config,
                               jsOptions *options, char *fault)
{
    jsStreamConfig wanted;
    jsErrCode code = 0;
    const char *subjects[] = {stream->subject};
    jsStreamConfig_Init(&wanted);
    wanted.Name = stream->name;
    wanted.Subjects = subjects;
    wanted.SubjectsLen = 1;
    wanted.Retention = js_LimitsPolicy;
    wanted.Discard = js_DiscardOld;
    wanted.Storage = js_FileStorage;
    wanted.Replicas = config->replicas != 0 ? config->replicas : STREAM_REPLICAS;
    wanted.Duplicates = STREAM_ID_SECONDS * CLOCK_SECOND;
    wanted.MaxMsgSize = STREAM_SERVER_BYTES;
    wanted.MaxBytes = config->max_bytes > 0 ? config->max_bytes : -1;
    wanted.MaxAge = config->max_age * CLOCK_SECOND;
    wanted.DenyDelete = true;
    natsStatus status = js_AddStream(NULL, stream->jetstream, &wanted, options, &code);
    if (code == JSStreamReplicasNotSupportedErr && config->replicas == 0) {
        wanted.Replicas = 1;
        code = 0;
        status = js_AddStream(NULL, stream->jetstream, &wanted, options, &code);
    }
    return judge(status, code, fault);
}

/*
 * Whether a stream is the one that stays. When several machines make it at once, JetStream can tell
 * one of them of a stream that another one's replaces in the next moment. Nobody publishes before.
 */
static bool is_settled(struct stream *stream, const jsStreamInfo *info, int64_t *since)
{
    int64_t now = clock_now();
    if (stream->created != info->Created)
        *since = now;
    stream->created = info->Created;
    return info->State.LastSeq > 0 || now - *since >= SETTLE_MS * CLOCK_MILLISECOND;
}

/*
 * One attempt to find the stream as it must be, or to make it. `since` is when it was found to be
 * another one than before.
 */
static enum answer find_stream(struct stream *stream, const struct stream_config *config, int wait,
                               int64_t *since, char *fault)
{
    jsOptions options;
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    jsOptions_Init(&options);
    options.Wait = wait;
    natsStatus status = js_GetStreamInfo(&info, stream->jetstream, stream->name, &options, &code);
    if (status == NATS_NOT_FOUND || code == JSStreamNotFoundErr) {
        enum answer made = make_stream(stream, config, &options, fault);
        return made == DONE ? AGAIN : made; /* to see it */
    }
    enum answer answer = judge(status, code, fault);
    if (answer == DONE) {
        if (!check_settings(stream, info->Config, fault) ||
            !check_replicas(stream, info, config->replicas, fault)) {
            answer = NEVER;
        } else if (!is_settled(stream, info, since)) {
            tell(fault, "the stream '%s' is being made", stream->name);
            answer = AGAIN;
        }
    }
    jsStreamInfo_Destroy(info);
    return answer;
}

/*
 * Grows slowly: a question may be lost with a server that is dead, and the next one goes to
 * another; or the servers are slow.
 */
static int wait_longer(int wait)
{
    return wait + wait / 4 < ASK_MOST_MS ? wait + wait / 4 : ASK_MOST_MS;
}

static bool prepare_stream(struct stream *stream, const struct stream_config *config,
                           int64_t deadline, char *fault)
{
    int64_t pause = PAUSE_LEAST_MS * CLOCK_MILLISECOND;
    int64_t since = clock_now();
    int wait = ASK_MS;
    natsStatus status = natsConnection_JetStream(&stream->jetstream, stream->connection, NULL);
    if (status != NATS_OK) {
        tell_status(fault, "cannot use JetStream", status);
        return false;
    }
    enum answer answer;
    do {
        answer = find_stream(stream, config, wait, &since, fault);
        wait = wait_longer(wait);
    } while (answer == AGAIN && pause_until(deadline, &pause));
    return answer == DONE;
}

/*
 * Opening
 */

static bool name_is_allowed(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t length = strlen(name);
    return length > 0 && length <= STREAM_NAME_MAX && strspn(name, allowed) == length;
}

static struct stream *create(const char *name, char *fault)
{
    struct stream *stream = calloc(1, sizeof *stream);
    int error = stream == NULL ? ENOMEM : lock_init(&stream->lock, LOCK_RANK_CLUSTER, "stream");
    if (error == 0) {
        error = condition_init(&stream->changed);
        if (error != 0)
            lock_destroy(&stream->lock);
    }
    if (error != 0) {
        tell(fault, "cannot open the stream: %s", strerror(error));
        free(stream);
        return NULL;
    }
    snprintf(stream->name, sizeof stream->name, "%s", name);
    snprintf(stream->subject, sizeof stream->subject, "%s.events", name);
    return stream;
}

struct stream *stream_open(const struct stream_config *config, int64_t deadline,
                           char fault[STREAM_FAULT_SIZE])
{
    lock_assert_none_held();
    if (!name_is_allowed(config->name)) {
        tell(fault, "the name of the stream is none: it has 1 to %d of A-Z a-z 0-9 - _",
             STREAM_NAME_MAX);
        return NULL;
    }
    struct stream *stream = create(config->name, fault);
    if (stream == NULL)
        return NULL;
    natsOptions *options = make_options(stream, config, fault);
    bool well = options != NULL && connect_servers(stream, options, deadline, fault) &&
                prepare_stream(stream, config, deadline, fault);
    natsOptions_Destroy(options);
    if (!well) {
        stream_stop(stream);
        stream_free(stream);
    }
    nats_ReleaseThreadMemory();
    return well ? stream : NULL;
}

/*
 * Publishing
 */

/* Whether an attempt that failed would fail for ever. */
static int fatal_error(natsStatus status, jsErrCode code)
{
    if (status == NATS_MAX_PAYLOAD || code == JSStreamMessageExceedsMaximumErr)
        return EMSGSIZE;
    return status == NATS_NO_MEMORY ? ENOMEM : 0;
}

/*
 * Publishes once, and waits for the acknowledgement until the deadline or for ACKNOWLEDGE_MS.
 * Returns 0, EAGAIN or an errno. A copy that the stream's leader has taken, and that the others do
 * not have yet, is acknowledged with a sequence of 0: that is no promise.
 */
static int publish_once(struct stream *stream, jsPubOptions *options, const void *bytes,
                        size_t length, uint64_t *sequence, char *fault)
{
    jsPubAck *acknowledgement = NULL;
    jsErrCode code = 0;
    if (!is_connected(stream, fault))
        return EAGAIN;
    natsStatus status = js_Publish(&acknowledgement, stream->jetstream, stream->subject, bytes,
                                   (int)length, options, &code);
    if (status != NATS_OK) {
        tell_status(fault, "the stream does not take it", status);
        nats_ReleaseThreadMemory();
        int error = fatal_error(status, code);
        return error != 0 ? error : EAGAIN;
    }
    *sequence = acknowledgement->Sequence;
    jsPubAck_Destroy(acknowledgement);
    if (*sequence != 0)
        return 0;
    tell(fault, "the stream's servers have not agreed on it yet");
    return EAGAIN;
}

/* Waits before the next attempt; stream_stop() ends it. */
static void wait_between(struct stream *stream, int64_t *pause, int64_t deadline)
{
    int64_t end = clock_now() + *pause;
    *pause = *pause * 2 < PAUSE_MOST_MS * CLOCK_MILLISECOND ? *pause * 2
                                                            : PAUSE_MOST_MS * CLOCK_MILLISECOND;
    if (end > deadline)
        end = deadline;
    lock_take(&stream->lock);
    while (!atomic_load(&stream->stopping) &&
           condition_wait_until(&stream->changed, &stream->lock, end))
        ;
    lock_release(&stream->lock);
}

static int publish_until(struct stream *stream, const char *id, const void *bytes, size_t length,
                         int64_t deadline, uint64_t *sequence, char *fault)
{
    int64_t pause = PAUSE_LEAST_MS * CLOCK_MILLISECOND;
    jsPubOptions options;
    int error = EAGAIN;
    jsPubOptions_Init(&options);
    options.MsgId = id;
    options.ExpectStream = stream->name;
    while (error == EAGAIN) {
        int left = clock_poll_timeout(deadline);
        if (atomic_load(&stream->stopping))
            return ECANCELED;
        if (left == 0)
            return ETIMEDOUT;
        options.MaxWait = left < ACKNOWLEDGE_MS ? left : ACKNOWLEDGE_MS;
        error = publish_once(stream, &options, bytes, length, sequence, fault);
        if (error == EAGAIN)
            wait_between(stream, &pause, deadline);
    }
    return error;
}

int stream_publish(struct stream *stream, const char *id, const void *bytes, size_t length,
                   int64_t deadline, uint64_t *sequence, char fault[STREAM_FAULT_SIZE])
{
    lock_assert_none_held();
    tell(fault, "%s", "there was no time for it");
    if (length == 0 || length > STREAM_BYTES_MAX)
        return EMSGSIZE;
    /* Half of the window is left for what is still under way when the deadline passes. */
    if (deadline > clock_now() + STREAM_ID_SECONDS / 2 * CLOCK_SECOND)
        return EINVAL;
    lock_take(&stream->lock);
    stream->publishers++;
    lock_release(&stream->lock);
    int error = publish_until(stream, id, bytes, length, deadline, sequence, fault);
    lock_take(&stream->lock);
    stream->publishers--;
    condition_broadcast(&stream->changed);
    lock_release(&stream->lock);
    return error;
}

/*
 * Following: what runs on the follower's thread
 */

static void set_link(struct stream *stream, bool up, const char *reason)
{
    if (stream->state == (up ? LINK_UP : LINK_DOWN))
        return;
    stream->state = up ? LINK_UP : LINK_DOWN;
    if (stream->follower.link != NULL && !atomic_load(&stream->stopping))
        stream->follower.link(stream->follower.context, up, reason);
}

/* Whether the stream is still the one that is followed, and has all that was read of it. */
static bool check_stream(struct stream *stream, jsOptions *options, char *fault)
{
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    natsStatus status = js_GetStreamInfo(&info, stream->jetstream, stream->name, options, &code);
    bool well = judge(status, code, fault) == DONE;
    if (well && info->Created != stream->created) {
        tell(fault, "the stream '%s' is another one than before: it was removed and made anew",
             stream->name);
        well = false;
    } else if (well && info->State.LastSeq < stream->last) {
        tell(fault, "the stream '%s' ends with message %" PRIu64 ", but %" PRIu64 " was read",
             stream->name, info->State.LastSeq, stream->last);
        well = false;
    }
    jsStreamInfo_Destroy(info);
    return well;
}

/* Has JetStream send everything behind the last message to a subject. */
static bool add_consumer(struct stream *stream, const char *inbox, jsOptions *options, char *fault)
{
    jsConsumerConfig consumer;
    jsErrCode code = 0;
    jsConsumerConfig_Init(&consumer);
    consumer.DeliverSubject = inbox;
    consumer.DeliverPolicy = js_DeliverByStartSequence;
    consumer.OptStartSeq = stream->last + 1;
    consumer.AckPolicy = js_AckNone;
    consumer.MaxDeliver = 1;
    consumer.FlowControl = true;
    consumer.Heartbeat = HEARTBEAT_MS * CLOCK_MILLISECOND;
    consumer.InactiveThreshold = INACTIVE_SECONDS * CLOCK_SECOND;
    consumer.MemoryStorage = true;
    natsStatus status =
        js_AddConsumer(NULL, stream->jetstream, stream->name, &consumer, options, &code);
    return judge(status, code, fault) == DONE;
}

/* Returns a subscription that gets everything behind the last message, or NULL. */
static natsSubscription *subscribe(struct stream *stream, int wait, char *fault)
{
    natsSubscription *subscription = NULL;
    natsInbox *inbox = NULL;
    jsOptions options;
    if (!is_connected(stream, fault))
        return NULL;
    jsOptions_Init(&options);
    options.Wait = wait;
    if (!check_stream(stream, &options, fault))
        return NULL;
    natsStatus status = natsInbox_Create(&inbox);
    if (status == NATS_OK)
        status = natsConnection_SubscribeSync(&subscription, stream->connection, inbox);
    if (status == NATS_OK)
        status = natsSubscription_SetPendingLimits(subscription, -1, PENDING_BYTES_MAX);
    if (status != NATS_OK)
        tell_status(fault, "cannot subscribe to the stream", status);
    stream->consumed = 0;
    if (status != NATS_OK || !add_consumer(stream, inbox, &options, fault)) {
        natsSubscription_Destroy(subscription);
        subscription = NULL;
    }
    natsInbox_Destroy(inbox);
    return subscription;
}

/* Where a message comes from, as its subject for replies tells. */
struct origin {
    uint64_t sequence; /* in the stream */
    uint64_t consumed; /* in what this consumer sent, from 1 */
    int64_t time;      /* nanoseconds since the beginning of 1970 */
};

/*
 * Reads "$JS.ACK.STREAM.CONSUMER.DELIVERED.SEQUENCE.CONSUMED.TIME.PENDING"; newer servers put a
 * domain and an account before the stream, and may add something at the end.
 */
static bool read_origin(const char *reply, struct origin *origin)
{
    enum { OLD_TOKENS = 9, NEW_TOKENS = 11, TOKENS_MAX = 16, DELIVERED_AT = 4, NEW_SHIFT = 2 };
    const char *tokens[TOKENS_MAX];
    int count = 0;
    if (reply == NULL || strncmp(reply, "$JS.ACK.", strlen("$JS.ACK.")) != 0)
        return false;
    for (const char *token = reply; token != NULL && count < TOKENS_MAX; count++) {
        tokens[count] = token;
        token = strchr(token, '.');
        token += token != NULL;
    }
    if (count != OLD_TOKENS && count < NEW_TOKENS)
        return false;
    int at = DELIVERED_AT + (count == OLD_TOKENS ? 0 : NEW_SHIFT);
    origin->sequence = strtoull(tokens[at + 1], NULL, 10);
    origin->consumed = strtoull(tokens[at + 2], NULL, 10);
    origin->time = strtoll(tokens[at + 3], NULL, 10);
    return origin->sequence != 0 && origin->consumed != 0;
}

/* Answers what the server says about the flow. Returns false if it has sent what did not arrive. */
static bool take_control(struct stream *stream, natsMsg *message)
{
    const char *value = NULL;
    const char *reply = natsMsg_GetReply(message);
    if (reply == NULL || *reply == '\0')
        natsMsgHeader_Get(message, "Nats-Consumer-Stalled", &reply);
    if (reply != NULL && *reply != '\0')
        natsConnection_Publish(stream->connection, reply, NULL, 0);
    if (natsMsgHeader_Get(message, "Nats-Last-Consumer", &value) == NATS_OK && value != NULL)
        return strtoull(value, NULL, 10) == stream->consumed;
    return true;
}

/*
 * Gives a message to the follower. Returns false if one before it is missing: the consumer is then
 * of no use any more.
 */
static bool take_message(struct stream *stream, natsMsg *message)
{
    struct origin origin;
    const char *status = NULL;
    if (natsMsgHeader_Get(message, "Status", &status) == NATS_OK && status != NULL)
        return take_control(stream, message);
    if (!read_origin(natsMsg_GetReply(message), &origin))
        return true; /* somebody wrote to this inbox: it is none of the stream's */
    if (origin.consumed != stream->consumed + 1 || origin.sequence <= stream->last)
        return false;
    stream->consumed = origin.consumed;
    stream->last = origin.sequence;
    stream->follower.receive(stream->follower.context, origin.sequence, origin.time / 1000000,
                             natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message));
    return true;
}

/* Receives until the consumer is of no use any more, and tells why. */
static void receive(struct stream *stream, natsSubscription *subscription, char *fault)
{
    unsigned reconnects = atomic_load(&stream->reconnects);
    int64_t heard = clock_now();
    tell(fault, "the connection to the nats-server has ended");
    while (!atomic_load(&stream->stopping) && atomic_load(&stream->reconnects) == reconnects) {
        natsMsg *message = NULL;
        natsStatus status = natsSubscription_NextMsg(&message, subscription, TICK_MS);
        if (status == NATS_OK) {
            bool well = take_message(stream, message);
            natsMsg_Destroy(message);
            heard = clock_now();
            tell(fault, "messages were lost on the way from the nats-server");
            if (!well)
                return;
        } else if (status == NATS_TIMEOUT) {
            tell(fault, "the stream is silent");
            if (clock_now() - heard > SILENCE_MS * CLOCK_MILLISECOND)
                return;
        } else if (status != NATS_SLOW_CONSUMER) {
            tell_status(fault, "the subscription has ended", status);
            return;
        }
    }
}

/* A consumer that is replaced at once is no reason to call the link down. */
static void *follow(void *argument)
{
    struct stream *stream = argument;
    char fault[STREAM_FAULT_SIZE] = "";
    int64_t pause = PAUSE_LEAST_MS * CLOCK_MILLISECOND;
    int wait = ASK_MS;
    while (!atomic_load(&stream->stopping)) {
        natsSubscription *subscription = subscribe(stream, wait, fault);
        if (subscription != NULL) {
            set_link(stream, true, "");
            receive(stream, subscription, fault);
            natsSubscription_Destroy(subscription);
            pause = PAUSE_LEAST_MS * CLOCK_MILLISECOND;
            wait = ASK_MS;
        } else {
            set_link(stream, false, fault);
            wait = wait_longer(wait);
            wait_between(stream, &pause, CLOCK_NEVER);
        }
    }
    nats_ReleaseThreadMemory();
    return NULL;
}

int stream_follow(struct stream *stream, uint64_t first, const struct stream_follower *follower)
{
    stream->follower = *follower;
    stream->last = first > 0 ? first - 1 : 0;
    int error = pthread_create(&stream->thread, NULL, follow, stream);
    stream->following = error == 0;
    return error;
}

/*
 * Ending
 */

void stream_stop(struct stream *stream)
{
    lock_assert_none_held();
    lock_take(&stream->lock);
    atomic_store(&stream->stopping, true);
    condition_broadcast(&stream->changed);
    lock_release(&stream->lock);
    if (stream->connection != NULL)
        natsConnection_Close(stream->connection); /* This ends all waits in the library. */
    if (stream->following)
        pthread_join(stream->thread, NULL);
    stream->following = false;
    lock_take(&stream->lock);
    while (stream->publishers > 0 || (stream->connection != NULL && !stream->closed))
        condition_wait(&stream->changed, &stream->lock);
    lock_release(&stream->lock);
}

void stream_free(struct stream *stream)
{
    if (stream == NULL)
        return;
    jsCtx_Destroy(stream->jetstream);
    natsConnection_Destroy(stream->connection);
    condition_destroy(&stream->changed);
    lock_destroy(&stream->lock);
    free(stream);
}
