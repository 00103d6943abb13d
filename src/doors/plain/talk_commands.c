#include "base/platform.h"

#include "chat/accounts.h"
#include "chat/session_telling.h"
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
    char name[NAME_SIZE];
    int error = session_tell(&caller->session, to, text.bytes, text.length);
    if (error == 0) {
        caller_come_back(caller);
        tell_away(caller, to);
    }
    directory_copy_name(caller->session.chat->directory, to, name);
    user_release(to);
    if (error == ESRCH)
        caller_reply(caller, REPLY_HAS_LEFT, "%s has left.", name);
    else if (caller_is_unsure(error))
        caller_reply_unsure(caller, "Whether your message arrives is not known.");
    else if (error != 0 && error != EINVAL)
        caller_reply_undone(caller, error, "Nothing was sent.");
    return error != EINVAL;
}

/* Keeps a private message for the owner of a name, who is not here. As tell(). */
static bool keep(struct caller *caller, const struct account *account, struct arguments text)
{
    struct session *session = &caller->session;
    if (caller_is_muted(caller, false))
        return true;
    enum archive_result result =
        account_keep_message(session->chat, session->user, account->name, text.bytes, text.length);
    switch (result) {
    case ARCHIVE_OK:
        caller_come_back(caller);
        caller_reply(caller, REPLY_KEPT, "%s is not here. Your message is kept.", account->name);
        break;
    case ARCHIVE_FULL:
        caller_reply(caller, REPLY_TOO_MANY_KEPT,
                     "%s is not here, and no more messages of yours are kept. Nothing was sent.",
                     account->name);
        break;
    case ARCHIVE_WRONG:
        return false;
    default:
        caller_reply(caller, REPLY_NOT_STORED,
                     "%s is not here, and nothing can be kept now. Nothing was sent.",
                     account->name);
        break;
    }
    return true;
}

/* Whether a name that nobody has now is a registered one. */
static bool is_owned(struct caller *caller, const char *name, struct account *account)
{
    return account_find(caller->session.chat, name, account) == ARCHIVE_OK && account->same;
}

static bool msg(struct caller *caller, struct arguments rest)
{
    struct arguments word = arguments_take_word(&rest);
    if (word.length == 0 || rest.length == 0)
        return false;
    char name[NAME_SIZE];
    struct account account;
    struct user *to = arguments_look_up_user(caller, word, name);
    if (to != NULL)
        return tell(caller, to, rest);
    if (*name != '\0' && is_owned(caller, name, &account))
        return keep(caller, &account, rest);
    arguments_refuse_user(caller, word);
    return true;
}

/* Returns the owner of a registered name, if here under that name, with a reference; or NULL. */
static struct user *find_owner(struct caller *caller, const struct account *account)
{
    struct user *user = directory_find(caller->session.chat->directory, account->name);
    if (user == NULL || atomic_load(&user->registered))
        return user;
    user_release(user);
    return NULL;
}

/* Who has left may be back, which only a registered name tells. */
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
    struct account account;
    bool owned = to == NULL && is_owned(caller, name, &account);
    if (owned)
        to = find_owner(caller, &account);
    if (to != NULL)
        return tell(caller, to, text);
    if (owned)
        return keep(caller, &account, text);
    caller_reply(caller, REPLY_HAS_LEFT, "%s has left.", name);
    return true;
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
     "says TEXT to NAME alone; it is in no log. For a registered name that is not here, it is "
     "kept.",
     msg, SAYS},
    {"/reply", "TEXT",
     "answers whoever last sent you a private message, even if they have another name by now.",
     reply, SAYS},
    {"/me", "TEXT", "says what you do: the others see * and your name before TEXT.", me, SAYS},
    {0},
};
