#include "suites.h"
#include "peer.h"

#include "chat/client.h"
#include "chat/registry.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdio.h>

static const struct conn_config config = {.max_line = 100, .sendq = 1000};

enum { CROWD = 5 };

/* A registry and some clients, none of them in it. */
struct crowd {
    struct registry *registry;
    struct peer peers[CROWD];
    struct client *clients[CROWD];
};

static void gather(struct crowd *crowd)
{
    CU_ASSERT_EQUAL_FATAL(registry_create(&crowd->registry), 0);
    for (int i = 0; i < CROWD; i++) {
        CU_ASSERT_TRUE_FATAL(peer_open(&crowd->peers[i], &config, 0));
        crowd->clients[i] = client_create(conn_outbox(crowd->peers[i].conn));
        CU_ASSERT_PTR_NOT_NULL_FATAL(crowd->clients[i]);
    }
}

/* Lets go of everything; nobody may be in the registry any more. */
static void disperse(struct crowd *crowd)
{
    registry_destroy(crowd->registry);
    for (int i = 0; i < CROWD; i++) {
        client_release(crowd->clients[i]);
        peer_close(&crowd->peers[i]);
    }
}

static unsigned references(struct client *client)
{
    return atomic_load(&client->references);
}

/* Whether `name` finds that client (NULL: nobody). */
static bool finds(struct registry *registry, const char *name, const struct client *client)
{
    struct client *found = registry_find(registry, name);
    if (found != NULL)
        client_release(found);
    return found == client;
}

static bool is_called(struct registry *registry, const struct client *client, const char *name)
{
    char copy[NAME_SIZE];
    unsigned idle;
    uint64_t id = client->id - 1;
    return registry_next(registry, &id, copy, &idle) && id == client->id && strcmp(copy, name) == 0;
}

/* Whether a client cannot come under a name, because of who has `rival`. */
static bool is_kept_out(struct registry *registry, struct client *client, const char *name,
                        const char *rival)
{
    char found[NAME_SIZE] = "";
    return registry_add(registry, client, name) == EEXIST && registry_has(registry, name, found) &&
           strcmp(found, rival) == 0;
}

static void look_alikes_are_kept_out(void)
{
    struct crowd crowd;
    char rival[NAME_SIZE];
    gather(&crowd);
    registry_add(crowd.registry, crowd.clients[0], "Alice");
    registry_add(crowd.registry, crowd.clients[1], "Jos\xC3\xA9");
    struct client *other = crowd.clients[2];
    CU_ASSERT_TRUE(is_kept_out(crowd.registry, other, "ALICE", "Alice"));
    CU_ASSERT_TRUE(is_kept_out(crowd.registry, other, "AIice", "Alice"));
    CU_ASSERT_TRUE(is_kept_out(crowd.registry, other, "A1ice", "Alice"));
    CU_ASSERT_TRUE(is_kept_out(crowd.registry, other, "\xD0\x90lice", "Alice"));
    CU_ASSERT_TRUE(is_kept_out(crowd.registry, other, "Jose\xCC\x81", "Jos\xC3\xA9"));
    CU_ASSERT_FALSE(registry_has(crowd.registry, "Jose", rival));
    CU_ASSERT_EQUAL(registry_count(crowd.registry), 2);
    /* Nobody else is written to than who was named. */
    CU_ASSERT_TRUE(finds(crowd.registry, "AIice", NULL));
    CU_ASSERT_TRUE(finds(crowd.registry, "\xD0\x90lice", NULL));
    CU_ASSERT_TRUE(finds(crowd.registry, "JOSE\xCC\x81", crowd.clients[1]));
    /* Another name may look like one's own, and like nobody else's. */
    CU_ASSERT_EQUAL(registry_rename(crowd.registry, crowd.clients[0], "AIice", rival), 0);
    CU_ASSERT_EQUAL(registry_rename(crowd.registry, crowd.clients[1], "alice", rival), EEXIST);
    CU_ASSERT_STRING_EQUAL(rival, "AIice");
    for (int i = 0; i < 2; i++)
        registry_remove(crowd.registry, crowd.clients[i]);
    CU_ASSERT_FALSE(registry_has(crowd.registry, "Alice", rival));
    disperse(&crowd);
}

