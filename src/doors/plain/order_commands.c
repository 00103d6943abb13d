#include "base/platform.h"

#include "base/clock.h"
#include "chat/room_policy.h"
#include "chat/sanctioning.h"
#include "chat/session_policy.h"
#include "chat/session_publishing.h"
#include "chat/session_verdicts.h"
#include "chat/until.h"
#include "doors/plain/command.h"

#include <errno.h>
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
    /* The reason reaches others. */
    if ((rest.length > 0 && caller_is_muted(caller, false)) || !begin_act(caller, word, &act))
        return true;
    if (act.in_room)
        verdict.kind = VERDICT_EXPEL;
    int error = sanction_set_reason(&verdict.sanction, rest.bytes, rest.length)
                    ? session_judge(session, act.target, &verdict)
                    : ENOMEM;
    user_release(act.target);
    if (caller_is_unsure(error))
        caller_reply_unsure(caller, "Whether %s stays is not known.", act.name);
    else if (error != 0)
        caller_reply_undone(caller, error, "%s stays.", act.name);
    else if (act.in_room)
        caller_reply(caller, REPLY_DONE, "%s is kicked out of #%s.", act.name,
                     current_name(caller));
    else
        caller_reply(caller, REPLY_DONE, "%s is kicked.", act.name);
    return true;
}

/*
 * Mutes.
 */

static void log_act(struct caller *caller, const char *what, const struct act *act,
                    const char *until)
{
    event_log_print(caller->session.chat->event_log, EVENT_LOG_EVENT, "%s has %s %s (%s)%s%s%s",
                    caller->session.user->name, what, act->name, user_peer(act->target),
                    act->in_room ? " in #" : "", act->in_room ? current_name(caller) : "", until);
}

static int mute_in_chat(struct caller *caller, const struct act *act, int64_t end)
{
    struct sanction mute = {.kind = SANCTION_MUTE, .end = end};
    strcpy(mute.name, act->name);
    strcpy(mute.author, caller->session.user->name);
    return sanctioning_impose(caller->session.chat, caller->session.user, &mute);
}

static void mute_somebody(struct caller *caller, const struct act *act, int64_t end)
{
    char until[UNTIL_SIZE];
    int error;
    if (act->in_room)
        error = room_mute(caller->session.current, act->target, end);
    else
        error = mute_in_chat(caller, act, end);
    if (error == ENOSPC) {
        caller_reply(caller, REPLY_TOO_MANY_BANS,
                     "There are %d bans and mutes, and cannot be more. /bans lists them.",
                     SANCTIONS_MAX);
        return;
    }
    if (error == EPERM) {
        caller_refuse_order(caller, error);
        return;
    }
    if (error != 0) {
        caller_reply_undone(caller, error, "%s is not muted.", act->name);
        return;
    }
    session_settle(&caller->session); /* what they have said before comes before the reply */
    bool stored = act->in_room || sanctioning_store(caller->session.chat);
    until_write_of_mute(end, until);
    if (act->in_room)
        log_act(caller, "muted", act, until);
    if (act->in_room)
        caller_reply(caller, REPLY_DONE, "%s is muted in #%s%s.", act->name, current_name(caller),
                     until);
    else
        caller_reply(caller, REPLY_DONE, "%s is muted%s.", act->name, until);
    caller_tell_kept(caller, stored ? KEPT_DONE : KEPT_NOT_STORED);
}

/* Has only those speak in a room who are given the floor, or everybody again. */
static void moderate(struct caller *caller, struct arguments word, bool on)
{
    struct member *member = arguments_find_member(caller, word);
    if (member == NULL)
        return;
    const char *name = room_name(member->room);
    int error = room_change(member, on ? MESSAGE_MODERATE : MESSAGE_UNMODERATE, NULL);
    switch (error) {
    case 0:
        event_log_print(caller->session.chat->event_log, EVENT_LOG_EVENT, "%s has %s #%s",
                        caller->session.user->name, on ? "muted" : "unmuted", name);
        caller_reply(caller, REPLY_DONE, "#%s is %s.", name,
                     on ? "moderated: /floor NAME gives the floor" : "not moderated any more");
        break;
    case EPERM:
        caller_reply(caller, REPLY_NOT_OWNER, "You have not made #%s, so you cannot change it.",
                     name);
        break;
    default:
        caller_refuse_setting(caller, error);
        break;
    }
}

static bool is_room(struct arguments word)
{
    return word.length > 0 && *word.bytes == '#';
}

static bool mute(struct caller *caller, struct arguments rest)
{
    struct act act;
    int64_t end;
    struct arguments word = arguments_take_word(&rest);
    if (word.length == 0)
        return false;
    if (is_room(word) && rest.length == 0) {
        moderate(caller, word, true);
        return true;
    }
    if (!arguments_take_end(caller, &rest, &end))
        return true;
    if (rest.length > 0)
        return false;
    if (begin_act(caller, word, &act)) {
        mute_somebody(caller, &act, end);
        user_release(act.target);
    }
    return true;
}

