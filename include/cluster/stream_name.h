/*
 * stream_name: what the stream, and all else of a cluster at the nats-servers, may be called. Every
 * build checks it, also one without libnats.
 */
#ifndef CLUSTER_STREAM_NAME_H
#define CLUSTER_STREAM_NAME_H

#include <stdbool.h>

#define STREAM_NAME_FORM "1 to 32 of A-Z a-z 0-9 - _" /* for errors */

enum { STREAM_NAME_MAX = 32 }; /* bytes */

/* Whether a text is a name: 1 to STREAM_NAME_MAX of A-Z a-z 0-9 - _. */
bool stream_name_is_allowed(const char *name);

#endif
