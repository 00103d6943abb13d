/*
 * wall: what an operator says to everybody in the chat, in whatever rooms. In a cluster all
 * machines are told in the one order (chat/ordering.h); in the rooms it has no place.
 */
#ifndef CHAT_WALL_H
#define CHAT_WALL_H

#include "chat/chat.h"
#include "chat/user.h"

/*
 * Says a clean text to everybody. Returns 0; EPERM if the user is no operator by then; ENOMEM if
 * somebody was not told; otherwise as ordering_await(). For the user's own thread. Hold no lock.
 */
int wall_say(struct chat *chat, const struct user *author, struct words text);

/* Says it to everybody on this machine, and logs it. Returns 0, EPERM or ENOMEM. Hold no lock. */
int wall_show(struct chat *chat, const struct user *author, struct words text);

#endif
