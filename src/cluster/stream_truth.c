#include "base/platform.h"

#include "base/clock.h"
#include "cluster/stream_doubt.h"
#include "cluster/stream_inside.h"
#include "cluster/stream_leader.h"
#include "cluster/stream_truth.h"

#include <inttypes.h>

/* How long the leader must say the same. */
#define CERTAINTY (1500 * CLOCK_MILLISECOND)

/*
 * Asks the leader for messages that were read. Stores whether all that are there are the same. Only
 * this thread changes the memory, so it looks there without the lock.
 */
static enum stream_answer compare(struct stream *stream, const struct stream_span *span, int wait,
                                  bool *same, char *fault)
{
    enum stream_answer answer = STREAM_DONE;
    *same = true;
    for (uint64_t i = span->first; i <= span->last && *same && answer == STREAM_DONE; i++) {
        uint64_t sum;
        if (stream_memory_compare(&stream->memory, i, 1) == STREAM_UNKNOWN)
            continue; /* it was not read here, or long ago */
        answer = stream_leader_sum(stream, i, wait, &sum, fault);
        if (answer != STREAM_DONE || atomic_load(&stream->stopping))
            return STREAM_AGAIN;
        *same = stream_memory_compare(&stream->memory, i, sum) != STREAM_OTHER;
        if (!*same)
            stream_fault_tell(fault,
                              "message %" PRIu64 " of the stream '%s' is another one than was read",
                              i, stream->name);
    }
    return answer;
}

/* Looks whether the stream is the one that was read, by what the leader says of it. */
static bool is_whole(const struct stream *stream, const struct stream_state *state, char *fault)
{
    if (state->created != stream->created)
        stream_fault_tell(
            fault, "the stream '%s' is another one than before: it was removed and made anew",
            stream->name);
    else if (state->last < stream->last)
        stream_fault_tell(fault,
                          "the stream '%s' ends with message %" PRIu64 ", but %" PRIu64 " was read",
                          stream->name, state->last, stream->last);
    return state->created == stream->created && state->last >= stream->last;
}

/* Returns what to ask for: what is doubted, or the last one. */
static struct stream_span span_to_ask(struct stream *stream)
{
    struct stream_span span = stream_doubt_span(stream);
    if (span.last == 0)
        span = (struct stream_span){stream->last, stream->last};
    return span;
}

/* The stream seems to be another one. When that was so for long enough, it is. */
static enum stream_answer suspect(struct stream *stream, const struct stream_state *state)
{
    int64_t now = clock_now();
    const struct stream_span last = {stream->last, stream->last};
    stream_doubt_add(stream, &last);
    if (!state->leads)
        return STREAM_AGAIN;
    if (stream->suspected == 0 || stream->suspect != state->created)
        stream->suspected = now;
    stream->suspect = state->created;
    stream->unsure = state->last;
    return now - stream->suspected >= CERTAINTY ? STREAM_NEVER : STREAM_AGAIN;
}

enum stream_answer stream_truth_confirm(struct stream *stream, int wait, char *fault)
{
    struct stream_state state;
    const struct stream_span span = span_to_ask(stream);
    bool same = true;
    enum stream_answer answer = stream_leader_describe(stream, wait, &state, fault);
    if (answer != STREAM_DONE)
        return STREAM_AGAIN;
    bool whole = is_whole(stream, &state, fault);
    if (whole)
        answer = compare(stream, &span, wait, &same, fault);
    if (answer != STREAM_DONE)
        return answer;
    if (!whole || !same)
        return suspect(stream, &state);
    if (!stream_doubt_stands(stream))
        return STREAM_DONE;
    if (!state.leads)
        return STREAM_AGAIN;
    stream_doubt_end(stream, &span);
    stream->suspected = 0;
    return STREAM_DONE;
}

void stream_truth_forget(struct stream *stream)
{
    stream_doubt_forget(stream);
    if (stream->suspected != 0)
        stream->created = stream->suspect;
    stream->suspected = 0;
}
