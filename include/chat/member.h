/*
 * member: a user in a room, and which of its messages are meant for it. A user may be a member of
 * several rooms. Members are reference-counted, because a batch may still be on its way to one that
 * is leaving.
 */
#ifndef CHAT_MEMBER_H
#define CHAT_MEMBER_H

#include "chat/batch.h"
#include "chat/flow.h"
#include "chat/user.h"
#include "net/outbox.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct member {
    struct user *user; /* holds a reference */
    atomic_uint references;

    /* Guarded by the room's order lock. */
    uint64_t number;      /* of the room's members, from 1; 0: never was in a room */
    uint64_t since;       /* the sequence number of the first message that it gets */
    uint64_t spoke_in[2]; /* the last even and the last odd batch with words of its own */

    struct flow_reader reader; /* guarded by the room's flow */
};

/* Makes a member of no room yet, with one reference. NULL when memory is out. */
struct member *member_create(struct user *user);

/* One more reference, or one less; the last one frees it and lets go of the user. */
void member_acquire(struct member *member);
void member_release(struct member *member);

/* Whether words of its own are in a batch. */
static inline bool member_spoke_in(const struct member *member, const struct batch *batch)
{
    return member->spoke_in[batch->number % 2] == batch->number;
}

/*
 * Sends a member what a batch has for it: what follows its join, but for what it said itself. Never
 * waits. The batch must not change meanwhile; one thread at a time. Takes the outbox lock.
 */
void member_send_part(struct member *member, struct batch *batch);

/* The same. This is where the time of a busy server goes: nearly everybody is sent all of it. */
static inline void member_send(struct member *member, struct batch *batch)
{
    const struct user *user = member->user;
    const struct encoding *encoding = outbox_encoding(user->outbox);
    const struct buffer *all = batch_shared(batch, user->view.format, encoding);
    if (all == NULL || member->since > batch->first || member_spoke_in(member, batch) ||
        !outbox_send_encoded(user->outbox, encoding, buffer_bytes(all), buffer_length(all)))
        member_send_part(member, batch);
}

/*
 * The same in two steps: gathers what a batch has for it now, and sends that, which frees it.
 * False: memory is out; then the second step, which is told so, ends the user's connection.
 */
bool member_gather(const struct member *member, const struct batch *batch, struct batch *out);
void member_hand_over(struct member *member, bool whole, struct batch *gathered);

#endif
