/*
 * session_telling: what a user sends to others outside of a room's order: to one, or to everybody
 * in the chat.
 *
 * All functions are for the user's own thread, and want no lock held.
 */
#ifndef CHAT_SESSION_TELLING_H
#define CHAT_SESSION_TELLING_H

#include "chat/name.h"
#include "chat/session.h"
#include "chat/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Sends a private message, a line of text, to one user. The log does not have it. With an author
 * that floods, each message waits up to a second for a reader that is behind. Returns 0; EINVAL if
 * nothing is left of the text when it is cleaned; ENOMEM; to a remote user as ordering_send().
 */
int session_tell(struct session *session, struct user *to, const char *text, size_t length);

/*
 * Sends a message that user_render() has rendered to one user, as session_tell() does: it counts as
 * talk, and waits for its reader if its author floods.
 */
void session_queue_private(struct session *session, struct user *to, const struct message *message,
                           struct user_text *text);

/*
 * Returns the id of the user that last sent this user a private message, 0 if none has, and copies
 * the name that it had then.
 */
uint64_t session_correspondent(struct session *session, char name[NAME_SIZE]);

/*
 * Sends a line of text to every user in the chat, this one too, and logs it (wall.h). It is in no
 * room, and has no place in their orders. Returns 0; EINVAL if nothing is left of the text when it
 * is cleaned; ENOMEM, and then some may have been sent it; otherwise as wall_say().
 */
int session_tell_all(struct session *session, const char *text, size_t length);

/*
 * Tells a user that this one has made it an operator, or no operator any more. Returns false when
 * memory is out.
 */
bool session_tell_rank(struct session *session, struct user *to, bool is_operator);

#endif
