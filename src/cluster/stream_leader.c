#include "base/platform.h"

#include "base/clock.h"
#include "cluster/stream.h"
#include "cluster/stream_inside.h"
#include "cluster/stream_leader.h"
#include "cluster/stream_memory.h"
#include "cluster/stream_message.h"
#include "cluster/stream_patience.h"

#include <inttypes.h>

/* Who leads hears from the others once a second. */
#define PEER_SILENCE_MAX (3 * CLOCK_SECOND)

/* Has the leader describe the stream. */
static enum stream_answer ask(struct stream *stream, jsOptions *options, jsStreamInfo **info,
                              char *fault)
{
    jsErrCode code = 0;
    natsStatus status = js_GetStreamInfo(info, stream->jetstream, stream->name, options, &code);
    return stream_fault_judge(status, code, fault);
}

/* Whether most of the servers that hold the stream were heard by who describes it just now. */
static bool leads(const jsStreamInfo *info)
{
    int64_t heard = 1;
    for (int i = 0; info->Cluster != NULL && i < info->Cluster->ReplicasLen; i++) {
        const jsPeerInfo *peer = info->Cluster->Replicas[i];
        heard += !peer->Offline && peer->Active > 0 && peer->Active < PEER_SILENCE_MAX;
    }
    return heard > info->Config->Replicas / 2;
}

enum stream_answer stream_leader_describe(struct stream *stream, int wait,
                                          struct stream_state *state, char *fault)
{
    jsStreamInfo *info = NULL;
    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = wait;
    enum stream_answer answer = ask(stream, &options, &info, fault);
    if (answer == STREAM_DONE)
        *state = (struct stream_state){.created = info->Created,
                                       .first = info->State.FirstSeq,
                                       .last = info->State.LastSeq,
                                       .leads = leads(info)};
    jsStreamInfo_Destroy(info);
    return answer;
}

/* As stream_leader_describe(), of the stream that was opened alone. */
static enum stream_answer measure(struct stream *stream, int wait, struct stream_state *state,
                                  char *fault)
{
    enum stream_answer answer = stream_leader_describe(stream, wait, state, fault);
    if (answer != STREAM_DONE || state->created == stream->created)
        return answer;
    stream_fault_tell(fault, "the stream '%s' was removed and made anew", stream->name);
    return STREAM_NEVER;
}

bool stream_measure(struct stream *stream, int64_t deadline, uint64_t *first, uint64_t *last,
                    char fault[STREAM_FAULT_SIZE])
{
    struct stream_patience patience;
    struct stream_state state = {.first = 0};
    enum stream_answer answer;
    stream_patience_begin(&patience);
    do {
        answer = measure(stream, patience.answer, &state, fault);
    } while (answer == STREAM_AGAIN && stream_patience_wait(&patience, stream, deadline));
    *first = state.first > 0 ? state.first : 1;
    *last = state.last;
    return answer == STREAM_DONE;
}

/* Asks for a message. *message is NULL if it is gone. */
static enum stream_answer get(struct stream *stream, uint64_t sequence, jsOptions *options,
                              natsMsg **message, char *fault)
{
    jsErrCode code = 0;
    natsStatus status =
        js_GetMsg(message, stream->jetstream, stream->name, sequence, options, &code);
    if (status == NATS_OK || status == NATS_NOT_FOUND || code == JSNoMessageFoundErr)
        return STREAM_DONE;
    stream_fault_tell_status(fault, "the stream's leader does not tell a message", status);
    return STREAM_AGAIN;
}

enum stream_answer stream_leader_sum(struct stream *stream, uint64_t sequence, int wait,
                                     uint64_t *sum, char *fault)
{
    natsMsg *message = NULL;
    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = wait;
    enum stream_answer answer = get(stream, sequence, &options, &message, fault);
    *sum = message != NULL ? stream_message_sum(message) : 0;
    natsMsg_Destroy(message);
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

/* Asks for a message, and gives it to the follower. *there tells whether it is not gone. */
static bool give(struct stream *stream, uint64_t sequence, jsOptions *options, bool *there,
                 char *fault)
{
    natsMsg *message = NULL;
    *there = true;
    if (get(stream, sequence, options, &message, fault) != STREAM_DONE)
        return false;
    *there = message != NULL;
    bool given = *there && stream_message_give(message, stream, sequence);
    natsMsg_Destroy(message);
    if (!*there)
        stream_fault_tell(fault, "message %" PRIu64 " of the stream '%s' is not there", sequence,
                          stream->name);
    else if (!given)
        stream_fault_tell(fault, "others have read something else");
    return given;
}

/*
 * The next messages, up to one, are gone. A follower that can read anew must not go on without, but
 * for those that it is not given.
 */
static bool pass_over(struct stream *stream, uint64_t last, char *fault)
{
    if (stream->last + 1 < stream->begin && last >= stream->begin)
        last = stream->begin - 1;
    if (stream->follower.lost == NULL || last < stream->begin) {
        stream->last = last;
        return true;
    }
    stream_fault_tell(fault, "message %" PRIu64 " of the stream '%s' is gone, and was not read",
                      stream->last + 1, stream->name);
    stream->hole = true;
    return false;
}

bool stream_leader_find(struct stream *stream, int wait, char *fault)
{
    uint64_t next = stream->last + 1;
    jsStreamInfo *info = NULL;
    jsOptions options;
    jsOptions_Init(&options);
    options.Wait = wait;
    options.Stream.Info.DeletedDetails = true;
    bool there;
    bool well = ask(stream, &options, &info, fault) == STREAM_DONE;
    if (well && info->Created != stream->created)
        well = false; /* stream_truth_confirm() finds that out */
    else if (well && next < info->State.FirstSeq)
        well = pass_over(stream, info->State.FirstSeq - 1, fault);
    else if (well && is_deleted(&info->State, next))
        well = pass_over(stream, next, fault);
    else if (well)
        well = give(stream, next, &options, &there, fault);
    jsStreamInfo_Destroy(info);
    return well;
}

bool stream_leader_next(struct stream *stream, int wait, char *fault)
{
    jsOptions options;
    bool there;
    jsOptions_Init(&options);
    options.Wait = wait;
    return give(stream, stream->last + 1, &options, &there, fault) ||
           (!there && stream_leader_find(stream, wait, fault));
}
