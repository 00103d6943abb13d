/*
 * stream_inside: what a stream consists of, for the files that it is made of: stream,
 * stream_connection, stream_settings, stream_publishing, stream_following with stream_fetching and
 * stream_leader, and what they share: stream_message, stream_fault and stream_patience. Others see
 * a stream through stream.h.
 */
#ifndef CLUSTER_STREAM_INSIDE_H
#define CLUSTER_STREAM_INSIDE_H

#include "base/lock.h"
#include "cluster/stream_config.h"

#include <nats/nats.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    STREAM_SUBJECT_SIZE = STREAM_NAME_MAX + sizeof ".events",
    STREAM_INBOX_SIZE = 64 /* what the library makes up has fewer bytes */
};

struct stream {
    char name[STREAM_NAME_MAX + 1];
    char subject[STREAM_SUBJECT_SIZE];        /* to which messages are published, */
    char stored_subject[STREAM_SUBJECT_SIZE]; /* and to which the servers send what is stored */
    natsConnection *connection;
    jsCtx *jetstream;
    int64_t
        created; /* when the stream was made: another one of its name was made at another time */
    atomic_uint reconnects;
    atomic_bool stopping;

    /* Of the follower's thread. */
    struct stream_follower follower;
    pthread_t thread;
    bool following;
    natsSubscription *stored;      /* what the servers send when they have stored it, */
    natsSubscription *answers;     /* and what they answer when they are asked for it, */
    char inbox[STREAM_INBOX_SIZE]; /* to a subject that begins with this */
    uint64_t last;                 /* sequence that the follower was given last, */
    int64_t given;                 /* and when (clock_now()), or when it began */
    int again;                     /* milliseconds until a question is asked again */
    uint64_t known;                /* the highest sequence that is known to be stored */
    enum { STREAM_LINK_NEW, STREAM_LINK_DOWN, STREAM_LINK_UP } link;

    struct condition changed;
    struct lock lock;    /* guards what follows */
    unsigned publishers; /* in stream_publish() */
    bool closed;         /* the library is done with the connection, and calls back no more */
};

#endif
