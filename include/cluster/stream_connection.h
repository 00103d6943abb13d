/*
 * stream_connection: a stream's connection to one of its nats-servers. The library makes it anew by
 * itself, with another server if need be.
 */
#ifndef CLUSTER_STREAM_CONNECTION_H
#define CLUSTER_STREAM_CONNECTION_H

#include "cluster/stream_config.h"

#include <stdbool.h>
#include <stdint.h>

struct stream;

/*
 * Connects; tries until `deadline` (clock_now()) while no server can be reached. Returns false with
 * a sentence in `fault` otherwise. What has come to be of the connection is the stream's, also
 * then.
 */
bool stream_connection_open(struct stream *stream, const struct stream_config *config,
                            int64_t deadline, char *fault);

/* Returns whether there is a connection now; tells why if there is none. */
bool stream_connection_stands(const struct stream *stream, char *fault);

#endif
