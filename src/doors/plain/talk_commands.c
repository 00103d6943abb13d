#include "base/platform.h"

#include "doors/plain/command.h"

#include <errno.h>
#include <string.h>

/* Replies that somebody is away, if so. */
static void tell_away(struct caller *caller, const struct user *to)
{
    struct directory *directory = caller->session.chat->directory;
    char name[NAME_SIZE];
    char away[USER_AWAY_SIZE];
    if (!directory_copy_away(directory, to, away))
        return;
    directory_copy_name(directory, to, name);
    caller_reply(caller, REPLY_AWAY, "%s is away%s%s.", name, *away != '\0' ? ": " : "", away);
}

/*
 * Sends a private message to `to`, and releases it. Returns false if the text is empty once it is
 * cleaned.
 */
static bool tell(struct caller *caller, struct user *to, struct arguments text)
{
    if (caller_is_muted(caller, false)) {
        user_release(to);
        return true;
    }
    int error = session_tell(&caller->session, to, text.bytes, text.length);
    if (error == 0) {
        caller_come_back(caller);
        tell_away(caller, to);
    }
    user_release(to);
    if (error == ENOMEM)
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. Nothing was sent.");
    return error != EINVAL;
}

static bool msg(struct caller *caller, struct arguments rest)
{
    struct arguments word = arguments_take_word(&rest);
    if (word.length == 0 || rest.length == 0)
        return false;
    struct user *to = arguments_find_user(caller, word);
    if (to == NULL)
        return true;
    return tell(caller, to, rest);
}

static bool reply(struct caller *caller, struct arguments text)
{
    char name[NAME_SIZE];
    if (text.length == 0)
        return false;
    uint64_t id = session_correspondent(&caller->session, name);
    if (id == 0) {
        caller_reply(caller, REPLY_NO_MESSAGE, "Nobody has sent you a private message yet.");
        return true;
    }
    struct user *to = directory_find_id(caller->session.chat->directory, id);
    if (to == NULL) {
        caller_reply(caller, REPLY_HAS_LEFT, "%s has left.", name);
        return true;
    }
    return tell(caller, to, text);
}

static bool me(struct caller *caller, struct arguments text)
{
    if (text.length == 0)
        return false;
    caller_say(caller, MESSAGE_ACT, text.bytes, text.length);
    return true;
}

const struct command talk_commands[] = {
    {"/msg", "NAME TEXT",
     "says TEXT to NAME alone, whose name may be typed in either case. Nobody else sees it, and it "
     "is in no log.",
     msg, SAYS},
    {"/reply", "TEXT",
     "answers whoever last sent you a private message, even if they have another name by now.",
     reply, SAYS},
    {"/me", "TEXT", "says what you do: the others see * and your name before TEXT.", me, SAYS},
    {0},
};
