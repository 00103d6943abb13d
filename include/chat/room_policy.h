/*
 * room_policy: what is decided about a room (room_settings.h), and how its members are told of it:
 * its topic, who sees it and comes in, and who speaks. What is decided has its turn (ordering.h):
 * such functions return as ordering_await() as well.
 */
#ifndef CHAT_ROOM_POLICY_H
#define CHAT_ROOM_POLICY_H

#include "chat/change.h"
#include "chat/member.h"
#include "chat/message.h"
#include "chat/room_settings.h"
#include "chat/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct room;

/* Whether only members see the room. Takes no lock. */
bool room_is_hidden(const struct room *room);

/*
 * Whether a user that is not in the room sees it: it is not hidden; or it is kept, and the user
 * owns it or is invited. For the user's own thread, as the next one. Take the order lock.
 */
bool room_shows_itself(struct room *room, const struct user *user);

/* Whether a user may find the room and come in without a key. */
bool room_is_open_to(struct room *room, const struct user *user);

/* Describes a room. Takes the order lock. */
void room_describe(struct room *room, struct room_description *description);

/*
 * Sets the topic, a clean line of at most ROOM_TOPIC_MAX bytes (0: none), and sends a notice to all
 * members. Waits as talk of an author that floods does, and so do the next two functions that send
 * a notice. `time` is when it is done (clock_utc()). Returns 0; ENOMEM; EACCES if the member may
 * not speak in the room at that time. Hold no lock. For the member's own thread.
 */
int room_set_topic(struct member *member, struct words topic, int64_t time);

/*
 * Changes a setting as the kind says, from MESSAGE_HIDE to MESSAGE_OPEN or whether the room is
 * moderated, and sends a notice
 * to all members. MESSAGE_LOCK sets `key`, of at most ROOM_KEY_MAX bytes. Returns 0; ENOMEM; EPERM
 * if the member neither owns the room nor is an operator; EINVAL if it is the lobby, into which
 * everybody comes. Hold no lock. For the member's own thread.
 */
int room_change(struct member *member, enum message_kind kind, const char *key);

/* Tells which message a CHANGE_SETTINGS is. Returns false if it is none that room_change() takes.
 */
bool room_change_of(const struct change *change, enum message_kind *kind);

/*
 * Whether a user may speak in the room. With ROOM_MUTED, *end is set to the end of the mute, or to
 * 0. Takes the order lock.
 */
enum room_permission room_ask(struct room *room, const struct user *user, int64_t *end);

/*
 * Mutes a user in a member's room, to an end that is still to come, or to 0: for as long as the
 * room exists. Returns 0 or ENOMEM. room_unmute() returns 0, or EALREADY if it was not muted at the
 * time of the change. Hold no lock. For the member's own thread.
 */
int room_mute(const struct member *member, const struct user *user, int64_t end);
int room_unmute(const struct member *member, const struct user *user, int64_t time);

/*
 * Gives the floor in a member's room to a user, or takes it, and sends a notice with the user's
 * name to all members. Returns 0; ENOMEM; EALREADY if it had no floor that could be taken. Hold no
 * lock. For the member's own thread.
 */
int room_pass_floor(struct member *member, const struct user *to, struct words name, bool gives);

/*
 * Calls `visit` for each member that owns the room or is an operator; for none without memory.
 * Takes the order lock, but calls without it.
 */
void room_visit_leaders(struct room *room, void (*visit)(void *context, struct user *leader),
                        void *context);

/* As room_settings_copy(), with the owner's id. Takes the order lock. */
bool room_copy_settings(struct room *room, struct room_settings *copy);

/* Whether a user owns the room. Takes the order lock. */
bool room_is_owner(struct room *room, const struct user *user);

/*
 * Invites a user into a member's room, by its registered name as well if it has one. Returns 0 or
 * ENOMEM. Hold no lock. For the member's own thread.
 */
int room_invite(const struct member *member, const struct user *invited);

#endif