static void names_are_unique(void)
{
    struct crowd crowd;
    gather(&crowd);
    CU_ASSERT_EQUAL(registry_add(crowd.registry, crowd.clients[0], "Alice"), 0);
    CU_ASSERT_EQUAL(registry_add(crowd.registry, crowd.clients[1], "Alice"), EEXIST);
    CU_ASSERT_EQUAL(registry_add(crowd.registry, crowd.clients[1], "aLICE"), EEXIST);
    CU_ASSERT_EQUAL(registry_count(crowd.registry), 1);
    CU_ASSERT_EQUAL(references(crowd.clients[1]), 1);
    CU_ASSERT_EQUAL(registry_add(crowd.registry, crowd.clients[1], "\xC3\x89lo\xC3\xAFse"), 0);
    CU_ASSERT_EQUAL(registry_add(crowd.registry, crowd.clients[2], "\xC3\xA9LO\xC3\x8FSE"), EEXIST);
    CU_ASSERT_EQUAL(registry_add(crowd.registry, crowd.clients[2], "Alic"), 0);
    CU_ASSERT_EQUAL(registry_count(crowd.registry), 3);
    for (int i = 0; i < 3; i++)
        registry_remove(crowd.registry, crowd.clients[i]);
    CU_ASSERT_EQUAL(registry_count(crowd.registry), 0);
    CU_ASSERT_EQUAL(registry_add(crowd.registry, crowd.clients[3], "ALICE"), 0);
    registry_remove(crowd.registry, crowd.clients[3]);
    disperse(&crowd);
}

static void finds_by_name_and_id(void)
{
    struct crowd crowd;
    gather(&crowd);
    CU_ASSERT_TRUE(finds(crowd.registry, "Alice", NULL));
    registry_add(crowd.registry, crowd.clients[0], "Alice");
    registry_add(crowd.registry, crowd.clients[1], "Bob");
    CU_ASSERT_TRUE(finds(crowd.registry, "ALICE", crowd.clients[0]));
    CU_ASSERT_TRUE(finds(crowd.registry, "bob", crowd.clients[1]));
    CU_ASSERT_TRUE(finds(crowd.registry, "Bo", NULL));
    struct client *found = registry_find(crowd.registry, "Bob");
    CU_ASSERT_EQUAL(references(crowd.clients[1]), 3);
    client_release(found);
    uint64_t alice = crowd.clients[0]->id;
    uint64_t bob = crowd.clients[1]->id;
    CU_ASSERT_TRUE(alice != 0 && bob != 0 && alice != bob);
    found = registry_find_id(crowd.registry, bob);
    CU_ASSERT_PTR_EQUAL(found, crowd.clients[1]);
    CU_ASSERT_EQUAL(references(crowd.clients[1]), 3);
    client_release(found);
    CU_ASSERT_PTR_NULL(registry_find_id(crowd.registry, 0));
    registry_remove(crowd.registry, crowd.clients[1]);
    CU_ASSERT_PTR_NULL(registry_find_id(crowd.registry, bob));
    CU_ASSERT_TRUE(finds(crowd.registry, "Bob", NULL));
    /* An id is never anybody else's. */
    registry_add(crowd.registry, crowd.clients[2], "Bob");
    CU_ASSERT_TRUE(crowd.clients[2]->id != bob && crowd.clients[2]->id != alice);
    registry_remove(crowd.registry, crowd.clients[0]);
    registry_remove(crowd.registry, crowd.clients[2]);
    disperse(&crowd);
}

