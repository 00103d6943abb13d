/*
 * session_policy: what a user decides about its current room (room_policy.h), and what it asks for
 * there. The session must have entered, and have no unpublished messages.
 *
 * What concerns a room that is kept waits for the archive, and leaves what has become of that in
 * `kept` (KEPT_DONE: nothing to be said about it).
 *
 * All functions are for the user's own thread, and want no lock held.
 */
#ifndef CHAT_SESSION_POLICY_H
#define CHAT_SESSION_POLICY_H

#include "chat/kept_rooms.h"
#include "chat/message.h"
#include "chat/session.h"
#include "chat/user.h"

#include <stddef.h>

/*
 * Sets the topic of the current room; "": none. The text is cleaned. Returns 0; EMSGSIZE if it has
 * more than ROOM_TOPIC_MAX bytes; ENOMEM; EACCES as room_set_topic().
 */
int session_set_topic(struct session *session, const char *text, size_t length);

/*
 * Invites a user into the current room, and tells it, as by a private message (session_tell()).
 * Returns 0 or ENOMEM.
 */
int session_invite(struct session *session, struct user *invited);

/* As room_change() for the current room. */
int session_change_room(struct session *session, enum message_kind kind, const char *key);

/* As keeping_resume() and keeping_end(). */
enum kept session_keep_room(struct session *session);
enum kept session_let_room_go(struct session *session, const char *name);

/*
 * Asks the owner of the current room, and the operators in it, for the floor. Waits as talk of an
 * author that floods does. Returns how many were asked.
 */
unsigned session_raise_hand(struct session *session);

#endif
