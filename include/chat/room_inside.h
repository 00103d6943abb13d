/*
 * room_inside: what a room consists of, for the files that it is made of: room, room_publishing,
 * room_delivery, room_membership, room_history, room_policy, room_keeping and room_state. Others
 * see a room through the headers of these.
 */
#ifndef CHAT_ROOM_INSIDE_H
#define CHAT_ROOM_INSIDE_H

#include "base/lock.h"
#include "base/timers.h"
#include "chat/batch.h"
#include "chat/flood_queue.h"
#include "chat/flow.h"
#include "chat/name.h"
#include "chat/presence.h"
#include "chat/room_config.h"
#include "chat/room_settings.h"
#include "chat/roster.h"
#include "chat/transcript.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Lines in a batch whose authors wait for their delivery. */
struct room_lines {
    uint64_t count;
    int64_t since; /* clock_now() of the arrival of the first one */
};

struct room {
    char name[NAME_SIZE];
    uint64_t number;       /* among the rooms of the server */
    atomic_bool inhabited; /* it has members (the order lock is for writing) */
    struct room_config config;
    struct flow flow; /* which authors wait */

    struct lock order;    /* guards the rest, and defines the sequence of messages */
    struct roster roster; /* in the order in which they joined */
    struct room_settings settings;
    uint64_t next;                /* sequence number of the next message, from 1 */
    uint64_t said;                /* number of the last message that is counted (message.h), */
    uint64_t said_before;         /* and of the last one that is not in the open batch */
    struct transcript transcript; /* the last messages that were counted */
    uint64_t life;                /* place of its making in the order of several machines; or 0 */
    bool restored;                /* room_restore() was called */
    bool retries;                 /* somebody looks it up once more */
    int64_t retry;                /* clock_now() from which on who speaks does */
    bool reserved;                /* the archive is told that numbers are given meanwhile */
    atomic_bool archived;         /* what is said goes to the archive (the lock is for writing), */
    bool guarded;                 /* which knows that not everybody may read it */
    bool interrupted;             /* the server ends: the room goes on with the next one */
    struct batch batches[2];      /* one is open, the other may be in delivery */
    struct batch *open;           /* the batch that collects messages */
    uint64_t delivered;           /* number of the last batch that was delivered */
    bool delivering;              /* a thread delivers a batch */
    struct room_lines talk[2];    /* in the batches, for figures */
    struct room_lines flood[2];

    /* A thread that waits for a batch waits at the turn of its number modulo 2. */
    struct condition turns[2];
    unsigned waiting[2];

    struct flood_queue floods; /* pieces that wait to enter a batch */
    struct presence presence;
    atomic_bool
        names_due; /* somebody's new name is still to be told; set with the order lock held */
    struct timer timer;
    int64_t due;      /* when a batch that no author waits for must go out; CLOCK_NEVER: none */
    int64_t fires_at; /* when the timer is set to fire */
};

/*
 * Counts a room that is to have its first member as inhabited; one that has members or is the lobby
 * counts already. Returns false, and counts nothing, if with the lobby there are `most` already.
 * The other one takes back a room that has no members. Both want the order lock held.
 */
bool room_occupy(struct room *room, size_t most);
void room_vacate(struct room *room);

/*
 * Waits a moment, if several machines are one chat: what memory was out for is to be tried once
 * more, as all machines do it in that turn. Returns false if there is one. Wants the order lock
 * held, and releases it meanwhile.
 */
bool room_await_memory(struct room *room);

#endif
