#include "base/platform.h"

#include "base/text.h"
#include "chat/absence.h"
#include "chat/ignoring.h"
#include "doors/plain/guess.h"
#include "doors/plain/login.h"
#include "doors/plain/missed.h"
#include "doors/plain/prompt.h"

#include <errno.h>
#include <string.h>

enum { NAME_TRIES = 5 }; /* tries at a name, and as many /help lines besides */

const char login_prompt[] = "Enter your name: ";

static const char password_prompt[] = "Password: ";

/*
 * Whose a name is.
 */

static enum archive_result look(struct caller *caller, struct words guess, void *context)
{
    const char *name = context;
    return account_prove(caller->session.chat, name, guess);
}

static void refuse_guess(struct caller *caller, const char *name)
{
    event_log_print(caller->session.chat->event_log, EVENT_LOG_EVENT, "login failed: %s (%s)", name,
                    link_peer(conn_link(caller->conn)));
    caller_reply(caller, REPLY_WRONG_PASSWORD, "That is not the password of %s.", name);
}

bool login_prove(struct caller *caller, const char *name, struct words guess)
{
    char of[NAME_SIZE];
    strcpy(of, name);
    switch (guess_judge(caller, guess, look, of)) {
    case GUESS_RIGHT:
        return true;
    case GUESS_WRONG:
        refuse_guess(caller, name);
        break;
    case GUESS_TOO_MANY:
        caller_reply(caller, REPLY_BUSY,
                     "Too many wrong passwords from your address. Try again later.");
        break;
    case GUESS_UNKNOWN:
        caller_refuse_unknown(caller, ARCHIVE_FAILED);
        break;
    case GUESS_OVER:
        break;
    }
    return false;
}

/* Asks for the password of an account. */
static enum login_check ask_password(struct caller *caller, const char *name)
{
    struct line line;
    enum login_check check = LOGIN_REFUSED;
    switch (prompt_ask_secret(caller, password_prompt, &line)) {
    case PROMPT_ANSWERED:
        if (login_prove(caller, name, (struct words){line.bytes, line.length}))
            check = LOGIN_PROVED;
        else if (link_reason(conn_link(caller->conn)) != LINK_OPEN)
            check = LOGIN_OVER;
        break;
    case PROMPT_TOO_LONG:
        break;
    case PROMPT_OVER:
        return LOGIN_OVER;
    }
    prompt_end_secret(caller);
    return check;
}

enum login_check login_check_name(struct caller *caller, const char *name, struct account *account)
{
    struct chat *chat = caller->session.chat;
    caller->registrations = atomic_load(&chat->registrations);
    enum archive_result result = account_find(chat, name, account);
    if (result == ARCHIVE_NONE)
        return LOGIN_FREE;
    if (result != ARCHIVE_OK)
        caller_refuse_unknown(caller, result);
    else if (account->same)
        return ask_password(caller, account->name);
    else
        caller_reply(caller, REPLY_NAME_LOOKS_LIKE, "That name looks like %s, which is registered.",
                     account->name);
    return LOGIN_REFUSED;
}

void login_heed(struct caller *caller)
{
    struct session *session = &caller->session;
    struct account account;
    if (caller->registrations == atomic_load(&session->chat->registrations) ||
        atomic_load(&session->user->registered))
        return;
    if (account_find(session->chat, session->user->name, &account) != ARCHIVE_OK)
        return;
    caller_reply(caller, REPLY_NAME_TAKEN, "The name %s was registered just now.", account.name);
    caller->quitting = true;
}

/*
 * Coming in.
 */

/* Whether only registered names are let in now, and the caller has none; then replies so. */
static bool is_locked_out(struct caller *caller, const char *name)
{
    struct chat *chat = caller->session.chat;
    if (!atomic_load(&chat->lockdown) || atomic_load(&caller->session.user->registered))
        return false;
    event_log_print(chat->event_log, EVENT_LOG_EVENT, "%s was refused: %s is not registered",
                    link_peer(conn_link(caller->conn)), name);
    caller_reply(caller, REPLY_LOCKDOWN, "Only registered names are let in now.");
    return true;
}

