#include "base/platform.h"

#include "base/lock.h"
#include "cluster/connection.h"
#include "cluster/stream_connection.h"
#include "cluster/stream_fault.h"
#include "cluster/stream_inside.h"

static void note_reconnect(natsConnection *connection, void *context)
{
    struct stream *stream = context;
    (void)connection;
    atomic_fetch_add(&stream->reconnects, 1);
}

/* It is the last callback of a connection. */
static void note_close(natsConnection *connection, void *context)
{
    struct stream *stream = context;
    (void)connection;
    lock_take(&stream->lock);
    stream->closed = true;
    condition_broadcast(&stream->changed);
    lock_release(&stream->lock);
}

bool stream_connection_open(struct stream *stream, const struct stream_config *config,
                            int64_t deadline, char *fault)
{
    const struct connection_config connection = {.servers = config->servers,
                                                 .credentials = config->credentials,
                                                 .reconnected = note_reconnect,
                                                 .closed = note_close,
                                                 .context = stream};
    stream->connection = connection_open(&connection, deadline, fault);
    return stream->connection != NULL && connection_check_size(stream->connection, fault);
}

bool stream_connection_stands(const struct stream *stream, char *fault)
{
    stream_fault_tell(fault, "no nats-server can be reached");
    return connection_is_up(stream->connection);
}
