#include "base/platform.h"

#include "chat/absence.h"
#include "doors/plain/claim.h"
#include "doors/plain/guess.h"
#include "doors/plain/prompt.h"

#include <string.h>

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

bool claim_prove(struct caller *caller, const char *name, struct words guess)
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
    case GUESS_GONE:
        caller_reply(caller, REPLY_NOT_REGISTERED, "The name %s is not registered.", name);
        break;
    case GUESS_UNKNOWN:
        caller_refuse_unknown(caller, ARCHIVE_FAILED);
        break;
    case GUESS_OVER:
        break;
    }
    return false;
}

/* Asks for the password of an account, unless a certificate proves that the caller is its person.
 */
static enum claim_result ask_password(struct caller *caller, const char *name)
{
    struct line line;
    enum claim_result check = CLAIM_REFUSED;
    if (strcmp(conn_identity(caller->conn), name) == 0)
        return CLAIM_PROVED;
    switch (prompt_ask_secret(caller, QUESTION_PASSWORD, &line)) {
    case PROMPT_ANSWERED:
        if (claim_prove(caller, name, (struct words){line.bytes, line.length}))
            check = CLAIM_PROVED;
        else if (link_reason(conn_link(caller->conn)) != LINK_OPEN)
            check = CLAIM_OVER;
        break;
    case PROMPT_TOO_LONG:
        break;
    case PROMPT_OVER:
        return CLAIM_OVER;
    }
    prompt_end_secret(caller);
    return check;
}

enum claim_result claim_name(struct caller *caller, const char *name, struct account *account)
{
    struct chat *chat = caller->session.chat;
    caller->registrations = atomic_load(&chat->registrations);
    enum archive_result result = account_find(chat, name, account);
    if (result == ARCHIVE_NONE)
        return CLAIM_FREE;
    if (result != ARCHIVE_OK)
        caller_refuse_unknown(caller, result);
    else if (account->same)
        return ask_password(caller, account->name);
    else
        caller_reply(caller, REPLY_NAME_LOOKS_LIKE, "That name looks like %s, which is registered.",
                     account->name);
    return CLAIM_REFUSED;
}

enum claim_result claim_on_entering(struct caller *caller, char name[NAME_SIZE])
{
    struct account account;
    struct session *session = &caller->session;
    enum claim_result result = claim_name(caller, name, &account);
    if (result != CLAIM_PROVED)
        return result;
    if (caller_is_banned(caller, account.name))
        return CLAIM_REFUSED;
    strcpy(name, account.name);
    account_take_up(session->chat, session->user, &account);
    absence_note(session, account.seen);
    return result;
}

void claim_heed(struct caller *caller)
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
