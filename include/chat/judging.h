/*
 * judging: passes verdicts on users (chat/verdict.h), whose own threads execute them
 * (chat/session_verdicts.h).
 */
#ifndef CHAT_JUDGING_H
#define CHAT_JUDGING_H

#include "chat/chat.h"
#include "chat/verdict.h"

#include <stdbool.h>

struct room;

/*
 * Passes a verdict on a user who is not remote, without waiting for it to be taken: `judge` has
 * decided it, for VERDICT_EXPEL about that room. Ends the user's link with LINK_KICKED unless it is
 * to leave the room only. Returns 0; ENOMEM; ESRCH if an heir has the user's place.
 */
int judging_pass(struct chat *chat, const char *judge, const struct room *room, struct user *user,
                 const struct verdict *verdict);

/*
 * Calls the thread of a user who has a verdict away from its wait. Returns whether it is still to
 * take it. To be repeated after JUDGING_CALL_INTERVAL, but for JUDGING_PATIENCE at most, as the
 * thread may be busy.
 */
#define JUDGING_PATIENCE      CLOCK_SECOND
#define JUDGING_CALL_INTERVAL CLOCK_MILLISECOND
bool judging_call(struct user *user);

#endif
