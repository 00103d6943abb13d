/*
 * node: this machine, as one of several that are one chat. What its users do goes into the stream
 * (cluster/stream), and comes from there to all machines in one order. The node gives its own users
 * their turns there (cluster/turns), and has the chat make what users of other machines do
 * (chat/replica.h).
 *
 * A build without libnats has no nodes: node_open() fails.
 */
#ifndef CLUSTER_NODE_H
#define CLUSTER_NODE_H

#include "base/metric.h"
#include "chat/chat.h"
#include "chat/event_log.h"
#include "chat/ordering.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    NODE_FAULT_SIZE = 640,
    NODE_FEATURES_SIZE = 64,
    NODE_NAME_MAX = 64,          /* bytes of a machine's name; cluster/wire.h tells which */
    NODE_LINE_BYTES_MAX = 65000, /* the longest line that may be said in a cluster */
    /* If nothing else is wanted: messages between two snapshots, and mebibytes of the stream. */
    NODE_SNAPSHOT_EVERY = 5000,
    NODE_STREAM_SIZE = 1024
};

struct node_config {
    const char *servers;         /* as in stream_config, with the next two */
    const char *cluster;         /* name of the stream */
    const char *credentials;     /* or NULL */
    const char *machine;         /* name of this machine; wire_is_node_name() */
    struct change_limits limits; /* must be those of the other machines, */
    bool lockdown;               /* and this is turned on everywhere when this one begins */
    int64_t link_timeout;    /* nanoseconds that users wait while the others cannot be reached */
    uint64_t snapshot_every; /* messages of the stream between two snapshots of the state */
    uint64_t stream_bytes;   /* of the stream; what is behind the snapshots is kept all the same */
    struct event_log *event_log;
};

struct node;

/* Whether this build has nodes. */
bool node_is_available(void);

/* Writes what the build has: "with NATS 3.4.1" or "without NATS". Returns its place. */
const char *node_features(char features[NODE_FEATURES_SIZE]);

/*
 * Connects to the stream. What the config points to must outlive the node. Returns NULL, with a
 * sentence without its end in `fault`, if that fails. Waits a few seconds for the servers.
 */
struct node *node_open(const struct node_config *config, char fault[NODE_FAULT_SIZE]);

/* Returns the ordering for the chat, which lives as long as the node. */
struct ordering *node_ordering(struct node *node);

/* Returns the archive that keeps the cluster's accounts, which lives as long as the node. */
struct archive *node_accounts(struct node *node);

/*
 * Takes part: has the chat, which has no users yet, become what it is on the other machines, and
 * waits until it is. Returns false, with a sentence in `fault`, if that fails.
 */
bool node_start(struct node *node, struct chat *chat, char fault[NODE_FAULT_SIZE]);

/*
 * Returns why the machine has left the cluster by itself, and the server stops; or NULL. Stores
 * whether it would do so again after a start.
 */
const char *node_gave_up(struct node *node, bool *for_good);

/*
 * Takes part no more: the users of this machine must have left. Has the others told, and the chat
 * lose the users of other machines.
 */
void node_stop(struct node *node);

/* What a node tells of itself. The owner is a node, until it is stopped. */
extern const struct metric_table node_metrics;

/* Frees a node, when the chat is closed. NULL is no node. */
void node_free(struct node *node);

#endif
