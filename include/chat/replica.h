/*
 * replica: makes here what users do on other machines of a cluster, so that all machines have the
 * same people in the same rooms. What is made depends on the changes and their order alone, not on
 * clocks or on what happens here: a change that cannot be made, because of a name that is taken for
 * instance, is made on no machine.
 *
 * One thread makes all changes, in their order, while no user here has its turn (chat/ordering.h).
 * It is the own thread of all remote users. It waits for memory when that is out, as a change must
 * not be left out.
 */
#ifndef CHAT_REPLICA_H
#define CHAT_REPLICA_H

#include "chat/change.h"
#include "chat/chat.h"

#include <stdint.h>

/*
 * Makes a change that a user of another machine makes, at a place of the order (a number above
 * those before). `machine` is the machine's name, always in the same memory, which must outlive its
 * users. What concerns a user of another machine than this one is left out. Hold no lock.
 */
void replica_make(struct chat *chat, const char *machine, uint64_t place,
                  const struct change *change);

/*
 * Has all users of a machine leave, as it is gone; `why` is the reason for the log. Hold no lock.
 */
void replica_remove(struct chat *chat, const char *machine, const char *why);

/*
 * This machine was not heard for too long: its users whose ids are below `below` have left in the
 * eyes of the others. Has each leave and come in anew (session_come_in_anew()), and waits until all
 * have left; a link whose thread takes too long is killed. For the thread of the changes. Hold no
 * lock.
 */
void replica_evict(struct chat *chat, uint64_t below);

/*
 * Does what another machine has sent for a user of this one alone (ordering_send()). Returns 0;
 * ESRCH if there is no such user here; EINVAL if it is nothing of that kind; ENOMEM. Waits up to a
 * second for the user's thread. For any thread but that of the changes. Hold no lock.
 */
int replica_receive(struct chat *chat, const struct change *change);

#endif
