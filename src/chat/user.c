#include "base/platform.h"

#include "base/clock.h"
#include "chat/user.h"
#include "net/link.h"
#include "net/outbox.h"
#include "net/screen.h"

#include <stdlib.h>

/* Seconds of the monotonic clock fit an unsigned, whose atomics every machine has. */
static unsigned now_seconds(void)
{
    return (unsigned)(clock_now() / CLOCK_SECOND);
}

static struct user *create(size_t locals)
{
    struct user *user = calloc(1, sizeof *user + locals * sizeof *user->local);
    if (user == NULL)
        return NULL;
    atomic_init(&user->references, 1);
    atomic_init(&user->last_line, now_seconds());
    return user;
}

struct user *user_create(struct outbox *outbox, const struct user_view *view)
{
    struct user *user = create(1);
    if (user == NULL)
        return NULL;
    outbox_acquire(outbox);
    user->outbox = outbox;
    user->name = user->local->name;
    user->local->view = *view;
    atomic_init(&user->local->ignored, NULL);
    atomic_init(&user->local->heir, NULL);
    return user;
}

struct user *user_create_remote(const char *machine)
{
    struct user *user = create(0);
    if (user != NULL)
        user->machine = machine;
    return user;
}

const char *user_peer(const struct user *user)
{
    return user_is_remote(user) ? user->machine : link_peer(outbox_link(user->outbox));
}

struct address_prefix user_host(const struct user *user)
{
    static const struct address_prefix none;
    return user_is_remote(user) ? none
                                : address_prefix_host(link_address(outbox_link(user->outbox)));
}

bool user_is_on(const struct user *user, const struct address_prefix *range)
{
    return !user_is_remote(user) &&
           address_prefix_contains(range, link_address(outbox_link(user->outbox)));
}

void user_acquire(struct user *user)
{
    atomic_fetch_add_explicit(&user->references, 1, memory_order_relaxed);
}

static void free_local(struct user_local *local)
{
    for (struct verdict *verdict = verdict_take_all(&local->verdicts); verdict != NULL;)
        verdict = verdict_free(verdict);
    free(atomic_load_explicit(&local->ignored, memory_order_relaxed));
}

void user_release(struct user *user)
{
    if (atomic_fetch_sub_explicit(&user->references, 1, memory_order_acq_rel) != 1)
        return;
    if (user_is_remote(user)) {
        free(user->name);
    } else {
        outbox_release(user->outbox);
        free_local(user->local);
    }
    free(user->away);
    free(user);
}

/* A user's list, and one to take its place. */
struct exchange {
    struct user *user;
    struct ignore_list *list;
};

static void exchange(void *context)
{
    struct exchange *both = context;
    both->list =
        atomic_exchange_explicit(&both->user->local->ignored, both->list, memory_order_relaxed);
}

void user_set_ignored(struct user *user, struct ignore_list *list)
{
    struct exchange both = {user, list};
    outbox_change_mode(user->outbox, exchange, &both);
    free(both.list);
}

/* Whether a user wants a message. */
struct wish {
    const struct user *user;
    const struct message *message;
    bool wanted;
};

static void look_up_wish(void *context)
{
    struct wish *wish = context;
    wish->wanted = !ignore_list_omits(user_ignored(wish->user), wish->message);
}

bool user_wants(const struct user *user, const struct message *message)
{
    struct wish wish = {user, message, true};
    if (!user_is_remote(user) && user_ignores_some(user))
        outbox_hold(user->outbox, look_up_wish, &wish);
    return wish.wanted;
}

bool user_show(const struct user *user, const struct message *message, bool elsewhere,
               struct screen *screen, struct buffer *out)
{
    const struct user_view *view = &user->local->view;
    struct buffer lines = {0};
    bool whole = view->look->dress(view->context, message, elsewhere, &lines) &&
                 screen->print(screen, buffer_bytes(&lines), buffer_length(&lines), out);
    buffer_free(&lines);
    return whole;
}

/* A message to be shown on a screen. */
struct sight {
    const struct user *user;
    const struct message *message;
    bool elsewhere;
};

static bool show(void *context, struct screen *screen, struct buffer *out)
{
    const struct sight *sight = context;
    return user_show(sight->user, sight->message, sight->elsewhere, screen, out);
}

static bool render_for(const struct user *user, const struct encoding *encoding,
                       const struct message *message, struct user_text *text)
{
    text->format = user_format(user, encoding, text->elsewhere);
    buffer_truncate(&text->bytes, 0);
    return text->format->render(message, &text->bytes);
}

bool user_render(const struct user *user, const struct message *message, struct user_text *text)
{
    return user_is_remote(user) || render_for(user, outbox_encoding(user->outbox), message, text);
}

bool user_queue(struct user *user, const struct message *message, struct user_text *text,
                bool unless_behind)
{
    struct sight sight = {user, message, text->elsewhere};
    enum outbox_queued queued = user_is_remote(user) ? OUTBOX_QUEUED : OUTBOX_STALE;
    while (queued == OUTBOX_STALE) {
        const struct encoding *encoding = outbox_encoding(user->outbox);
        if (text->format != user_format(user, encoding, text->elsewhere) &&
            !render_for(user, encoding, message, text)) {
            link_kill(outbox_link(user->outbox), LINK_OUT_OF_MEMORY);
            break;
        }
        const struct outbox_message both = {.text = buffer_bytes(&text->bytes),
                                            .length = buffer_length(&text->bytes),
                                            .encoding = encoding,
                                            .answer = text->answer,
                                            .show = show,
                                            .context = &sight};
        queued = outbox_queue_message(user->outbox, &both, unless_behind);
    }
    return queued != OUTBOX_REFUSED;
}

bool user_send(struct user *user, const struct message *message)
{
    struct user_text text = {0};
    bool whole = user_render(user, message, &text);
    if (whole) {
        user_queue(user, message, &text, false);
        user_flush(user);
    }
    buffer_free(&text.bytes);
    return whole;
}

void user_flush(struct user *user)
{
    if (!user_is_remote(user))
        outbox_flush(user->outbox);
}

/* Who looks meanwhile sees no operator that is not registered. */
void user_set_rank(struct user *user, enum change_rank rank)
{
    if (rank != CHANGE_OPERATOR)
        atomic_store(&user->is_operator, false);
    atomic_store(&user->registered, rank != CHANGE_STRANGER);
    if (rank == CHANGE_OPERATOR)
        atomic_store(&user->is_operator, true);
}

enum change_rank user_rank(const struct user *user)
{
    if (!user_is_registered(user))
        return CHANGE_STRANGER;
    return user_is_operator(user) ? CHANGE_OPERATOR : CHANGE_OWNER;
}

void user_touch(struct user *user)
{
    atomic_store_explicit(&user->last_line, now_seconds(), memory_order_relaxed);
}

unsigned user_idle_seconds(const struct user *user)
{
    unsigned last = atomic_load_explicit(&user->last_line, memory_order_relaxed);
    unsigned now = now_seconds();
    return now > last ? now - last : 0;
}
