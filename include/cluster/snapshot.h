/*
 * snapshot: the state of chat and machines behind one message of the stream (chat/state.h,
 * cluster/machines.h), as bytes. It has parts, each a whole message as those of the stream
 * (cluster/wire.h), with the changes that make the state.
 *
 * No function here takes a lock.
 */
#ifndef CLUSTER_SNAPSHOT_H
#define CLUSTER_SNAPSHOT_H

#include "base/buffer.h"
#include "cluster/stream_memory.h"
#include "cluster/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SNAPSHOT_PART_BYTES = 400000, /* a part is full with so many */
    SNAPSHOT_PARTS_MAX = 500
};

/* All zero is none. */
struct snapshot {
    uint64_t sequence;             /* of the message behind which the state is as told; not 0 */
    struct stream_reading reading; /* what who told it had read then, */
    uint64_t mark;                 /* and the sum of the last message of that */
    int64_t created;               /* when its stream was made */
    struct wire_header header;     /* of the first part: who told it; the others count on */
    struct buffer *parts;
    size_t count, capacity;
};

/*
 * Writing: snapshot_begin(), changes, snapshot_end(). Each returns 0 or an errno: ENOMEM; EMSGSIZE
 * with more than SNAPSHOT_PARTS_MAX parts; EINVAL for a change that no reader would take. After an
 * error it is only to be freed.
 */
int snapshot_begin(struct snapshot *snapshot, const struct wire_header *header, uint64_t sequence);
int snapshot_add(struct snapshot *snapshot, const struct change *change);
int snapshot_end(struct snapshot *snapshot);

/*
 * Reading: each part as it is in the bucket, in order. The bytes are checked and copied. Returns
 * SEALED_OK; what is wrong with it, also if it is a part of another snapshot; or with *error set
 * ENOMEM.
 */
enum sealed_result snapshot_take(struct snapshot *snapshot, const void *bytes, size_t length,
                                 int *error);

/* Visits all changes of a snapshot that was written or read, their numbers as a list. */
void snapshot_visit(const struct snapshot *snapshot,
                    void (*visit)(void *context, const struct change *change), void *context);

/* Frees what it holds; it is all zero then. */
void snapshot_free(struct snapshot *snapshot);

#endif
