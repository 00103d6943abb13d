/*
 * session: what a user can do, whatever door it came by: come in, say, tell, take another name,
 * leave. A session knows nothing of how that is asked for, nor of how answers read; it belongs to
 * the thread of its connection.
 */
#ifndef CHAT_SESSION_H
#define CHAT_SESSION_H

#include "chat/batch.h"
#include "chat/chat.h"
#include "chat/member.h"
#include "chat/message.h"
#include "chat/user.h"

#include <stdbool.h>
#include <stddef.h>

struct outbox;

struct session {
    struct chat *chat;
    struct user *user;
    struct room *room;     /* where what it says goes */
    struct member *member; /* of that room; NULL: it has not come in */
    struct batch unsaid;   /* what it has said, and is not published yet */
};

/*
 * Makes the session of somebody without a name, who is sent messages in that view by `outbox`.
 * Returns 0 or ENOMEM.
 */
int session_open(struct session *session, struct chat *chat, struct outbox *outbox,
                 const struct user_view *view);

/* Frees it. It must have left. */
void session_close(struct session *session);

/*
 * Comes in, into the lobby, under a name (which has no fault). Returns 0; EEXIST if somebody has
 * that name or one that looks like it, which is `rival` then; ENOMEM.
 */
int session_enter(struct session *session, const char *name, char rival[NAME_SIZE]);

/* Leaves; `why` is for the log. The others are told unless `silently`. */
void session_leave(struct session *session, const char *why, bool silently);

/*
 * Says or does something (MESSAGE_SAY, MESSAGE_ACT) in its room: a line of text, which is cleaned;
 * if nothing is left of it, nothing is said. It is published by session_publish(), which is to
 * follow soon, when session_is_full() at once. False: memory is out, and it is not said.
 */
bool session_say(struct session *session, enum message_kind kind, const char *text, size_t length);

bool session_is_full(const struct session *session);

/* Whether something was said that has not been published. */
bool session_has_said(const struct session *session);

enum session_heard {
    SESSION_HEARD,    /* it was handed to every other member; or nothing was said */
    SESSION_UNHEARD,  /* nobody else is in the room */
    SESSION_NO_MEMORY /* it, or the rest of it, was not said */
};

/* Publishes what was said, and waits until it is delivered. Floods wait (flow.h). */
enum session_heard session_publish(struct session *session);

/*
 * Tells one other user a line of text that nobody else gets, and the log does not. A flood waits
 * for its reader, a second for each message. Returns 0; EINVAL if nothing is left of the text when
 * it is cleaned; ENOMEM.
 */
int session_tell(struct session *session, struct user *to, const char *text, size_t length);

/* Takes another name. Returns as session_enter(). */
int session_rename(struct session *session, const char *name, char rival[NAME_SIZE]);

/*
 * Who sent this user the last private message: its id, 0 if nobody has, and the name that it had
 * then.
 */
uint64_t session_correspondent(struct session *session, char name[NAME_SIZE]);

#endif
