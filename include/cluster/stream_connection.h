/*
 * stream_connection: a stream's connection to one of its nats-servers (cluster/connection).
 */
#ifndef CLUSTER_STREAM_CONNECTION_H
#define CLUSTER_STREAM_CONNECTION_H

#include "cluster/stream_config.h"

#include <stdbool.h>
#include <stdint.h>

struct stream;

/*
 * Connects, to a server that takes what the stream needs; otherwise as connection_open(). Returns
 * false with a sentence in `fault` if that fails. A connection that there is then is the stream's.
 */
bool stream_connection_open(struct stream *stream, const struct stream_config *config,
                            int64_t deadline, char *fault);

/* Returns whether there is a connection now; tells why if there is none. */
bool stream_connection_stands(const struct stream *stream, char *fault);

#endif
