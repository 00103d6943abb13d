/*
 * conversation: one client from the prompt for a name until it leaves, on the thread of its conn.
 */
#ifndef DOORS_PLAIN_CONVERSATION_H
#define DOORS_PLAIN_CONVERSATION_H

#include "doors/plain/plain.h"
#include "net/conn.h"

#include <stdint.h>

/* A conn_handler that runs the whole conversation. `door` points to a struct plain. */
void conversation_hold(struct conn *conn, void *door);

/*
 * Returns how long before an idle disconnect a person is warned, in nanoseconds, for an idle
 * timeout in nanoseconds; 0: not at all.
 */
int64_t conversation_idle_warning(int64_t idle_timeout);

#endif
