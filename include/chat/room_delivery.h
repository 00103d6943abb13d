/*
 * room_delivery: sends what is published in a room to its members, a batch at a time.
 *
 * One thread at a time delivers, often that of a message's author. It releases the order lock while
 * it sends; messages published in that time enter the next batch. Authors wait until their messages
 * are in the outbox of every member; notices of joins and leaves, for which nobody waits, are
 * delivered by a timer when they are due.
 */
#ifndef CHAT_ROOM_DELIVERY_H
#define CHAT_ROOM_DELIVERY_H

#include "chat/batch.h"
#include "chat/member.h"

#include <stdbool.h>
#include <stddef.h>

struct room;

/*
 * Publishes messages of a member, in their turn (ordering.h), and waits until they are in the
 * outbox of every other member. An author that floods also waits for readers first (flow.h). Stores
 * how many of them were published. Returns 0 if all were; otherwise none was, or only the first
 * ones: ENOMEM; EACCES if the author may not speak; or as ordering_await(). Hold no lock. For the
 * author's own thread.
 */
int room_publish(struct member *author, const struct batch *said, size_t *published);

/*
 * Publishes messages of a remote member, whose turn it is, if it may speak. Waits for no delivery.
 * Returns false, and publishes nothing, when memory is out. Hold no lock. For the thread of remote
 * users.
 */
bool room_publish_remote(struct member *author, const struct batch *said);

/*
 * To be called before a member does what has others told of it, by a notice of so many bytes: it
 * counts as talk of that length, and with an author that floods waits as a piece of a flood does.
 * Hold no lock. For the author's own thread.
 */
void room_await_gate(struct member *author, size_t bytes);

/*
 * Whether the message with that sequence number is in the outbox of every member it is for; and
 * waits until it is so. Hold no lock.
 */
bool room_has_told(struct room *room, uint64_t seq);
void room_await_told(struct room *room, uint64_t seq);

/*
 * Waits until all messages that were published before are in the outbox of every member they are
 * for, notices too. Hold no lock.
 */
void room_sync(struct room *room);

/*
 * Has floods in the room wait for readers on other machines, as these have told; and, while a flood
 * waits there, runs the clocks of the readers here, as flow_tick(). Hold no lock.
 */
void room_press(struct room *room, const struct flow_elsewhere *elsewhere);
void room_tick(struct room *room);

/*
 * For the files that a room is made of.
 */

/*
 * Initialize what delivers, of a room that has its name, config and first number, and end it.
 * Return 0 or an errno. The timers must still run at the end.
 */
int room_delivery_init(struct room *room);
void room_delivery_end(struct room *room);

/* These want the order lock of the room held, and no other lock. They release it to wait. */

/*
 * Waits until the batch that is open now has been delivered. Delivers it if no other thread
 * delivers.
 */
void room_see_through(struct room *room);

/*
 * Publishes a notice of a user's, and concludes with it. `member` is the user's
 * membership; NULL if it is not in the room. Returns 0 or ENOMEM.
 */
int room_tell(struct room *room, const struct user *user, struct member *member,
              enum message_kind kind, struct words text);

/*
 * Delivers notices that are due, unless a thread that delivers now will see to them; sets the timer
 * for those that are due later.
 */
void room_send_notices(struct room *room);

/* Waits until the batch in delivery, if there is one, has been delivered. */
void room_wait_for_delivery(struct room *room);

/* Waits until no batch is in delivery, so that what delivery reads of a member may be changed. */
void room_wait_for_rest(struct room *room);

#endif
