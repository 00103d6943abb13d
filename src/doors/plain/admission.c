#include "base/platform.h"

#include "doors/plain/admission.h"
#include "doors/plain/guess.h"
#include "doors/plain/prompt.h"

enum { PASSWORD_TRIES = 5 };

static enum archive_result look(struct caller *caller, struct words guess, void *none)
{
    (void)none;
    return password_matches(caller->door->password, guess.bytes, guess.length) ? ARCHIVE_OK
                                                                               : ARCHIVE_WRONG;
}

static void refuse(struct caller *caller)
{
    event_log_print(caller->session.chat->event_log, EVENT_LOG_EVENT, "password failed: (%s)",
                    link_peer(conn_link(caller->conn)));
    caller_reply(caller, REPLY_WRONG_PASSWORD, "That is not the password.");
}

/* Asks up to PASSWORD_TRIES times. */
static bool ask(struct caller *caller)
{
    struct line line;
    for (int tries = 0; tries < PASSWORD_TRIES; tries++) {
        switch (prompt_ask_secret(caller, QUESTION_PASSWORD, &line)) {
        case PROMPT_ANSWERED:
            break;
        case PROMPT_TOO_LONG:
            continue;
        case PROMPT_OVER:
            return false;
        }
        switch (guess_judge(caller, (struct words){line.bytes, line.length}, look, NULL)) {
        case GUESS_RIGHT:
            return true;
        case GUESS_WRONG:
            refuse(caller);
            break;
        case GUESS_TOO_MANY:
            caller_turn_away(caller, GOODBYE_PASSWORDS,
                             "Too many wrong passwords from your address. Try again later.");
            return false;
        case GUESS_GONE:
        case GUESS_UNKNOWN:
        case GUESS_OVER:
            return false;
        }
    }
    return false;
}

bool admission_pass(struct caller *caller)
{
    if (caller->door->password == NULL || !password_is_wanted(caller->door->password))
        return true;
    if (!ask(caller))
        return false;
    prompt_end_secret(caller);
    return true;
}
