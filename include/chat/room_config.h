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
#include "chat/ordering.h"
#include "chat/sanctions.h"
#include "chat/talkers.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ROOM_LOBBY = 1 }; /* number of the room that every user comes into first */

struct room_config {
    int64_t drain_timeout;   /* nanoseconds that floods wait for a stalled reader */
    size_t sendq;            /* bytes of pending output that one member may have */
    unsigned presence_limit; /* more members than this make the room big (presence.h); 0: never */
    bool welcome;            /* a user that joins is sent a list of the members */
    struct talkers *talkers; /* in all rooms */
    struct directory *directory;
    struct ordering *ordering;   /* of the changes of several machines; NULL: there is one */
    struct sanctions *sanctions; /* who is muted in all rooms; NULL: nobody */
    struct timers *timers;
    struct event_log *event_log;
    struct archive *archive; /* keeps what is said; NULL: none */
    struct kept_rooms *kept; /* rooms that outlive their members; NULL: none */
    size_t history;          /* messages that a room keeps in memory */
};

#endif
