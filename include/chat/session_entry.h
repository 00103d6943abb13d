/*
 * session_entry: a user comes into the chat under a name, changes the name, and leaves. Who has
 * proved that a name is its own takes the place of whoever has it (chat/succession.h).
 *
 * All functions are for the user's own thread, and want no lock held.
 */
#ifndef CHAT_SESSION_ENTRY_H
#define CHAT_SESSION_ENTRY_H

#include "chat/name.h"
#include "chat/session.h"

#include <stdbool.h>

/*
 * Enters the lobby under an allowed name (name_fault()). Returns 0; EEXIST if another user has this
 * name or one that looks like it, with that user's name in `rival`; ENOMEM.
 */
int session_enter(struct session *session, const char *name, char rival[NAME_SIZE]);

/*
 * The same for a person who has proved that the name is its own (chat/accounts.h): if another user
 * has it, this one takes its place in all its rooms and in the directory, with its id. Nobody else
 * is told, and the other user's link ends with LINK_REPLACED. One on another machine leaves
 * instead, and this one joins its rooms. Waits for that for a few seconds at most, and returns
 * EBUSY if it takes longer.
 */
int session_enter_again(struct session *session, const char *name, char rival[NAME_SIZE]);

/*
 * Renames the user, and sends a notice to its rooms. Returns as session_enter(). With another name
 * than that of its account it is not registered any more.
 */
int session_rename(struct session *session, const char *name, char rival[NAME_SIZE]);

/*
 * The same for a person who has proved that the name is its own: another user that has it leaves.
 * EBUSY as session_enter_again().
 */
int session_rename_again(struct session *session, const char *name, char rival[NAME_SIZE]);

/*
 * Whether the other machines of a cluster have not heard of this one for too long, or this one has
 * read what is not true any more, so that there the user has left (chat/replica.h).
 * session_come_in_anew() follows then: the user leaves, and comes in again under its name, into all
 * its rooms that let it in (chat/stays.h), away if it was; `tell_lost` is called for each of the
 * others, with the error of session_join(). If somebody else has the name by now, its link ends
 * with LINK_NAME_TAKEN; it is in no room then, as also when the server stops.
 */
bool session_is_evicted(const struct session *session);

typedef void session_lost(void *context, const char *room, int error);
void session_come_in_anew(struct session *session, session_lost *tell_lost, void *context);

/*
 * Leaves all rooms and the directory. `why` is the reason for the log. The others get a notice
 * unless `silently`. If its link has ended with LINK_KICKED, `kicked` is set from then on, and the
 * others are told by whom. If an heir takes its place (chat/succession.h), verdicts on it are the
 * heir's instead.
 */
void session_leave(struct session *session, const char *why, bool silently);

#endif
