#include "base/platform.h"

#include "chat/member.h"
#include "net/link.h"
#include "net/outbox.h"
#include "net/screen.h"

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
    const struct rendering *rendering = batch_render(batch, user_format(user, encoding), encoding);
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
    struct batch *batch;
    struct batch_range range;
};

/* How a message is shown. */
enum showing {
    SHOWN_NEVER, /* not at all: it is the user's own */
    SHOWN_ALIKE, /* as to all users with the same settings */
    SHOWN_APART  /* as to this user only */
};

static enum showing showing_of(const struct sight *sight, size_t index, bool alike)
{
    const struct user_view *view = &sight->user->view;
    if (!batch_is_for(sight->batch, index, sight->user->id))
        return SHOWN_NEVER;
    struct message message = batch_message(sight->batch, index);
    return alike && !view->look->is_named(view->context, &message) ? SHOWN_ALIKE : SHOWN_APART;
}

/* Shows a range of messages with the rows that users share. */
static bool show_alike(const struct sight *sight, const struct rendering *rendering,
                       struct batch_range range, struct screen *screen, struct buffer *out)
{
    const struct user_view *view = &sight->user->view;
    struct buffer before = {0};
    size_t length;
    const char *rows = rendering_bytes(rendering, range, &length);
    bool whole = view->look->begin(view->context, batch_time(sight->batch).date, &before);
    if (whole && buffer_length(&before) > 0)
        whole = screen->print(screen, buffer_bytes(&before), buffer_length(&before), out);
    buffer_free(&before);
    return whole && screen->print_rows(screen, rows, length, out);
}

static bool show_apart(const struct sight *sight, size_t index, struct screen *screen,
                       struct buffer *out)
{
    struct message message = batch_message(sight->batch, index);
    return user_show(sight->user, &message, screen, out);
}

/*
 * Shows the messages with shared rows as far as they look the same to all users with the same
 * settings and width. Without shared rows each message is dressed by itself: when memory is out,
 * when there are too many kinds of screens, or while the screen takes no rows.
 */
static bool show(void *context, struct screen *screen, struct buffer *out)
{
    const struct sight *sight = context;
    const struct user_view *view = &sight->user->view;
    const struct rendering *rendering = NULL;
    if (screen->columns > 0)
        rendering = batch_render_for_screen(sight->batch, view->look->format(view->context),
                                            screen->encoding, screen->columns);
    struct batch_range piece = {sight->range.begin, sight->range.begin};
    bool whole = true;
    while (piece.begin < sight->range.end && whole) {
        enum showing showing = SHOWN_NEVER;
        while (piece.end < sight->range.end &&
               (showing = showing_of(sight, piece.end, rendering != NULL)) == SHOWN_ALIKE)
            piece.end++;
        if (piece.end > piece.begin)
            whole = show_alike(sight, rendering, piece, screen, out);
        if (piece.end < sight->range.end && showing == SHOWN_APART && whole)
            whole = show_apart(sight, piece.end, screen, out);
        piece.begin = ++piece.end;
    }
    return whole;
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
        struct sight sight = {user, batch, range};
        sent = encoding == &outbox_screen ? outbox_show(user->outbox, show, &sight)
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
