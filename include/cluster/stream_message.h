/*
 * stream_message: a message of a stream as the library has it, whichever way it came.
 */
#ifndef CLUSTER_STREAM_MESSAGE_H
#define CLUSTER_STREAM_MESSAGE_H

#include <nats/nats.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream;
struct stream_content;

/*
 * Makes a message to be published, with a copy of the bytes. It tells what was read here. Stores it
 * in *message, for natsMsg_Destroy(). Returns what the library says.
 */
natsStatus stream_message_create(natsMsg **message, struct stream *stream,
                                 const struct stream_content *content);

/* Returns the sum of a message, as all who have read it know it (stream_memory.h). */
uint64_t stream_message_sum(natsMsg *message);

/*
 * Returns whether the stream's servers say that it is one of the stream's, and stores its sequence.
 */
bool stream_message_read(natsMsg *message, const struct stream *stream, uint64_t *sequence);

/*
 * Gives the follower the message that has this sequence. Returns false, with nothing given, if what
 * was read before is doubted now (stream_doubt.h). It stays the caller's.
 */
bool stream_message_give(natsMsg *message, struct stream *stream, uint64_t sequence);

#endif
