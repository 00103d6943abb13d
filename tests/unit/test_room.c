/*
 * The room as its members see it: what comes out of their sockets. Nothing in here looks inside.
 */
#include "suites.h"
#include "capture.h"
#include "peer.h"

#include "chat/client.h"
#include "chat/journal.h"
#include "chat/room.h"
#include "net/flusher.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdio.h>

enum { CROWD = 6, TEXT_SIZE = 32 * 1024 };

/* A room and some people, none of them in it. What it logs is captured. */
struct house {
    struct capture log;
    struct journal *journal;
    struct flusher *flusher;
    struct room *room;
    struct peer peers[CROWD];
    struct client *clients[CROWD];
};

/* No assertion may end a test from here to vacate(): without a room the run ends. */
static void furnish(struct house *house, unsigned presence_limit, bool welcome)
{
    const struct journal_config journal_config = {.program = "unit"};
    capture_begin(&house->log, STDOUT_FILENO);
    bool made =
        journal_start(&house->journal, &journal_config) == 0 && flusher_start(&house->flusher) == 0;
    const struct room_config room_config = {.drain_timeout = 10 * CLOCK_SECOND,
                                            .sendq = 1024 * 1024,
                                            .presence_limit = presence_limit,
                                            .welcome = welcome,
                                            .journal = house->journal};
    made = made && room_create(&house->room, &room_config) == 0;
    const struct conn_config conn_config = {
        .max_line = 1000, .sendq = 100000, .flusher = house->flusher};
    for (int i = 0; i < CROWD && made; i++) {
        made = peer_open(&house->peers[i], &conn_config, 0);
        house->clients[i] = made ? client_create(conn_outbox(house->peers[i].conn)) : NULL;
        made = house->clients[i] != NULL;
    }
    if (!made) {
        perror("unit: cannot make a room");
        abort();
    }
}

/* Everyone must have left. Returns what was logged, which the caller frees. */
static char *vacate(struct house *house)
{
    room_destroy(house->room);
    for (int i = 0; i < CROWD; i++) {
        client_release(house->clients[i]);
        peer_close(&house->peers[i]);
    }
    flusher_stop(house->flusher);
    CU_ASSERT_TRUE(journal_stop(house->journal, PEER_PATIENCE));
    journal_free(house->journal);
    return capture_end(&house->log);
}

static int join(struct house *house, int who, const char *name)
{
    char rival[NAME_SIZE];
    return room_join(house->room, house->clients[who], name, rival);
}

static void leave(struct house *house, int who)
{
    room_leave(house->room, house->clients[who], "quit", false);
}

static void leave_silently(struct house *house, int first, int last)
{
    for (int i = first; i <= last; i++)
        room_leave(house->room, house->clients[i], "shutdown", true);
}

static bool say(struct house *house, int who, const char *lines)
{
    return room_say(house->room, house->clients[who], lines, strlen(lines));
}

static void tell(struct house *house, int to, const char *line)
{
    room_tell(house->room, house->clients[!to], house->clients[to], line, strlen(line));
}

static bool gets(struct house *house, int who, const char *lines)
{
    return peer_gets(&house->peers[who], lines);
}

static void who_joins_is_welcomed_and_the_others_are_told(void)
{
    struct house house;
    furnish(&house, 0, true);
    CU_ASSERT_EQUAL(join(&house, 0, "Alice"), 0);
    CU_ASSERT_TRUE(gets(&house, 0,
                        "*** Welcome, Alice. Type /help for commands. Here now: nobody else. "
                        "***\n"));
    CU_ASSERT_EQUAL(join(&house, 1, "Bob"), 0);
    CU_ASSERT_TRUE(
        gets(&house, 1, "*** Welcome, Bob. Type /help for commands. Here now: Alice. ***\n"));
    CU_ASSERT_EQUAL(join(&house, 2, "Carol"), 0);
    CU_ASSERT_TRUE(gets(
        &house, 2, "*** Welcome, Carol. Type /help for commands. Here now: Alice, Bob. ***\n"));
    CU_ASSERT_TRUE(
        gets(&house, 0, "*** Bob has joined the chat ***\n*** Carol has joined the chat ***\n"));
    CU_ASSERT_TRUE(gets(&house, 1, "*** Carol has joined the chat ***\n"));
    CU_ASSERT_EQUAL(registry_count(room_members(house.room)), 3);
    leave_silently(&house, 0, 2);
    char *log = vacate(&house);
    CU_ASSERT_STRING_EQUAL(log, "Alice (peer) has joined\nBob (peer) has joined\n"
                                "Carol (peer) has joined\nAlice (peer) has left: shutdown\n"
                                "Bob (peer) has left: shutdown\nCarol (peer) has left: shutdown\n");
    free(log);
}

