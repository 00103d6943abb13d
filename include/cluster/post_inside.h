/*
 * post_inside: what a post consists of, for the files that it is made of: post, post_sending and
 * post_receiving. Others see a post through post.h.
 */
#ifndef CLUSTER_POST_INSIDE_H
#define CLUSTER_POST_INSIDE_H

#include "base/lock.h"
#include "cluster/envelope.h"
#include "cluster/mailbox.h"
#include "cluster/post_config.h"

#include <nats/nats.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

enum { POST_SUBJECT_SIZE = POST_NAME_MAX + 80 };

struct target; /* a run to which letters are under way */

struct post {
    char name[POST_NAME_MAX + 1];
    struct post_run self;
    natsConnection *connection;
    natsSubscription *letters, *answers;

    post_receiver *receiver;
    void *context;
    struct mailbox mailbox; /* the receiving thread's */
    pthread_t thread;
    bool receiving; /* there is the thread */

    struct condition changed;
    struct lock lock; /* guards what follows */
    struct target *targets;
    uint64_t numbered; /* no number up to this one is used for a new target */
    uint64_t ids;
    unsigned senders; /* in post_send() */
    bool listening;   /* the library still hands answers over */
    bool closed;      /* the library is done with the connection, and calls back no more */
    bool stopping;
    int64_t left; /* when it has left a server, or had none (clock_now()) */
    struct post_counts counts;
};

/*
 * Writes a subject and returns its length. Letters have NAME.post.NODE.BOOT of their receiver,
 * answers have NAME.answer.NODE.BOOT.ID of who sent the letter.
 */
int post_write_subject(const struct post *post, char subject[POST_SUBJECT_SIZE], const char *kind,
                       struct post_run run);

/* Adds one to one of the post's counters. Takes the post's lock. */
void post_add(struct post *post, uint64_t *counter);

/* Reads a message of one kind; counts one that is none. Takes the post's lock. */
bool post_read(struct post *post, natsMsg *message, enum envelope_kind kind,
               struct envelope *envelope);

/*
 * The receiving thread: receives letters, and answers them, until the post stops. `argument` is the
 * post.
 */
void *post_receive(void *argument);

/* For the library: takes a message with an answer, which is freed. `context` is the post. */
void post_take_answer(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                      void *context);

/* Has all letters sent again at once: what was under way may be lost. Takes the post's lock. */
void post_hurry(struct post *post);

/* Has all senders see that the post stops. Wants the post's lock held. */
void post_wake_senders(struct post *post);

#endif
