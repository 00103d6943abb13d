/*
 * room: its messages in one order, and its members, who get them.
 *
 * Publishing gives a message its place in the order; delivering hands it to every member. What is
 * published is collected in a batch (batch.h), and one thread at a time delivers a batch to
 * everybody. An author waits until its messages are in every member's outbox; often its own thread
 * delivers the batch that they are in. That takes processor time only: nobody waits for a reader
 * but an author that floods the room, before its messages enter a batch (flow.h).
 *
 * Notices of who comes and goes (presence.h) are messages in the same order. Nobody waits for
 * those; a timer delivers them when they are due.
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
    int64_t drain_timeout;   /* nanoseconds that floods wait for a reader that reads nothing */
    size_t sendq;            /* bytes that one member may have pending */
    unsigned presence_limit; /* more members than this make a big room; 0: no room is big */
    bool welcome;            /* who joins is told who is here */
    struct directory *directory;
    struct timers *timers;
    struct event_log *event_log;
};

/* Why and how somebody leaves. */
struct room_leaving {
    const char *why; /* for the log */
    bool silently;   /* the others are not told, as all are leaving */
    bool for_good;   /* it leaves the directory with this, its last room */
};

/* Somebody who is here, as others are told of it. */
struct room_entry {
    uint64_t number; /* of the member */
    unsigned idle_seconds;
    char name[NAME_SIZE];
};

/* Makes an empty room. Returns 0 and the room, or an errno. */
int room_create(struct room **room, const struct room_config *config);

/* Frees the room, which must be empty. Its timers must still run. */
void room_destroy(struct room *room);

/*
 * Brings a member in, whose user is in the directory, and is listed there from now on. Everyone
 * else is told, and from here on the member gets what follows. Returns 0 or ENOMEM. Hold no lock.
 */
int room_join(struct room *room, struct member *member);

/*
 * Takes a member out. It gets what was published before, and nothing behind. Waits for the batch
 * that is being delivered, if there is one. Hold no lock.
 */
void room_leave(struct room *room, struct member *member, const struct room_leaving *leaving);

/*
 * Publishes what a member says, and waits until it is delivered. When it returns true, that has
 * been handed to every other member's outbox; false: memory is out, and it, or the rest of it, was
 * not said. A flood waits (flow.h). Hold no lock; the author's own thread.
 */
bool room_publish(struct room *room, struct member *author, const struct batch *said);

/*
 * Gives a member another name and tells everyone, the member too. Returns as directory_rename(),
 * or ENOMEM. Hold no lock; the member's own thread.
 */
int room_rename(struct room *room, struct member *member, const char *name, char rival[NAME_SIZE]);

/* How many are here. Takes the order lock. */
size_t room_count(struct room *room);

/*
 * Goes through everyone in the order in which they came, without keeping anybody from leaving:
 * copies up to `most` members whose number is above that of `after` (0: from the first one on).
 * Returns how many. Takes the order lock.
 */
size_t room_list(struct room *room, uint64_t after, struct room_entry *entries, size_t most);

#endif
