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

/* The library does not connect anew after servers have refused the credentials twice. */
bool stream_connection_stands(const struct stream *stream, char *fault)
{
    natsConnStatus status = natsConnection_Status(stream->connection);
    stream_fault_tell(fault, "%s",
                      status == NATS_CONN_STATUS_CLOSED
                          ? "the nats-server refuses the credentials, which it took before"
                          : "no nats-server can be reached");
    return status == NATS_CONN_STATUS_CONNECTED;
}
