/*
 * room_membership: users join rooms, leave them, and have one of them for the current one.
 *
 * What concerns a user in all its rooms, a new name or that it leaves the chat, takes their order
 * locks together, in ascending order of the rooms' numbers, so that each reader is told once. No
 * other file holds the order locks of several rooms.
 */
#ifndef CHAT_ROOM_MEMBERSHIP_H
#define CHAT_ROOM_MEMBERSHIP_H

#include "chat/member.h"
#include "chat/name.h"
#include "chat/user.h"

#include <stdbool.h>

/* How a member leaves. */
struct room_leaving {
    const char *why; /* the reason, for the log */
    bool silently;   /* without a notice, as all members leave */
    const char *by;  /* who has made it leave, and perhaps why: "Olga: REASON"; NULL: nobody */
};

/*
 * Adds a member to its room, whose user has been added to the directory, and lists the user there.
 * The user is sent the welcome, the other members a notice, and the member all messages that
 * follow. The room becomes the current one instead of that of `former`, if that is not NULL. The
 * first member of a room but the lobby owns it. Returns 0; ENOMEM; as room_settings_admit() with
 * `key`. Hold no lock.
 */
int room_join(struct member *member, struct member *former, const char *key);

/*
 * Makes the room of a member the current one instead of that of `former`, and sends the member who
 * is there, as room_join() does. Returns 0 or ENOMEM. Hold no lock.
 */
int room_focus(struct member *member, struct member *former);

/*
 * Makes the room of a member the current one when its user has left the former one, and has it told
 * so by `tell`, which may take an outbox lock and does not wait. Hold no lock.
 */
void room_arrive(struct member *member, void (*tell)(void *context), void *context);

/*
 * Removes a member from its room; its user stays in other ones. It is sent the messages published
 * before, and none published later. Waits for the end of the delivery of a batch, if there is one.
 * Hold no lock.
 */
void room_leave(struct member *member);

/*
 * As room_leave(), for a member that is made to leave: the others are told `by` whom, and perhaps
 * why ("Alice: REASON"). Its invitation is withdrawn.
 */
void room_expel(struct member *member, const char *by);

/*
 * Removes a user from all its rooms, by its memberships, and from the directory. As room_leave(),
 * for each of the rooms.
 */
void room_leave_all(struct user *user, const struct room_leaving *leaving);

/*
 * Puts an heir, whose members are like those of the user, into the user's places in all its rooms
 * and in the directory, at one moment of all their orders: what was published before goes to the
 * user, what follows to the heir, which is greeted in each room, in its current one last. Nobody
 * else is told. Returns false, and does nothing, when memory is out. Takes the order locks.
 */
bool room_succeed(struct user *user, struct user *heir);

/*
 * Renames a user, and sends a notice to all members of its rooms, this one too. Returns as
 * directory_rename(), or ENOMEM. Hold no lock. For the user's own thread.
 */
int room_rename(struct user *user, const char *name, char rival[NAME_SIZE]);

#endif
