#include "base/platform.h"

#include "cluster/stream_inside.h"
#include "cluster/stream_leader.h"
#include "cluster/stream_message.h"

#include <inttypes.h>

/* Has the leader describe the stream, and makes sure that it is the one that is followed. */
static enum stream_answer ask(struct stream *stream, jsOptions *options, jsStreamInfo **info,
                              char *fault)
{
    jsErrCode code = 0;
    natsStatus status = js_GetStreamInfo(info, stream->jetstream, stream->name, options, &code);
    enum stream_answer answer = stream_fault_judge(status, code, fault);
    if (answer != STREAM_DONE)
        return answer;
    if ((*info)->Created != stream->created) {
        stream_fault_tell(
            fault, "the stream '%s' is another one than before: it was removed and made anew",
            stream->name);
        return STREAM_NEVER;
    }
    if ((*info)->State.LastSeq < stream->last) {
        stream_fault_tell(fault,
                          "the stream '%s' ends with message %" PRIu64 ", but %" PRIu64 " was read",
                          stream->name, (*info)->State.LastSeq, stream->last);
        return STREAM_NEVER;
    }
    return STREAM_DONE;
}

enum stream_answer stream_leader_confirm(struct stream *stream, int wait, char *fault)
{
    jsStreamInfo *info = NULL;
    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = wait;
    enum stream_answer answer = ask(stream, &options, &info, fault);
    jsStreamInfo_Destroy(info);
    return answer;
}

static bool is_deleted(const jsStreamState *state, uint64_t sequence)
{
    for (int i = 0; i < state->DeletedLen; i++) {
        if (state->Deleted[i] == sequence)
            return true;
    }
    return false;
}

static bool give_from_leader(struct stream *stream, uint64_t sequence, jsOptions *options,
                             char *fault)
{
    natsMsg *message = NULL;
    jsErrCode code = 0;
    natsStatus status =
        js_GetMsg(&message, stream->jetstream, stream->name, sequence, options, &code);
    if (status == NATS_OK)
        stream_message_give(message, stream, sequence);
    else
        stream_fault_tell_status(fault, "the stream's leader does not tell a message", status);
    natsMsg_Destroy(message);
    return status == NATS_OK;
}

bool stream_leader_find(struct stream *stream, int wait, char *fault)
{
    uint64_t next = stream->last + 1;
    jsStreamInfo *info = NULL;
    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = wait;
    options.Stream.Info.DeletedDetails = true;
    bool well = ask(stream, &options, &info, fault) == STREAM_DONE;
    if (well && next < info->State.FirstSeq)
        stream->last = info->State.FirstSeq - 1;
    else if (well && is_deleted(&info->State, next))
        stream->last = next;
    else if (well)
        well = give_from_leader(stream, next, &options, fault);
    jsStreamInfo_Destroy(info);
    return well;
}
