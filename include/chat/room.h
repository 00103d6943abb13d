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
 */
#ifndef CHAT_ROOM_H
#define CHAT_ROOM_H

#include "base/timers.h"
#include "chat/batch.h"
#include "chat/directory.h"
#include "chat/event_log.h"
#include "chat/member.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct room;

struct room_config {
    int64_t drain_timeout;   /* nanoseconds that floods wait for a stalled reader */
    size_t sendq;            /* bytes of pending output that one member may have */
    unsigned presence_limit; /* more members than this make the room big (presence.h); 0: never */
    bool welcome;            /* a user that joins is sent a list of the members */
    struct directory *directory;
    struct timers *timers;
    struct event_log *event_log;
};

/* How a member leaves. */
struct room_leaving {
    const char *why; /* the reason, for the log */
    bool silently;   /* without a notice, as all members leave */
    bool for_good;   /* the user also leaves the directory, as this is its last room */
};

/* A member, as room_list() describes it. */
struct room_entry {
    uint64_t number; /* number of the member */
    unsigned idle_seconds;
    char name[NAME_SIZE];
};

/*
 * Creates an empty room. What the config points to must outlive it. Returns 0 and stores the room,
 * or returns an errno.
 */
int room_create(struct room **room, const struct room_config *config);

/* Frees a room, which must be empty. Its timers must still run. */
void room_destroy(struct room *room);

/*
 * Adds a member, whose user has been added to the directory, and lists the user there. The user is
 * sent the welcome, the other members a notice, and the member all messages that follow. Returns 0
 * or ENOMEM. Hold no lock.
 */
int room_join(struct room *room, struct member *member);

/*
 * Removes a member. It is sent the messages published before, and none published later. Waits for
 * the end of the delivery of a batch, if there is one. Hold no lock.
 */
void room_leave(struct room *room, struct member *member, const struct room_leaving *leaving);

/*
 * Publishes messages of a member, and waits until they are in the outbox of every other member. An
 * author that floods also waits for readers first (flow.h). Returns how many of them were
 * published: all, or when memory was out none or only the first ones. Hold no lock. For the
 * author's own thread.
 */
size_t room_publish(struct room *room, struct member *author, const struct batch *said);

/*
 * Renames a member's user, and sends a notice to all members, this one too. Returns as
 * directory_rename(), or ENOMEM. Hold no lock. For the member's own thread.
 */
int room_rename(struct room *room, struct member *member, const char *name, char rival[NAME_SIZE]);

/*
 * Waits until all messages that were published before are in the outbox of every member they are
 * for, notices too. Hold no lock.
 */
void room_sync(struct room *room);

/* Returns the number of members. Takes the order lock. */
size_t room_count(struct room *room);

/*
 * Copies up to `most` entries of members whose number is above `after` (0: from the first member),
 * in the order in which they joined. Returns how many. Several calls list a long room; members may
 * join and leave between them. Takes the order lock and the directory lock.
 */
size_t room_list(struct room *room, uint64_t after, struct room_entry *entries, size_t most);

#endif
