#include "base/platform.h"

#include "doors/plain/command.h"

#include <string.h>

static const char *current_name(struct caller *caller)
{
    return room_name(caller->session.current->room);
}

/*
 * What somebody who keeps order does to somebody else: in the chat, as an operator, or in the
 * current room, as its owner.
 */
struct act {
    struct user *target; /* with a reference */
    char name[NAME_SIZE];
    bool in_room;
};

/* Whether a room's owner may act on a user in it; if not, replies why. */
static bool may_act_in_room(struct caller *caller, const struct act *act)
{
    struct session *session = &caller->session;
    struct room *room = session->current->room;
    if (!room_is_owner(room, session->user))
        caller_reply(caller, REPLY_NOT_OWNER,
                     "You have not made #%s, and only operators keep order in other rooms.",
                     current_name(caller));
    else if (user_is_operator(act->target))
        caller_reply(caller, REPLY_NOT_ALLOWED, "%s is an operator, who keeps order here.",
                     act->name);
    else if (!directory_is_in(session->chat->directory, act->target, room))
        caller_reply(caller, REPLY_NOT_THERE, "%s is not in #%s.", act->name, current_name(caller));
    else
        return true;
    return false;
}

/* Finds out what the caller may do to whom a word names. Returns false after a reply. */
static bool begin_act(struct caller *caller, struct arguments word, struct act *act)
{
    struct session *session = &caller->session;
    bool may = false;
    act->target = arguments_find_user(caller, word);
    if (act->target == NULL)
        return false;
    directory_copy_name(session->chat->directory, act->target, act->name);
    act->in_room = !user_is_operator(session->user);
    if (act->target == session->user)
        caller_reply(caller, REPLY_NOT_ALLOWED,
                     "That is you. /leave leaves a room, /quit the chat.");
    else
        may = !act->in_room || may_act_in_room(caller, act);
    if (!may)
        user_release(act->target);
    return may;
}

static bool kick(struct caller *caller, struct arguments rest)
{
    struct session *session = &caller->session;
    struct verdict verdict = {.kind = VERDICT_KICK};
    struct act act;
    struct arguments word = arguments_take_word(&rest);
    if (word.length == 0)
        return false;
    if (!begin_act(caller, word, &act))
        return true;
    if (act.in_room)
        verdict.kind = VERDICT_EXPEL;
    bool passed = sanction_set_reason(&verdict.sanction, rest.bytes, rest.length) &&
                  session_judge(session, act.target, &verdict);
    user_release(act.target);
    if (!passed)
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. %s stays.", act.name);
    else if (act.in_room)
        caller_reply(caller, REPLY_DONE, "%s is kicked out of #%s.", act.name,
                     current_name(caller));
    else
        caller_reply(caller, REPLY_DONE, "%s is kicked.", act.name);
    return true;
}

const struct command order_commands[] = {
    {"/kick", "NAME [REASON]",
     "has NAME leave the room, if you have made it; an operator's has them leave the chat. Either "
     "way they may come back.",
     kick, NAMES},
    {0},
};
