#include "base/platform.h"

#include "base/clock.h"
#include "doors/plain/admission.h"
#include "doors/plain/prompt.h"

enum { PASSWORD_TRIES = 5 };

static const char question[] = "Password: ";

static bool is_password(struct caller *caller, const struct line *line)
{
    return password_matches(caller->door->password, line->bytes, line->length);
}

static void refuse(struct caller *caller)
{
    event_log_print(caller->session.chat->event_log, EVENT_LOG_EVENT, "password failed: (%s)",
                    link_peer(conn_link(caller->conn)));
    caller_reply(caller, REPLY_WRONG_PASSWORD, "That is not the password.");
}

/* Too many others of the caller's host wait already. */
static void turn_away(struct caller *caller)
{
    event_log_print(caller->session.chat->event_log, EVENT_LOG_EVENT,
                    "%s was refused: too many wrong passwords from its address",
                    link_peer(conn_link(caller->conn)));
    caller_turn_away(caller, GOODBYE_PASSWORDS,
                     "Too many wrong passwords from your address. Try again later.");
}

enum finding { RIGHT, WRONG, TOO_MANY, GONE };

/* Looks at an answer, after a wait if there were wrong ones from the same host. */
static enum finding judge(struct caller *caller, const struct line *line)
{
    struct attempts *attempts = caller->door->attempts;
    const struct address_prefix *address = link_address(conn_link(caller->conn));
    struct attempt attempt;
    if (!attempts_begin(attempts, address, clock_now(), &attempt))
        return TOO_MANY;
    if (attempt.wait > 0)
        conn_pause(caller->conn, attempt.wait);
    if (link_reason(conn_link(caller->conn)) != LINK_OPEN)
        return GONE; /* perhaps before its time: the server may be stopping */
    bool right = is_password(caller, line);
    attempts_end(attempts, &attempt, right, clock_now());
    return right ? RIGHT : WRONG;
}

/* Asks up to PASSWORD_TRIES times. */
static bool ask(struct caller *caller)
{
    struct line line;
    for (int tries = 0; tries < PASSWORD_TRIES; tries++) {
        switch (prompt_ask_secret(caller, question, &line)) {
        case PROMPT_ANSWERED:
            break;
        case PROMPT_TOO_LONG:
            continue;
        case PROMPT_OVER:
            return false;
        }
        switch (judge(caller, &line)) {
        case RIGHT:
            return true;
        case WRONG:
            refuse(caller);
            break;
        case TOO_MANY:
            turn_away(caller);
            return false;
        case GONE:
            return false;
        }
    }
    return false;
}

bool admission_pass(struct caller *caller)
{
    if (caller->door->password == NULL)
        return true;
    if (!ask(caller))
        return false;
    prompt_end_secret(caller);
    return true;
}
