#include "base/platform.h"

#include "base/clock.h"
#include "doors/plain/guess.h"

static void log_too_many(struct caller *caller)
{
    event_log_print(caller->session.chat->event_log, EVENT_LOG_EVENT,
                    "%s was refused: too many wrong passwords from its address",
                    link_peer(conn_link(caller->conn)));
}

/*
 * Begins an attempt, when no other one of its host is in the way, and waits. GUESS_RIGHT: it may be
 * looked at.
 */
static enum guess_result begin(struct caller *caller, struct attempt *attempt)
{
    struct attempts *attempts = caller->door->attempts;
    struct link *link = conn_link(caller->conn);
    enum attempts_verdict verdict;
    while ((verdict = attempts_begin(attempts, link_address(link), clock_now(), attempt)) ==
           ATTEMPTS_LATER) {
        conn_pause(caller->conn, ATTEMPTS_PAUSE);
        if (link_reason(link) != LINK_OPEN)
            return GUESS_OVER;
    }
    if (verdict == ATTEMPTS_TOO_MANY) {
        log_too_many(caller);
        return GUESS_TOO_MANY;
    }
    if (attempt->wait > 0)
        conn_pause(caller->conn, attempt->wait);
    if (link_reason(link) == LINK_OPEN)
        return GUESS_RIGHT;
    attempts_drop(attempts, attempt); /* perhaps before its time: the server may be stopping */
    return GUESS_OVER;
}

enum guess_result guess_judge(struct caller *caller, struct words guess, guess_look *look,
                              void *context)
{
    struct attempt attempt;
    enum guess_result begun = begin(caller, &attempt);
    if (begun != GUESS_RIGHT)
        return begun;
    enum archive_result result = look(caller, guess, context);
    attempts_end(caller->door->attempts, &attempt, result != ARCHIVE_WRONG, clock_now());
    switch (result) {
    case ARCHIVE_OK:
        return GUESS_RIGHT;
    case ARCHIVE_WRONG:
        return GUESS_WRONG;
    case ARCHIVE_NONE:
        return GUESS_GONE;
    default:
        return GUESS_UNKNOWN;
    }
}
