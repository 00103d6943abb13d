#include "base/platform.h"

#include "base/clock.h"
#include "chat/directory.h"
#include "chat/errand.h"
#include "chat/judging.h"
#include "chat/rooms.h"
#include "chat/succession.h"
#include "chat/user.h"

#include <errno.h>

/* Queues a private message of somebody who floods. Returns false if its reader is too far behind.
 */
static bool queue_flood(struct chat *chat, struct user *to, const struct message *message,
                        struct user_text *text)
{
    if (user_queue(to, message, text, true))
        return true;
    enum flow_verdict verdict =
        flow_ask_for(&chat->private_flow, &to->local->reader, &to->local->let_in);
    return verdict != FLOW_WAIT && user_queue(to, message, text, verdict == FLOW_TRY);
}

/* Returns 0; ENOMEM; or EAGAIN if the author is to try again. */
static int hand_over(struct chat *chat, struct user *to, const struct message *message,
                     bool may_wait)
{
    struct user_text text = {0};
    int error = user_render(to, message, &text) ? 0 : ENOMEM;
    if (error == 0 && may_wait && !queue_flood(chat, to, message, &text))
        error = EAGAIN;
    if (error == 0 && !may_wait)
        user_queue(to, message, &text, false);
    if (error == 0)
        user_flush(to);
    buffer_free(&text.bytes);
    return error;
}

static int tell(struct chat *chat, struct user *to, const struct change *change)
{
    const struct message message = {.kind =
                                        change->kind == CHANGE_TELL ? MESSAGE_TELL : MESSAGE_HAND,
                                    .author = change->author,
                                    .room = change->room,
                                    .name = change->author_name,
                                    .text = change->text};
    if (!user_wants(to, &message))
        return 0;
    struct user *author = directory_find_id(chat->directory, change->author);
    if (author != NULL && change->kind == CHANGE_TELL)
        directory_set_correspondent(chat->directory, to, author);
    if (author != NULL)
        user_release(author);
    return hand_over(chat, to, &message, change->given);
}

static int pass_verdict(struct chat *chat, struct user *user, const struct change *change)
{
    char judge[NAME_SIZE], name[NAME_SIZE];
    struct verdict verdict = {.kind = change->room.length > 0 ? VERDICT_EXPEL : VERDICT_KICK};
    words_copy(change->author_name, judge, sizeof judge);
    words_copy(change->text, verdict.sanction.reason, sizeof verdict.sanction.reason);
    words_copy(change->room, name, sizeof name);
    struct room *room = rooms_find(chat->rooms, *name != '\0' ? name : CHAT_LOBBY);
    if (room == NULL)
        return ESRCH;
    int64_t deadline = clock_now() + JUDGING_PATIENCE;
    int error = judging_pass(chat, judge, room, user, &verdict);
    rooms_release(chat->rooms, room);
    while (error == 0 && judging_call(user) && clock_now() < deadline)
        clock_sleep_until(clock_now() + JUDGING_CALL_INTERVAL);
    return error;
}

static int tell_host(const struct user *user, struct address_prefix *host)
{
    *host = user_host(user);
    return 0;
}

static int give_way(struct chat *chat, struct user *user)
{
    succession_give_way(chat->directory, user, clock_now() + JUDGING_PATIENCE);
    return 0;
}

int errand_run(struct chat *chat, const struct change *change, struct address_prefix *host)
{
    struct user *user = directory_find_id(chat->directory, change->user);
    int error = EINVAL;
    if (user == NULL)
        return ESRCH;
    if (user_is_remote(user))
        error = ESRCH;
    else if (change->kind == CHANGE_TELL || change->kind == CHANGE_HAND)
        error = tell(chat, user, change);
    else if (change->kind == CHANGE_KICK)
        error = pass_verdict(chat, user, change);
    else if (change->kind == CHANGE_HOST)
        error = tell_host(user, host);
    else if (change->kind == CHANGE_REPLACE)
        error = give_way(chat, user);
    user_release(user);
    return error;
}
