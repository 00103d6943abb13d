#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "cluster/connection.h"
#include "cluster/credentials.h"
#include "cluster/servers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Milliseconds, as the library wants them. */
enum {
    CONNECT_MS = 1000,
    RECONNECT_MS = 100,
    WRITE_MS = 1000,
    PING_MS = 500, /* a server that owes two answers to pings is taken for dead */
    PINGS_OUT = 2
};

#define REACHING_MOST (10 * CLOCK_SECOND)

enum {
    HANDSHAKES_MAX = 3,  /* that fail */
    PAUSE_LEAST_MS = 20, /* between two attempts */
    PAUSE_MOST_MS = 200,
    RECONNECT_BYTES_MAX = 2 * 1024 * 1024 /* that wait while it connects anew */
};

void connection_tell(char fault[CONNECTION_FAULT_SIZE], const char *what, natsStatus status)
{
    natsStatus last;
    const char *text = nats_GetLastError(&last);
    bool told = text != NULL && *text != '\0' && last == status;
    const char *place = told && *text == '(' ? strstr(text, ".c:") : NULL; /* in the library */
    const char *behind = place != NULL ? strstr(place, "): ") : NULL;
    if (behind != NULL)
        text = behind + strlen("): ");
    snprintf(fault, CONNECTION_FAULT_SIZE, "%s: %s", what,
             told ? text : natsStatus_GetText(status));
}

/*
 * Options
 */

