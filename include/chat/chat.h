/* chat: the objects that all sessions of a server share, whatever door they use. */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include "base/timers.h"
#include "chat/archive.h"
#include "chat/directory.h"
#include "chat/flow.h"
#include "chat/kept_rooms.h"
#include "chat/limits.h"
#include "chat/operators.h"
#include "chat/ordering.h"
#include "chat/pressure.h"
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
    struct chat_limits limits;   /* chat_limit() changes them */
    struct event_log *event_log; /* must outlive the chat */
    struct archive *archive;     /* the same; NULL: what is said is not kept */
    struct archive *accounts;    /* the same, which has people; NULL: the archive is that as well */
    struct ordering *ordering;   /* the same; NULL: there is one machine */
    const char *const *operators; /* registered names; operators_set() changes them */
    size_t operator_count;
    bool lockdown; /* in a cluster this machine's beginning turns it on */
};

struct chat {
    struct event_log *event_log;
    struct archive *archive;   /* or NULL */
    struct archive *accounts;  /* who keeps accounts; or NULL */
    struct ordering *ordering; /* or NULL */
    struct timers *timers;
    struct directory *directory;
    struct sanctions *sanctions;    /* who may not come in, and who may not talk */
    struct sanctions_record record; /* of the sanctions, with an archive */
    struct talkers talkers;         /* in any room */
    struct pressure pressure;       /* what other machines are told of the rooms */
    struct flow private_flow;       /* makes private floods wait for their readers */
    struct rooms *rooms;
    struct kept_rooms *kept; /* rooms that outlive their members; NULL: none, without an archive */
    struct talk_figures figures;
    atomic_bool lockdown;       /* only registered names are let in */
    atomic_bool unlinked;       /* users are told that the link to the other machines is down */
    atomic_uint registrations;  /* names that were registered since the start; chat/accounts.h */
    struct operators operators; /* whom the options name */
    struct room *lobby;         /* the room that every session enters; holds a reference */
    size_t sendq; /* the least that any user may have pending; of who calls chat_limit() */
    atomic_uint rooms_per_client;
};

/*
 * Initializes a chat without users, and starts its timers. The struct must stay at its address.
 * Returns 0 or an errno: EIO if the archive cannot be read.
 */
int chat_open(struct chat *chat, const struct chat_config *config);

/*
 * Has other limits hold. In a cluster the rooms' numbers stay, as the machines have agreed on them.
 * Floods go on in pieces that fit the smallest sendq that there was, as who came in with it has it
 * still. For one thread at a time. Hold no lock.
 */
void chat_limit(struct chat *chat, const struct chat_limits *limits);

/* Stops the timers and frees what the chat holds. There must be no users left. */
void chat_close(struct chat *chat);

#endif
