/*
 * stays: the rooms of a user who leaves the chat and comes in again at once, on this machine or
 * from another one, so that it is in them again. A room whose last member leaves is gone. It is
 * made anew with the topic, the key and the rest of what is decided about who sees it and comes in;
 * not with invitations, mutes and the floor.
 *
 * It belongs to one thread. Hold no lock.
 */
#ifndef CHAT_STAYS_H
#define CHAT_STAYS_H

#include "chat/chat.h"
#include "chat/room_settings.h"
#include "chat/session.h"
#include "chat/user.h"

#include <stdbool.h>

/* A room, as it was when the user was there. */
struct stay {
    struct stay *next;
    char name[NAME_SIZE];
    struct room_settings settings;
    bool owned; /* by the user */
    bool waits; /* for its owner, who is to make it anew */
    int error;  /* why the user is not there again, as session_join(); 0: it is */
};

/* All zero is none. */
struct stays {
    struct stay *first;
    bool untrue; /* what was said is not true any more: topics are not set again */
};

/*
 * Notes the rooms of a user, remote or not, `last` at the end (NULL: the lobby). What there is no
 * memory for is left out.
 */
void stays_note(struct stays *stays, const struct chat *chat, const struct user *user,
                const struct room *last);

/*
 * Has the session's user, who has come into the lobby, join the rooms again: the last one is the
 * current one then. It leaves the lobby unless that is among them. Where a room is gone, whoever
 * owned it is given a second to be the first, for all rooms together. Ends early if the user is to
 * leave once more (session_is_evicted()).
 */
void stays_resume(struct stays *stays, struct session *session);

void stays_free(struct stays *stays);

#endif