static void a_newcomer_gets_what_follows_and_nothing_from_before(void)
{
    struct house house;
    furnish(&house, 0, false);
    join(&house, 0, "Alice");
    join(&house, 1, "Bob");
    CU_ASSERT_TRUE(say(&house, 0, "Alice: before\n"));
    join(&house, 2, "Carol");
    CU_ASSERT_TRUE(say(&house, 0, "Alice: after\nAlice: and more\n"));
    CU_ASSERT_TRUE(gets(&house, 2, "Alice: after\nAlice: and more\n"));
    CU_ASSERT_TRUE(gets(&house, 1,
                        "Alice: before\n*** Carol has joined the chat ***\n"
                        "Alice: after\nAlice: and more\n"));
    CU_ASSERT_TRUE(say(&house, 2, "Carol: hi\n"));
    CU_ASSERT_TRUE(gets(&house, 0,
                        "*** Bob has joined the chat ***\n*** Carol has joined the chat ***\n"
                        "Carol: hi\n"));
    leave_silently(&house, 0, 2);
    free(vacate(&house));
}

static void who_leaves_has_said_all_before_and_gets_nothing_behind(void)
{
    struct house house;
    furnish(&house, 0, false);
    join(&house, 0, "Alice");
    join(&house, 1, "Bob");
    CU_ASSERT_TRUE(say(&house, 1, "Bob: bye\n"));
    CU_ASSERT_TRUE(say(&house, 0, "Alice: bye\n"));
    leave(&house, 1);
    CU_ASSERT_TRUE(say(&house, 0, "Alice: alone\n"));
    CU_ASSERT_TRUE(gets(&house, 0,
                        "*** Bob has joined the chat ***\nBob: bye\n"
                        "*** Bob has left the chat ***\n"));
    CU_ASSERT_TRUE(gets(&house, 1, "Alice: bye\n"));
    CU_ASSERT_TRUE(peer_has_nothing(&house.peers[1]));
    CU_ASSERT_EQUAL(registry_count(room_members(house.room)), 1);
    /* Without a sound; the one who is left could tell. */
    join(&house, 2, "Carol");
    CU_ASSERT_TRUE(gets(&house, 0, "*** Carol has joined the chat ***\n"));
    leave_silently(&house, 2, 2);
    join(&house, 3, "Dan");
    CU_ASSERT_TRUE(gets(&house, 0, "*** Dan has joined the chat ***\n"));
    leave_silently(&house, 3, 3);
    leave(&house, 0);
    char *log = vacate(&house);
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "Bob: bye\nAlice: bye\nBob (peer) has left: quit\n"));
    free(log);
}

static void a_name_is_one_persons(void)
{
    struct house house;
    furnish(&house, 0, true);
    join(&house, 0, "Alice");
    CU_ASSERT_EQUAL(join(&house, 1, "aLICE"), EEXIST);
    CU_ASSERT_TRUE(peer_has_nothing(&house.peers[1]));
    CU_ASSERT_EQUAL(registry_count(room_members(house.room)), 1);
    CU_ASSERT_EQUAL(join(&house, 1, "Bob"), 0);
    leave(&house, 0);
    CU_ASSERT_EQUAL(join(&house, 2, "ALICE"), 0);
    CU_ASSERT_TRUE(gets(&house, 1,
                        "*** Welcome, Bob. Type /help for commands. Here now: Alice. ***\n"
                        "*** Alice has left the chat ***\n*** ALICE has joined the chat ***\n"));
    leave_silently(&house, 1, 2);
    free(vacate(&house));
}