static void renames(void)
{
    struct crowd crowd;
    char rival[NAME_SIZE];
    gather(&crowd);
    registry_add(crowd.registry, crowd.clients[0], "Alice");
    registry_add(crowd.registry, crowd.clients[1], "Bob");
    CU_ASSERT_EQUAL(registry_rename(crowd.registry, crowd.clients[0], "BOB", rival), EEXIST);
    CU_ASSERT_STRING_EQUAL(rival, "Bob");
    CU_ASSERT_TRUE(is_called(crowd.registry, crowd.clients[0], "Alice"));
    CU_ASSERT_TRUE(finds(crowd.registry, "Alice", crowd.clients[0]));
    CU_ASSERT_EQUAL(registry_rename(crowd.registry, crowd.clients[0], "Carol", rival), 0);
    CU_ASSERT_TRUE(is_called(crowd.registry, crowd.clients[0], "Carol"));
    CU_ASSERT_TRUE(finds(crowd.registry, "carol", crowd.clients[0]));
    CU_ASSERT_TRUE(finds(crowd.registry, "Alice", NULL));
    /* Only the case changes: the name is taken, but by the client itself. */
    CU_ASSERT_EQUAL(registry_rename(crowd.registry, crowd.clients[0], "CAROL", rival), 0);
    CU_ASSERT_TRUE(is_called(crowd.registry, crowd.clients[0], "CAROL"));
    CU_ASSERT_TRUE(finds(crowd.registry, "Carol", crowd.clients[0]));
    /* The old name is free. */
    CU_ASSERT_EQUAL(registry_add(crowd.registry, crowd.clients[2], "alice"), 0);
    CU_ASSERT_EQUAL(registry_count(crowd.registry), 3);
    for (int i = 0; i < 3; i++)
        registry_remove(crowd.registry, crowd.clients[i]);
    CU_ASSERT_TRUE(finds(crowd.registry, "Carol", NULL));
    disperse(&crowd);
}

/* The next of a series of numbers that look like chance, and are the same each time. */
static unsigned next_number(unsigned *state)
{
    *state = *state * 1103515245U + 12345U;
    return *state >> 16;
}

static void many_names_stay_apart(void)
{
    struct crowd crowd;
    char names[CROWD][16];
    char rival[NAME_SIZE];
    unsigned state = 8;
    gather(&crowd);
    for (int i = 0; i < CROWD; i++) {
        snprintf(names[i], sizeof names[i], "%d", i);
        registry_add(crowd.registry, crowd.clients[i], names[i]);
    }
    for (int turn = 0; turn < 1000; turn++) {
        int who = (int)(next_number(&state) % CROWD);
        char name[16];
        snprintf(name, sizeof name, "%c", 'a' + (int)(next_number(&state) % 10));
        const struct client *holder = NULL;
        for (int i = 0; i < CROWD; i++)
            if (strcmp(names[i], name) == 0)
                holder = crowd.clients[i];
        bool vacant = holder == NULL || holder == crowd.clients[who];
        int error = registry_rename(crowd.registry, crowd.clients[who], name, rival);
        EXPECT(error == (vacant ? 0 : EEXIST), "turn %d: %d", turn, error);
        if (error == 0)
            strcpy(names[who], name);
        for (int i = 0; i < CROWD; i++)
            EXPECT(finds(crowd.registry, names[i], crowd.clients[i]), "turn %d: %s", turn,
                   names[i]);
    }
    for (int i = 0; i < CROWD; i++)
        registry_remove(crowd.registry, crowd.clients[i]);
    disperse(&crowd);
}

static void snapshots_do_not_change(void)
{
    struct crowd crowd;
    gather(&crowd);
    registry_add(crowd.registry, crowd.clients[0], "Alice");
    registry_add(crowd.registry, crowd.clients[1], "Bob");
    struct snapshot *before = registry_snapshot(crowd.registry);
    CU_ASSERT_PTR_NOT_NULL_FATAL(before);
    registry_add(crowd.registry, crowd.clients[2], "Carol");
    registry_remove(crowd.registry, crowd.clients[0]);
    struct snapshot *after = registry_snapshot(crowd.registry);
    CU_ASSERT_PTR_NOT_NULL_FATAL(after);
    CU_ASSERT_EQUAL(before->count, 2);
    CU_ASSERT_PTR_EQUAL(before->members[0], crowd.clients[0]);
    CU_ASSERT_PTR_EQUAL(before->members[1], crowd.clients[1]);
    CU_ASSERT_EQUAL(after->count, 2);
    CU_ASSERT_PTR_EQUAL(after->members[0], crowd.clients[1]);
    CU_ASSERT_PTR_EQUAL(after->members[1], crowd.clients[2]);
    snapshot_release(before);
    snapshot_release(after);
    registry_remove(crowd.registry, crowd.clients[1]);
    registry_remove(crowd.registry, crowd.clients[2]);
    struct snapshot *empty = registry_snapshot(crowd.registry);
    CU_ASSERT_PTR_NOT_NULL_FATAL(empty);
    CU_ASSERT_EQUAL(empty->count, 0);
    snapshot_release(empty);
    disperse(&crowd);
}

