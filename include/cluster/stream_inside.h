/*
 * stream_inside: what a stream consists of, for the files that it is made of: stream,
 * stream_connection, stream_settings, stream_publishing and stream_following, with stream_fault and
 * stream_patience, which they share. Others see a stream through stream.h.
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

enum { STREAM_SUBJECT_SIZE = STREAM_NAME_MAX + sizeof ".events" };

struct stream {
    char name[STREAM_NAME_MAX + 1];
    char subject[STREAM_SUBJECT_SIZE]; /* to which messages are published */
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
    uint64_t last;     /* sequence that the follower was given last */
    uint64_t consumed; /* the same, among what the present consumer sent */
    enum { STREAM_LINK_NEW, STREAM_LINK_DOWN, STREAM_LINK_UP } link;

    struct condition changed;
    struct lock lock;    /* guards what follows */
    unsigned publishers; /* in stream_publish() */
    bool closed;         /* the library is done with the connection, and calls back no more */
};

#endif
