/*
 * member: a user's membership in one room, and which of the room's messages the user is sent. A
 * user may be a member of several rooms. Members are reference-counted, as a batch may still be in
 * delivery to one that is leaving.
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
    uint64_t number;      /* position among the room's members, from 1; 0: never was in a room */
    uint64_t since;       /* sequence number of the first message that it is sent */
    uint64_t spoke_in[2]; /* last even and last odd batch with messages of its own */

    struct flow_reader reader; /* guarded by the room's flow */
};

/*
 * Creates a member that is in no room yet, with one reference. Takes a reference to the user.
 * Returns NULL when memory is out.
 */
struct member *member_create(struct user *user);

/* Take and release a reference. The last release frees the member, and releases the user. */
void member_acquire(struct member *member);
void member_release(struct member *member);

/* Whether a batch contains messages of its own. */
static inline bool member_spoke_in(const struct member *member, const struct batch *batch)
{
    return member->spoke_in[batch->number % 2] == batch->number;
}

/*
 * Sends a member those messages of a batch that are for it: from `since` on, without its own. Never
 * waits. For one thread at a time; the batch must not change meanwhile. Kills the user's link with
 * LINK_OUT_OF_MEMORY when memory is out. Takes the outbox lock.
 */
void member_send_part(struct member *member, struct batch *batch);

/*
 * As member_send_part(), with a fast path for members that are sent the whole batch: nearly all
 * are, and delivery is where a busy server spends its time.
 */
static inline void member_send(struct member *member, struct batch *batch)
{
    const struct user *user = member->user;
    const struct encoding *encoding = outbox_encoding(user->outbox);
    const struct buffer *all = batch_shared(batch, user_format(user, encoding), encoding);
    if (all == NULL || member->since > batch->first || member_spoke_in(member, batch) ||
        !outbox_send_encoded(user->outbox, encoding, buffer_bytes(all), buffer_length(all)))
        member_send_part(member, batch);
}

/*
 * The same in two steps. member_gather() copies the messages for the member into `out`; it returns
 * false when memory is out. member_hand_over() sends and frees them; if `whole` is false, it kills
 * the user's link instead. The second takes the outbox lock.
 */
bool member_gather(const struct member *member, const struct batch *batch, struct batch *out);
void member_hand_over(struct member *member, bool whole, struct batch *gathered);

#endif
