/*
 * lockdown: while it is on, only registered names are let in. In a cluster it is turned on and off
 * in the one order (chat/ordering.h), on all machines. Who asks for a name is refused by whoever
 * asks here: lockdown_is_on().
 */
#ifndef CHAT_LOCKDOWN_H
#define CHAT_LOCKDOWN_H

#include "chat/chat.h"
#include "chat/user.h"

#include <stdbool.h>

/* Whether it is on. */
bool lockdown_is_on(const struct chat *chat);

/*
 * Turns it on or off. Returns 0; EPERM if the user is no operator by then; otherwise as
 * ordering_await(). For the user's own thread. Hold no lock.
 */
int lockdown_set(struct chat *chat, const struct user *author, bool on);

/* The same, in its turn: returns 0 or EPERM. */
int lockdown_make(struct chat *chat, const struct user *author, bool on);

/* Sets it as a state tells (chat/state.h). */
void lockdown_restore(struct chat *chat, bool on);

/* Turns it on for a machine of a cluster that begins with it. */
void lockdown_begin(struct chat *chat, const char *machine);

#endif
