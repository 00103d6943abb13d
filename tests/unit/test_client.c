#include "suites.h"
#include "peer.h"

#include "chat/client.h"

#include <CUnit/CUnit.h>

static const struct conn_config config = {.max_line = 100, .sendq = 1000};

/* A client whose outbox nobody else holds, so that it lives as long as the client. */
static struct client *make(struct peer *peer)
{
    CU_ASSERT_TRUE_FATAL(peer_open(peer, &config, 0));
    struct client *client = client_create(conn_outbox(peer->conn));
    CU_ASSERT_PTR_NOT_NULL_FATAL(client);
    conn_destroy(peer->conn);
    return client;
}

static void begins_with_nothing(void)
{
    struct peer peer;
    struct client *client = make(&peer);
    CU_ASSERT_EQUAL(client->id, 0);
    CU_ASSERT_STRING_EQUAL(client->name, "");
    CU_ASSERT_EQUAL(client->correspondent, 0);
    CU_ASSERT_STRING_EQUAL(link_peer(outbox_link(client->outbox)), "peer");
    client_release(client);
    peer_hang_up(&peer);
}

static void the_last_reference_lets_go_of_the_outbox(void)
{
    struct peer peer;
    struct client *client = make(&peer);
    client_acquire(client);
    client_acquire(client);
    client_release(client);
    client_release(client);
    CU_ASSERT_TRUE(peer_has_nothing(&peer));
    client_release(client);
    CU_ASSERT_TRUE(peer_is_at_end(&peer));
    peer_hang_up(&peer);
}

static void is_idle_since_its_last_line(void)
{
    struct peer peer;
    struct client *client = make(&peer);
    unsigned began = atomic_load(&client->last_line);
    atomic_store(&client->last_line, began - 7);
    CU_ASSERT_TRUE(client_idle_seconds(client) >= 7);
    client_touch(client);
    CU_ASSERT_TRUE(atomic_load(&client->last_line) >= began);
    /* A line may come while another thread asks. */
    atomic_store(&client->last_line, atomic_load(&client->last_line) + 7);
    CU_ASSERT_EQUAL(client_idle_seconds(client), 0);
    client_release(client);
    peer_hang_up(&peer);
}

static const struct test tests[] = {
    {"a client that has just come has no name, no id and no correspondent", begins_with_nothing},
    {"the last reference, and no other, closes the socket",
     the_last_reference_lets_go_of_the_outbox},
    {"a client is idle since its last line, and never for less than nothing",
     is_idle_since_its_last_line},
};

void add_client_suite(void)
{
    SUITE_ADD("client", tests);
}
