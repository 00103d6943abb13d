/*
 * stream_leader: what only the leader of a stream knows for sure. While there is none, nobody
 * answers. For any thread, but for stream_leader_find(), which is the follower's.
 */
#ifndef CLUSTER_STREAM_LEADER_H
#define CLUSTER_STREAM_LEADER_H

#include "cluster/stream_fault.h"

#include <stdbool.h>
#include <stdint.h>

struct stream;

/* What the leader says of the stream. */
struct stream_state {
    int64_t created;      /* when it was made: another one of its name was made at another time */
    uint64_t first, last; /* sequences of what is there */
    bool leads;           /* most of the servers that hold the stream were with it just now */
};

/*
 * Asks for the state of the stream. Waits at most `wait` milliseconds. Returns STREAM_DONE; or what
 * became of it, and tells why in `fault`.
 */
enum stream_answer stream_leader_describe(struct stream *stream, int wait,
                                          struct stream_state *state, char *fault);

/*
 * Asks for the sum (stream_memory.h) of a message, 0 if it is gone. Waits and returns as
 * stream_leader_describe().
 */
enum stream_answer stream_leader_sum(struct stream *stream, uint64_t sequence, int wait,
                                     uint64_t *sum, char *fault);

/*
 * Asks for the message behind the last one that the follower was given; one that is stored behind
 * it is known. Gives it to the follower; if it is gone, what follows it is the next one from now
 * on. Returns false with a sentence in `fault` if neither is so. Waits at most `wait` milliseconds
 * if it is there, as the first one expects; at most three times that otherwise.
 */
bool stream_leader_next(struct stream *stream, int wait, char *fault);
bool stream_leader_find(struct stream *stream, int wait, char *fault);

#endif
