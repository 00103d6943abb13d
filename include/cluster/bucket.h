/*
 * bucket: values by their keys, which all machines of a cluster share. Each value has a revision,
 * by which of two machines that change one at once the second is told. cluster/key_value has them
 * in NATS.
 *
 * All functions may be called from any thread with no lock held, and wait until `deadline`
 * (clock_now()) at most.
 */
#ifndef CLUSTER_BUCKET_H
#define CLUSTER_BUCKET_H

#include "base/buffer.h"

#include <stddef.h>
#include <stdint.h>

struct bucket;

struct bucket_functions {
    int (*get)(struct bucket *bucket, const char *key, int64_t deadline, struct buffer *value,
               uint64_t *revision);
    int (*put)(struct bucket *bucket, const char *key, const struct buffer *value,
               uint64_t revision, int64_t deadline);
};

/* Whoever offers one embeds it. */
struct bucket {
    const struct bucket_functions *functions;
};

/*
 * Stores the value of a key, instead of what the buffer had, and its revision. Returns 0; ENOENT if
 * there is none, with a revision for bucket_put() all the same; ETIMEDOUT; ECANCELED as the bucket
 * stops; ENOMEM. Tries again as long as it may.
 */
static inline int bucket_get(struct bucket *bucket, const char *key, int64_t deadline,
                             struct buffer *value, uint64_t *revision)
{
    return bucket->functions->get(bucket, key, deadline, value, revision);
}

/*
 * Gives a key a value, or none (NULL), if its revision is this one still. Returns 0; EAGAIN if it
 * is not, and nothing was changed; otherwise nobody knows whether it was changed, or will be:
 * ETIMEDOUT, which it may return before the deadline; ECANCELED as the bucket stops; ENOMEM.
 */
static inline int bucket_put(struct bucket *bucket, const char *key, const struct buffer *value,
                             uint64_t revision, int64_t deadline)
{
    return bucket->functions->put(bucket, key, value, revision, deadline);
}

#endif
