/*
 * succession: a person who is here already comes in from elsewhere, and the new user, the heir,
 * takes the place of the old one. Both have a thread. The heir's asks, and the old user's hands
 * over when it leaves: so each changes what is its own alone. Who is on another machine of a
 * cluster leaves there, and the new user comes in behind that.
 *
 * Functions want no lock held.
 */
#ifndef CHAT_SUCCESSION_H
#define CHAT_SUCCESSION_H

#include "chat/directory.h"
#include "chat/ordering.h"
#include "chat/user.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * For the heir's thread: ends the link of the former user with LINK_REPLACED, and waits until that
 * has handed over, until `deadline` (clock_now()) or the end of the heir's own link. Returns
 * whether it has. If not, it may have left by itself, or somebody else is its heir by now, so its
 * name is to be looked up again.
 */
bool succession_ask(struct directory *directory, struct user *former, struct user *heir,
                    int64_t deadline);

/*
 * The same for a newcomer that wants the name alone: waits until the former user has left. Returns
 * whether it has.
 */
bool succession_dismiss(struct directory *directory, struct user *former, struct user *newcomer,
                        int64_t deadline);

/*
 * The same where the former user is remote: has its machine end its link, and waits until it has
 * left in the order of all machines.
 */
bool succession_recall(struct ordering *ordering, struct directory *directory,
                       const struct user *former, struct user *newcomer, int64_t deadline);

/*
 * For a thread that another machine has asked for that (CHANGE_REPLACE): ends the link of the
 * former user with LINK_REPLACED, and waits until that has left, or until `deadline`.
 */
void succession_give_way(struct directory *directory, struct user *former, int64_t deadline);

/*
 * For the thread of the former user, when it leaves. succession_begin() returns its heir, whose
 * thread waits; NULL if there is none. succession_end() tells that thread whether the heir has the
 * user's place; the heir must not be used any more.
 */
struct user *succession_begin(struct user *former);
void succession_end(struct user *heir, bool done);

#endif
