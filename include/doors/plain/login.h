/*
 * login: how a caller comes in: it is asked for a name, and for the password of a registered one.
 */
#ifndef DOORS_PLAIN_LOGIN_H
#define DOORS_PLAIN_LOGIN_H

#include "doors/plain/caller.h"

#include <stdbool.h>

/*
 * Asks for a name until the session has entered. Returns false if the conversation ends before,
 * with all said that there is to say but for goodbye.
 */
bool login_enter(struct caller *caller);

#endif
