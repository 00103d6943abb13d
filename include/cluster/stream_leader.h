/*
 * stream_leader: what only the leader of a stream knows for sure. While there is none, nobody
 * answers. For the follower's thread.
 */
#ifndef CLUSTER_STREAM_LEADER_H
#define CLUSTER_STREAM_LEADER_H

#include "cluster/stream_fault.h"

#include <stdbool.h>

struct stream;

/*
 * Asks whether the stream is still the one that was opened, and has all that was read of it. Waits
 * at most `wait` milliseconds. Returns STREAM_AGAIN if nobody answers; STREAM_NEVER if it is
 * another one. Tells why in `fault`.
 */
enum stream_answer stream_leader_confirm(struct stream *stream, int wait, char *fault);

/*
 * Asks for the message behind the last one that the follower was given; one that is stored behind
 * it is known. Gives it to the follower; if it is gone, what follows it is the next one from now
 * on. Waits at most twice `wait` milliseconds. Returns false with a sentence in `fault` if neither
 * is so.
 */
bool stream_leader_find(struct stream *stream, int wait, char *fault);

#endif
