/*
 * room: a sequence of messages, and the members to which they are delivered.
 *
 * To publish a message is to give it its place in the sequence, in a batch (batch.h). To deliver a
 * batch is to send it to all members; one thread at a time does so. The author of a message waits
 * until it is in the outbox of every member; often its own thread delivers the batch. Delivery
 * costs processor time only. No author waits for a reader but one that floods the room, and it
 * waits before its messages enter a batch (flow.h).
 *
 * Notices of joins and leaves (presence.h) are messages of the same sequence. Their authors do not
 * wait for delivery; a timer delivers them when they are due.
 *
 * Each room has its own order, and rooms do not wait for each other.
 *
 * What is done in a room is in files of its own: room_membership.h, room_delivery.h,
 * room_history.h, room_policy.h. They share what a room consists of (room_inside.h).
 */
#ifndef CHAT_ROOM_H
#define CHAT_ROOM_H

#include "chat/name.h"
#include "chat/room_config.h"
#include "chat/user.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct room;

/* A member, as room_list() describes it. */
struct room_entry {
    uint64_t number; /* number of the member */
    unsigned idle_seconds;
    char name[NAME_SIZE];
    bool is_away;
    char away[USER_AWAY_SIZE]; /* why; "": it does not tell */
};

/*
 * Creates an empty room with an allowed name (room_name_read()), and with a number that no other
 * room has. If a room with this name, or with one that looks like it, is kept, it has that name and
 * its settings. What the config points to must outlive it. Returns 0 and stores the room, or
 * returns an errno.
 */
int room_create(struct room **room, const char *name, uint64_t number,
                const struct room_config *config);

/* Has other limits hold. Takes the order lock and the flow lock. */
void room_limit(struct room *room, const struct chat_limits *limits);

/*
 * Has the archive know that a room is gone, as nobody is in it any more, unless the room is kept or
 * goes on when the server has been started again. Takes no lock but the store's.
 */
void room_end(struct room *room);

/* Frees a room, which must be empty. Its timers must still run. */
void room_destroy(struct room *room);

/* These are constant. */
const char *room_name(const struct room *room);
uint64_t room_number(const struct room *room);

/* Whether it has members. May be called with any lock held. */
bool room_is_inhabited(const struct room *room);

/* Returns the number of members. Takes the order lock. */
size_t room_count(struct room *room);

/*
 * Copies up to `most` entries of members whose number is above `after` (0: from the first member),
 * in the order in which they joined. Returns how many. Several calls list a long room; members may
 * join and leave between them. Takes the order lock and the directory lock.
 */
size_t room_list(struct room *room, uint64_t after, struct room_entry *entries, size_t most);

#endif
