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

/* The `since` of a member that is sent nothing (room_suspend()). */
#define MEMBER_SUSPENDED UINT64_MAX

struct member {
    struct user *user;    /* holds a reference */
    struct room *room;    /* for as long as the user is in it */
    uint64_t room_number; /* of that room; constant */
    atomic_uint references;
    atomic_bool elsewhere; /* it is not the user's current room; changed by outbox_change_mode() */
    bool refused;   /* its last messages, as it may not speak; guarded by the room's order lock */
    bool announced; /* its notice was published; for room_leave_all() and room_rename() */
    struct member *next; /* of the user's memberships; guarded by the directory lock */

    /* Guarded by the room's order lock. */
    uint64_t number; /* position among the room's members, from 1; 0: never was in a room */
    uint64_t since;  /* sequence number of the first message that it is sent */
    uint64_t told;   /* of the last one that tells of it, or that a remote user said; 0: none */
    /*
     * The last even and the last odd batch of which some messages are not for it, modulo 2^32: to
     * look at each message of another batch does no harm.
     */
    uint32_t partial[2];

    struct flow_reader reader[]; /* one, guarded by the room's flow; none if the user is remote */
};

/*
 * Creates a member for a room that it has not joined yet, with one reference. Takes a reference to
 * the user. Returns NULL when memory is out.
 */
struct member *member_create(struct user *user, struct room *room, uint64_t room_number);

/* Take and release a reference. The last release frees the member, and releases the user. */
void member_acquire(struct member *member);
void member_release(struct member *member);

/* Whether it is sent nothing. Wants the room's order lock held. */
static inline bool member_is_suspended(const struct member *member)
{
    return member->since == MEMBER_SUSPENDED;
}

/* Records that some messages of a batch are not for the member (batch_is_for()). */
static inline void member_skip_some(struct member *member, const struct batch *batch)
{
    member->partial[batch->number % 2] = (uint32_t)batch->number;
}

/* Whether some messages of a batch are not for it: its own ones, for instance. */
static inline bool member_skips_some(const struct member *member, const struct batch *batch)
{
    return member->partial[batch->number % 2] == (uint32_t)batch->number;
}

/*
 * Makes `member` the user's current room, and `former`, unless it is NULL, another one of its
 * rooms: from now on the lines of that one name it. Takes the outbox lock.
 */
void member_focus(struct member *member, struct member *former);

/*
 * Returns the format of the room's messages for the member, whose peer has this encoding. Read the
 * outbox's mode before.
 */
static inline const struct format *member_format(struct member *member,
                                                 const struct encoding *encoding)
{
    bool elsewhere = atomic_load_explicit(&member->elsewhere, memory_order_relaxed);
    return user_format(member->user, encoding, elsewhere);
}

/*
 * Sends a member those messages of a batch that are for it: from `since` on, without its own and
 * those that its user ignores. Never waits. For one thread at a time; the batch must not change
 * meanwhile. Kills the user's link with LINK_OUT_OF_MEMORY when memory is out. Takes the outbox
 * lock.
 */
void member_send_part(struct member *member, struct batch *batch);

/*
 * As member_send_part(), with a fast path for members that are sent the whole batch: nearly all
 * are, and delivery is where a busy server spends its time.
 */
static inline void member_send(struct member *member, struct batch *batch)
{
    const struct user *user = member->user;
    unsigned mode = outbox_mode(user->outbox);
    const struct encoding *encoding = outbox_encoding(user->outbox);
    bool elsewhere = atomic_load_explicit(&member->elsewhere, memory_order_relaxed);
    const struct buffer *all =
        batch_shared(batch, user_format(user, encoding, elsewhere), encoding);
    if (all == NULL || user_ignores_some(user) || member->since > batch->first ||
        member_skips_some(member, batch) ||
        !outbox_send_encoded(user->outbox, mode, buffer_bytes(all), buffer_length(all)))
        member_send_part(member, batch);
}

/*
 * The same in two steps. member_gather() copies the messages for the member into `out`; it returns
 * false when memory is out. member_hand_over() sends and frees them, without what the user ignores;
 * if `whole` is false, it kills the user's link instead. The second takes the outbox lock.
 */
bool member_gather(const struct member *member, struct batch *batch, struct batch *out);
void member_hand_over(struct member *member, bool whole, struct batch *gathered);

#endif
