/*
 * sanctioning: bans and mutes (chat/sanctions.h), as operators impose and lift them. In a cluster
 * each is a change in the one order (chat/ordering.h), which all machines make by the same function
 * here. What comes of it depends on the changes and their times, not on a machine's own clock. Each
 * is in the log of each machine.
 */
#ifndef CHAT_SANCTIONING_H
#define CHAT_SANCTIONING_H

#include "chat/change.h"
#include "chat/chat.h"
#include "chat/user.h"

#include <stdbool.h>
#include <stddef.h>

enum { SANCTIONING_TARGET_SIZE = NAME_SIZE }; /* of a name, or of a range as it is written */

/* Writes whom a sanction is on. */
void sanctioning_write_target(const struct sanction *sanction,
                              char target[SANCTIONING_TARGET_SIZE]);

/*
 * Impose a sanction of a user's; or lift the bans, or the mutes, that are on the target of one, and
 * store how many there were; if any, the name in *target is then as it was kept. Who is here stays:
 * judging.h. Return 0; EPERM if the user is no operator by then; EINVAL, ENOSPC or ENOMEM as
 * sanctions_impose(); otherwise as ordering_await(). For the user's own thread. Hold no lock.
 */
int sanctioning_impose(struct chat *chat, const struct user *author,
                       const struct sanction *sanction);
int sanctioning_lift(struct chat *chat, const struct user *author, struct sanction *target,
                     size_t *lifted);

/*
 * Waits until what was imposed and lifted is stored, where it is to be. Returns false if that
 * failed: it holds until the server ends. May wait for a disk; hold no lock.
 */
bool sanctioning_store(struct chat *chat);

/*
 * Makes a change here, in its turn: CHANGE_BAN, CHANGE_UNBAN, CHANGE_MUTE or CHANGE_UNMUTE of the
 * chat. Stores what it has imposed, or how many it has lifted, and of which name. Returns as the
 * others, but for ordering_await(); in a cluster it waits for memory.
 */
int sanctioning_make(struct chat *chat, const struct user *author, const struct change *change,
                     struct sanction *sanction, size_t *lifted);

/*
 * For a state (chat/state.h): tells all bans and mutes, as CHANGE_BAN and CHANGE_MUTE, each valid
 * during the call, until `hear` returns false, and returns what it has returned last; and imposes
 * one that was told. The latter waits for memory.
 */
bool sanctioning_tell(struct chat *chat, bool (*hear)(void *context, const struct change *change),
                      void *context);
void sanctioning_restore(struct chat *chat, const struct change *change);

#endif
