/*
 * stream: a log that several machines share: one JetStream stream on nats-servers. Whatever machine
 * publishes a message, all of them are given the same messages in the same order, each exactly
 * once. What the bytes mean is not its business (cluster/wire).
 *
 * A publisher waits, in its own thread, until the stream has acknowledged its message; it publishes
 * again as long as it must. The message's id keeps the stream from storing it twice. A follower is
 * called on one thread that the stream makes. The nats-servers send what most of them have stored
 * to whoever listens; what did not arrive, any one of them that holds the stream is asked for. So
 * following needs no election to have ended; publishing needs the stream's leader.
 *
 * An acknowledged message is held by the majority of the servers; whether they have synced it to
 * disk is a matter of their configuration.
 *
 * It is built where libnats is. Its threads are one for the follower, and a few of the library's,
 * which do no more of ours than to note that a connection was made anew or is closed. No lock is
 * held across a call of a callback or of the library.
 */
#ifndef CLUSTER_STREAM_H
#define CLUSTER_STREAM_H

#include "cluster/stream_config.h"
#include "cluster/stream_memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream;

/*
 * Connects, and makes the stream if there is none. Tries until `deadline` (clock_now()) while no
 * server can be reached or the servers have no leader yet; wrong credentials, settings and names
 * are told at once. Returns NULL with a sentence without its end in `fault`. Waits: no lock may be
 * held.
 */
struct stream *stream_open(const struct stream_config *config, int64_t deadline,
                           char fault[STREAM_FAULT_SIZE]);

/*
 * A message that is published. When it is published again, as nobody knows whether it is in the
 * stream, its time must be the same: who has read the one goes on as who reads the other.
 */
struct stream_content {
    const void *bytes;
    size_t length;
    int64_t time; /* clock_utc() when it was made */
};

/*
 * Publishes a message; any number of threads may do so at once. `id` is unique among all messages
 * ever published: whatever is published with it within STREAM_ID_SECONDS is the same message.
 * Without one (NULL), the message may be in the stream more than once. Waits until the message is
 * stored, and stores its sequence.
 *
 * Returns 0; EMSGSIZE if it is empty or has more than STREAM_BYTES_MAX bytes; EINVAL if the
 * deadline (clock_now()) is too far away for the id to be known; ENOMEM; ECANCELED after
 * stream_stop(); ETIMEDOUT when the deadline has passed. After the last two, the message may be in
 * the stream all the same, now or soon. `fault`, which may be NULL, is then what hindered it last.
 */
int stream_publish(struct stream *stream, const char *id, const struct stream_content *content,
                   int64_t deadline, uint64_t *sequence, char fault[STREAM_FAULT_SIZE]);

/*
 * Stores the sequences of the first and the last message that are in the stream; it is empty if the
 * first one is above the last. Returns false with a fault, as stream_open(). Waits.
 */
bool stream_measure(struct stream *stream, int64_t deadline, uint64_t *first, uint64_t *last,
                    char fault[STREAM_FAULT_SIZE]);

/*
 * Follows the stream from its message `first` on (from 1; the first one that is still there if it
 * is gone). At most once for a stream. Returns 0 or an errno.
 */
int stream_follow(struct stream *stream, uint64_t first, const struct stream_follower *follower);

/* Returns a number that a stream of this name does not have again when it is made anew. */
uint64_t stream_identity(const struct stream *stream);

/*
 * Returns what its follower has read, for others to compare with, and stores the sum of its last
 * message, 0 if there is none. For any thread.
 */
struct stream_reading stream_has_read(struct stream *stream, uint64_t *last);

/*
 * Returns how many bytes had arrived and waited for the follower when it was given a message last.
 * For any thread.
 */
size_t stream_backlog(struct stream *stream);

/* Returns the highest sequence that is known to be stored, as far as it was heard of. For any
 * thread. */
uint64_t stream_known(struct stream *stream);

/* Whether the library has given its connection up, or it was stopped. Hold no lock. */
bool stream_is_over(const struct stream *stream);

/*
 * Ends the connection: publishers return with ECANCELED, and the follower is not called any more
 * when it returns. Not for the follower's thread.
 */
void stream_stop(struct stream *stream);

/* Frees a stream that has been stopped, and that no thread uses any more. NULL is no stream. */
void stream_free(struct stream *stream);

#endif
