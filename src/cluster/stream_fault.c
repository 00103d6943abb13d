#include "base/platform.h"

#include "cluster/connection.h"
#include "cluster/stream_config.h"
#include "cluster/stream_fault.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

void stream_fault_tell(char *fault, const char *format, ...)
{
    if (fault == NULL)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fault, STREAM_FAULT_SIZE, format, arguments);
    va_end(arguments);
}

void stream_fault_tell_status(char *fault, const char *what, natsStatus status)
{
    if (fault != NULL)
        connection_tell(fault, what, status);
}

/*
 * Whether JetStream answers the same until somebody changes something. What else it refuses may be
 * so for a moment: while it chooses leaders, or makes a stream that another machine wants, too.
 */
static bool is_for_good(jsErrCode code)
{
    switch (code) {
    case JSAccountResourcesExceededErr:
    case JSBadRequestErr:
    case JSClusterUnSupportFeatureErr:
    case JSInvalidJSONErr:
    case JSMaximumStreamsLimitErr:
    case JSNoAccountErr:
    case JSNoLimitsErr:
    case JSStorageResourcesExceededErr:
    case JSStreamInvalidConfig:
    case JSStreamLimitsErr:
    case JSStreamMaxBytesRequiredErr:
    case JSStreamMaxStreamBytesExceededErr:
    case JSStreamNotFoundErr:
    case JSStreamReplicasNotSupportedErr:
    case JSStreamSealedErr:
    case JSStreamSubjectOverlapErr:
        return true;
    default:
        return false;
    }
}

enum stream_answer stream_fault_judge(natsStatus status, jsErrCode code, char *fault)
{
    if (status == NATS_OK)
        return STREAM_DONE;
    if (code == JSNotEnabledErr || code == JSNotEnabledForAccountErr) {
        stream_fault_tell(fault,
                          "the nats-server has no JetStream for this account; switch it on there");
        return STREAM_NEVER;
    }
    if (status == NATS_NO_RESPONDERS) {
        stream_fault_tell(fault, "the nats-server has no JetStream, or it has not started yet");
        return STREAM_AGAIN;
    }
    if (status == NATS_TIMEOUT || code == JSClusterNotAvailErr) {
        stream_fault_tell(fault, "JetStream does not answer; are most of the nats-servers there?");
        return STREAM_AGAIN;
    }
    if (code == JSClusterNoPeersErr || code == JSInsufficientResourcesErr) {
        stream_fault_tell(
            fault, "not enough nats-servers of the cluster are there, with room for the stream");
        return STREAM_AGAIN;
    }
    stream_fault_tell_status(fault, "JetStream refuses the stream", status);
    return is_for_good(code) ? STREAM_NEVER : STREAM_AGAIN;
}
