/*
 * keeping: rooms that outlive their members (kept_rooms.h), as users decide. What a registered user
 * makes is kept for its name until it, or an operator, lets it go.
 *
 * The functions are for the user's own thread, with no lock held, and wait until it is stored.
 */
#ifndef CHAT_KEEPING_H
#define CHAT_KEEPING_H

#include "chat/chat.h"
#include "chat/kept_rooms.h"
#include "chat/room.h"
#include "chat/user.h"

/*
 * Keeps a room if its maker is a registered user and has not let it go, as a new room is. Returns
 * KEPT_DONE, as well if there is nothing to do; KEPT_NOT_STORED, KEPT_TOO_MANY or KEPT_NO_MEMORY.
 */
enum kept keeping_begin(struct chat *chat, const struct user *user, struct room *room);

/*
 * The same for all rooms that the user has made: to be called when it has registered its name, or
 * has taken a registered one. Returns what became of the first that could not be kept.
 */
enum kept keeping_begin_all(struct chat *chat, const struct user *user);

/* Keeps a room that the user has perhaps let go. Returns as room_keep(), or KEPT_NOT_STORED. */
enum kept keeping_resume(struct chat *chat, const struct user *user, struct room *room);

/*
 * Lets the room go that has a name or looks like it, whether or not anybody is in it. Returns
 * KEPT_DONE, KEPT_NOT_STORED, KEPT_NO_ROOM, KEPT_NOT_OWNER or KEPT_NOWHERE.
 */
enum kept keeping_end(struct chat *chat, const struct user *user, const char *name);

/*
 * Lets all rooms of the user's name go, and withdraws the invitations of that name: to be called
 * when it is registered no more, while the user still has it. What the user has made is its own as
 * a room of any other user. Returns KEPT_DONE or KEPT_NOT_STORED.
 */
enum kept keeping_forget_name(struct chat *chat, const struct user *user);

/* Has what was decided about a room stored, if it is kept: KEPT_DONE or KEPT_NOT_STORED. */
enum kept keeping_store(struct chat *chat, const struct room *room);

/*
 * Returns the room with a name, with a reference for the caller; also if it is kept and nobody is
 * in it. NULL if there is none, or no memory for it, or as many rooms as may be. Does not wait.
 */
struct room *keeping_find(struct chat *chat, const char *name);

/*
 * Calls `found` for each kept room that is not hidden, that nobody is in, and whose name begins
 * with `beginning`, without regard to case. Returns how many bytes of names were compared. May be
 * called with an outbox lock held. Does not wait.
 */
size_t keeping_each(struct chat *chat, const char *beginning, size_t length,
                    void (*found)(void *context, const char *name), void *context);

/*
 * Goes on to the next kept room that the user sees and nobody is in, behind room->number (0: to the
 * first). Returns false if there is none. Does not wait.
 */
bool keeping_next(struct chat *chat, const struct user *user, struct kept_room *room);

#endif