/* Lifts the mutes on a name, which nobody may have now. */
static void unmute_name(struct caller *caller, struct arguments word)
{
    struct sanction mute = {.kind = SANCTION_MUTE};
    size_t lifted;
    if (!caller_read_name(caller, word.bytes, word.length, mute.name))
        return;
    int error = sanctioning_lift(caller->session.chat, caller->session.user, &mute, &lifted);
    if (error != 0)
        caller_refuse_order(caller, error);
    else if (lifted == 0)
        caller_reply(caller, REPLY_NO_CHANGE, "%s is not muted.", mute.name);
    if (error != 0 || lifted == 0)
        return;
    bool stored = sanctioning_store(caller->session.chat);
    caller_reply(caller, REPLY_DONE, "%s is not muted any more.", mute.name);
    caller_tell_kept(caller, stored ? KEPT_DONE : KEPT_NOT_STORED);
}

static void unmute_in_room(struct caller *caller, const struct act *act)
{
    int error = room_unmute(caller->session.current, act->target, clock_utc());
    if (error == EALREADY)
        caller_reply(caller, REPLY_NO_CHANGE, "%s is not muted.", act->name);
    else if (error != 0)
        caller_reply_undone(caller, error, "%s is muted still.", act->name);
    if (error != 0)
        return;
    log_act(caller, "unmuted", act, "");
    caller_reply(caller, REPLY_DONE, "%s is not muted any more.", act->name);
}

static bool unmute(struct caller *caller, struct arguments word)
{
    struct act act;
    if (word.length == 0)
        return false;
    if (is_room(word)) {
        moderate(caller, word, false);
    } else if (user_is_operator(caller->session.user)) {
        unmute_name(caller, word);
    } else if (begin_act(caller, word, &act)) {
        unmute_in_room(caller, &act);
        user_release(act.target);
    }
    return true;
}

/*
 * The floor.
 */

/* Gives the floor to somebody in the current room, or takes it. */
static void pass_floor(struct caller *caller, const struct act *act, bool gives)
{
    struct member *current = caller->session.current;
    int error = room_pass_floor(current, act->target, words_of(act->name), gives);
    switch (error) {
    case 0:
        event_log_print(caller->session.chat->event_log, EVENT_LOG_EVENT,
                        "%s has %s %s (%s) in #%s", caller->session.user->name,
                        gives ? "given the floor to" : "taken the floor from", act->name,
                        user_peer(act->target), current_name(caller));
        break;
    case EALREADY:
        caller_reply(caller, REPLY_NO_CHANGE, "%s has not been given the floor.", act->name);
        break;
    default:
        caller_reply_undone(caller, error, "Nothing was done.");
        break;
    }
}

static bool give_floor(struct caller *caller, struct arguments rest)
{
    struct session *session = &caller->session;
    struct act act;
    bool gives;
    struct arguments word = arguments_take_word(&rest);
    if (word.length == 0 || !arguments_read_switch(rest, &gives))
        return false;
    if (!begin_act(caller, word, &act))
        return true;
    if (!directory_is_in(session->chat->directory, act.target, session->current->room))
        caller_reply(caller, REPLY_NOT_THERE, "%s is not in #%s.", act.name, current_name(caller));
    else
        pass_floor(caller, &act, gives);
    user_release(act.target);
    return true;
}

static bool raise_hand(struct caller *caller, struct arguments none)
{
    struct session *session = &caller->session;
    int64_t end;
    (void)none;
    if (caller_is_muted(caller, false))
        return true;
    switch (room_ask(session->current->room, session->user, &end)) {
    case ROOM_SPEAKS:
        caller_reply(caller, REPLY_NO_CHANGE, "You may speak in #%s.", current_name(caller));
        return true;
    case ROOM_MUTED:
        caller_is_muted(caller, true);
        return true;
    case ROOM_MODERATED:
        break;
    }
    if (session_raise_hand(session) > 0)
        caller_reply(caller, REPLY_DONE, "You have asked for the floor in #%s.",
                     current_name(caller));
    else
        caller_reply(caller, REPLY_NOTHING, "Nobody is in #%s who could give you the floor.",
                     current_name(caller));
    return true;
}

const struct command order_commands[] = {
    {"/kick", "NAME [REASON]",
     "has NAME leave the room, if you have made it; an operator's has them leave the chat. Either "
     "way they may come back.",
     kick, NAMES},
    {"/mute", "NAME [DURATION] | #ROOM",
     "has NAME not heard any more in the room that you have made; an operator's, in the chat. "
     "#ROOM: nobody is without /floor.",
     mute, NAMES},
    {"/unmute", "NAME | #ROOM", "has NAME heard again, or everybody in a room again.", unmute,
     NAMES},
    {"/floor", "NAME [off]",
     "gives NAME the floor in a moderated room that you have made, or takes it away.", give_floor,
     NAMES},
    {"/hand", "", "asks the owner of a moderated room, and operators there, for the floor.",
     raise_hand, NAMES},
    {0},
};
