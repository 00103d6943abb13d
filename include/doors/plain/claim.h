/*
 * claim: a name that a caller wants: whose it is, and that its owner has proved to be that. Its own
 * file keeps the stack of whoever comes in short.
 */
#ifndef DOORS_PLAIN_CLAIM_H
#define DOORS_PLAIN_CLAIM_H

#include "chat/accounts.h"
#include "doors/plain/caller.h"

#include <stdbool.h>

enum claim_result {
    CLAIM_FREE,    /* the name is nobody's */
    CLAIM_PROVED,  /* it is somebody's, who has given the password */
    CLAIM_REFUSED, /* it is somebody else's, or that cannot be found out; that was replied */
    CLAIM_OVER     /* the conversation ends */
};

/*
 * Finds out whether the caller may have a name: looks up whose it is, and asks for the password if
 * it is registered; *account is the account then. May wait for long.
 */
enum claim_result claim_name(struct caller *caller, const char *name, struct account *account);

/*
 * The same for a caller that comes in: if it has proved to be the owner, it is registered from then
 * on, and the name becomes that of the account; unless it was banned meanwhile: then it is turned
 * away (CLAIM_REFUSED).
 */
enum claim_result claim_on_entering(struct caller *caller, char name[NAME_SIZE]);

/*
 * Has somebody whose name was CLAIM_FREE leave if it has been registered since: to be called when
 * the directory has the name. Its owner may have left already.
 */
void claim_heed(struct caller *caller);

/*
 * Asks whether a guess is the password of an account, and replies if it is not. Returns whether it
 * is.
 */
bool claim_prove(struct caller *caller, const char *name, struct words guess);

#endif
