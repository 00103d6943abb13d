#include "base/platform.h"

#include "base/clock.h"
#include "doors/plain/guess.h"

static void log_too_many(struct caller *caller)
{
    event_log_print(caller->session.chat->event_log, EVENT_LOG_EVENT,
                    "%s was refused: too many wrong passwords from its address",
                    link_peer(conn_link(caller->conn)));
}

enum guess_result guess_judge(struct caller *caller, struct words guess, guess_look *look,
                              void *context)
{
    struct attempts *attempts = caller->door->attempts;
    struct link *link = conn_link(caller->conn);
    struct attempt attempt;
    if (!attempts_begin(attempts, link_address(link), clock_now(), &attempt)) {
        log_too_many(caller);
        return GUESS_TOO_MANY;
    }
    if (attempt.wait > 0)
        conn_pause(caller->conn, attempt.wait);
    if (link_reason(link) != LINK_OPEN)
        return GUESS_OVER; /* perhaps before its time: the server may be stopping */
    enum archive_result result = look(caller, guess, context);
    attempts_end(attempts, &attempt, result != ARCHIVE_WRONG, clock_now());
    if (result == ARCHIVE_OK)
        return GUESS_RIGHT;
    return result == ARCHIVE_WRONG ? GUESS_WRONG : GUESS_UNKNOWN;
}
