/*
 * room_inside: what a room consists of, for the files that it is made of: room, room_publishing,
 * room_delivery, room_membership, room_history, room_policy and room_keeping. Others see a room
 * through the headers of these.
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

#include <stdbool.h>
#include <stdint.h>

struct room {
    char name[NAME_SIZE];
    uint64_t number; /* among the rooms of the server */
    struct room_config config;
    struct flow flow; /* which authors wait */

    struct lock order;    /* guards the rest, and defines the sequence of messages */
    struct roster roster; /* in the order in which they joined */
    struct room_settings settings;
    uint64_t next;                /* sequence number of the next message, from 1 */
    uint64_t said;                /* number of the last message that is counted (message.h), */
    uint64_t said_before;         /* and of the last one that is not in the open batch */
    struct transcript transcript; /* the last messages that were counted */
    bool restored;                /* room_restore() was called */
    bool archived;                /* what is said goes to the archive, */
    bool guarded;                 /* which knows that not everybody may read it */
    bool interrupted;             /* the server ends: the room goes on with the next one */
    struct batch batches[2];      /* one is open, the other may be in delivery */
    struct batch *open;           /* the batch that collects messages */
    uint64_t delivered;           /* number of the last batch that was delivered */
    bool delivering;              /* a thread delivers a batch */

    /* A thread that waits for a batch waits at the turn of its number modulo 2. */
    struct condition turns[2];
    unsigned waiting[2];

    struct flood_queue floods; /* pieces that wait to enter a batch */
    struct presence presence;
    struct timer timer;
    int64_t due;      /* when a batch that no author waits for must go out; CLOCK_NEVER: none */
    int64_t fires_at; /* when the timer is set to fire */
};

#endif
