#include "base/platform.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "base/text.h"
#include "chat/directory.h"
#include "chat/event_log.h"
#include "chat/flow.h"
#include "chat/format.h"
#include "chat/session_telling.h"
#include "net/link.h"
#include "net/outbox.h"

#include <errno.h>

/*
 * Queues a private message of a flood, once its reader is not behind, or it has waited long enough.
 */
static void queue_flood(struct session *session, struct user *to, const struct message *message,
                        struct user_text *text)
{
    int64_t arrival = clock_now();
    const struct link *author = outbox_link(session->user->outbox);
    while (!user_queue(to, message, text, true)) {
        if (flow_wait_for(&session->chat->private_flow, &to->reader, &to->let_in, arrival) ==
                FLOW_SEND ||
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
}

/* Sends a clean private message to a remote user. Returns as ordering_send(). */
static int send_away(struct session *session, struct user *to, const struct message *message)
{
    const struct change change = {.kind = CHANGE_TELL,
                                  .user = to->id,
                                  .author = message->author,
                                  .author_name = message->name,
                                  .text = message->text,
                                  .time = clock_utc()};
    return ordering_send(session->chat->ordering, to, &change);
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

/* Sends a message to everybody. Returns false when memory was out for one of them. */
static bool send_to_all(struct session *session, const struct message *message)
{
    struct directory *directory = session->chat->directory;
    struct user *user;
    bool whole = true;
    for (uint64_t id = 0; (user = directory_after(directory, id)) != NULL;) {
        id = user->id;
        whole = user_send(user, message) && whole;
        user_release(user);
    }
    return whole;
}

/* Logs a message that is in no room. It is missing in the log if there is no memory for it. */
static void log_alone(struct session *session, const struct message *message)
{
    struct buffer line = {0};
    if (format_lines.render(message, &line))
        event_log_write(session->chat->event_log, EVENT_LOG_EVENT, buffer_bytes(&line),
                        buffer_length(&line));
    buffer_free(&line);
}

int session_tell_all(struct session *session, const char *text, size_t length)
{
    struct buffer clean = {0};
    const struct user *user = session->user;
    int error = text_tidy(&clean, text, length) ? 0 : ENOMEM;
    const struct message message = {.kind = MESSAGE_WALL,
                                    .author = user->id,
                                    .name = words_of(user->name),
                                    .text = {buffer_bytes(&clean), buffer_length(&clean)}};
    if (error == 0 && message.text.length == 0)
        error = EINVAL;
    if (error == 0) {
        log_alone(session, &message);
        error = send_to_all(session, &message) ? 0 : ENOMEM;
    }
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
