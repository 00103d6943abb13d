/* away: a user who says that it is away for a while, until it says something. */
#ifndef CHAT_AWAY_H
#define CHAT_AWAY_H

#include "chat/session.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Notes that the user is away, and why; 0 bytes: it does not tell. The text, a line, is cleaned.
 * Returns 0; EMSGSIZE if it has more than USER_AWAY_MAX bytes; ENOMEM. For the user's own thread,
 * with no lock held.
 */
int away_begin(struct session *session, const char *text, size_t length);

/*
 * Notes that the user is not away any more. Returns whether it was. Costs no lock if it was not.
 * For the user's own thread, with no lock held.
 */
bool away_end(struct session *session);

#endif
