/* chat: the objects that all sessions of a server share, whatever door they use. */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "base/timers.h"
#include "chat/archive.h"
#include "chat/directory.h"
#include "chat/flow.h"
#include "chat/kept_rooms.h"
#include "chat/ordering.h"
#include "chat/event_log.h"
#include "chat/room.h"
#include "chat/rooms.h"
#include "chat/sanctions.h"
#include "chat/sanctions_record.h"
#include "chat/talkers.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAT_LOBBY "lobby" /* name of the room that everybody comes into */

struct chat_config {
    int64_t drain_timeout;   /* nanoseconds that floods wait for a stalled reader */
    size_t sendq;            /* bytes of pending output that one user may have */
    unsigned presence_limit; /* as in room_config; also the next */
    bool welcome;
    size_t max_rooms; /* on the server, with the lobby */
    unsigned rooms_per_client;
    size_t history;               /* messages that a room keeps in memory */
    struct event_log *event_log;  /* must outlive the chat */
    struct archive *archive;      /* the same; NULL: what is said is not kept */
    struct ordering *ordering;    /* the same; NULL: there is one machine */
    const char *const *operators; /* registered names, which must outlive the chat */
    size_t operator_count;
    bool lockdown;
};

struct chat {
    struct event_log *event_log;
    struct archive *archive;   /* or NULL */
    struct ordering *ordering; /* or NULL */
    struct timers *timers;
    struct directory *directory;
    struct sanctions *sanctions;    /* who may not come in, and who may not talk */
    struct sanctions_record record; /* of the sanctions, with an archive */
    struct talkers talkers;         /* in any room */
    struct flow private_flow;       /* makes private floods wait for their readers */
    struct rooms *rooms;
    struct kept_rooms *kept; /* rooms that outlive their members; NULL: none, without an archive */
    atomic_bool lockdown;    /* only registered names are let in */
    atomic_uint registrations;    /* names that were registered since the start; chat/accounts.h */
    const char *const *operators; /* names of those whom the options name */
    size_t operator_count;
    struct room *lobby; /* the room that every session enters; holds a reference */
    unsigned rooms_per_client;
};

/*
 * Initializes a chat without users, and starts its timers. The struct must stay at its address.
 * Returns 0 or an errno: EIO if the archive cannot be read.
 */
int chat_open(struct chat *chat, const struct chat_config *config);

/* Stops the timers and frees what the chat holds. There must be no users left. */
void chat_close(struct chat *chat);

#endif
