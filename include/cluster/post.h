/*
 * post: what one machine of a cluster sends to one other machine, and its answer. It is for what
 * must not be in the log that all machines share (cluster/stream): it is neither stored nor read by
 * a third. What the bytes mean is not its business.
 *
 * A letter goes from one run of a machine to one run of another: to one that has been started again
 * it is never delivered. It goes over the nats-servers, is sent again until it is answered, and is
 * received once, however often it arrives; what arrives again is answered as before
 * (cluster/mailbox). Letters of one thread to one machine arrive in the order in which they were
 * sent, as the thread waits for the answer of each.
 *
 * Letters to one machine are received one after the other: a slow receiver delays other letters to
 * that machine, and nothing else. At most POST_WINDOW of a sender are under way to it, counted from
 * the lowest that is not answered; others wait until it is their turn. What arrives faster than it
 * is received waits, up to 16 MiB; more is dropped, and sent again.
 *
 * It is built where libnats is. Its threads are one for the letters that arrive, and a few of the
 * library's, which do no more of ours than to hand an answer to the thread that waits for it. No
 * lock is held across a call of the receiver or of the library.
 */
#ifndef CLUSTER_POST_H
#define CLUSTER_POST_H

#include "cluster/post_config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct post;

/*
 * Connects, and receives letters from then on. Tries until `deadline` (clock_now()) while no server
 * can be reached; wrong credentials and names are told at once. Returns NULL with a sentence
 * without its end in `fault`. Waits: no lock may be held.
 */
struct post *post_open(const struct post_config *config, post_receiver *receiver, void *context,
                       int64_t deadline, char fault[POST_FAULT_SIZE]);

/*
 * Sends a letter; any number of threads may do so at once. Waits until it is answered, appends the
 * answer to `answer` and returns 0. Otherwise it returns
 * - EHOSTUNREACH: it was not received. Nobody has listened at that machine for POST_ABSENT_SECONDS,
 *   or until the deadline (clock_now()) there was no link, or never its turn;
 * - ETIMEDOUT: the deadline has passed; ECANCELED: after post_stop(); ENOMEM. It may have been
 *   received, or be so yet;
 * - EMSGSIZE: it has more than POST_BYTES_MAX bytes; EINVAL: the deadline is more than
 *   POST_SECONDS_MAX away. It was not sent.
 */
int post_send(struct post *post, struct post_run to, const void *bytes, size_t length,
              int64_t deadline, struct buffer *answer);

/* Copies how often something has come that a sound cluster seldom sees. */
void post_count(struct post *post, struct post_counts *counts);

/* Whether the library has given its connection up, or it was stopped. Hold no lock. */
bool post_is_over(const struct post *post);

/*
 * Ends the connection: senders return with ECANCELED, and the receiver is not called any more when
 * it returns. Not for the receiver's thread.
 */
void post_stop(struct post *post);

/* Frees a post that has been stopped, and that no thread uses any more. NULL is no post. */
void post_free(struct post *post);

#endif
