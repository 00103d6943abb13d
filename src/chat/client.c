#include "base/platform.h"

#include "base/clock.h"
#include "chat/client.h"
#include "net/outbox.h"

#include <stdlib.h>

/* Seconds of the monotonic clock fit an atomic of 32 bits, which every machine has. */
static unsigned now_seconds(void)
{
    return (unsigned)(clock_now() / CLOCK_SECOND);
}

struct client *client_create(struct outbox *outbox)
{
    struct client *client = calloc(1, sizeof *client);
    if (client == NULL)
        return NULL;
    outbox_acquire(outbox);
    client->outbox = outbox;
    atomic_init(&client->references, 1);
    atomic_init(&client->last_line, now_seconds());
    return client;
}

void client_acquire(struct client *client)
{
    atomic_fetch_add_explicit(&client->references, 1, memory_order_relaxed);
}

void client_release(struct client *client)
{
    if (atomic_fetch_sub_explicit(&client->references, 1, memory_order_acq_rel) != 1)
        return;
    outbox_release(client->outbox);
    free(client);
}

void client_touch(struct client *client)
{
    atomic_store_explicit(&client->last_line, now_seconds(), memory_order_relaxed);
}

unsigned client_idle_seconds(const struct client *client)
{
    unsigned last = atomic_load_explicit(&client->last_line, memory_order_relaxed);
    unsigned now = now_seconds();
    return now > last ? now - last : 0;
}
