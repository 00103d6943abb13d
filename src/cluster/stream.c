#include "base/platform.h"

#include "base/lock.h"
#include "cluster/stream.h"
#include "cluster/stream_connection.h"
#include "cluster/stream_fault.h"
#include "cluster/stream_inside.h"
#include "cluster/stream_settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct stream *create(const char *name, char *fault)
{
    struct stream *stream = calloc(1, sizeof *stream);
    int error = stream == NULL ? ENOMEM : lock_init(&stream->lock, LOCK_RANK_CLUSTER, "stream");
    if (error == 0) {
        error = condition_init(&stream->changed);
        if (error != 0)
            lock_destroy(&stream->lock);
    }
    if (error != 0) {
        stream_fault_tell(fault, "cannot open the stream: %s", strerror(error));
        free(stream);
        return NULL;
    }
    snprintf(stream->name, sizeof stream->name, "%s", name);
    snprintf(stream->subject, sizeof stream->subject, "%s.events", name);
    snprintf(stream->stored_subject, sizeof stream->stored_subject, "%s.stored", name);
    return stream;
}

struct stream *stream_open(const struct stream_config *config, int64_t deadline,
                           char fault[STREAM_FAULT_SIZE])
{
    lock_assert_none_held();
    if (!stream_name_is_allowed(config->name)) {
        stream_fault_tell(fault, "the name of the stream is none: it has " STREAM_NAME_FORM);
        return NULL;
    }
    struct stream *stream = create(config->name, fault);
    if (stream == NULL)
        return NULL;
    bool well = stream_connection_open(stream, config, deadline, fault) &&
                stream_settings_prepare(stream, config, deadline, fault);
    if (!well) {
        stream_stop(stream);
        stream_free(stream);
    }
    nats_ReleaseThreadMemory();
    return well ? stream : NULL;
}

uint64_t stream_identity(const struct stream *stream)
{
    return (uint64_t)stream->created;
}

struct stream_reading stream_has_read(struct stream *stream, uint64_t *last)
{
    lock_take(&stream->lock);
    struct stream_reading reading = stream_memory_reading(&stream->memory);
    *last = stream_memory_sum_of(&stream->memory, reading.sequence);
    lock_release(&stream->lock);
    return reading;
}

bool stream_is_over(const struct stream *stream)
{
    return natsConnection_IsClosed(stream->connection);
}

void stream_stop(struct stream *stream)
{
    lock_assert_none_held();
    lock_take(&stream->lock);
    atomic_store(&stream->stopping, true);
    condition_broadcast(&stream->changed);
    lock_release(&stream->lock);
    if (stream->connection != NULL)
        natsConnection_Close(stream->connection); /* This ends all waits in the library. */
    if (stream->following)
        pthread_join(stream->thread, NULL);
    stream->following = false;
    lock_take(&stream->lock);
    while (stream->publishers > 0 || (stream->connection != NULL && !stream->closed))
        condition_wait(&stream->changed, &stream->lock);
    lock_release(&stream->lock);
}

void stream_free(struct stream *stream)
{
    if (stream == NULL)
        return;
    /*
     * Not before the connection is closed: its reading thread may be about to give a message to
     * them, and libnats 3.4 does not keep them for that.
     */
    natsSubscription_Destroy(stream->stored);
    natsSubscription_Destroy(stream->answers);
    jsCtx_Destroy(stream->jetstream);
    natsConnection_Destroy(stream->connection);
    condition_destroy(&stream->changed);
    lock_destroy(&stream->lock);
    free(stream);
}