static void snapshots_hold_references(void)
{
    struct crowd crowd;
    gather(&crowd);
    struct client *client = crowd.clients[0];
    registry_add(crowd.registry, client, "Alice");
    CU_ASSERT_EQUAL(references(client), 2);
    struct snapshot *snapshot = registry_snapshot(crowd.registry);
    struct snapshot *again = registry_snapshot(crowd.registry);
    /* While nobody comes or goes, it is the same one. */
    CU_ASSERT_PTR_EQUAL(snapshot, again);
    CU_ASSERT_EQUAL(references(client), 3);
    registry_remove(crowd.registry, client);
    CU_ASSERT_EQUAL(references(client), 2);
    snapshot_release(again);
    CU_ASSERT_EQUAL(references(client), 2);
    snapshot_release(snapshot);
    CU_ASSERT_EQUAL(references(client), 1);
    disperse(&crowd);
}

/* The last reference, wherever it is, keeps the socket open. */
static void last_reference_closes(void)
{
    struct registry *registry;
    struct peer peer;
    CU_ASSERT_EQUAL_FATAL(registry_create(&registry), 0);
    CU_ASSERT_TRUE_FATAL(peer_open(&peer, &config, 0));
    struct client *client = client_create(conn_outbox(peer.conn));
    CU_ASSERT_PTR_NOT_NULL_FATAL(client);
    conn_destroy(peer.conn);
    registry_add(registry, client, "Alice");
    client_release(client);
    struct snapshot *snapshot = registry_snapshot(registry);
    registry_remove(registry, client);
    registry_destroy(registry);
    CU_ASSERT_TRUE(peer_has_nothing(&peer));
    outbox_say(snapshot->members[0]->outbox, "still here\n");
    CU_ASSERT_TRUE(peer_gets(&peer, "still here\n"));
    snapshot_release(snapshot);
    CU_ASSERT_TRUE(peer_is_at_end(&peer));
    peer_hang_up(&peer);
}

static bool lists(struct registry *registry, size_t most, const char *expected)
{
    struct buffer out = {0};
    bool right = registry_list_names(registry, most, &out) &&
                 buffer_length(&out) == strlen(expected) &&
                 memcmp(buffer_bytes(&out), expected, strlen(expected)) == 0;
    buffer_free(&out);
    return right;
}

static void lists_names(void)
{
    static const char *const names[CROWD] = {"Zoe", "bob", "Carol", "Dan", "Eve"};
    struct crowd crowd;
    gather(&crowd);
    CU_ASSERT_TRUE(lists(crowd.registry, 9, ""));
    for (int i = 0; i < CROWD; i++)
        registry_add(crowd.registry, crowd.clients[i], names[i]);
    CU_ASSERT_TRUE(lists(crowd.registry, 9, "Zoe, bob, Carol, Dan, Eve"));
    CU_ASSERT_TRUE(lists(crowd.registry, 5, "Zoe, bob, Carol, Dan, Eve"));
    CU_ASSERT_TRUE(lists(crowd.registry, 4, "Zoe, bob, Carol, Dan and 1 other"));
    CU_ASSERT_TRUE(lists(crowd.registry, 2, "Zoe, bob and 3 others"));
    registry_remove(crowd.registry, crowd.clients[0]);
    CU_ASSERT_TRUE(lists(crowd.registry, 1, "bob and 3 others"));
    for (int i = 1; i < CROWD; i++)
        registry_remove(crowd.registry, crowd.clients[i]);
    disperse(&crowd);
}

