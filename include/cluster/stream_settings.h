/*
 * stream_settings: how a stream must be set up at the nats-servers, so that it is an ordered log
 * from which nothing but the oldest is lost.
 */
#ifndef CLUSTER_STREAM_SETTINGS_H
#define CLUSTER_STREAM_SETTINGS_H

#include "cluster/stream_config.h"

#include <stdbool.h>
#include <stdint.h>

struct stream;

/*
 * Finds the stream as it must be, or makes it; the stream must be connected. Tries until `deadline`
 * (clock_now()) while JetStream does not answer. Returns false with a sentence in `fault`
 * otherwise.
 */
bool stream_settings_prepare(struct stream *stream, const struct stream_config *config,
                             int64_t deadline, char *fault);

#endif
