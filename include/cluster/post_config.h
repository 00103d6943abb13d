/*
 * post_config: what a post is opened with, who receives its letters, what it counts, and its
 * bounds.
 */
#ifndef CLUSTER_POST_CONFIG_H
#define CLUSTER_POST_CONFIG_H

#include "base/buffer.h"
#include "cluster/stream_name.h"

#include <stddef.h>
#include <stdint.h>

enum {
    POST_BYTES_MAX = 1000000, /* of a letter */
    POST_ANSWER_MAX = 65536,  /* bytes of an answer */
    POST_WINDOW = 256,
    POST_SECONDS_MAX = 60, /* that a deadline may be away */
    POST_ABSENT_SECONDS = 5,
    POST_NAME_MAX = STREAM_NAME_MAX,
    POST_FAULT_SIZE = 256
};

/* A run of a machine; neither is 0. Two runs never have both numbers in common. */
struct post_run {
    uint64_t node; /* id of the machine */
    uint64_t boot; /* of the run */
};

struct post_config {
    const char *servers;     /* "nats://HOST:PORT[,nats://HOST:PORT...]"; "tls://" for TLS */
    const char *name;        /* of the cluster, stream_name_is_allowed() */
    const char *credentials; /* path of a file (cluster/credentials); NULL: none */
    struct post_run self;
};

/*
 * Called for each letter, on one thread of the post; the next letter waits for its return. Appends
 * at most POST_ANSWER_MAX bytes to `answer`, which is empty; without memory for it, the letter has
 * been received all the same. The bytes are valid during the call. It must not send letters itself:
 * two machines that do could wait for each other.
 */
typedef void post_receiver(void *context, struct post_run from, const void *bytes, size_t length,
                           struct buffer *answer);

/* How often something has come that a sound cluster seldom sees. */
struct post_counts {
    uint64_t received; /* letters, to compare */
    uint64_t again;    /* letters that had been received already, and were answered again */
    uint64_t old;      /* letters that nobody waits for any more; dropped, as are all that follow */
    uint64_t full;     /* letters for which there was no memory; their senders try again */
    uint64_t foreign;  /* messages of others */
    uint64_t garbled;  /* messages that are damaged, or against the rules */
    uint64_t newer;    /* messages of a newer version, which this one cannot read */
};
#endif
