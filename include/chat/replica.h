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
#include "chat/user.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Makes a change that a user of another machine makes, at a place of the order (a number above
 * those before). `machine` is the machine's name, always in the same memory, which must outlive its
 * users. What concerns a user of another machine than this one is left out. Hold no lock.
 */
void replica_make(struct chat *chat, const char *machine, uint64_t place,
                  const struct change *change);

/*
 * Calls the threads of users of this machine whom a ban from another one has leave. Returns whether
 * one of them is still to come: to be repeated after JUDGING_CALL_INTERVAL, but for
 * JUDGING_PATIENCE at most (chat/judging.h). For any thread. Hold no lock.
 */
bool replica_call(struct chat *chat);

/*
 * Waits until what was said is on the disk, if it is kept there: for a machine that starts, and
 * makes what was before faster than a disk takes it. Hold no lock.
 */
void replica_settle(struct chat *chat);

/*
 * Has all users of a machine leave, as it is gone; `why` is the reason for the log. Hold no lock.
 */
void replica_remove(struct chat *chat, const char *machine, const char *why);

#endif
