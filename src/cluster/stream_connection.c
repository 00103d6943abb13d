#include "base/platform.h"

#include "base/lock.h"
#include "cluster/stream_connection.h"
#include "cluster/stream_fault.h"
#include "cluster/stream_inside.h"
#include "cluster/stream_patience.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Milliseconds, as the library wants them. */
enum {
    CONNECT_MS = 1000,
    RECONNECT_MS = 100,
    WRITE_MS = 1000,
    PING_MS = 500 /* a server that owes two answers to pings is taken for dead */
};

enum { PINGS_OUT = 2, RECONNECT_BYTES_MAX = 2 * 1024 * 1024 };

/* The library would print errors that nobody waits for. The follower sees their consequences. */
static void ignore_error(natsConnection *connection, natsSubscription *subscription,
                         natsStatus status, void *context)
{
    (void)connection;
    (void)subscription;
    (void)status;
    (void)context;
}

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

/* Sets the servers of a list, which is cut up for it. Returns false if there are none or too many.
 */
static bool set_servers(natsOptions *options, char *list)
{
    const char *servers[STREAM_SERVERS_MAX];
    int count = 0;
    char *rest = NULL;
    for (char *server = strtok_r(list, ",", &rest); server != NULL;
         server = strtok_r(NULL, ",", &rest)) {
        if (count == STREAM_SERVERS_MAX)
            return false;
        servers[count++] = server;
    }
    return count > 0 && natsOptions_SetServers(options, servers, count) == NATS_OK;
}

static natsStatus set_times(natsOptions *options)
{
    natsStatus status = natsOptions_SetTimeout(options, CONNECT_MS);
    if (status == NATS_OK)
        status = natsOptions_SetReconnectWait(options, RECONNECT_MS);
    if (status == NATS_OK)
        status = natsOptions_SetReconnectJitter(options, RECONNECT_MS, RECONNECT_MS);
    if (status == NATS_OK)
        status = natsOptions_SetMaxReconnect(options, -1);
    if (status == NATS_OK)
        status = natsOptions_SetPingInterval(options, PING_MS);
    if (status == NATS_OK)
        status = natsOptions_SetMaxPingsOut(options, PINGS_OUT);
    if (status == NATS_OK)
        status = natsOptions_SetWriteDeadline(options, WRITE_MS);
    return status;
}

static natsStatus set_behaviour(natsOptions *options, struct stream *stream)
{
    natsStatus status = natsOptions_SetErrorHandler(options, ignore_error, NULL);
    if (status == NATS_OK)
        status = natsOptions_SetReconnectedCB(options, note_reconnect, stream);
    if (status == NATS_OK)
        status = natsOptions_SetClosedCB(options, note_close, stream);
    if (status == NATS_OK)
        status = natsOptions_SetFailRequestsOnDisconnect(options, true);
    if (status == NATS_OK)
        status = natsOptions_SetReconnectBufSize(options, RECONNECT_BYTES_MAX);
    if (status == NATS_OK)
        status = natsOptions_SetSendAsap(options, true);
    return status;
}

static bool set_credentials(natsOptions *options, const char *path, char *fault)
{
    if (path == NULL)
        return true;
    if (access(path, R_OK) != 0) {
        stream_fault_tell(fault, "cannot read the credentials file %s: %s", path, strerror(errno));
        return false;
    }
    natsStatus status = natsOptions_SetUserCredentialsFromFiles(options, path, NULL);
    if (status == NATS_OK)
        return true;
    stream_fault_tell_status(fault, "cannot use the credentials file", status);
    return false;
}

/* Returns the options of a connection, or NULL. */
static natsOptions *make_options(struct stream *stream, const struct stream_config *config,
                                 char *fault)
{
    natsOptions *options = NULL;
    char *list = strdup(config->servers);
    natsStatus status = list == NULL ? NATS_NO_MEMORY : natsOptions_Create(&options);
    if (status == NATS_OK)
        status = set_times(options);
    if (status == NATS_OK)
        status = set_behaviour(options, stream);
    bool well = status == NATS_OK;
    if (!well) {
        stream_fault_tell_status(fault, "cannot prepare the connection to the nats-servers",
                                 status);
    } else if (!set_servers(options, list)) {
        well = false;
        stream_fault_tell(
            fault, "the list of nats-servers is none: 1 to %d of nats://HOST:PORT with commas",
            STREAM_SERVERS_MAX);
    } else {
        well = set_credentials(options, config->credentials, fault);
    }
    free(list);
    if (well)
        return options;
    natsOptions_Destroy(options);
    return NULL;
}

static bool connect_servers(struct stream *stream, natsOptions *options, int64_t deadline,
                            char *fault)
{
    struct stream_patience patience;
    natsStatus status;
    stream_patience_begin(&patience);
    do {
        status = natsConnection_Connect(&stream->connection, options);
    } while (status != NATS_OK && status != NATS_CONNECTION_AUTH_FAILED &&
             stream_patience_wait(&patience, stream, deadline));
    if (status == NATS_CONNECTION_AUTH_FAILED)
        stream_fault_tell(fault, "the nats-server refuses the credentials; check them");
    else if (status == NATS_NO_SERVER)
        stream_fault_tell(fault,
                          "no nats-server can be reached; check the addresses, and that they run");
    else if (status != NATS_OK)
        stream_fault_tell_status(fault, "cannot connect to a nats-server", status);
    if (status != NATS_OK)
        return false;
    int64_t payload = natsConnection_GetMaxPayload(stream->connection);
    if (payload >= STREAM_SERVER_BYTES)
        return true;
    stream_fault_tell(fault, "the nats-server's max_payload is %" PRId64 "; it must be at least %d",
                      payload, STREAM_SERVER_BYTES);
    return false;
}

bool stream_connection_open(struct stream *stream, const struct stream_config *config,
                            int64_t deadline, char *fault)
{
    natsOptions *options = make_options(stream, config, fault);
    bool well = options != NULL && connect_servers(stream, options, deadline, fault);
    natsOptions_Destroy(options);
    return well;
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
