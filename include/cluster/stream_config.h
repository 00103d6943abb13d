/*
 * stream_config: what a stream is opened with, who follows it, and its bounds.
 */
#ifndef CLUSTER_STREAM_CONFIG_H
#define CLUSTER_STREAM_CONFIG_H

#include "base/clock.h"
#include "cluster/stream_name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STREAM_BYTES_MAX = 1000000,    /* of a message */
    STREAM_SERVER_BYTES = 1048576, /* what a server must take as its max_payload (its default) */
    STREAM_REPLICAS = 3,
    STREAM_FAULT_SIZE = 256,
    /* How long the stream knows a message's id; publishing must have ended by then. */
    STREAM_ID_SECONDS = 120
};

/*
 * How long a start waits for JetStream. The nats-servers choose a leader for each stream and for
 * themselves. Mostly that takes no time; a choice that fails is made again after 4 to 9 s, and so
 * is that one.
 */
#define STREAM_OPEN_PATIENCE (20 * CLOCK_SECOND)

struct stream_config {
    const char *servers;     /* servers_check() */
    const char *name;        /* stream_name_is_allowed() */
    const char *credentials; /* path of a file (cluster/credentials); NULL: none */
    /*
     * Servers that hold the stream. 0: STREAM_REPLICAS where the servers are a cluster, otherwise
     * one. A stream that exists may have more.
     */
    int replicas;
    /* What a stream that is made keeps, of the newest; 0: no limit. Of one that exists it is its
     * own. */
    int64_t max_bytes;
    int64_t max_age; /* seconds */
    /* Bytes that one that exists must keep, whatever their number and age; 0: it has any limits. */
    int64_t least_bytes;
};

/*
 * A message. `sequence` is that behind the message before; for a follower without `lost` it may be
 * a later one, and those between are no longer in the stream. `time` is when it was published
 * (clock_utc() of who did); 0 if the message does not tell. The bytes are valid during the call.
 * The next message waits for its return.
 */
typedef void stream_receiver(void *context, uint64_t sequence, int64_t time, const void *bytes,
                             size_t length);

/*
 * The link to the stream is up: what was stored before has been received, and messages arrive as
 * they are stored. Or it is down: `reason` tells why, as a sentence without its end. A message that
 * a server can still tell may arrive all the same. Called on the follower's thread when either is
 * so for the first time, and when it changes.
 */
typedef void stream_link(void *context, bool up, const char *reason);

/*
 * The stream is not the one any more that was read, or the next message is gone: `reason` tells
 * which, as a sentence without its end. What the follower knows from messages may be untrue, and it
 * forgets all of it. Returns from which message on it follows the stream anew, as stream_follow().
 * Called on the follower's thread.
 */
typedef uint64_t stream_lost(void *context, const char *reason);

struct stream_follower {
    stream_receiver *receive;
    stream_link *link; /* may be NULL */
    stream_lost *lost; /* may be NULL: then the link is down from then on */
    void *context;
};

#endif
