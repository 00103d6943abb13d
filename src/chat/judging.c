#include "base/platform.h"

#include "chat/directory.h"
#include "chat/event_log.h"
#include "chat/judging.h"
#include "chat/room.h"
#include "net/link.h"
#include "net/outbox.h"

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
    int error = verdict_add(&user->verdicts, &passed);
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
    return !verdict_box_is_empty(&user->verdicts) && link_nudge(outbox_link(user->outbox));
}
