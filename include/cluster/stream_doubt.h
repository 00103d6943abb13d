/*
 * stream_doubt: what the follower of a stream was given, and what of it is doubted, as there are
 * signs that the stream has another message there now:
 *  - the servers tell another message with a sequence that was read, or acknowledge one;
 *  - a message says that its publisher has read something else (stream_memory).
 *
 * While there is a doubt the follower is given nothing; stream_truth resolves it. Who changes what
 * was given is the follower's thread; otherwise the functions are for any thread.
 */
#ifndef CLUSTER_STREAM_DOUBT_H
#define CLUSTER_STREAM_DOUBT_H

#include "cluster/stream_memory.h"

#include <stdbool.h>
#include <stdint.h>

struct stream;

/* Notes a message that the follower is given. For its thread. */
void stream_doubt_keep(struct stream *stream, uint64_t sequence, uint64_t sum);

/* Returns what was read, to be told to others. */
struct stream_reading stream_doubt_reading(struct stream *stream);

/* Doubts what was read if that was another message than the one that has the sequence now. */
void stream_doubt_compare(struct stream *stream, uint64_t sequence, uint64_t sum);

/*
 * Compares what the publisher of a message has read. Returns false, and doubts what was read here,
 * if it is something else, unless that was believed already.
 */
bool stream_doubt_accept(struct stream *stream, const struct stream_reading *reading);

/* Doubts messages. */
void stream_doubt_add(struct stream *stream, const struct stream_span *span);

/* Whether something is doubted. */
bool stream_doubt_stands(struct stream *stream);

/* Returns all that is doubted. */
struct stream_span stream_doubt_span(struct stream *stream);

/* Has messages, which were all that was doubted, be believed. */
void stream_doubt_end(struct stream *stream, const struct stream_span *span);

/* Forgets what was read. For the follower's thread. */
void stream_doubt_forget(struct stream *stream);

#endif
