/*
 * key_value: a bucket (cluster/bucket) in JetStream's key-value store: the stream KV_NAME, on disk,
 * on three nats-servers where they are a cluster.
 *
 * It is built where libnats is. Its threads are the library's. No lock is held across a call of the
 * library.
 */
#ifndef CLUSTER_KEY_VALUE_H
#define CLUSTER_KEY_VALUE_H

#include "cluster/bucket.h"
#include "cluster/connection.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    KEY_VALUE_NAME_MAX = 48,
    KEY_VALUE_KEY_MAX = 2800, /* bytes; nats-servers take lines of 4 KiB */
    KEY_VALUE_FAULT_SIZE = CONNECTION_FAULT_SIZE
};

struct key_value;

struct key_value_config {
    const char *servers;     /* as in stream_config, with the credentials */
    const char *name;        /* 1 to KEY_VALUE_NAME_MAX of A-Z a-z 0-9 - _ */
    const char *credentials; /* or NULL */
};

/*
 * Connects, and makes the bucket if there is none. Tries until `deadline` (clock_now()). Returns
 * NULL with a sentence without its end in `fault`. Waits: no lock may be held.
 */
struct key_value *key_value_open(const struct key_value_config *config, int64_t deadline,
                                 char fault[KEY_VALUE_FAULT_SIZE]);

/* Returns the bucket, which lives as long as this. Its keys are of A-Z a-z 0-9 - _ = . */
struct bucket *key_value_bucket(struct key_value *key_value);

/* Whether the library has given its connection up, or it was stopped. Hold no lock. */
bool key_value_is_over(const struct key_value *key_value);

/* Ends the connection, and all waits with it. The bucket may still be called, and fails. */
void key_value_stop(struct key_value *key_value);

/* Frees one that has been stopped, and that no thread uses any more. NULL is none. */
void key_value_free(struct key_value *key_value);

#endif
