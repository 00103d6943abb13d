/*
 * stream_truth: whether the stream is still the one that its follower has read. nats-server
 * acknowledges before it has synced to disk, so it can lose messages that were read; then their
 * sequences are used again, for others.
 *
 * The leader of the stream is asked for what is doubted (stream_doubt), since another server may
 * lag behind, or have what was lost. It is believed when most of the servers are with it, and when
 * it says the same for some time: one that has stood still may not know yet that it leads no more.
 *
 * For the follower's thread.
 */
#ifndef CLUSTER_STREAM_TRUTH_H
#define CLUSTER_STREAM_TRUTH_H

#include "cluster/stream_fault.h"

struct stream;

/*
 * Asks the leader for all that is doubted, or for the message that was read last. Waits at most
 * `wait` milliseconds for each answer. Returns STREAM_DONE if it is still the stream that was read;
 * STREAM_NEVER if it is another one; STREAM_AGAIN if that is not known yet. Tells why in `fault`.
 */
enum stream_answer stream_truth_confirm(struct stream *stream, int wait, char *fault);

/* Forgets what was read: the stream that is there now is read anew. */
void stream_truth_forget(struct stream *stream);

#endif
