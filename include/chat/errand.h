/*
 * errand: what another machine of a cluster has sent for one user of this machine alone: a private
 * message, a hand that is up, a kick, the question for its host or to give way (ordering_send()).
 */
#ifndef CHAT_ERRAND_H
#define CHAT_ERRAND_H

#include "chat/change.h"
#include "chat/chat.h"
#include "net/address_prefix.h"

/*
 * Does it; stores the user's host in *host if that is asked for. Returns 0; ESRCH if there is no
 * such user here; EINVAL if it is nothing of that kind; EAGAIN as ordering_send(); ENOMEM. Waits up
 * to a second for the user's thread. For any thread but that of the changes. Hold no lock.
 */
int errand_run(struct chat *chat, const struct change *change, struct address_prefix *host);

#endif
