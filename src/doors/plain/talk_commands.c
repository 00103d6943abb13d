#include "base/platform.h"

#include "doors/plain/command.h"

#include <errno.h>
#include <string.h>

/*
 * Sends a private message to `to`, and releases it. Returns false if the text is empty once it is
 * cleaned.
 */
static bool tell(struct caller *caller, struct user *to, struct arguments text)
{
    bool muted = caller_is_muted(caller, false);
    int error = muted ? 0 : session_tell(&caller->session, to, text.bytes, text.length);
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
