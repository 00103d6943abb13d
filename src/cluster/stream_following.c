#include "base/platform.h"

#include "base/clock.h"
#include "cluster/stream.h"
#include "cluster/stream_connection.h"
#include "cluster/stream_fault.h"
#include "cluster/stream_inside.h"
#include "cluster/stream_patience.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEARTBEAT_MS = 300,
    SILENCE_MS = 1000, /* without a message or a heartbeat */
    TICK_MS = 100      /* how often a follower without news looks at the connection */
};

enum {
    PENDING_BYTES_MAX = 16 * 1024 * 1024, /* messages that wait for the follower */
    INACTIVE_SECONDS = 5
};

static void set_link(struct stream *stream, bool up, const char *reason)
{
    if (stream->link == (up ? STREAM_LINK_UP : STREAM_LINK_DOWN))
        return;
    stream->link = up ? STREAM_LINK_UP : STREAM_LINK_DOWN;
    if (stream->follower.link != NULL && !atomic_load(&stream->stopping))
        stream->follower.link(stream->follower.context, up, reason);
}

/* Whether the stream is still the one that is followed, and has all that was read of it. */
static bool check_stream(struct stream *stream, jsOptions *options, char *fault)
{
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    natsStatus status = js_GetStreamInfo(&info, stream->jetstream, stream->name, options, &code);
    bool well = stream_fault_judge(status, code, fault) == STREAM_DONE;
    if (well && info->Created != stream->created) {
        stream_fault_tell(
            fault, "the stream '%s' is another one than before: it was removed and made anew",
            stream->name);
        well = false;
    } else if (well && info->State.LastSeq < stream->last) {
        stream_fault_tell(fault,
                          "the stream '%s' ends with message %" PRIu64 ", but %" PRIu64 " was read",
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
    return stream_fault_judge(status, code, fault) == STREAM_DONE;
}

/* Returns a subscription that gets everything behind the last message, or NULL. */
static natsSubscription *subscribe(struct stream *stream, int wait, char *fault)
{
    natsSubscription *subscription = NULL;
    natsInbox *inbox = NULL;
    jsOptions options;
    if (!stream_connection_stands(stream, fault))
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
        stream_fault_tell_status(fault, "cannot subscribe to the stream", status);
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
    stream_fault_tell(fault, "the connection to the nats-server has ended");
    while (!atomic_load(&stream->stopping) && atomic_load(&stream->reconnects) == reconnects) {
        natsMsg *message = NULL;
        natsStatus status = natsSubscription_NextMsg(&message, subscription, TICK_MS);
        if (status == NATS_OK) {
            bool well = take_message(stream, message);
            natsMsg_Destroy(message);
            heard = clock_now();
            stream_fault_tell(fault, "messages were lost on the way from the nats-server");
            if (!well)
                return;
        } else if (status == NATS_TIMEOUT) {
            stream_fault_tell(fault, "the stream is silent");
            if (clock_now() - heard > SILENCE_MS * CLOCK_MILLISECOND)
                return;
        } else if (status != NATS_SLOW_CONSUMER) {
            stream_fault_tell_status(fault, "the subscription has ended", status);
            return;
        }
    }
}

/* A consumer that is replaced at once is no reason to call the link down. */
static void *follow(void *argument)
{
    struct stream *stream = argument;
    char fault[STREAM_FAULT_SIZE] = "";
    struct stream_patience patience;
    stream_patience_begin(&patience);
    while (!atomic_load(&stream->stopping)) {
        natsSubscription *subscription = subscribe(stream, patience.answer, fault);
        if (subscription != NULL) {
            set_link(stream, true, "");
            receive(stream, subscription, fault);
            natsSubscription_Destroy(subscription);
            stream_patience_begin(&patience);
        } else {
            set_link(stream, false, fault);
            stream_patience_wait(&patience, stream, CLOCK_NEVER);
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
