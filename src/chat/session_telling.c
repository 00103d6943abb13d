#include "base/platform.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/text.h"
#include "chat/directory.h"
#include "chat/flow.h"
#include "chat/session_telling.h"
#include "chat/wall.h"
#include "net/link.h"
#include "net/outbox.h"

#include <errno.h>

/* How often the machine of a reader that is behind is asked again. */
#define ASK_INTERVAL (FLOW_TICK / 2)

/*
 * Queues a private message of a flood, once its reader is not behind, or it has waited long enough.
 */
static void queue_flood(struct session *session, struct user *to, const struct message *message,
                        struct user_text *text)
{
    int64_t arrival = clock_now();
    const struct link *author = outbox_link(session->user->outbox);
    while (!user_queue(to, message, text, true)) {
        if (flow_wait_for(&session->chat->private_flow, &to->local->reader, &to->local->let_in,
                          arrival) == FLOW_SEND ||
            link_reason(author) != LINK_OPEN) {
            user_queue(to, message, text, false);
            return;
        }
    }
}

void session_queue_private(struct session *session, struct user *to, const struct message *message,
                           struct user_text *text)
{
    struct user *user = session->user;
    if (flow_is_flood(&user->pace, message_bytes(message), clock_now()) && to != user)
        queue_flood(session, to, message, text);
    else
        user_queue(to, message, text, false);
    user_flush(to);
    tally_add(&session->chat->figures.told, 1);
}

/*
 * Sends a clean private message to a remote user. One of a flood waits for its reader, of which
 * that one's machine knows; unless its author has left. Returns as ordering_send().
 */
static int send_away(struct session *session, struct user *to, const struct message *message)
{
    struct user *user = session->user;
    struct change change = {.kind = CHANGE_TELL,
                            .user = to->id,
                            .author = message->author,
                            .author_name = message->name,
                            .text = message->text,
                            .time = clock_utc(),
                            .given =
                                flow_is_flood(&user->pace, message_bytes(message), clock_now())};
    int error;
    while ((error = ordering_send(session->chat->ordering, to, &change)) == EAGAIN) {
        clock_sleep_until(clock_now() + ASK_INTERVAL);
        change.given = link_reason(outbox_link(user->outbox)) == LINK_OPEN;
    }
    return error;
}

/*
 * Sends a clean private message, which does not reach who ignores its author. Returns 0 or ENOMEM,
 * or for a remote user as ordering_send().
 */
static int hand_over(struct session *session, struct user *to, const struct message *message)
{
    struct user *user = session->user;
    struct user_text text = {0};
    if (user_is_remote(to))
        return send_away(session, to, message);
    bool whole = user_render(to, message, &text);
    if (whole && user_wants(to, message)) {
        directory_set_correspondent(session->chat->directory, to, user);
        session_queue_private(session, to, message, &text);
    }
    buffer_free(&text.bytes);
    return whole ? 0 : ENOMEM;
}

int session_tell(struct session *session, struct user *to, const char *text, size_t length)
{
    struct buffer clean = {0};
    const struct user *user = session->user;
    int error = text_tidy(&clean, text, length) ? 0 : ENOMEM;
    const struct message message = {.kind = MESSAGE_TELL,
                                    .author = user->id,
                                    .name = words_of(user->name),
                                    .text = {buffer_bytes(&clean), buffer_length(&clean)}};
    if (error == 0 && message.text.length == 0)
        error = EINVAL;
    if (error == 0)
        error = hand_over(session, to, &message);
    buffer_free(&clean);
    return error;
}

uint64_t session_correspondent(struct session *session, char name[NAME_SIZE])
{
    return directory_correspondent(session->chat->directory, session->user, name);
}

int session_tell_all(struct session *session, const char *text, size_t length)
{
    struct buffer clean = {0};
    int error = text_tidy(&clean, text, length) ? 0 : ENOMEM;
    const struct words said = {buffer_bytes(&clean), buffer_length(&clean)};
    if (error == 0 && said.length == 0)
        error = EINVAL;
    if (error == 0)
        error = wall_say(session->chat, session->user, said);
    buffer_free(&clean);
    return error;
}

bool session_tell_rank(struct session *session, struct user *to, bool is_operator)
{
    const struct user *user = session->user;
    const struct message message = {.kind = is_operator ? MESSAGE_OP : MESSAGE_DEOP,
                                    .author = user->id,
                                    .name = words_of(user->name)};
    return user_send(to, &message);
}
