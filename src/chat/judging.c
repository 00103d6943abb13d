#include "base/platform.h"

#include "chat/directory.h"
#include "chat/event_log.h"
#include "chat/judging.h"
#include "chat/room.h"
#include "net/link.h"
#include "net/outbox.h"

#include <errno.h>
#include <string.h>

static void log_verdict(struct chat *chat, const struct user *user, const struct room *room,
                        const struct verdict *verdict)
{
    char name[NAME_SIZE];
    bool in_room = verdict->kind == VERDICT_EXPEL;
    const char *reason = verdict->sanction.reason;
    directory_copy_name(chat->directory, user, name);
    event_log_print(chat->event_log, EVENT_LOG_EVENT, "%s has kicked %s (%s)%s%s%s%s",
                    verdict->sanction.author, name, user_peer(user), in_room ? " out of #" : "",
                    in_room ? room_name(room) : "", *reason != '\0' ? ": " : "", reason);
}

int judging_pass(struct chat *chat, const char *judge, const struct room *room, struct user *user,
                 const struct verdict *verdict)
{
    struct link *link = outbox_link(user->outbox);
    struct verdict passed = *verdict;
    strcpy(passed.sanction.author, judge);
    passed.room = room_number(room);
    int error = verdict_add(&user->local->verdicts, &passed);
    if (error != 0)
        return error;
    log_verdict(chat, user, room, &passed);
    if (passed.kind != VERDICT_EXPEL)
        link_end(link, LINK_KICKED);
    link_call(link);
    return 0;
}

bool judging_call(struct user *user)
{
    return !verdict_box_is_empty(&user->local->verdicts) && link_nudge(outbox_link(user->outbox));
}

/* Whether a ban has a user leave, as far as this machine knows of one on another. */
static bool reaches(struct chat *chat, const struct sanction *ban, const struct user *user)
{
    char name[NAME_SIZE];
    if (*ban->name == '\0')
        return !user_is_remote(user) && !user_is_operator(user) && user_is_on(user, &ban->range);
    directory_copy_name(chat->directory, user, name);
    return name_looks_like(ban->name, name);
}

void judging_pass_ban(struct chat *chat, const struct sanction *ban, const struct user *except,
                      struct buffer *reached)
{
    const struct verdict verdict = {.kind = VERDICT_BAN, .sanction = *ban};
    struct user *user;
    uint64_t done = 0;
    for (uint64_t id = 0; (user = directory_after(chat->directory, &id)) != NULL;) {
        bool reach = user != except && reaches(chat, ban, user);
        bool judged = reach && !user_is_remote(user);
        int error = judged ? judging_pass(chat, ban->author, chat->lobby, user, &verdict) : 0;
        if (error == ENOMEM)
            link_kill(outbox_link(user->outbox), LINK_OUT_OF_MEMORY);
        else if (error == ESRCH)
            id = done; /* its heir has the id, and is the next */
        else if (reach && reached != NULL)
            buffer_append(reached, &id, sizeof id); /* without memory it is not waited for */
        done = id;
        user_release(user);
    }
}

bool judging_call_all(struct chat *chat)
{
    struct user *user;
    bool waits = false;
    for (uint64_t id = 0; (user = directory_after(chat->directory, &id)) != NULL;) {
        if (!user_is_remote(user))
            waits = judging_call(user) || waits;
        user_release(user);
    }
    return waits;
}
