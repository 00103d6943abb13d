/*
 * stream_inside: what a stream consists of, for the files that it is made of: stream,
 * stream_connection, stream_settings, stream_publishing, stream_following with stream_fetching,
 * stream_leader and stream_truth, and what they share: stream_message, stream_doubt, stream_fault
 * and stream_patience. Others see a stream through stream.h.
 */
#ifndef CLUSTER_STREAM_INSIDE_H
#define CLUSTER_STREAM_INSIDE_H

#include "base/lock.h"
#include "cluster/stream_config.h"
#include "cluster/stream_memory.h"

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
    /* When the stream was made: another one of its name was made at another time. Set before it is
     * followed, and by the follower's thread. */
    _Atomic int64_t created;
    int64_t replicas; /* servers that hold it */
    atomic_uint reconnects;
    atomic_bool stopping;
    atomic_int backlog; /* stream_backlog() */

    /* Of the follower's thread. */
    struct stream_follower follower;
    pthread_t thread;
    bool following;
    natsSubscription *stored;      /* what the servers send when they have stored it, */
    natsSubscription *answers;     /* and what they answer when they are asked for it, */
    char inbox[STREAM_INBOX_SIZE]; /* to a subject that begins with this */
    uint64_t begin;                /* sequence from which on the follower is given messages; */
    uint64_t last;                 /* the one that was read last, */
    int64_t given;                 /* and when (clock_now()), or when it began */
    int again;                     /* milliseconds until a question is asked again */
    _Atomic uint64_t
        known; /* the highest sequence that is known to be stored; any thread may read it */
    int64_t
        suspected;   /* since when (clock_now()) the leader tells another stream; 0: it does not, */
    int64_t suspect; /* and when that one was made */
    uint64_t unsure; /* servers can have others than the leader's messages up to this one */
    bool hole;       /* the leader says that the next message is gone */
    enum { STREAM_LINK_NEW, STREAM_LINK_DOWN, STREAM_LINK_UP } link;

    struct condition changed;
    struct lock lock;    /* guards what follows */
    unsigned publishers; /* in stream_publish() */
    bool closed;         /* the library is done with the connection, and calls back no more */
    struct stream_memory memory; /* what the follower was given; changed by its thread alone */
    struct stream_span doubted;  /* of which it is not sure that it is still the same, */
    struct stream_span believed; /* and what was so, and is the same */
};

#endif
