/*
 * guess: a password that a caller has given, and whether it is the right one: that is looked at
 * after a wait if guesses from the same host were wrong before (net/attempts.h).
 */
#ifndef DOORS_PLAIN_GUESS_H
#define DOORS_PLAIN_GUESS_H

#include "chat/archive.h"
#include "chat/message.h"
#include "doors/plain/caller.h"

/*
 * Looks whether a guess is right: ARCHIVE_OK, ARCHIVE_WRONG, ARCHIVE_NONE if there is no password
 * any more, or that this could not be found out.
 */
typedef enum archive_result guess_look(struct caller *caller, struct words guess, void *context);

enum guess_result {
    GUESS_RIGHT,
    GUESS_WRONG,
    GUESS_GONE,     /* what it was a guess for is gone: the account was given up meanwhile */
    GUESS_TOO_MANY, /* too many others of the caller's host wait already; that was logged */
    GUESS_UNKNOWN,  /* it could not be found out: the store has failed, or is busy */
    GUESS_OVER      /* the caller's link has ended meanwhile */
};

/* Waits, and looks. May wait for long. */
enum guess_result guess_judge(struct caller *caller, struct words guess, guess_look *look,
                              void *context);

#endif