static void a_new_name_is_told_to_everyone(void)
{
    struct house house;
    char rival[NAME_SIZE];
    furnish(&house, 0, false);
    join(&house, 0, "Alice");
    join(&house, 1, "Bob");
    CU_ASSERT_TRUE(gets(&house, 0, "*** Bob has joined the chat ***\n"));
    CU_ASSERT_EQUAL(room_rename(house.room, house.clients[0], "bob", rival), EEXIST);
    CU_ASSERT_STRING_EQUAL(rival, "Bob");
    CU_ASSERT_STRING_EQUAL(house.clients[0]->name, "Alice");
    CU_ASSERT_EQUAL(room_rename(house.room, house.clients[0], "Al", rival), 0);
    CU_ASSERT_STRING_EQUAL(house.clients[0]->name, "Al");
    CU_ASSERT_EQUAL(room_rename(house.room, house.clients[0], "AL", rival), 0);
    static const char told[] = "*** Alice is now known as Al ***\n*** Al is now known as AL ***\n";
    CU_ASSERT_TRUE(gets(&house, 0, told));
    CU_ASSERT_TRUE(gets(&house, 1, told));
    CU_ASSERT_EQUAL(join(&house, 2, "alice"), 0);
    CU_ASSERT_EQUAL(join(&house, 3, "al"), EEXIST);
    leave_silently(&house, 0, 2);
    char *log = vacate(&house);
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "Alice is now known as Al\nAl is now known as AL\n"));
    free(log);
}

static void a_private_line_is_its_readers_alone(void)
{
    struct house house;
    furnish(&house, 0, false);
    for (int i = 0; i < 3; i++) {
        char name[] = {(char)('A' + i), '\0'};
        join(&house, i, name);
    }
    CU_ASSERT_TRUE(say(&house, 0, "A: one\n"));
    tell(&house, 1, "[private] A: two\n");
    CU_ASSERT_TRUE(say(&house, 0, "A: three\n"));
    CU_ASSERT_TRUE(gets(&house, 1,
                        "*** C has joined the chat ***\nA: one\n[private] A: two\n"
                        "A: three\n"));
    CU_ASSERT_TRUE(gets(&house, 2, "A: one\nA: three\n"));
    leave_silently(&house, 0, 2);
    char *log = vacate(&house);
    CU_ASSERT_PTR_NULL(strstr(log, "private"));
    free(log);
}

/* Reads the next so many lines that a member gets. */
static bool read_lines(const struct peer *peer, int count, char text[TEXT_SIZE])
{
    size_t length = 0;
    while (count > 0 && length + 1 < TEXT_SIZE && peer_receive(peer, text + length, 1))
        count -= text[length++] == '\n';
    text[length] = '\0';
    return count == 0;
}

/* Adds up the numbers of all the lines that a text consists of, if these are summaries. */
static bool add_summaries(const char *text, unsigned *joined, unsigned *left, unsigned *here)
{
    while (*text != '\0') {
        unsigned more_joined;
        unsigned more_left;
        int end = 0;
        sscanf(text, "*** %u joined, %u left; %u here ***%n", &more_joined, &more_left, here, &end);
        if (end == 0 || text[end] != '\n')
            return false;
        *joined += more_joined;
        *left += more_left;
        text += end + 1;
    }
    return true;
}

static void a_big_room_sums_up(void)
{
    struct house house;
    char text[TEXT_SIZE];
    unsigned joined = 0;
    unsigned left = 0;
    unsigned here = 0;
    furnish(&house, 2, false);
    join(&house, 0, "Alice");
    join(&house, 1, "Bob");
    CU_ASSERT_TRUE(gets(&house, 0, "*** Bob has joined the chat ***\n"));
    for (int i = 2; i < CROWD; i++) {
        char name[] = {(char)('A' + i), '\0'};
        CU_ASSERT_EQUAL(join(&house, i, name), 0);
    }
    while (joined < CROWD - 2 && read_lines(&house.peers[0], 1, text) &&
           add_summaries(text, &joined, &left, &here))
        continue;
    CU_ASSERT_EQUAL(joined, CROWD - 2);
    CU_ASSERT_EQUAL(left, 0);
    CU_ASSERT_EQUAL(here, CROWD);
    leave(&house, CROWD - 1);
    leave(&house, CROWD - 2);
    while (left < 2 && read_lines(&house.peers[0], 1, text) &&
           add_summaries(text, &joined, &left, &here))
        continue;
    CU_ASSERT_EQUAL(left, 2);
    CU_ASSERT_EQUAL(joined, CROWD - 2);
    CU_ASSERT_EQUAL(here, CROWD - 2);
    leave_silently(&house, 0, CROWD - 3);
    free(vacate(&house));
}

