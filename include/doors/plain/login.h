/*
 * login: how a caller comes in: it is asked for a name, and for the password of a registered one.
 */
#ifndef DOORS_PLAIN_LOGIN_H
#define DOORS_PLAIN_LOGIN_H

#include "chat/accounts.h"
#include "doors/plain/caller.h"

#include <stdbool.h>

/* The prompt for a name. */
extern const char login_prompt[];

/*
 * Asks for a name until the session has entered. Returns false if the conversation ends before,
 * with all said that there is to say but for goodbye.
 */
bool login_enter(struct caller *caller);

enum login_check {
    LOGIN_FREE,    /* the name is nobody's */
    LOGIN_PROVED,  /* it is somebody's, who has given the password */
    LOGIN_REFUSED, /* it is somebody else's, or that cannot be found out; that was replied */
    LOGIN_OVER     /* the conversation ends */
};

/*
 * Finds out whether the caller may have a name that it wants: looks up whose it is, and asks for
 * the password if it is registered; *account is the account then. May wait for long.
 */
enum login_check login_check_name(struct caller *caller, const char *name, struct account *account);

/*
 * Has somebody whose name was LOGIN_FREE leave if it has been registered since: to be called when
 * the directory has the name. Its owner may have left already.
 */
void login_heed(struct caller *caller);

/*
 * Asks whether a guess is the password of the caller's account, or another one by that name, and
 * replies if it is not: returns whether it is.
 */
bool login_prove(struct caller *caller, const char *name, struct words guess);

#endif
