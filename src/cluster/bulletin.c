#include "base/platform.h"

#include "base/lock.h"
#include "cluster/bulletin.h"
#include "cluster/connection.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SUBJECT_SIZE = BULLETIN_NAME_MAX + sizeof ".bulletin." + 16,
    FLUSH_MS = 2000,
    PENDING_MAX = 1024, /* messages that wait for the hearer; more are dropped */
    PENDING_BYTES_MAX = 1024 * 1024
};

_Static_assert((int)BULLETIN_FAULT_SIZE == (int)CONNECTION_FAULT_SIZE, "faults are passed on");

struct bulletin {
    char subject[SUBJECT_SIZE]; /* of this machine */
    natsConnection *connection;
    natsSubscription *subscription;
    bulletin_hearer *hearer;
    void *context;

    struct condition changed;
    struct lock lock; /* guards what follows */
    bool hearing;     /* the library still calls the hearer */
    bool closed;      /* the library is done with the connection, and calls back no more */
};

/*
 * What the library calls back.
 */

static void note_reconnect(natsConnection *connection, void *context)
{
    (void)connection;
    (void)context;
}

static void note(struct bulletin *bulletin, bool *what, bool now)
{
    lock_take(&bulletin->lock);
    *what = now;
    condition_broadcast(&bulletin->changed);
    lock_release(&bulletin->lock);
}

static void note_close(natsConnection *connection, void *context)
{
    struct bulletin *bulletin = context;
    (void)connection;
    note(bulletin, &bulletin->closed, true);
}

static void note_deaf(void *context)
{
    struct bulletin *bulletin = context;
    note(bulletin, &bulletin->hearing, false);
}

static void hear(natsConnection *connection, natsSubscription *subscription, natsMsg *message,
                 void *context)
{
    struct bulletin *bulletin = context;
    (void)connection;
    (void)subscription;
    bulletin->hearer(bulletin->context, natsMsg_GetData(message),
                     (size_t)natsMsg_GetDataLength(message));
    natsMsg_Destroy(message);
}

/*
 * Opening.
 */

static struct bulletin *create(const struct bulletin_config *config, char *fault)
{
    struct bulletin *bulletin = calloc(1, sizeof *bulletin);
    int error =
        bulletin == NULL ? ENOMEM : lock_init(&bulletin->lock, LOCK_RANK_CLUSTER, "bulletin");
    if (error == 0) {
        error = condition_init(&bulletin->changed);
        if (error != 0)
            lock_destroy(&bulletin->lock);
    }
    if (error != 0) {
        snprintf(fault, BULLETIN_FAULT_SIZE, "cannot open the bulletin: %s", strerror(error));
        free(bulletin);
        return NULL;
    }
    snprintf(bulletin->subject, sizeof bulletin->subject, "%.*s.bulletin.%016" PRIx64,
             (int)BULLETIN_NAME_MAX, config->name, config->node);
    return bulletin;
}

static bool connect_bulletin(struct bulletin *bulletin, const struct bulletin_config *config,
                             int64_t deadline, char *fault)
{
    const struct connection_config connection = {.servers = config->servers,
                                                 .credentials = config->credentials,
                                                 .reconnected = note_reconnect,
                                                 .closed = note_close,
                                                 .context = bulletin};
    bulletin->connection = connection_open(&connection, deadline, fault);
    return bulletin->connection != NULL;
}

static bool subscribe(struct bulletin *bulletin, const char *name, char *fault)
{
    char subject[SUBJECT_SIZE];
    snprintf(subject, sizeof subject, "%.*s.bulletin.*", (int)BULLETIN_NAME_MAX, name);
    natsStatus status = natsConnection_Subscribe(&bulletin->subscription, bulletin->connection,
                                                 subject, hear, bulletin);
    if (status == NATS_OK)
        status = natsSubscription_SetPendingLimits(bulletin->subscription, PENDING_MAX,
                                                   PENDING_BYTES_MAX);
    if (bulletin->subscription != NULL) {
        note(bulletin, &bulletin->hearing, true);
        if (natsSubscription_SetOnCompleteCB(bulletin->subscription, note_deaf, bulletin) !=
            NATS_OK)
            note_deaf(bulletin);
    }
    if (status == NATS_OK)
        status = natsConnection_FlushTimeout(bulletin->connection, FLUSH_MS);
    if (status != NATS_OK)
        connection_tell(fault, "cannot subscribe to the bulletins", status);
    return status == NATS_OK;
}

struct bulletin *bulletin_open(const struct bulletin_config *config, bulletin_hearer *hearer,
                               void *context, int64_t deadline, char fault[BULLETIN_FAULT_SIZE])
{
    lock_assert_none_held();
    struct bulletin *bulletin = create(config, fault);
    if (bulletin == NULL)
        return NULL;
    bulletin->hearer = hearer;
    bulletin->context = context;
    bool well = connect_bulletin(bulletin, config, deadline, fault) &&
                subscribe(bulletin, config->name, fault);
    if (!well) {
        bulletin_stop(bulletin);
        bulletin_free(bulletin);
    }
    nats_ReleaseThreadMemory();
    return well ? bulletin : NULL;
}

void bulletin_publish(struct bulletin *bulletin, const void *bytes, size_t length)
{
    lock_assert_none_held();
    if (connection_is_up(bulletin->connection)) /* it would come late otherwise */
        natsConnection_Publish(bulletin->connection, bulletin->subject, bytes, (int)length);
}

bool bulletin_is_over(const struct bulletin *bulletin)
{
    return natsConnection_IsClosed(bulletin->connection);
}

void bulletin_stop(struct bulletin *bulletin)
{
    lock_assert_none_held();
    if (bulletin->connection != NULL)
        natsConnection_Close(bulletin->connection);
    lock_take(&bulletin->lock);
    while (bulletin->hearing || (bulletin->connection != NULL && !bulletin->closed))
        condition_wait(&bulletin->changed, &bulletin->lock);
    lock_release(&bulletin->lock);
}

void bulletin_free(struct bulletin *bulletin)
{
    if (bulletin == NULL)
        return;
    natsSubscription_Destroy(bulletin->subscription);
    natsConnection_Destroy(bulletin->connection);
    condition_destroy(&bulletin->changed);
    lock_destroy(&bulletin->lock);
    free(bulletin);
}
