/*
 * session_publishing: what a user says in its current room, and whether it may. Lines are collected
 * first, and published together.
 *
 * All functions are for the user's own thread, and want no lock held.
 */
#ifndef CHAT_SESSION_PUBLISHING_H
#define CHAT_SESSION_PUBLISHING_H

#include "chat/message.h"
#include "chat/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Adds a line of text to the unpublished messages, as MESSAGE_SAY or MESSAGE_ACT. The text is
 * cleaned; if nothing is left of it, nothing is added. The caller calls session_publish() soon, and
 * at once if session_is_full(). Returns false, with nothing added, when memory is out.
 */
bool session_say(struct session *session, enum message_kind kind, const char *text, size_t length);

/* Whether the unpublished messages are to be published before more are added. */
bool session_is_full(const struct session *session);

/* Whether there are unpublished messages. */
bool session_has_said(const struct session *session);

enum session_heard {
    SESSION_HEARD,     /* delivered to every other member; or there was nothing to publish */
    SESSION_UNHEARD,   /* no other member is in the room */
    SESSION_NO_MEMORY, /* memory was out: none of the messages was published */
    SESSION_CUT_SHORT, /* memory was out: only the first ones were published */
    SESSION_MUTED, /* the user is muted in the chat: none was published, or only the first ones */
    SESSION_MUTED_IN_ROOM, /* the same in the room */
    SESSION_MODERATED,     /* the same, as the user does not have the floor */
    SESSION_UNLINKED,      /* none was published: the other machines cannot be reached; */
    SESSION_UNSURE         /* or nobody knows whether they were */
};

/*
 * Publishes the unpublished messages, as room_publish() does, and drops what could not be
 * published.
 */
enum session_heard session_publish(struct session *session);

/*
 * Waits until what was published in the rooms of the user before, by others too, has been handed to
 * every reader.
 */
void session_settle(struct session *session);

/*
 * Waits until all that the user has published has been handed to every reader, and all that was
 * published in its rooms before this call has been handed to the user: it is in their outboxes.
 * With an archive, also waits until all of it is on the disk; returns false if that has failed.
 */
bool session_sync(struct session *session);

/*
 * Whether the user is muted in the whole chat. If so, stores until when in *end (clock_utc(); 0:
 * without an end).
 */
bool session_is_muted(const struct session *session, int64_t *end);

#endif
