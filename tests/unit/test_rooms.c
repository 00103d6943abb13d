/*
 * The registry of rooms: rooms without members, which only references hold.
 */
#include "suites.h"
#include "company.h"

#include "chat/rooms.h"

#include <CUnit/CUnit.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

enum { THREADS = 4, TURNS = 500 };

struct town {
    struct timers *timers;
    struct directory *directory;
    struct rooms *rooms;
};

static struct town town;

static void build(void)
{
    CU_ASSERT_EQUAL_FATAL(timers_start(&town.timers), 0);
    CU_ASSERT_EQUAL_FATAL(directory_create(&town.directory), 0);
    const struct room_config config = {.limits.drain_timeout = CLOCK_SECOND,
                                       .limits.sendq = COMPANY_SENDQ,
                                       .directory = town.directory,
                                       .timers = town.timers};
    CU_ASSERT_EQUAL_FATAL(rooms_create(&town.rooms, &config), 0);
}

/* That all rooms are gone, rooms_destroy() asserts. */
static void tear_down(void)
{
    rooms_destroy(town.rooms);
    directory_destroy(town.directory);
    timers_stop(town.timers);
}

static struct room *open_room(const char *name)
{
    struct room *room = NULL;
    CU_ASSERT_EQUAL_FATAL(rooms_open(town.rooms, name, &room), 0);
    return room;
}

static void let_go(struct room *room)
{
    rooms_release(town.rooms, room);
}

static bool exists(const char *name)
{
    struct room *room = rooms_find(town.rooms, name);
    if (room != NULL)
        let_go(room);
    return room != NULL;
}

static void a_room_has_one_name(void)
{
    build();
    struct room *ops = open_room("Ops");
    CU_ASSERT_STRING_EQUAL(room_name(ops), "Ops");
    static const char *const names[] = {"Ops", "oPS", "0ps", "\xD0\x9Eps"}; /* a zero; Cyrillic */
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct room *again = open_room(names[i]);
        EXPECT(again == ops, "%s is another room", names[i]);
        let_go(again);
        EXPECT(exists(names[i]), "%s is not found", names[i]);
    }
    CU_ASSERT_FALSE(exists("ops2"));
    CU_ASSERT_STRING_EQUAL(room_name(ops), "Ops");
    let_go(ops);
    tear_down();
}

static void a_room_lives_as_long_as_somebody_holds_it(void)
{
    build();
    struct room *ops = open_room("ops");
    rooms_acquire(town.rooms, ops);
    let_go(ops);
    CU_ASSERT_TRUE(exists("ops"));
    uint64_t number = room_number(ops);
    let_go(ops);
    CU_ASSERT_FALSE(exists("ops"));
    ops = open_room("ops");
    CU_ASSERT_TRUE(room_number(ops) > number);
    let_go(ops);
    tear_down();
}

/* Writes the names of all rooms from a number on: "a,c,". */
static const char *walk(uint64_t after)
{
    static char text[100];
    struct room *room;
    *text = '\0';
    while ((room = rooms_after(town.rooms, after)) != NULL) {
        after = room_number(room);
        strcat(strcat(text, room_name(room)), ",");
        let_go(room);
    }
    return text;
}

static void rooms_are_walked_in_the_order_of_their_creation(void)
{
    build();
    CU_ASSERT_STRING_EQUAL(walk(0), "");
    struct room *b = open_room("b");
    struct room *a = open_room("a");
    struct room *c = open_room("c");
    CU_ASSERT_STRING_EQUAL(walk(0), "b,a,c,");
    uint64_t middle = room_number(a);
    let_go(a); /* whoever walked to it goes on behind it */
    CU_ASSERT_STRING_EQUAL(walk(middle), "c,");
    a = open_room("a");
    CU_ASSERT_STRING_EQUAL(walk(0), "b,c,a,");
    let_go(a);
    let_go(b);
    let_go(c);
    tear_down();
}

static void note(void *context, const struct room *room)
{
    strcat(strcat(context, room_name(room)), ",");
}

static void rooms_are_found_by_their_beginnings(void)
{
    char found[100] = "";
    build();
    struct room *ops = open_room("Ops");
    struct room *optics = open_room("optics");
    struct room *den = open_room("den");
    CU_ASSERT_EQUAL(rooms_each(town.rooms, "OP", 2, note, found), strlen("Opsopticsden"));
    CU_ASSERT_STRING_EQUAL(found, "Ops,optics,");
    *found = '\0';
    rooms_each(town.rooms, "", 0, note, found);
    CU_ASSERT_STRING_EQUAL(found, "Ops,optics,den,");
    let_go(ops);
    let_go(optics);
    let_go(den);
    tear_down();
}

/* Opens a room, which the others open and release, too. */
static void *come_and_go(void *failures)
{
    for (int i = 0; i < TURNS; i++) {
        struct room *room = NULL;
        struct room *found;
        if (rooms_open(town.rooms, "ops", &room) != 0) {
            atomic_fetch_add((atomic_int *)failures, 1);
            continue;
        }
        found = rooms_find(town.rooms, "OPS");
        if (found != room)
            atomic_fetch_add((atomic_int *)failures, 1);
        if (found != NULL)
            let_go(found);
        let_go(room);
    }
    return NULL;
}

static void who_holds_a_room_has_the_one_that_others_find(void)
{
    pthread_t threads[THREADS];
    atomic_int failures = 0;
    build();
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, come_and_go, &failures), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(atomic_load(&failures), 0);
    CU_ASSERT_FALSE(exists("ops"));
    tear_down();
}

void add_rooms_suite(void)
{
    static const struct test tests[] = {
        {"a room has one name, which look-alikes find", a_room_has_one_name},
        {"a room lives as long as somebody holds it, and its number is never another's",
         a_room_lives_as_long_as_somebody_holds_it},
        {"rooms are walked through in the order of their creation",
         rooms_are_walked_in_the_order_of_their_creation},
        {"rooms are found by how their names begin, in either case",
         rooms_are_found_by_their_beginnings},
        {"who holds a room has the one that others find",
         who_holds_a_room_has_the_one_that_others_find},
    };
    SUITE_ADD("rooms", tests);
}
