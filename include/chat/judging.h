/*
 * judging: passes verdicts on users (chat/verdict.h), whose own threads execute them
 * (chat/session_verdicts.h).
 */
#ifndef CHAT_JUDGING_H
#define CHAT_JUDGING_H

#include "base/buffer.h"
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
 * Passes the verdict of a ban on all users of this machine whom it has leave: those with a name
 * that looks like its own, or with an address in its range who are no operators; but not on
 * `except` (NULL: nobody). For whom there is no memory is cut off. Appends their ids to `reached`,
 * and those of users on other machines with such a name, unless that is NULL. Does not wait. Hold
 * no lock.
 */
void judging_pass_ban(struct chat *chat, const struct sanction *ban, const struct user *except,
                      struct buffer *reached);

/*
 * Calls the thread of a user who has a verdict away from its wait. Returns whether it is still to
 * take it. To be repeated after JUDGING_CALL_INTERVAL, but for JUDGING_PATIENCE at most, as the
 * thread may be busy.
 */
#define JUDGING_PATIENCE      CLOCK_SECOND
#define JUDGING_CALL_INTERVAL CLOCK_MILLISECOND
bool judging_call(struct user *user);

/*
 * The same for all users of this machine. Returns whether one of them is still to take a verdict.
 * Hold no lock.
 */
bool judging_call_all(struct chat *chat);

#endif