static void remembers_correspondents(void)
{
    struct crowd crowd;
    char rival[NAME_SIZE];
    char name[NAME_SIZE];
    gather(&crowd);
    registry_add(crowd.registry, crowd.clients[0], "Alice");
    registry_add(crowd.registry, crowd.clients[1], "Bob");
    CU_ASSERT_EQUAL(registry_correspondent(crowd.registry, crowd.clients[0], name), 0);
    registry_set_correspondent(crowd.registry, crowd.clients[0], crowd.clients[1]);
    registry_rename(crowd.registry, crowd.clients[1], "Robert", rival);
    uint64_t id = registry_correspondent(crowd.registry, crowd.clients[0], name);
    CU_ASSERT_EQUAL(id, crowd.clients[1]->id);
    CU_ASSERT_STRING_EQUAL(name, "Bob");
    CU_ASSERT_EQUAL(registry_correspondent(crowd.registry, crowd.clients[1], name), 0);
    registry_remove(crowd.registry, crowd.clients[0]);
    registry_remove(crowd.registry, crowd.clients[1]);
    disperse(&crowd);
}

enum { BUSY_THREADS = 4, BUSY_TURNS = 300 };

struct busy {
    struct registry *registry;
    struct client *client;
    int number;
    int wrong; /* what went wrong, counted */
};

/* Comes, looks around, takes another name, and goes, over and over. */
static void *come_and_go(void *argument)
{
    struct busy *busy = argument;
    char name[NAME_SIZE];
    char other[NAME_SIZE];
    char rival[NAME_SIZE];
    snprintf(name, sizeof name, "first-%d", busy->number);
    snprintf(other, sizeof other, "second-%d", busy->number);
    for (int i = 0; i < BUSY_TURNS; i++) {
        busy->wrong += registry_add(busy->registry, busy->client, name) != 0;
        struct snapshot *snapshot = registry_snapshot(busy->registry);
        bool present = false;
        for (size_t j = 0; snapshot != NULL && j < snapshot->count; j++) {
            char copy[NAME_SIZE];
            unsigned idle;
            uint64_t id = 0;
            registry_next(busy->registry, &id, copy, &idle);
            present = present || snapshot->members[j] == busy->client;
        }
        busy->wrong += !present;
        busy->wrong += registry_rename(busy->registry, busy->client, other, rival) != 0;
        busy->wrong += !finds(busy->registry, other, busy->client);
        busy->wrong += !finds(busy->registry, name, NULL);
        registry_remove(busy->registry, busy->client);
        if (snapshot != NULL)
            snapshot_release(snapshot);
    }
    return NULL;
}

static void many_at_once(void)
{
    struct crowd crowd;
    struct busy busy[BUSY_THREADS];
    pthread_t threads[BUSY_THREADS];
    gather(&crowd);
    for (int i = 0; i < BUSY_THREADS; i++) {
        busy[i] =
            (struct busy){.registry = crowd.registry, .client = crowd.clients[i], .number = i};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, come_and_go, &busy[i]), 0);
    }
    for (int i = 0; i < BUSY_THREADS; i++) {
        pthread_join(threads[i], NULL);
        CU_ASSERT_EQUAL(busy[i].wrong, 0);
    }
    CU_ASSERT_EQUAL(registry_count(crowd.registry), 0);
    for (int i = 0; i < BUSY_THREADS; i++)
        CU_ASSERT_EQUAL(references(crowd.clients[i]), 1);
    disperse(&crowd);
}

static const struct test tests[] = {
    {"no two people have one name, whatever its case", names_are_unique},
    {"whoever only looks like somebody is kept out, and is not written to in their place",
     look_alikes_are_kept_out},
    {"people are found by name and by id, with a reference", finds_by_name_and_id},
    {"a new name replaces the old one, which is free then", renames},
    {"however often names change, each finds the one who has it", many_names_stay_apart},
    {"a snapshot stays as it was while others come and go", snapshots_do_not_change},
    {"a snapshot keeps its members alive, and is taken once", snapshots_hold_references},
    {"only the last reference closes the socket", last_reference_closes},
    {"names are listed in the order of coming, and the rest counted", lists_names},
    {"who wrote last is remembered by id, with the name of that time", remembers_correspondents},
    {"threads that come and go at once do not disturb each other", many_at_once},
};

void add_registry_suite(void)
{
    SUITE_ADD("registry", tests);
}
