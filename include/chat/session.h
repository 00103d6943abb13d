/*
 * session: a user and what it is about to do, whatever door it uses. A session does not know how a
 * request is typed, nor how an answer reads. It belongs to the thread of its connection. What a
 * user does has a header of its own each: session_entry, session_membership, session_publishing,
 * session_telling, session_policy, session_verdicts and session_history.
 */
#ifndef CHAT_SESSION_H
#define CHAT_SESSION_H

#include "chat/batch.h"
#include "chat/chat.h"
#include "chat/member.h"
#include "chat/user.h"

#include <stdbool.h>
#include <stdint.h>

struct outbox;

struct session {
    struct chat *chat;
    struct user *user;
    struct member *current; /* its membership of the room to which its messages go; NULL: of none */
    struct batch unsaid;    /* messages that are not published yet */
    struct buffer sought;   /* words of the last search */
    uint64_t sought_below;  /* id of the oldest message that it has found; 0: none yet */
    int64_t muted_until;    /* if it is muted, clock_utc(); 0: without an end */
    int64_t absent_from,
        absent_to;          /* when a registered user was not here, before; chat/absence.h */
    enum kept kept;         /* what has become of storing what it last decided about a room */
    struct verdict *kicked; /* why it must leave the chat; NULL: it need not */
};

/*
 * Initializes the session of a user without a name, to whom messages are sent by `outbox` as `view`
 * says. Takes a reference to the outbox. Returns 0 or ENOMEM.
 */
int session_open(struct session *session, struct chat *chat, struct outbox *outbox,
                 const struct user_view *view);

/* Frees what a session holds. It must have left, or never entered. */
void session_close(struct session *session);

/* Whether the link of the user has not ended. */
bool session_is_connected(const struct session *session);

#endif