/* The library would print errors that nobody waits for. Their consequences are seen. */
static void ignore_error(natsConnection *nats, natsSubscription *subscription, natsStatus status,
                         void *context)
{
    (void)nats;
    (void)subscription;
    (void)status;
    (void)context;
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

static natsStatus set_behaviour(natsOptions *options, const struct connection_config *config)
{
    natsStatus status = natsOptions_SetErrorHandler(options, ignore_error, NULL);
    if (status == NATS_OK)
        status = natsOptions_SetReconnectedCB(options, config->reconnected, config->context);
    if (status == NATS_OK)
        status = natsOptions_SetClosedCB(options, config->closed, config->context);
    if (status == NATS_OK)
        status = natsOptions_SetFailRequestsOnDisconnect(options, true);
    if (status == NATS_OK)
        status = natsOptions_SetReconnectBufSize(options, RECONNECT_BYTES_MAX);
    if (status == NATS_OK)
        status = natsOptions_SetSendAsap(options, true);
    return status;
}

/* The library would take "tls://" for no more than that a server may have TLS. */
static natsStatus set_security(natsOptions *options, const char *list)
{
    return strstr(list, "tls://") != NULL ? natsOptions_SetSecure(options, true) : NATS_OK;
}

/* Sets the servers of a list. Returns false if there are none or too many. */
static bool set_servers(natsOptions *options, const char *list)
{
    const char *servers[SERVERS_MAX];
    int count = 0;
    char *rest = NULL;
    char *copy = strdup(list);
    char *server = copy != NULL ? strtok_r(copy, ",", &rest) : NULL;
    for (; server != NULL && count < SERVERS_MAX; server = strtok_r(NULL, ",", &rest))
        servers[count++] = server;
    bool well =
        count > 0 && server == NULL && natsOptions_SetServers(options, servers, count) == NATS_OK;
    free(copy);
    return well;
}

/* Returns the options of a connection, or NULL. */
static natsOptions *make_options(const struct connection_config *config, char *fault)
{
    natsOptions *options = NULL;
    natsStatus status = natsOptions_Create(&options);
    if (status == NATS_OK)
        status = set_times(options);
    if (status == NATS_OK)
        status = set_behaviour(options, config);
    if (status == NATS_OK)
        status = set_security(options, config->servers);
    bool well = status == NATS_OK;
    if (!well) {
        connection_tell(fault, "cannot prepare the connection to the nats-servers", status);
    } else if (!set_servers(options, config->servers)) {
        well = false;
        snprintf(fault, CONNECTION_FAULT_SIZE,
                 "the list of nats-servers is none: 1 to %d of nats://HOST:PORT with commas",
                 SERVERS_MAX);
    } else {
        well = credentials_set(options, config->credentials, fault, CONNECTION_FAULT_SIZE);
    }
    if (well)
        return options;
    natsOptions_Destroy(options);
    return NULL;
}

/*
 * Connecting
 */

/* Sleeps for a moment, which grows with each attempt. Returns false if the deadline has passed. */
static bool pause_until(int64_t deadline, int64_t *pause)
{
    int64_t now = clock_now();
    int64_t end = now + *pause;
    if (now >= deadline)
        return false;
    *pause = *pause * 2 < PAUSE_MOST_MS * CLOCK_MILLISECOND ? *pause * 2
                                                            : PAUSE_MOST_MS * CLOCK_MILLISECOND;
    clock_sleep_until(end < deadline ? end : deadline);
    return true;
}

/*
 * Whether trying again would lead to the same. A handshake fails also where a server ends or stands
 * still meanwhile, and the library does not tell that from a certificate that is not trusted.
 */
static bool is_final(natsStatus status, int *handshakes)
{
    if (status == NATS_SSL_ERROR)
        return ++*handshakes == HANDSHAKES_MAX;
    return status == NATS_OK || status == NATS_CONNECTION_AUTH_FAILED ||
           status == NATS_SECURE_CONNECTION_WANTED;
}

static void tell_failure(char fault[CONNECTION_FAULT_SIZE], natsStatus status)
{
    if (status == NATS_CONNECTION_AUTH_FAILED)
        snprintf(fault, CONNECTION_FAULT_SIZE,
                 "the nats-server refuses the credentials; check them");
    else if (status == NATS_NO_SERVER)
        snprintf(fault, CONNECTION_FAULT_SIZE,
                 "no nats-server can be reached; check the addresses, and that they run");
    else if (status == NATS_SECURE_CONNECTION_WANTED)
        snprintf(fault, CONNECTION_FAULT_SIZE,
                 "the nats-server has no TLS; give it a certificate, or write nats:// for tls://");
    else if (status == NATS_SSL_ERROR)
        connection_tell(fault,
                        "the nats-server's certificate is not for the host that --cluster names, "
                        "or from nobody whom SSL_CERT_FILE names",
                        status);
    else
        connection_tell(fault, "cannot connect to a nats-server", status);
}

static natsConnection *connect_servers(natsOptions *options, int64_t deadline, char *fault)
{
    natsConnection *nats = NULL;
    int64_t pause = PAUSE_LEAST_MS * CLOCK_MILLISECOND;
    int64_t most = clock_now() + REACHING_MOST;
    natsStatus status;
    int handshakes = 0;
    do {
        status = natsConnection_Connect(&nats, options);
    } while (!is_final(status, &handshakes) &&
             pause_until(deadline < most ? deadline : most, &pause));
    if (status == NATS_OK)
        return nats;
    tell_failure(fault, status);
    return NULL;
}

natsConnection *connection_open(const struct connection_config *config, int64_t deadline,
                                char fault[CONNECTION_FAULT_SIZE])
{
    lock_assert_none_held();
    natsOptions *options = make_options(config, fault);
    natsConnection *nats = options != NULL ? connect_servers(options, deadline, fault) : NULL;
    natsOptions_Destroy(options);
    nats_ReleaseThreadMemory();
    return nats;
}

bool connection_check_size(natsConnection *nats, char fault[CONNECTION_FAULT_SIZE])
{
    int64_t payload = natsConnection_GetMaxPayload(nats);
    if (payload >= CONNECTION_SERVER_BYTES)
        return true;
    snprintf(fault, CONNECTION_FAULT_SIZE,
             "the nats-server's max_payload is %" PRId64 "; it must be at least %d", payload,
             CONNECTION_SERVER_BYTES);
    return false;
}

bool connection_is_up(natsConnection *nats)
{
    return natsConnection_Status(nats) == NATS_CONN_STATUS_CONNECTED;
}

static void leave(natsConnection *nats)
{
#if NATS_VERSION_NUMBER >= 0x030900
    natsConnection_Reconnect(nats);
#else
    /* The library has no call for it. A server ends the connection of who publishes to nothing. */
    natsConnection_PublishString(nats, " ", "");
#endif
}

void connection_leave_silent(natsConnection *nats, int64_t *silent, int64_t most)
{
    int64_t now = clock_now();
    bool up = connection_is_up(nats);
    bool leaves = up && now - *silent >= most;
    if (leaves || !up)
        *silent = now;
    if (leaves)
        leave(nats);
}
