#include "base/platform.h"

#include "base/text.h"
#include "chat/absence.h"
#include "chat/ignoring.h"
#include "chat/lockdown.h"
#include "chat/session_entry.h"
#include "chat/session_verdicts.h"
#include "doors/plain/claim.h"
#include "doors/plain/login.h"
#include "doors/plain/missed.h"
#include "doors/plain/prompt.h"

#include <string.h>

enum { NAME_TRIES = 5 }; /* tries at a name, and as many /help lines besides */

/* Whether only registered names are let in now, and the caller has none; then replies so. */
static bool is_locked_out(struct caller *caller, const char *name)
{
    struct chat *chat = caller->session.chat;
    if (!lockdown_is_on(chat) || atomic_load(&caller->session.user->registered))
        return false;
    event_log_print(chat->event_log, EVENT_LOG_EVENT, "%s was refused: %s is not registered",
                    link_peer(conn_link(caller->conn)), name);
    caller_reply(caller, REPLY_LOCKDOWN, "Only registered names are let in now.");
    return true;
}

/* Finds out whether the caller may come in under a name, which becomes that of its account. */
static enum claim_result check(struct caller *caller, char name[NAME_SIZE])
{
    if (caller_is_banned(caller, name))
        return CLAIM_REFUSED;
    enum claim_result result = claim_on_entering(caller, name);
    return result == CLAIM_FREE && is_locked_out(caller, name) ? CLAIM_REFUSED : result;
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
                    ? session_enter_again(session, caller->view.paint.name, name)
                    : session_enter(session, caller->view.paint.name, name);
    if (error == 0) {
        session_heed_bans(session);
        return true;
    }
    account_renounce(session->chat, session->user);
    caller_stays_out(caller, error, name);
    return false;
}

/* Brings what was kept for a registered caller. */
static void bring_back(struct caller *caller)
{
    struct session *session = &caller->session;
    caller_show_room(caller); /* it may have come in from elsewhere, into any room */
    account_heed(session->chat, session->user);
    absence_show_kept(session, caller_wait_for_reader, caller);
    if (caller->voice->advises)
        missed_tell(caller, false);
}

/*
 * Tries to come in under the name in a line. CLAIM_REFUSED after a reply; otherwise the caller is
 * in, or the conversation is over.
 */
static enum claim_result try(struct caller *caller, const struct line *line)
{
    const char *bytes = line->bytes;
    size_t length = line->length;
    char name[NAME_SIZE];
    text_strip(&bytes, &length);
    if (!caller_read_name(caller, bytes, length, name))
        return CLAIM_REFUSED;
    enum claim_result result = check(caller, name);
    if (result == CLAIM_REFUSED || result == CLAIM_OVER)
        return result;
    if (result == CLAIM_PROVED)
        ignoring_load(&caller->session, name);
    if (!come_in(caller, name))
        return CLAIM_REFUSED;
    if (result == CLAIM_PROVED)
        bring_back(caller);
    else
        claim_heed(caller);
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
        switch (prompt_ask(caller, QUESTION_NAME, &line)) {
        case PROMPT_ANSWERED:
            if (obey(caller, &line, &questions))
                break;
            switch (try(caller, &line)) {
            case CLAIM_FREE:
            case CLAIM_PROVED:
                return true;
            case CLAIM_REFUSED:
                tries++;
                break;
            case CLAIM_OVER:
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
