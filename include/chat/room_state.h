/*
 * room_state: what of a room belongs to the state of the chat (state.h): its settings, its members
 * and their order, and the number of its last line; not what was said.
 */
#ifndef CHAT_ROOM_STATE_H
#define CHAT_ROOM_STATE_H

#include "chat/change.h"
#include "chat/kept_rooms.h"
#include "chat/room_settings.h"
#include "chat/user.h"

#include <stdbool.h>

struct room;

/*
 * Tells a room's state. A room without members has none, as it is about to be gone, or is kept; but
 * the lobby stays. Returns false if `hear` has. Takes the order lock, and holds it while `hear` is
 * called.
 */
bool room_state_tell(struct room *room, bool (*hear)(void *context, const struct change *change),
                     void *context);

/*
 * Tells the state of a kept room that nobody is in: its name, its settings, and its talk. Takes no
 * lock.
 */
bool room_state_tell_kept(const char *name, const struct room_settings *settings,
                          const struct kept_talk *talk,
                          bool (*hear)(void *context, const struct change *change), void *context);

/*
 * Makes what one change tells of the room. With CHANGE_STATE_ROOM, of what it had been before
 * nothing but the members remains. Returns false when memory is out: it is to be called again.
 * Takes the order lock.
 */
bool room_state_make(struct room *room, const struct change *change);

/*
 * Has a remote user be a member, behind those that there are. Takes over the caller's reference to
 * the room. Waits for memory. Takes the order lock.
 */
void room_state_add(struct room *room, struct user *user);

/*
 * All is made that the state tells of a room: if it is kept, that is noted, as it may have no
 * members. Waits for memory. Takes the order lock.
 */
void room_state_end(struct room *room);

#endif
