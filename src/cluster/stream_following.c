#include "base/platform.h"

#include "base/clock.h"
#include "cluster/connection.h"
#include "cluster/stream.h"
#include "cluster/stream_connection.h"
#include "cluster/stream_doubt.h"
#include "cluster/stream_fault.h"
#include "cluster/stream_fetching.h"
#include "cluster/stream_inside.h"
#include "cluster/stream_message.h"
#include "cluster/stream_patience.h"
#include "cluster/stream_truth.h"

enum {
    TICK_MS = 100,     /* how often a follower without messages looks at the connection */
    SILENCE_MS = 1000, /* without a message; then it may be that one did not arrive */
    TROUBLE_MS = 1000, /* how long nothing may go well before the link is called down, */
    LEAVE_MS = 10000,  /* and before another server is asked; a leader is mostly chosen in less */
    PENDING_BYTES_MAX = 16 * 1024 * 1024 /* messages that wait for the follower */
};

/* Of the follower's thread. */
struct watch {
    struct stream_patience patience;
    unsigned reconnects; /* connections made anew, when it looked last */
    int64_t due;         /* when it looks next for what did not arrive, */
    int64_t quiet;       /* and how long after the message before */
    uint64_t seen;       /* the last message that the follower had been given then */
    int64_t trouble;     /* since when nothing goes well; 0: it does */
    int64_t silent;      /* since when nothing has come from this server */
    char fault[STREAM_FAULT_SIZE];
};

static void set_link(struct stream *stream, bool up, const char *reason)
{
    if (stream->link == (up ? STREAM_LINK_UP : STREAM_LINK_DOWN))
        return;
    stream->link = up ? STREAM_LINK_UP : STREAM_LINK_DOWN;
    if (stream->follower.link != NULL && !atomic_load(&stream->stopping))
        stream->follower.link(stream->follower.context, up, reason);
}

static void note_success(struct stream *stream, struct watch *watch)
{
    watch->trouble = 0;
    watch->silent = clock_now();
    stream_patience_begin(&watch->patience);
    set_link(stream, true, "");
}

/*
 * What is over soon, as it mostly is when one of the servers dies, is no reason to call the link
 * down. What is not may be so at this server alone: it can be cut off from the others.
 */
static void note_trouble(struct stream *stream, struct watch *watch)
{
    int64_t now = clock_now();
    if (watch->trouble == 0)
        watch->trouble = now;
    if (now - watch->trouble >= TROUBLE_MS * CLOCK_MILLISECOND)
        set_link(stream, false, watch->fault);
    if (stream->given > watch->silent)
        watch->silent = stream->given;
    connection_leave_silent(stream->connection, &watch->silent, LEAVE_MS * CLOCK_MILLISECOND);
}

/*
 * Looks whether the stream is still the one that it was, and whether all that is stored has
 * arrived. While nobody knows the former, because the leader is missing, the latter goes on, unless
 * there is a doubt.
 */
static enum stream_answer look_around(struct stream *stream, struct watch *watch)
{
    int wait = watch->patience.answer;
    if (!stream_connection_stands(stream, watch->fault))
        return STREAM_AGAIN;
    enum stream_answer answer = stream_truth_confirm(stream, wait, watch->fault);
    if (answer != STREAM_NEVER && !stream_doubt_stands(stream) &&
        !stream_fetch(stream, wait, watch->fault))
        return STREAM_AGAIN;
    return answer;
}

/* Drops messages that have arrived. */
static void drop_stored(struct stream *stream)
{
    natsStatus status;
    do {
        natsMsg *message = NULL;
        status = natsSubscription_NextMsg(&message, stream->stored, 0);
        natsMsg_Destroy(message);
    } while (status == NATS_OK);
}

/*
 * Has the follower be given messages from one on. Those before it in its page are read for their
 * sums alone: a server that lags behind, or is about to forget, could tell something else than
 * others have read, and who has begun within a page could not be told so.
 */
static void begin_with(struct stream *stream, uint64_t first)
{
    stream->begin = first > 0 ? first : 1;
    stream->last = stream_memory_page_of(stream->begin) - 1;
    stream->given = clock_now();
}

/* Has the follower forget the stream that it has read, and read the one that is there now. */
static void read_anew(struct stream *stream, struct watch *watch)
{
    set_link(stream, false, watch->fault);
    stream_truth_forget(stream);
    stream->last = 0;
    stream->known = 0;
    stream->hole = false;
    uint64_t first = stream->follower.lost(stream->follower.context, watch->fault);
    drop_stored(stream);
    begin_with(stream, first);
    watch->seen = 0;
    watch->quiet = TICK_MS * CLOCK_MILLISECOND;
    watch->due = clock_now();
}

/*
 * Where messages arrive, and the leader does not answer, it is slow. Otherwise it is dead: waiting
 * longer for its answer would only have the first message of the next one wait.
 */