/* Finds out whether the caller may come in under a name, which becomes that of the account. */
static enum login_check check(struct caller *caller, char name[NAME_SIZE])
{
    struct account account;
    struct session *session = &caller->session;
    if (caller_is_banned(caller, name))
        return LOGIN_REFUSED;
    enum login_check check = login_check_name(caller, name, &account);
    if (check == LOGIN_PROVED) {
        strcpy(name, account.name);
        account_take_up(session->user, &account);
        absence_note(session, account.seen);
    }
    if (check == LOGIN_FREE && is_locked_out(caller, name))
        return LOGIN_REFUSED;
    return check;
}

/* Enters with a name that is registered. A function of its own keeps the other's stack short. */
static int enter_again(struct session *session, char name[NAME_SIZE])
{
    char rival[NAME_SIZE];
    int error = session_enter_again(session, name, rival);
    if (error == 0)
        return 0;
    strcpy(name, rival);
    account_renounce(session->user);
    return error;
}

/*
 * Tells what the caller is called, and enters. Returns false, after a reply, if that fails; the
 * name is then that of the rival.
 */
static bool come_in(struct caller *caller, char name[NAME_SIZE])
{
    struct session *session = &caller->session;
    caller_show_name(caller, name);
    int error = atomic_load(&session->user->registered)
                    ? enter_again(session, name)
                    : session_enter(session, caller->view.paint.name, name);
    if (error == 0)
        session_heed_bans(session);
    else
        caller_stays_out(caller, error, name);
    return error == 0;
}

/* Brings what was kept for a registered caller. */
static void bring_back(struct caller *caller)
{
    struct session *session = &caller->session;
    account_heed(session->chat, session->user);
    absence_show_kept(session);
    if (caller->voice->advises)
        missed_tell(caller, false);
}

/*
 * Tries to come in under the name in a line. LOGIN_REFUSED after a reply; otherwise the caller is
 * in, or the conversation is over.
 */
static enum login_check try(struct caller *caller, const struct line *line)
{
    const char *bytes = line->bytes;
    size_t length = line->length;
    char name[NAME_SIZE];
    text_strip(&bytes, &length);
    if (!caller_read_name(caller, bytes, length, name))
        return LOGIN_REFUSED;
    enum login_check result = check(caller, name);
    if (result == LOGIN_REFUSED || result == LOGIN_OVER)
        return result;
    if (result == LOGIN_PROVED)
        ignoring_load(&caller->session, name);
    if (!come_in(caller, name))
        return LOGIN_REFUSED;
    if (result == LOGIN_PROVED)
        bring_back(caller);
    else
        login_heed(caller);
    return result;
}

/*
 * Obeys a line that asks for the rules for names, or makes the client a program, but not for ever.
 * Returns whether it was one.
 */
static bool obey(struct caller *caller, const struct line *line, int *questions)
{
    bool asks = prompt_is_command(line, "/help");
    bool is_program = prompt_is_command(line, "/machine on");
    if ((!asks && !is_program) || *questions == NAME_TRIES)
        return false;
    (*questions)++;
    caller->knows_commands = true;
    if (asks) {
        caller_reply(caller, REPLY_HELP, "%s", NAME_RULES);
        return true;
    }
    outbox_answer(conn_outbox(caller->conn), "\n", strlen("\n")); /* behind the prompt */
    caller_become_program(caller);
    return true;
}

bool login_enter(struct caller *caller)
{
    struct line line;
    int questions = 0;
    int tries = 0;
    while (tries < NAME_TRIES && !caller->turned_away) {
        switch (prompt_ask(caller, login_prompt, &line)) {
        case PROMPT_ANSWERED:
            if (obey(caller, &line, &questions))
                break;
            switch (try(caller, &line)) {
            case LOGIN_FREE:
            case LOGIN_PROVED:
                return true;
            case LOGIN_REFUSED:
                tries++;
                break;
            case LOGIN_OVER:
                return false;
            }
            break;
        case PROMPT_TOO_LONG:
            tries++;
            break;
        case PROMPT_OVER:
            return false;
        }
    }
    return false;
}
