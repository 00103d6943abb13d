#include "base/platform.h"

#include "chat/member.h"
#include "net/link.h"
#include "net/outbox.h"
#include "net/screen.h"

#include <stdlib.h>

struct member *member_create(struct user *user, struct room *room, uint64_t room_number)
{
    size_t readers = user_is_remote(user) ? 0 : 1;
    struct member *member = calloc(1, sizeof *member + readers * sizeof *member->reader);
    if (member == NULL)
        return NULL;
    user_acquire(user);
    member->user = user;
    member->room = room;
    member->room_number = room_number;
    atomic_init(&member->references, 1);
    atomic_init(&member->elsewhere, false);
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

/* The rooms between which a user changes. */
struct change_of_focus {
    struct member *to, *from;
};

static void change_focus(void *context)
{
    const struct change_of_focus *change = context;
    if (change->from != NULL)
        atomic_store_explicit(&change->from->elsewhere, true, memory_order_relaxed);
    atomic_store_explicit(&change->to->elsewhere, false, memory_order_relaxed);
}

void member_focus(struct member *member, struct member *former)
{
    struct change_of_focus change = {member, former};
    if (user_is_remote(member->user))
        change_focus(&change);
    else
        outbox_change_mode(member->user->outbox, change_focus, &change);
}

static struct batch_reader reader_of(const struct user *user)
{
    return (struct batch_reader){user->id, user_ignored(user)};
}

/* Messages that are gathered for a user. */
struct gathering {
    const struct user *user;
    struct batch *batch;
    const struct rendering *rendering;
    struct batch_range range;
    struct buffer *out;
    bool whole; /* memory was not out */
};

static void gather(void *context)
{
    struct gathering *gathering = context;
    const struct batch_reader reader = reader_of(gathering->user);
    gathering->whole = batch_gather(gathering->batch, gathering->rendering, gathering->range,
                                    &reader, gathering->out);
}

/* As batch_gather(). What the user ignores is read with the outbox lock held. */
static bool gather_for(const struct user *user, struct batch *batch,
                       const struct rendering *rendering, struct batch_range range,
                       struct buffer *out)
{
    const struct batch_reader reader = {user->id, NULL};
    struct gathering gathering;
    if (!user_ignores_some(user))
        return batch_gather(batch, rendering, range, &reader, out);
    gathering = (struct gathering){user, batch, rendering, range, out, false};
    outbox_hold(user->outbox, gather, &gathering);
    return gathering.whole;
}

/*
 * Sends a range of messages in an encoding. With `partial` those that are for the member go out in
 * one send: a reader that takes the beginning of a batch must not be found behind in the middle of
 * it. Returns false if the outbox's mode is another one by now. Kills the link of a user when
 * memory is out.
 */
static bool send_encoded(struct member *member, struct batch *batch, struct batch_range range,
                         bool partial, const struct encoding *encoding, unsigned mode)
{
    const struct user *user = member->user;
    size_t length;
    struct buffer rest = {0};
    const struct rendering *rendering =
        batch_render(batch, member_format(member, encoding), encoding);
    if (rendering == NULL || (partial && !gather_for(user, batch, rendering, range, &rest))) {
        link_kill(outbox_link(user->outbox), LINK_OUT_OF_MEMORY);
        buffer_free(&rest);
        return true;
    }
    const char *bytes = rendering_bytes(rendering, range, &length);
    if (partial) {
        bytes = buffer_bytes(&rest);
        length = buffer_length(&rest);
    }
    bool sent = length == 0 || outbox_send_encoded(user->outbox, mode, bytes, length);
    buffer_free(&rest);
    return sent;
}

/* The messages to be shown on a screen. */
struct sight {
    struct member *member;
    const struct user *user;
    struct batch *batch;
    struct batch_range range;
};

/* How a message is shown. */
enum showing {
    SHOWN_NEVER, /* not at all: it is the user's own, for instance */
    SHOWN_ALIKE, /* as to all users with the same settings */
    SHOWN_APART  /* as to this user only */
};

static enum showing showing_of(const struct sight *sight, size_t index, bool alike)
{
    const struct user_view *view = &sight->user->local->view;
    const struct batch_reader reader = reader_of(sight->user);
    if (!batch_is_for(sight->batch, index, &reader))
        return SHOWN_NEVER;
    struct message message = batch_message(sight->batch, index);
    return alike && !view->look->is_named(view->context, &message) ? SHOWN_ALIKE : SHOWN_APART;
}

/* Shows a range of messages with the rows that users share. */
static bool show_alike(const struct sight *sight, const struct rendering *rendering,
                       struct batch_range range, struct screen *screen, struct buffer *out)
{
    const struct user_view *view = &sight->user->local->view;
    struct buffer before = {0};
    size_t length;
    const char *rows = rendering_bytes(rendering, range, &length);
    bool whole = view->look->begin(view->context, batch_time(sight->batch).date, &before);
    if (whole && buffer_length(&before) > 0)
        whole = screen->print(screen, buffer_bytes(&before), buffer_length(&before), out);
    buffer_free(&before);
    return whole && screen->print_rows(screen, rows, length, out);
}

static bool is_elsewhere(const struct sight *sight)
{
    return atomic_load_explicit(&sight->member->elsewhere, memory_order_relaxed);
}

static bool show_apart(const struct sight *sight, size_t index, struct screen *screen,
                       struct buffer *out)
{
    struct message message = batch_message(sight->batch, index);
    return user_show(sight->user, &message, is_elsewhere(sight), screen, out);
}

/*
 * Shows the messages with shared rows as far as they look the same to all users with the same
 * settings and width. Without shared rows each message is dressed by itself: when memory is out,
 * when there are too many kinds of screens, or while the screen takes no rows.
 */
static bool show(void *context, struct screen *screen, struct buffer *out)
{
    const struct sight *sight = context;
    const struct user_view *view = &sight->user->local->view;
    const struct rendering *rendering = NULL;
    if (screen->columns > 0)
        rendering = batch_render_for_screen(sight->batch,
                                            view->look->format(view->context, is_elsewhere(sight)),
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
        if (piece.end < sight->range.end && showing == SHOWN_NEVER)
            sight->batch->left_out++;
        if (piece.end < sight->range.end && showing == SHOWN_APART && whole)
            whole = show_apart(sight, piece.end, screen, out);
        piece.begin = ++piece.end;
    }
    return whole;
}

/*
 * Repeats when the outbox's mode has changed since it was looked up: another encoding, a screen
 * that opened or closed, or another current room.
 */
static void send_range(struct member *member, struct batch *batch, struct batch_range range,
                       bool partial)
{
    struct outbox *outbox = member->user->outbox;
    bool sent = range.begin == range.end;
    size_t left_out = batch->left_out;
    while (!sent) {
        batch->left_out = left_out;
        unsigned mode = outbox_mode(outbox);
        const struct encoding *encoding = outbox_encoding(outbox);
        struct sight sight = {member, member->user, batch, range};
        sent = encoding == &outbox_screen
                   ? outbox_show(outbox, show, &sight)
                   : send_encoded(member, batch, range, partial || user_ignores_some(member->user),
                                  encoding, mode);
    }
}

void member_send_part(struct member *member, struct batch *batch)
{
    struct batch_range range = batch_since(batch, member->since);
    batch->left_out += range.begin;
    send_range(member, batch, range, member_skips_some(member, batch));
}

bool member_gather(const struct member *member, struct batch *batch, struct batch *out)
{
    const struct batch_reader reader = {member->user->id, NULL};
    struct batch_range range = batch_since(batch, member->since);
    bool whole = true;
    out->room = batch->room;
    out->time = batch->time;
    if (user_is_remote(member->user))
        return true;
    for (size_t i = range.begin; i < range.end && whole; i++)
        if (batch_is_for(batch, i, &reader))
            whole = batch_append(out, batch, (struct batch_range){i, i + 1});
    return whole;
}

void member_hand_over(struct member *member, bool whole, struct batch *gathered)
{
    if (whole)
        send_range(member, gathered, batch_all(gathered), false);
    else if (!user_is_remote(member->user))
        link_kill(outbox_link(member->user->outbox), LINK_OUT_OF_MEMORY);
    user_flush(member->user);
    batch_free(gathered);
}
