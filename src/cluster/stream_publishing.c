#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "cluster/stream.h"
#include "cluster/stream_connection.h"
#include "cluster/stream_doubt.h"
#include "cluster/stream_fault.h"
#include "cluster/stream_inside.h"
#include "cluster/stream_message.h"
#include "cluster/stream_patience.h"

#include <errno.h>

enum { ACKNOWLEDGE_MS = 1000 };

/* Whether an attempt that failed would fail for ever. */
static int fatal_error(natsStatus status, jsErrCode code)
{
    if (status == NATS_MAX_PAYLOAD || code == JSStreamMessageExceedsMaximumErr)
        return EMSGSIZE;
    return status == NATS_NO_MEMORY ? ENOMEM : 0;
}

static void tell_refusal(natsStatus status, jsErrCode code, char *fault)
{
    if (code == JSInsufficientResourcesErr || code == JSStorageResourcesExceededErr ||
        code == JSStreamStoreFailedErr)
        stream_fault_tell(fault,
                          "the nats-servers have no space for the stream; give JetStream more "
                          "(max_file_store), or their disk");
    else if (status == NATS_TIMEOUT)
        stream_fault_tell(fault,
                          "the stream does not acknowledge what is published; are most of the "
                          "nats-servers there, and may this machine publish?");
    else
        stream_fault_tell_status(fault, "the stream does not take what is published", status);
}

/*
 * Publishes once, and waits for the acknowledgement until the deadline or for ACKNOWLEDGE_MS.
 * Returns 0, EAGAIN or an errno. A copy that the stream's leader has taken, and that the others do
 * not have yet, is acknowledged with a sequence of 0: that is no promise.
 */
static int publish_once(struct stream *stream, jsPubOptions *options, natsMsg *message,
                        uint64_t *sequence, char *fault)
{
    jsPubAck *acknowledgement = NULL;
    jsErrCode code = 0;
    if (!stream_connection_stands(stream, fault))
        return EAGAIN;
    natsStatus status = js_PublishMsg(&acknowledgement, stream->jetstream, message, options, &code);
    if (status != NATS_OK) {
        tell_refusal(status, code, fault);
        nats_ReleaseThreadMemory();
        int error = fatal_error(status, code);
        return error != 0 ? error : EAGAIN;
    }
    *sequence = acknowledgement->Sequence;
    jsPubAck_Destroy(acknowledgement);
    if (*sequence != 0)
        return 0;
    stream_fault_tell(fault, "the stream's servers have not agreed on it yet");
    return EAGAIN;
}

static int publish_until(struct stream *stream, const char *id, natsMsg *message, int64_t deadline,
                         uint64_t *sequence, char *fault)
{
    struct stream_patience patience;
    jsPubOptions options;
    int error = EAGAIN;
    stream_patience_begin(&patience);
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
        error = publish_once(stream, &options, message, sequence, fault);
        if (error == EAGAIN)
            stream_patience_wait(&patience, stream, deadline);
    }
    return error;
}

/* Makes the message, and publishes it. */
static int publish(struct stream *stream, const char *id, const struct stream_content *content,
                   int64_t deadline, uint64_t *sequence, char *fault)
{
    natsMsg *message = NULL;
    natsStatus status = stream_message_create(&message, stream, content);
    int error =
        status == NATS_OK ? publish_until(stream, id, message, deadline, sequence, fault) : ENOMEM;
    if (error == 0)
        stream_doubt_compare(stream, *sequence, stream_message_sum(message));
    natsMsg_Destroy(message);
    return error;
}

int stream_publish(struct stream *stream, const char *id, const struct stream_content *content,
                   int64_t deadline, uint64_t *sequence, char fault[STREAM_FAULT_SIZE])
{
    lock_assert_none_held();
    stream_fault_tell(fault, "there was no time for it");
    if (content->length == 0 || content->length > STREAM_BYTES_MAX)
        return EMSGSIZE;
    /* Half of the window is left for what is still under way when the deadline passes. */
    if (deadline > clock_now() + STREAM_ID_SECONDS / 2 * CLOCK_SECOND)
        return EINVAL;
    lock_take(&stream->lock);
    stream->publishers++;
    lock_release(&stream->lock);
    int error = publish(stream, id, content, deadline, sequence, fault);
    lock_take(&stream->lock);
    stream->publishers--;
    condition_broadcast(&stream->changed);
    lock_release(&stream->lock);
    return error;
}