enum { LINES = 100 };

/* One of those who talk all at once. */
struct talker {
    struct house *house;
    int who;
    pthread_t thread;
    bool talked;
};

static void *talk(void *argument)
{
    struct talker *talker = argument;
    char line[64];
    talker->talked = true;
    for (int i = 0; i < LINES; i++) {
        snprintf(line, sizeof line, "%d: line %d\n", talker->who, i);
        talker->talked = say(talker->house, talker->who, line) && talker->talked;
    }
    return NULL;
}

/* Whether `text` is `all` without the lines of that author. */
static bool is_all_but_own(const char *text, const char *all, int who)
{
    while (*all != '\0') {
        size_t length = strcspn(all, "\n") + 1;
        if (all[0] != (char)('0' + who)) {
            if (strncmp(text, all, length) != 0)
                return false;
            text += length;
        }
        all += length;
    }
    return *text == '\0';
}

/* Whether each author's lines are all there, in the order in which they were said. */
static bool each_in_order(const char *all)
{
    int next[CROWD] = {0};
    int who;
    int number;
    int end;
    for (; sscanf(all, "%1d: line %d%n", &who, &number, &end) == 2; all += end + 1)
        if (who >= CROWD || number != next[who]++)
            return false;
    for (who = 1; who < CROWD; who++)
        if (next[who] != LINES)
            return false;
    return *all == '\0';
}

/* Person 0 says nothing, and so hears them all. */
static void all_have_one_order(void)
{
    static char all[TEXT_SIZE];
    static char text[TEXT_SIZE];
    struct house house;
    struct talker talkers[CROWD];
    furnish(&house, 0, false);
    for (int i = CROWD - 1; i >= 0; i--) {
        char name[] = {(char)('0' + i), '\0'};
        join(&house, i, name);
    }
    for (int i = 1; i < CROWD; i++) {
        CU_ASSERT_TRUE(read_lines(&house.peers[i], i, text));
        talkers[i] = (struct talker){.house = &house, .who = i};
    }
    for (int i = 1; i < CROWD; i++)
        if (pthread_create(&talkers[i].thread, NULL, talk, &talkers[i]) != 0)
            abort();
    for (int i = 1; i < CROWD; i++) {
        pthread_join(talkers[i].thread, NULL);
        CU_ASSERT_TRUE(talkers[i].talked);
    }
    CU_ASSERT_TRUE(read_lines(&house.peers[0], (CROWD - 1) * LINES, all));
    CU_ASSERT_TRUE(each_in_order(all));
    for (int i = 1; i < CROWD; i++) {
        CU_ASSERT_TRUE(read_lines(&house.peers[i], (CROWD - 2) * LINES, text));
        EXPECT(is_all_but_own(text, all, i), "%d has them in another order", i);
    }
    leave_silently(&house, 0, CROWD - 1);
    free(vacate(&house));
}

static const struct test tests[] = {
    {"who joins is told who is here, and the others are told of it",
     who_joins_is_welcomed_and_the_others_are_told},
    {"a newcomer gets what follows, and nothing from before",
     a_newcomer_gets_what_follows_and_nothing_from_before},
    {"who leaves has said everything before the notice, and gets nothing behind it",
     who_leaves_has_said_all_before_and_gets_nothing_behind},
    {"a name is one person's, and free when that one has left", a_name_is_one_persons},
    {"a new name is told to everyone, its owner too", a_new_name_is_told_to_everyone},
    {"a private line is its reader's alone, and in its place", a_private_line_is_its_readers_alone},
    {"a big room sums up who came and who left, and misses nobody", a_big_room_sums_up},
    {"when all talk at once, all have the lines in one order", all_have_one_order},
};

void add_room_suite(void)
{
    SUITE_ADD("room", tests);
}
