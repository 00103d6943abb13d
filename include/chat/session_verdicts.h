/*
 * session_verdicts: keeping order. A user who may passes verdicts on others (verdict.h), and each
 * executes those on itself.
 *
 * All functions are for the user's own thread, and want no lock held.
 */
#ifndef CHAT_SESSION_VERDICTS_H
#define CHAT_SESSION_VERDICTS_H

#include "chat/session.h"
#include "chat/user.h"
#include "chat/verdict.h"

#include <stdbool.h>

/*
 * Passes a verdict on another user, which executes it itself: for its author this user, who must be
 * entitled to that, in its current room. Ends the user's link with LINK_KICKED unless it is to
 * leave a room only. Waits until that is done and this user was sent the notice of it, but for at
 * most a second, as the user's thread may be busy. If an heir has taken the user's place by now,
 * the verdict is the heir's. A remote user's machine is sent it. Returns 0; ENOMEM, with nothing
 * done; among several machines also EHOSTUNREACH, with nothing done, as the others cannot be
 * reached, ETIMEDOUT if the user may stay, and for a remote user as ordering_send().
 */
int session_judge(struct session *session, struct user *user, const struct verdict *verdict);

/*
 * Has all other users of this machine leave whom a ban of this user's reaches (judging.h), and
 * waits for all of them together, as session_judge().
 */
void session_enforce(struct session *session, const struct sanction *ban);

/*
 * Passes a verdict on this user itself if a ban holds for its name or its address. To be called
 * when it has entered: bans that are imposed from then on are executed by who imposes them.
 */
void session_heed_bans(struct session *session);

/*
 * Executes the verdicts on this user, if there are any: leaves rooms, or sets `kicked`, and then
 * session_leave() must follow. What was said must have been published. May be called after
 * session_leave(), for a verdict that was passed meanwhile. Returns whether there were any.
 */
bool session_obey(struct session *session);

/*
 * The same for a user that leaves all its rooms now: sets `kicked` if a verdict has it leave the
 * chat, and forgets those about rooms.
 */
void session_settle_verdicts(struct session *session);

/*
 * Passes all verdicts on to the heir that has the user's place, also one that the user has taken.
 * Those that follow find the heir. To be called while the heir's thread waits (succession.h).
 */
void session_bequeath_verdicts(struct session *session, struct user *heir);

#endif