static void look(struct stream *stream, struct watch *watch)
{
    enum stream_answer answer = look_around(stream, watch);
    if (answer == STREAM_DONE)
        note_success(stream, watch);
    else
        note_trouble(stream, watch);
    if (answer == STREAM_AGAIN && stream->last != watch->seen)
        stream_patience_grow(&watch->patience);
    watch->seen = stream->last;
    if ((answer == STREAM_NEVER && stream->follower.lost != NULL) || stream->hole) {
        read_anew(stream, watch);
        return;
    }
    if (answer == STREAM_NEVER || stream_doubt_stands(stream)) { /* Nothing is received. */
        stream_patience_wait(&watch->patience, stream, CLOCK_NEVER);
        return;
    }
    watch->due = clock_now() + watch->quiet;
    watch->quiet *= 2;
    if (watch->quiet > SILENCE_MS * CLOCK_MILLISECOND)
        watch->quiet = SILENCE_MS * CLOCK_MILLISECOND;
}

/* Fetches what is missing before a message that is known. Until then, no other one is of use. */
static void fill(struct stream *stream, struct watch *watch)
{
    if (stream_connection_stands(stream, watch->fault) &&
        stream_fetch(stream, watch->patience.answer, watch->fault))
        return;
    if (stream->hole) {
        read_anew(stream, watch);
        return;
    }
    note_trouble(stream, watch);
    stream_patience_wait(&watch->patience, stream, CLOCK_NEVER);
}

/* Gives the follower a message if it is the next one, otherwise notes that there are more. */
static void take(struct stream *stream, natsMsg *message)
{
    uint64_t sequence;
    if (!stream_message_read(message, stream, &sequence))
        return; /* Somebody else writes to this subject. */
    if (sequence <= stream->last)
        stream_doubt_compare(stream, sequence, stream_message_sum(message));
    else if (sequence != stream->last + 1 || sequence <= stream->unsure ||
             !stream_message_give(message, stream, sequence))
        stream->known = sequence > stream->known ? sequence : stream->known;
}

static void note_backlog(struct stream *stream)
{
    int bytes = 0;
    if (natsSubscription_GetPending(stream->stored, NULL, &bytes) == NATS_OK)
        atomic_store_explicit(&stream->backlog, bytes, memory_order_relaxed);
}

uint64_t stream_known(struct stream *stream)
{
    return atomic_load(&stream->known);
}

size_t stream_backlog(struct stream *stream)
{
    return (size_t)atomic_load_explicit(&stream->backlog, memory_order_relaxed);
}

/* Waits for a message until it is time to look. One that arrives tells that the stream lives. */
static void receive(struct stream *stream, struct watch *watch)
{
    natsMsg *message = NULL;
    uint64_t before = stream->last;
    int left = clock_poll_timeout(watch->due);
    natsStatus status =
        natsSubscription_NextMsg(&message, stream->stored, left < TICK_MS ? left : TICK_MS);
    note_backlog(stream);
    if (status == NATS_OK)
        take(stream, message);
    else if (status != NATS_TIMEOUT && status != NATS_SLOW_CONSUMER)
        stream_patience_wait(&watch->patience, stream, CLOCK_NEVER);
    natsMsg_Destroy(message);
    if (stream->last != before)
        watch->due = watch->trouble != 0 ? clock_now() : clock_now() + watch->quiet;
}

/* Has the servers send what is stored, and answer. */
static bool subscribe(struct stream *stream, char *fault)
{
    natsStatus status =
        natsConnection_SubscribeSync(&stream->stored, stream->connection, stream->stored_subject);
    if (status == NATS_OK)
        status = natsSubscription_SetPendingLimits(stream->stored, -1, PENDING_BYTES_MAX);
    if (status == NATS_OK)
        return stream_fetching_begin(stream, fault);
    stream_fault_tell_status(fault, "cannot subscribe to the stream", status);
    return false;
}

static void unsubscribe(struct stream *stream)
{
    natsSubscription_Destroy(stream->stored);
    stream->stored = NULL;
    stream_fetching_end(stream);
}

/*
 * After a new connection it is some time until all servers know what this one wants, so looking
 * begins with short intervals.
 */
static void follow_on(struct stream *stream, struct watch *watch)
{
    unsigned reconnects = atomic_load(&stream->reconnects);
    if (reconnects != watch->reconnects) {
        watch->reconnects = reconnects;
        watch->silent = clock_now();
        watch->quiet = TICK_MS * CLOCK_MILLISECOND;
        watch->due = clock_now();
    }
    if (clock_now() >= watch->due || stream_doubt_stands(stream))
        look(stream, watch);
    else if (stream->known > stream->last)
        fill(stream, watch);
    else
        receive(stream, watch);
}

static void *follow(void *argument)
{
    struct stream *stream = argument;
    struct watch watch = {.reconnects = atomic_load(&stream->reconnects),
                          .due = clock_now(),
                          .silent = clock_now(),
                          .quiet = TICK_MS * CLOCK_MILLISECOND};
    stream_patience_begin(&watch.patience);
    while (!atomic_load(&stream->stopping) && !subscribe(stream, watch.fault)) {
        unsubscribe(stream);
        note_trouble(stream, &watch);
        stream_patience_wait(&watch.patience, stream, CLOCK_NEVER);
    }
    while (!atomic_load(&stream->stopping))
        follow_on(stream, &watch);
    nats_ReleaseThreadMemory();
    return NULL;
}

int stream_follow(struct stream *stream, uint64_t first, const struct stream_follower *follower)
{
    stream->follower = *follower;
    begin_with(stream, first);
    int error = pthread_create(&stream->thread, NULL, follow, stream);
    stream->following = error == 0;
    return error;
}
