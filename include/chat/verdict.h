/*
 * verdict: what somebody who keeps order has decided about a user: it leaves the chat, or a room.
 * It is passed by the thread of whoever decides, and executed by the user's own
 * (chat/session_verdicts.h).
 *
 * Verdicts that are not executed yet are in a box, which has no lock: any thread may add one, and
 * the user's own takes them.
 */
#ifndef CHAT_VERDICT_H
#define CHAT_VERDICT_H

#include "chat/sanctions.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum verdict_kind {
    VERDICT_KICK, /* the user leaves the chat, */
    VERDICT_BAN,  /* the same, because of the ban that is the sanction */
    VERDICT_EXPEL /* or it leaves one room */
};

enum { VERDICT_WORDS_SIZE = NAME_SIZE + SANCTION_REASON_BYTES_MAX + 2 };

struct verdict {
    struct verdict *next;
    enum verdict_kind kind;
    uint64_t room;                  /* number of the room, for VERDICT_EXPEL */
    struct sanction sanction;       /* its author and its reason */
    char words[VERDICT_WORDS_SIZE]; /* "Olga: REASON" or "Olga"; a name has no colon */
};

/* An all-zero box is empty. */
struct verdict_box {
    _Atomic(struct verdict *) newest;
};

/*
 * Adds a copy of a verdict, with its words set. Returns 0; ENOMEM; ESRCH if the box is closed: an
 * heir has the user's place.
 */
int verdict_add(struct verdict_box *box, const struct verdict *verdict);

/* Puts a verdict, which the caller gives up, into a box that is not closed. */
void verdict_put(struct verdict_box *box, struct verdict *verdict);

/* Whether there is none to be taken. */
bool verdict_box_is_empty(const struct verdict_box *box);

/*
 * Takes all verdicts, the oldest first, as a list that is the caller's. verdict_free() frees one
 * and returns the next.
 */
struct verdict *verdict_take_all(struct verdict_box *box);
struct verdict *verdict_free(struct verdict *verdict);

/* Takes all verdicts, and closes the box for ever. */
struct verdict *verdict_box_close(struct verdict_box *box);

#endif
