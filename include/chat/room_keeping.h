/*
 * room_keeping: whether a room outlives its members, with its settings: it is kept for the
 * registered user that has made it. What is to be kept is noted (kept_rooms.h), and stored by who
 * calls these, afterwards. In a cluster all machines keep the same rooms, and nothing is stored.
 */
#ifndef CHAT_ROOM_KEEPING_H
#define CHAT_ROOM_KEEPING_H

#include "chat/kept_rooms.h"
#include "chat/member.h"
#include "chat/user.h"

#include <stdbool.h>

struct room;

/*
 * Whether a user has made the room, has not let it go, and it is not kept. Takes the order lock.
 * For the user's own thread, as the next ones; `member` is the user's membership, NULL if it has
 * none. These hold no lock.
 */
bool room_is_to_be_kept(struct room *room, const struct user *user);

/*
 * Keeps the room for its owner, and sends a notice to the other members if it was not kept. Returns
 * KEPT_DONE, KEPT_TOO_MANY, KEPT_NO_ROOM (the lobby is none), KEPT_NOT_OWNER, KEPT_NOT_REGISTERED,
 * KEPT_NO_MEMORY or KEPT_NOWHERE; or KEPT_UNLINKED, as it awaits its turn (ordering.h).
 */
enum kept room_keep(struct room *room, const struct user *user, struct member *member);

/*
 * Has the room go with its last member; it is that of its owner until then. For the owner and
 * operators. Sends a notice to the other members. Returns KEPT_DONE, KEPT_NO_ROOM or
 * KEPT_NOT_OWNER.
 */
enum kept room_let_go(struct room *room, const struct user *user, struct member *member);

/*
 * Has the room go because a user's registered name is nobody's any more, if it is the owner's; and
 * withdraws the invitation of that name. The user itself owns the room from then on.
 */
void room_forget_name(struct room *room, const struct user *user);

/*
 * For the files that a room is made of: notes the settings of a room that is kept. Wants the order
 * lock held; when memory is out, it may release it meanwhile (room_await_memory()).
 */
void room_note(struct room *room);

#endif
