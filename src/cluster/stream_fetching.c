#include "base/platform.h"

#include "base/clock.h"
#include "cluster/stream_fault.h"
#include "cluster/stream_fetching.h"
#include "cluster/stream_inside.h"
#include "cluster/stream_leader.h"
#include "cluster/stream_message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUND_MOST = 256,             /* messages that are asked for at once, */
    ROUND_GROWTH = 4,             /* after one, this many times as many each time, */
    ROUND_BYTES = 4 * 1024 * 1024 /* that may have so many bytes */
};

enum {
    AGAIN_LEAST_MS = 10, /* until a question is asked again */
    AGAIN_MOST_MS = 200,
    LAG_MS = 1000, /* how long a server may lag behind; then the leader is asked */
    PENDING_BYTES_MAX = 16 * 1024 * 1024
};

/* Questions that are asked together: for the first message from `first` on, the next one, ... */
struct round {
    uint64_t first;
    int count;
    int open;    /* questions without an answer */
    int given;   /* answers that the follower was given, from the first one on */
    int largest; /* bytes in one of them */
    natsMsg *answers[ROUND_MOST];
    uint64_t sequences[ROUND_MOST]; /* of these messages; 0: the server has none */
};

/* What stands behind the messages that a round gave. */
enum end { MORE, NOTHING, LATER_ONE, NO_ANSWER, DOUBT };

bool stream_fetching_begin(struct stream *stream, char *fault)
{
    char subject[STREAM_INBOX_SIZE];
    natsInbox *inbox = NULL;
    natsStatus status = natsInbox_Create(&inbox);
    if (status == NATS_OK) {
        snprintf(stream->inbox, sizeof stream->inbox, "%s", inbox);
        snprintf(subject, sizeof subject, "%s.*", inbox);
        status = natsConnection_SubscribeSync(&stream->answers, stream->connection, subject);
    }
    if (status == NATS_OK)
        status = natsSubscription_SetPendingLimits(stream->answers, -1, PENDING_BYTES_MAX);
    if (status != NATS_OK)
        stream_fault_tell_status(fault, "cannot listen to the nats-server's answers", status);
    natsInbox_Destroy(inbox);
    stream->again = AGAIN_LEAST_MS;
    return status == NATS_OK;
}

void stream_fetching_end(struct stream *stream)
{
    natsSubscription_Destroy(stream->answers);
    stream->answers = NULL;
}

/* Asks for the first message from a sequence on. The answer's subject ends with that sequence. */
static natsStatus ask(struct stream *stream, uint64_t sequence)
{
    char subject[STREAM_NAME_MAX + sizeof "$JS.API.DIRECT.GET."];
    char reply[STREAM_INBOX_SIZE + 24];
    char request[STREAM_SUBJECT_SIZE + 64];
    snprintf(subject, sizeof subject, "$JS.API.DIRECT.GET.%s", stream->name);
    snprintf(reply, sizeof reply, "%s.%" PRIu64, stream->inbox, sequence);
    snprintf(request, sizeof request, "{\"seq\":%" PRIu64 ",\"next_by_subj\":\"%s\"}", sequence,
             stream->subject);
    return natsConnection_PublishRequestString(stream->connection, subject, reply, request);
}

/* Keeps an answer, or drops it: it can be one to an earlier round, or a second one. */
static void take_answer(struct stream *stream, struct round *round, natsMsg *answer)
{
    const char *number = strrchr(natsMsg_GetSubject(answer), '.');
    uint64_t index = number == NULL ? UINT64_MAX : strtoull(number + 1, NULL, 10) - round->first;
    if (index >= (uint64_t)round->count || round->answers[index] != NULL) {
        natsMsg_Destroy(answer);
        return;
    }
    uint64_t sequence = 0;
    if (stream_message_read(answer, stream, &sequence) && sequence > stream->known)
        stream->known = sequence;
    round->answers[index] = answer;
    round->sequences[index] = sequence;
    round->open--;
    if (natsMsg_GetDataLength(answer) > round->largest)
        round->largest = natsMsg_GetDataLength(answer);
}

/* Gives the follower the answers that are there, one after the other. Tells what ends them. */
static enum end give_answers(struct stream *stream, struct round *round)
{
    while (round->given < round->count) {
        natsMsg *answer = round->answers[round->given];
        uint64_t sequence = round->sequences[round->given];
        if (answer == NULL)
            return NO_ANSWER;
        if (sequence == 0)
            return NOTHING;
        if (sequence != stream->last + 1)
            return LATER_ONE;
        if (!stream_message_give(answer, stream, sequence))
            return DOUBT;
        round->given++;
    }
    return MORE;
}

/* Opens the questions again that servers denied which lag behind. */
static void reopen(const struct stream *stream, struct round *round)
{
    for (int i = round->given; i < round->count; i++) {
        if (round->answers[i] != NULL && round->sequences[i] == 0 &&
            round->first + (uint64_t)i <= stream->known) {
            natsMsg_Destroy(round->answers[i]);
            round->answers[i] = NULL;
            round->open++;
        }
    }
}

/* Drops what came too late for an earlier round. */
static void drop_answers(struct stream *stream)
{
    natsStatus status;
    do {
        natsMsg *answer = NULL;
        status = natsSubscription_NextMsg(&answer, stream->answers, 0);
        natsMsg_Destroy(answer);
    } while (status == NATS_OK || status == NATS_NO_RESPONDERS);
}

