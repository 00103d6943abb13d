/*
 * stream_patience: how long attempts at the same thing wait for their answer, and between each
 * other. Both grow slowly: an answer may be lost with a server that is dead, and the next question
 * goes to another; or the servers are slow.
 */
#ifndef CLUSTER_STREAM_PATIENCE_H
#define CLUSTER_STREAM_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

struct stream;

struct stream_patience {
    int answer;    /* milliseconds for the next attempt's answer */
    int64_t pause; /* nanoseconds before it */
};

/* Sets it for the first attempt. */
void stream_patience_begin(struct stream_patience *patience);

/* Has the next attempt wait longer for its answer. */
void stream_patience_grow(struct stream_patience *patience);

/*
 * Waits before the next attempt, and has it wait longer for its answer. Returns false if there is
 * to be none: `deadline` (clock_now()) has passed, or the stream stops, which ends the wait.
 */
bool stream_patience_wait(struct stream_patience *patience, struct stream *stream,
                          int64_t deadline);

#endif
