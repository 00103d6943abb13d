#include "base/platform.h"

#include "chat/member.h"
#include "net/link.h"
#include "net/outbox.h"

#include <stdlib.h>

struct member *member_create(struct user *user)
{
    struct member *member = calloc(1, sizeof *member);
    if (member == NULL)
        return NULL;
    user_acquire(user);
    member->user = user;
    atomic_init(&member->references, 1);
    return member;
}

void member_acquire(struct member *member)
{
    atomic_fetch_add_explicit(&member->references, 1, memory_order_relaxed);
}

void member_release(struct member *member)
{
    if (atomic_fetch_sub_explicit(&member->references, 1, memory_order_acq_rel) != 1)
        return;
    user_release(member->user);
    free(member);
}

/*
 * Sends a range of messages in an encoding. With `own`, the messages around the member's own go out
 * in one send: a reader that takes the beginning of a batch must not be found behind in the middle
 * of it. Returns false if the user's encoding is another one by now. Kills the link of a user when
 * memory is out.
 */
static bool send_encoded(const struct user *user, struct batch *batch, struct batch_range range,
                         bool own, const struct encoding *encoding)
{
    size_t length;
    struct buffer rest = {0};
    const struct rendering *rendering = batch_render(batch, user->view.format, encoding);
    if (rendering == NULL || (own && !batch_gather(batch, rendering, range, user->id, &rest))) {
        link_kill(outbox_link(user->outbox), LINK_OUT_OF_MEMORY);
        buffer_free(&rest);
        return true;
    }
    const char *bytes = rendering_bytes(rendering, range, &length);
    if (own) {
        bytes = buffer_bytes(&rest);
        length = buffer_length(&rest);
    }
    bool sent = length == 0 || outbox_send_encoded(user->outbox, encoding, bytes, length);
    buffer_free(&rest);
    return sent;
}

/* The messages to be shown on a screen. */
struct sight {
    const struct user *user;
    const struct batch *batch;
    struct batch_range range;
};

static bool dress(void *context, struct buffer *lines)
{
    const struct sight *sight = context;
    const struct user_view *view = &sight->user->view;
    bool whole = true;
    for (size_t i = sight->range.begin; i < sight->range.end && whole; i++) {
        struct message message = batch_message(sight->batch, i);
        if (batch_is_for(sight->batch, i, sight->user->id))
            whole = view->dress(view->context, &message, lines);
    }
    return whole;
}

/* Returns false if the user has no screen any more. */
static bool show(const struct user *user, struct batch *batch, struct batch_range range)
{
    struct sight sight = {user, batch, range};
    bool shown = outbox_show(user->outbox, dress, &sight);
    if (shown)
        outbox_flush(user->outbox);
    return shown;
}

/*
 * Repeats when the user's encoding has changed, or a screen has opened or closed, since it was
 * looked up.
 */
static void send_range(const struct user *user, struct batch *batch, struct batch_range range,
                       bool own)
{
    bool sent = range.begin == range.end;
    while (!sent) {
        const struct encoding *encoding = outbox_encoding(user->outbox);
        sent = encoding == &outbox_screen ? show(user, batch, range)
                                          : send_encoded(user, batch, range, own, encoding);
    }
}

void member_send_part(struct member *member, struct batch *batch)
{
    send_range(member->user, batch, batch_since(batch, member->since),
               member_spoke_in(member, batch));
}

bool member_gather(const struct member *member, const struct batch *batch, struct batch *out)
{
    struct batch_range range = batch_since(batch, member->since);
    bool whole = true;
    for (size_t i = range.begin; i < range.end && whole; i++)
        if (batch_is_for(batch, i, member->user->id))
            whole = batch_append(out, batch, (struct batch_range){i, i + 1});
    return whole;
}

void member_hand_over(struct member *member, bool whole, struct batch *gathered)
{
    if (whole)
        send_range(member->user, gathered, batch_all(gathered), false);
    else
        link_kill(outbox_link(member->user->outbox), LINK_OUT_OF_MEMORY);
    outbox_flush(member->user->outbox);
    batch_free(gathered);
}