/* Asks the questions that have no answer yet. */
static natsStatus ask_open(struct stream *stream, const struct round *round)
{
    natsStatus status = NATS_OK;
    for (int i = round->given; i < round->count && status == NATS_OK; i++) {
        if (round->answers[i] == NULL)
            status = ask(stream, round->first + (uint64_t)i);
    }
    return status;
}

/*
 * Waits for an answer; after some time without one it asks again. The questions of a round go to
 * all servers that hold the stream, by chance, and one of them may stand still. Returns
 * NATS_TIMEOUT if there was none for `wait` milliseconds.
 */
static natsStatus next_answer(struct stream *stream, const struct round *round, int wait,
                              natsMsg **answer)
{
    int64_t end = clock_now() + wait * CLOCK_MILLISECOND;
    int again = stream->again;
    natsStatus status = natsSubscription_NextMsg(answer, stream->answers, again);
    while (status == NATS_TIMEOUT && clock_now() < end) {
        again *= 2;
        status = ask_open(stream, round);
        if (status == NATS_OK)
            status = natsSubscription_NextMsg(answer, stream->answers, again);
    }
    return status;
}

/* The time that the first answer took tells when to ask again for others. */
static void note_delay(struct stream *stream, int64_t delay)
{
    stream->again = (int)(2 * delay / CLOCK_MILLISECOND);
    if (stream->again < AGAIN_LEAST_MS)
        stream->again = AGAIN_LEAST_MS;
    if (stream->again > AGAIN_MOST_MS)
        stream->again = AGAIN_MOST_MS;
}

/*
 * Receives the answers of a round, and gives them to the follower; as long as something is given,
 * or `wait` milliseconds.
 */
static natsStatus receive_answers(struct stream *stream, struct round *round, int wait,
                                  enum end *end)
{
    int64_t asked = clock_now();
    natsStatus status = NATS_OK;
    while (status == NATS_OK && round->open > 0 && *end != DOUBT) {
        natsMsg *answer = NULL;
        status = next_answer(stream, round, wait, &answer);
        if (status != NATS_OK)
            break;
        if (round->open == round->count && round->given == 0)
            note_delay(stream, clock_now() - asked);
        take_answer(stream, round, answer);
        *end = give_answers(stream, round);
        int64_t since = stream->given > asked ? stream->given : asked;
        if (round->open == 0 && clock_now() - since < wait * CLOCK_MILLISECOND)
            reopen(stream, round);
    }
    return status;
}

/* Asks for so many messages, and gives the follower what is answered in time. */
static enum end fetch_round(struct stream *stream, struct round *round, int count, int wait,
                            char *fault)
{
    enum end end = NO_ANSWER;
    drop_answers(stream);
    *round = (struct round){.first = stream->last + 1, .count = count, .open = count};
    natsStatus status = ask_open(stream, round);
    if (status == NATS_OK)
        status = receive_answers(stream, round, wait, &end);
    for (int i = 0; i < count; i++)
        natsMsg_Destroy(round->answers[i]);
    if (end == NO_ANSWER)
        stream_fault_tell(fault, status == NATS_NO_RESPONDERS
                                     ? "no nats-server that holds the stream is there"
                                     : "the nats-servers that hold the stream do not answer");
    return end;
}

/* Returns how many messages to ask for after a round that was answered. */
static int grow(const struct round *round)
{
    int count = round->count * ROUND_GROWTH;
    int fitting = round->largest > 0 ? ROUND_BYTES / round->largest : ROUND_MOST;
    if (count > ROUND_MOST)
        count = ROUND_MOST;
    return count < fitting ? count : fitting;
}

/*
 * A message behind the next one is there, so the next one was. Either it is gone, which the leader
 * knows; or the server that was asked lags behind.
 */
static bool find_missing(struct stream *stream, enum end end, int wait, char *fault)
{
    if (end == LATER_ONE || clock_now() - stream->given > LAG_MS * CLOCK_MILLISECOND)
        return stream_leader_find(stream, wait, fault);
    stream_fault_tell(fault, "the nats-server lags behind the others");
    return false;
}

/* Where servers can differ, only the leader is asked. Returns false if that fails. */
static bool fetch_unsure(struct stream *stream, int wait, char *fault)
{
    bool well = true;
    while (well && stream->last < stream->unsure && !atomic_load(&stream->stopping))
        well = stream_leader_next(stream, wait, fault);
    return well;
}

bool stream_fetch(struct stream *stream, int wait, char *fault)
{
    uint64_t goal = stream->known > stream->last ? stream->known : UINT64_MAX;
    int count = 1;
    if (!fetch_unsure(stream, wait, fault))
        return false;
    while (stream->last < goal && !atomic_load(&stream->stopping)) {
        struct round round;
        enum end end = fetch_round(stream, &round, count, wait, fault);
        count = round.given > 0 ? grow(&round) : 1;
        if (round.given > 0)
            continue;
        if (end == NOTHING && stream->known <= stream->last)
            return true;
        if (end == DOUBT)
            stream_fault_tell(fault, "others have read something else");
        if (end == NO_ANSWER || end == DOUBT || !find_missing(stream, end, wait, fault))
            return false;
    }
    return stream->last >= goal;
}
