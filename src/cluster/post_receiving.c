#include "base/platform.h"

#include "base/clock.h"
#include "cluster/post_inside.h"

#include <assert.h>

enum { TICK_MS = 1000 }; /* how often the receiving thread looks what can be forgotten */

/* Without memory there is no answer; the letter will come again. */
static void send_answer(struct post *post, const char *subject, const struct envelope *letter,
                        const struct buffer *answer)
{
    struct buffer bytes = {0};
    const struct envelope envelope = {.kind = ENVELOPE_ANSWER,
                                      .node = post->self.node,
                                      .boot = post->self.boot,
                                      .number = letter->number,
                                      .floor = letter->number,
                                      .content = buffer_bytes(answer),
                                      .length = buffer_length(answer)};
    if (envelope_write(&bytes, &envelope) == 0)
        natsConnection_Publish(post->connection, subject, buffer_bytes(&bytes),
                               (int)buffer_length(&bytes));
    buffer_free(&bytes);
}

static void receive_new(struct post *post, const struct envelope *letter,
                        struct mailbox_entry *entry)
{
    const struct post_run from = {letter->node, letter->boot};
    post_add(post, &post->counts.received);
    post->receiver(post->context, from, letter->content, letter->length, &entry->answer);
    assert(buffer_length(&entry->answer) <= POST_ANSWER_MAX);
    mailbox_keep(&post->mailbox, entry);
}

static void receive_letter(struct post *post, natsMsg *message)
{
    struct envelope letter;
    struct mailbox_entry *entry = NULL;
    const char *reply = natsMsg_GetReply(message);
    if (reply == NULL || *reply == '\0') {
        post_add(post, &post->counts.foreign); /* It could not be answered. */
        return;
    }
    if (!post_read(post, message, ENVELOPE_LETTER, &letter))
        return;
    switch (mailbox_take(&post->mailbox, &letter, clock_now(), &entry)) {
    case MAILBOX_NEW:
        receive_new(post, &letter, entry);
        break;
    case MAILBOX_AGAIN:
        post_add(post, &post->counts.again);
        break;
    case MAILBOX_OLD:
        post_add(post, &post->counts.old);
        return;
    case MAILBOX_FULL:
        post_add(post, &post->counts.full);
        return;
    }
    send_answer(post, reply, &letter, &entry->answer);
}

static bool is_stopping(struct post *post)
{
    lock_take(&post->lock);
    bool stopping = post->stopping;
    lock_release(&post->lock);
    return stopping;
}

/* Whether there is more to come after a message did not. */
static bool goes_on(natsStatus status)
{
    return status == NATS_TIMEOUT || status == NATS_SLOW_CONSUMER || status == NATS_NO_RESPONDERS;
}

void *post_receive(void *argument)
{
    struct post *post = argument;
    natsStatus status = NATS_OK;
    while ((status == NATS_OK || goes_on(status)) && !is_stopping(post)) {
        natsMsg *message = NULL;
        status = natsSubscription_NextMsg(&message, post->letters, TICK_MS);
        if (status == NATS_OK)
            receive_letter(post, message);
        natsMsg_Destroy(message);
        mailbox_sweep(&post->mailbox, clock_now());
    }
    nats_ReleaseThreadMemory();
    return NULL;
}
