/*
 * eviction: has users of this machine leave and come in anew (session_come_in_anew()), as they have
 * left in the eyes of the other machines of a cluster, or what is known of users is not true any
 * more.
 */
#ifndef CHAT_EVICTION_H
#define CHAT_EVICTION_H

#include "chat/chat.h"
#include "chat/user.h"

#include <stdint.h>

/*
 * Has the users of this machine leave whose ids are below `below`, and waits until all have left; a
 * link whose thread takes too long is killed. For the thread that makes changes (chat/replica.h).
 * Hold no lock.
 */
void eviction_run(struct chat *chat, uint64_t below, enum user_eviction why);

#endif
