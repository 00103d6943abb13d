/*
 * room_config: what all rooms of a server have in common.
 */
#ifndef CHAT_ROOM_CONFIG_H
#define CHAT_ROOM_CONFIG_H

#include "base/timers.h"
#include "chat/archive.h"
#include "chat/directory.h"
#include "chat/event_log.h"
#include "chat/kept_rooms.h"
#include "chat/limits.h"
#include "chat/ordering.h"
#include "chat/pressure.h"
#include "chat/sanctions.h"
#include "chat/talk_figures.h"
#include "chat/talkers.h"

#include <stdatomic.h>

enum { ROOM_LOBBY = 1 }; /* number of the room that every user comes into first */

struct room_config {
    struct chat_limits limits; /* room_limit() changes them */
    struct talkers *talkers;   /* in all rooms */
    struct pressure *pressure; /* what other machines are told of the rooms; NULL: nothing */
    struct directory *directory;
    struct ordering *ordering;   /* of the changes of several machines; NULL: there is one */
    struct sanctions *sanctions; /* who is muted in all rooms; NULL: nobody */
    struct timers *timers;
    struct event_log *event_log;
    struct archive *archive;      /* keeps what is said; NULL: none */
    struct kept_rooms *kept;      /* rooms that outlive their members; NULL: none */
    struct talk_figures *figures; /* counts what is said; NULL: nobody does */
    atomic_size_t *inhabited; /* how many there are, without the lobby; NULL: any number may be */
};

#endif
