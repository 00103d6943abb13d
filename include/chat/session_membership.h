/*
 * session_membership: the rooms of a user: it joins and leaves them, and has one of them for the
 * current one. The session must have entered (session_entry.h), and have no unpublished messages.
 *
 * All functions are for the user's own thread, and want no lock held.
 */
#ifndef CHAT_SESSION_MEMBERSHIP_H
#define CHAT_SESSION_MEMBERSHIP_H

#include "chat/member.h"
#include "chat/session.h"

#include <stdbool.h>
#include <stdint.h>

struct room;

/* Returns the session's membership of a room; NULL if there is none. */
struct member *session_member(const struct session *session, const struct room *room);

/*
 * Makes a room the current one, and joins or even creates it first if need be, with a key (NULL:
 * none). The user is sent who is there. What a registered user creates is kept: this waits for the
 * archive, and leaves what has become of that in `kept`. Returns 0; ENOMEM;
 * EACCES or EPERM as room_settings_admit(); EMLINK if the session is in as many rooms as may be;
 * ENOSPC as rooms_open().
 */
int session_join(struct session *session, const char *name, const char *key);

/* The same for the lobby, which has no key and may be joined besides as many rooms as may be. */
int session_join_lobby(struct session *session);

/*
 * Leaves a room; if it was the current one, another one is current. Returns 0; EBUSY if it is the
 * last one; or as ordering_await(). What is said in the new current room has its name in front
 * until session_arrive(), which has the user told of it by `tell`: neither comes anything without
 * the name before, nor with it afterwards. `tell` may take an outbox lock, and does not wait.
 */
int session_leave_room(struct session *session, struct member *member);
void session_arrive(struct session *session, void (*tell)(void *context), void *context);

/*
 * Leaves the room with a number, if the user is in it and it is not the lobby, as somebody has
 * decided: everybody is told `by` whom, and perhaps why ("Alice: REASON"). Without another room it
 * comes into the lobby first, and stays where it is if there is no memory for that.
 */
void session_leave_as_told(struct session *session, uint64_t room, const char *by);

/* Releases a member that is in its room no more, or has never been. */
void session_drop(struct session *session, struct member *member);

#endif
