/*
 * accounts_config: what accounts are opened with.
 */
#ifndef CLUSTER_ACCOUNTS_CONFIG_H
#define CLUSTER_ACCOUNTS_CONFIG_H

#include "cluster/bucket.h"

#include <stdint.h>

struct accounts_config {
    struct bucket *bucket; /* must outlive the accounts */
    int64_t patience;      /* nanoseconds */
    uint64_t seed;         /* no other run of a machine has it */
    /* Is told, as a sentence, what cannot be read. Called by a thread of this module. */
    void (*report)(void *context, const char *sentence);
    void *context;
};

#endif
