/*
 * conversation: one caller from the prompt for a name to the leaving, on the thread of its conn.
 */
#ifndef DOORS_PLAIN_CONVERSATION_H
#define DOORS_PLAIN_CONVERSATION_H

#include "doors/plain/plain.h"
#include "net/conn.h"

#include <stdint.h>

/* A conn_handler: holds the whole conversation. `door` is a struct plain. */
void conversation_hold(struct conn *conn, void *door);

/*
 * How long before an idle disconnect somebody is told of it, with that timeout, in nanoseconds;
 * 0: not at all.
 */
int64_t conversation_idle_warning(int64_t idle_timeout);

#endif
