/*
 * backing: what a chat stands on: its event log, its data file and the cluster.
 */
#ifndef BACKING_H
#define BACKING_H

#include "chat/chat.h"
#include "cluster/node.h"
#include "options/options.h"
#include "store/store.h"

#include <stdbool.h>

struct backing {
    struct event_log *event_log;
    struct store *store; /* or NULL, as the next */
    struct node *node;
};

/*
 * Opens all of it that the options name, and the chat on it. Returns false, with the cause printed,
 * if that fails.
 */
bool backing_open(struct backing *backing, struct chat *chat, const struct options *options);

/*
 * Returns the exit status of a server that has run: what ended it may be the cluster, which is
 * printed; then the status is EXIT_USAGE if it would not help to start it again.
 */
int backing_status(const struct backing *backing, int status);

/* Ends its threads. Returns false if the log does not end in time: then nothing may be freed. */
bool backing_stop(struct backing *backing);

/* Frees it after that, and after the chat. */
void backing_free(struct backing *backing);

#endif
