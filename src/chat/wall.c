#include "base/platform.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "chat/directory.h"
#include "chat/event_log.h"
#include "chat/format.h"
#include "chat/wall.h"

#include <errno.h>

/* Logs a message that is in no room. It is missing in the log if there is no memory for it. */
static void log_alone(struct chat *chat, const struct message *message)
{
    struct buffer line = {0};
    if (format_lines.render(message, &line))
        event_log_write(chat->event_log, EVENT_LOG_EVENT, buffer_bytes(&line),
                        buffer_length(&line));
    buffer_free(&line);
}

/* Sends a message to everybody. Returns false when memory was out for one of them. */
static bool send_to_all(struct chat *chat, const struct message *message)
{
    struct user *user;
    bool whole = true;
    for (uint64_t id = 0; (user = directory_after(chat->directory, &id)) != NULL;) {
        whole = user_send(user, message) && whole;
        user_release(user);
    }
    return whole;
}

static int show(struct chat *chat, const struct user *author, struct words text)
{
    const struct message message = {
        .kind = MESSAGE_WALL, .author = author->id, .name = words_of(author->name), .text = text};
    log_alone(chat, &message);
    return send_to_all(chat, &message) ? 0 : ENOMEM;
}

int wall_show(struct chat *chat, const struct user *author, struct words text)
{
    return user_is_operator(author) ? show(chat, author, text) : EPERM;
}

/* It is in no room: the turn ends when it is known whether the author may speak. */
int wall_say(struct chat *chat, const struct user *author, struct words text)
{
    const struct change change = {.kind = CHANGE_WALL,
                                  .author = author->id,
                                  .author_name = words_of(author->name),
                                  .text = text,
                                  .time = clock_utc()};
    int error = ordering_await(chat->ordering, author, &change, ORDERING_PATIENT, NULL);
    if (error != 0)
        return error;
    bool may = user_is_operator(author);
    ordering_end(chat->ordering);
    return may ? show(chat, author, text) : EPERM;
}
