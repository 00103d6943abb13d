/*
 * stream_fetching: messages of a stream that its follower was not sent, fetched from the servers.
 * Each question goes to one of the servers that hold the stream, with no leader. It may stand
 * still, or lag behind: that it has no message does not mean that there is none. For the follower's
 * thread.
 */
#ifndef CLUSTER_STREAM_FETCHING_H
#define CLUSTER_STREAM_FETCHING_H

#include <stdbool.h>

struct stream;

/* Has answers arrive. Returns false with a sentence in `fault` if that cannot be. */
bool stream_fetching_begin(struct stream *stream, char *fault);

/* Ends what has begun, in whole or in part. */
void stream_fetching_end(struct stream *stream);

/*
 * Gives the follower what is stored behind the last message that it was given: up to the highest
 * one that is known to be there, if it was not given that one yet, otherwise up to the last one
 * that the server has. Waits at most `wait` milliseconds for an answer. Returns false with a
 * sentence in `fault` if it was not given all: then it must be called again.
 */
bool stream_fetch(struct stream *stream, int wait, char *fault);

#endif
