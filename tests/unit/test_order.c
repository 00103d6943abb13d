/*
 * Keeping order, as those who are in the chat have it: each has a thread that holds the
 * conversation. Who is an operator is said here; accounts are not asked.
 */
#include "capture.h"
#include "peer.h"
#include "suites.h"

#include "base/duration.h"
#include "chat/chat.h"
#include "chat/judging.h"
#include "chat/room_inside.h"
#include "chat/rooms.h"
#include "chat/until.h"
#include "doors/plain/conversation.h"
#include "net/flusher.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>

enum { SEATS = 5, HEARD_SIZE = 64 * 1024 };

struct party;

struct seat {
    struct party *party;
    struct peer peer;
    pthread_t thread;
    bool taken;
    size_t heard, read; /* bytes that have come, and those that a test has looked at */
    char text[HEARD_SIZE];
};

struct party {
    struct capture log;
    struct event_log *event_log;
    struct flusher *flusher;
    struct chat chat;
    struct plain door;
    struct seat seats[SEATS];
};

/* Ends the run unless something was made: the log is captured, so no assertion may end a test. */
static void need(bool made, const char *what)
{
    if (made)
        return;
    fprintf(stderr, "unit: cannot make %s\n", what);
    abort();
}

static void on_nudge(int number)
{
    (void)number;
}

/* A room with more members than the limit sums joins and leaves up; 0: none does. */
static struct party *party_open(unsigned presence_limit)
{
    static const struct event_log_config event_log_config = {.program = "unit"};
    struct sigaction action = {.sa_handler = on_nudge};
    struct party *party = calloc(1, sizeof *party);
    need(party != NULL, "a party");
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
    capture_begin(&party->log, STDOUT_FILENO);
    need(event_log_start(&party->event_log, &event_log_config) == 0, "an event log");
    need(flusher_start(&party->flusher) == 0, "a flusher");
    const struct chat_config chat_config = {.limits.drain_timeout = CLOCK_SECOND,
                                            .limits.sendq = 1024 * 1024,
                                            .limits.presence_limit = presence_limit,
                                            .limits.max_rooms = 10,
                                            .limits.rooms_per_client = 3,
                                            .limits.welcome = true,
                                            .limits.history = 100,
                                            .event_log = party->event_log};
    need(chat_open(&party->chat, &chat_config) == 0, "a chat");
    party->door = (struct plain){.chat = &party->chat, .max_line = 1000};
    return party;
}

static void *serve(void *argument)
{
    struct seat *seat = argument;
    struct conn *conn = seat->peer.conn;
    link_attend(conn_link(conn));
    conversation_hold(conn, &seat->party->door);
    conn_finish(conn);
    link_leave(conn_link(conn));
    return NULL;
}

/* Waits for more of what a seat is sent. */
static bool listen_on(struct seat *seat)
{
    if (seat->heard == HEARD_SIZE - 1 || !peer_wait(seat->peer.fd, POLLIN))
        return false;
    ssize_t received =
        recv(seat->peer.fd, seat->text + seat->heard, HEARD_SIZE - 1 - seat->heard, MSG_DONTWAIT);
    if (received <= 0)
        return false;
    seat->heard += (size_t)received;
    seat->text[seat->heard] = '\0';
    return true;
}

/* Waits until a seat is sent a line, and looks no more at what came before it. */
static bool told(struct party *party, int who, const char *line)
{
    struct seat *seat = &party->seats[who];
    char whole[512];
    const char *found;
    snprintf(whole, sizeof whole, "%s\n", line);
    while ((found = strstr(seat->text + seat->read, whole)) == NULL && listen_on(seat))
        ;
    if (found != NULL)
        seat->read = (size_t)(found - seat->text) + strlen(whole);
    return EXPECT(found != NULL, "%d was not told '%s' but: %s", who, line,
                  seat->text + seat->read);
}

/*
 * Waits until a seat is told two things, whose order is that of two threads: in either. Returns
 * whether the first one came first.
 */
static bool told_both(struct party *party, int who, const char *first, const char *second)
{
    struct seat *seat = &party->seats[who];
    size_t before = seat->read;
    told(party, who, first);
    size_t behind_first = seat->read;
    seat->read = before;
    told(party, who, second);
    bool in_order = seat->read > behind_first;
    if (!in_order)
        seat->read = behind_first;
    return in_order;
}

/*
 * Waits until the reply to a command that was given at that time has come, and what it has brought
 * about, which comes first. Who is kicked may be held up on a busy machine, for longer than the
 * reply waits for them: then it may be the other way around.
 */
static void told_before_reply(struct party *party, int who, const char *line, const char *reply,
                              int64_t began)
{
    bool in_order = told_both(party, who, line, reply);
    EXPECT(in_order || clock_now() >= began + JUDGING_PATIENCE, "'%s' comes before '%s'", reply,
           line);
}

/* Whether a seat has been sent these words, up to what it was last told. */
static bool knows(struct party *party, int who, const char *words)
{
    struct seat *seat = &party->seats[who];
    char kept = seat->text[seat->read];
    seat->text[seat->read] = '\0';
    bool knows = strstr(seat->text, words) != NULL;
    seat->text[seat->read] = kept;
    return knows;
}

/* How often a seat has been sent these words. */
static size_t times_told(struct party *party, int who, const char *words)
{
    size_t times = 0;
    for (const char *place = party->seats[who].text; (place = strstr(place, words)) != NULL;
         place++)
        times++;
    return times;
}

static bool is_over(struct party *party, int who)
{
    struct seat *seat = &party->seats[who];
    while (listen_on(seat))
        ;
    return EXPECT(peer_is_at_end(&seat->peer), "%d is still here", who);
}

static void say(struct party *party, int who, const char *line)
{
    char whole[512];
    snprintf(whole, sizeof whole, "%s\n", line);
    CU_ASSERT_TRUE(peer_say(&party->seats[who].peer, whole));
}

/* Somebody comes from 192.0.2.HOST, and sends a name. */
static void come(struct party *party, int who, uint8_t host, const char *name)
{
    struct seat *seat = &party->seats[who];
    const struct conn_config config = {.max_line = 1000,
                                       .sendq = 65536,
                                       .timeout = PEER_PATIENCE,
                                       .flusher = party->flusher,
                                       .address = {ADDRESS_IPV4, 32, {192, 0, 2, host}}};
    *seat = (struct seat){.party = party, .taken = true};
    need(peer_open(&seat->peer, &config, 0), "a peer");
    need(pthread_create(&seat->thread, NULL, serve, seat) == 0, "a thread");
    say(party, who, name);
}

/* The same, and they are in. */
static void enter(struct party *party, int who, const char *name)
{
    come(party, who, (uint8_t)(1 + who), name);
    say(party, who, "/sync in");
    told(party, who, "*** Synced: in ***");
}

static void go(struct party *party, int who)
{
    struct seat *seat = &party->seats[who];
    if (!seat->taken)
        return;
    peer_hang_up(&seat->peer);
    pthread_join(seat->thread, NULL);
    peer_close(&seat->peer);
    seat->taken = false;
}

static void empower(struct party *party, const char *name)
{
    struct user *user = directory_find(party->chat.directory, name);
    CU_ASSERT_PTR_NOT_NULL(user);
    if (user == NULL)
        return;
    atomic_store(&user->registered, true);
    atomic_store(&user->is_operator, true);
    user_release(user);
}

/* Everybody leaves. Returns what was logged, which the caller frees. */
static char *party_close(struct party *party)
{
    for (int i = 0; i < SEATS; i++)
        go(party, i);
    flusher_stop(party->flusher);
    chat_close(&party->chat);
    CU_ASSERT_TRUE(event_log_stop(party->event_log, PEER_PATIENCE));
    event_log_free(party->event_log);
    char *log = capture_end(&party->log);
    free(party);
    return log;
}

static bool logged(const char *log, const char *words)
{
    return EXPECT(strstr(log, words) != NULL, "'%s' is not in the log: %s", words, log);
}

enum { OLGA, BOB, CAROL, DAVE, EVE };

/* Olga keeps order; Bob and Carol are there. */
static struct party *party_of_three(void)
{
    struct party *party = party_open(0);
    enter(party, OLGA, "Olga");
    empower(party, "Olga");
    enter(party, BOB, "Bob");
    enter(party, CAROL, "Carol");
    return party;
}

static void kicked_from_outside(void)
{
    struct party *party = party_of_three();
    say(party, CAROL, "/join ops");
    told(party, CAROL, "*** You are in #ops. Here now: nobody else. ***");
    say(party, BOB, "/join ops");
    told(party, CAROL, "*** Bob has joined #ops ***");
    int64_t began = clock_now();
    say(party, OLGA, "/kick bob that is enough");
    told(party, BOB, "*** You have been kicked by Olga: that is enough ***");
    CU_ASSERT_TRUE(is_over(party, BOB));
    told_before_reply(party, OLGA, "*** Bob has been kicked by Olga: that is enough ***",
                      "*** Bob is kicked. ***", began);
    /* Who is with them in two rooms is told once. */
    told(party, CAROL, "*** Bob has been kicked by Olga: that is enough ***");
    say(party, CAROL, "/sync end");
    told(party, CAROL, "*** Synced: end ***");
    CU_ASSERT_FALSE(knows(party, CAROL, "Bob has left"));
    CU_ASSERT_EQUAL(times_told(party, CAROL, "Bob has been kicked"), 1);
    /* They may come back, until the next time; without a reason nothing is said of one. */
    go(party, BOB);
    enter(party, BOB, "Bob");
    say(party, OLGA, "/kick Bob");
    told(party, BOB, "*** You have been kicked by Olga ***");
    told(party, CAROL, "*** Bob has been kicked by Olga ***");
    char *log = party_close(party);
    logged(log, "Olga has kicked Bob (peer): that is enough\n");
    logged(log, "Bob (peer) has left: kicked by Olga: that is enough\n");
    logged(log, "Olga has kicked Bob (peer)\n");
    free(log);
}

static void a_kick_is_told_in_a_big_room(void)
{
    struct party *party = party_open(1);
    enter(party, OLGA, "Olga");
    empower(party, "Olga");
    enter(party, BOB, "Bob");
    enter(party, CAROL, "Carol");
    say(party, OLGA, "/kick Bob");
    told(party, CAROL, "*** Bob has been kicked by Olga ***");
    free(party_close(party));
}

/* What is sent to somebody who does not read is a reset away, or behind in a flood. */
static void kicked_in_the_midst_of_a_flood(void)
{
    enum { LINES = 20000 };
    struct party *party = party_of_three();
    struct seat *bob = &party->seats[BOB];
    char line[64];
    for (int i = 0; i < LINES; i++) {
        int length = snprintf(line, sizeof line, "flood %d, and so on, and so on, and on\n", i);
        ssize_t sent = send(bob->peer.fd, line, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < length)
            break; /* the server reads no more for now */
    }
    say(party, OLGA, "/kick Bob");
    told(party, BOB, "*** You have been kicked by Olga ***");
    CU_ASSERT_TRUE(is_over(party, BOB));
    free(party_close(party));
}

/* Whichever comes first, there are last words. */
static void kicked_while_leaving(void)
{
    enum { ROUNDS = 100 };
    struct party *party = party_open(0);
    enter(party, OLGA, "Olga");
    empower(party, "Olga");
    for (int round = 0; round < ROUNDS; round++) {
        enter(party, BOB, "Bob");
        say(party, OLGA, "/kick Bob");
        say(party, BOB, "/quit");
        CU_ASSERT_TRUE(is_over(party, BOB));
        const char *text = party->seats[BOB].text;
        bool kicked = strstr(text, "*** You have been kicked by Olga ***\n") != NULL;
        bool left = strstr(text, "*** Goodbye. ***\n") != NULL;
        EXPECT(kicked != left, "the last words are: %s", text);
        go(party, BOB);
        /* Before the next Bob comes, who would be kicked instead. */
        say(party, OLGA, "/sync done");
        told(party, OLGA, "*** Synced: done ***");
    }
    free(party_close(party));
}

/*
 * Somebody whose outbox is held, so that a batch that is being delivered gets no further.
 */
struct held {
    struct outbox *outbox;
    pthread_t thread;
    pthread_barrier_t began, ends;
};

static void hold(void *context)
{
    struct held *held = context;
    pthread_barrier_wait(&held->began);
    pthread_barrier_wait(&held->ends);
}

static void *hold_outbox(void *context)
{
    struct held *held = context;
    outbox_hold(held->outbox, hold, held);
    return NULL;
}

static void hold_back(struct party *party, int who, struct held *held)
{
    held->outbox = conn_outbox(party->seats[who].peer.conn);
    need(pthread_barrier_init(&held->began, NULL, 2) == 0, "a barrier");
    need(pthread_barrier_init(&held->ends, NULL, 2) == 0, "a barrier");
    need(pthread_create(&held->thread, NULL, hold_outbox, held) == 0, "a thread");
    pthread_barrier_wait(&held->began);
}

static void let_go(struct held *held)
{
    pthread_barrier_wait(&held->ends);
    pthread_join(held->thread, NULL);
    pthread_barrier_destroy(&held->began);
    pthread_barrier_destroy(&held->ends);
}

static void who_may_kick_whom(void)
{
    struct party *party = party_of_three();
    say(party, BOB, "/kick Carol");
    told(party, BOB,
         "*** You have not made #lobby, and only operators keep order in other rooms. ***");
    say(party, BOB, "/join ops");
    say(party, BOB, "/kick Carol");
    told(party, BOB, "*** Carol is not in #ops. ***");
    say(party, BOB, "/kick Olga");
    told(party, BOB, "*** Olga is an operator, who keeps order here. ***");
    say(party, BOB, "/kick BOB");
    told(party, BOB, "*** That is you. /leave leaves a room, /quit the chat. ***");
    say(party, BOB, "/kick nobody");
    told(party, BOB, "*** There is no one here called nobody. ***");
    say(party, BOB, "/kick");
    told(party, BOB, "*** Usage: /kick NAME [REASON] ***");
    say(party, OLGA, "/kick Olga");
    told(party, OLGA, "*** That is you. /leave leaves a room, /quit the chat. ***");
    char *log = party_close(party);
    CU_ASSERT_PTR_NULL(strstr(log, "kicked"));
    free(log);
}

static void kicked_out_of_a_room(void)
{
    struct party *party = party_of_three();
    say(party, BOB, "/join ops");
    say(party, BOB, "/room key sesame");
    told(party, BOB, "*** Room #ops is open, needs a key, and anyone may come in. ***");
    say(party, BOB, "/invite Carol");
    say(party, CAROL, "/join ops sesame");
    told(party, BOB, "*** Carol has joined #ops ***");
    int64_t began = clock_now();
    say(party, BOB, "/kick Carol off topic");
    told_before_reply(party, BOB, "*** Carol has been kicked out of #ops by Bob: off topic ***",
                      "*** Carol is kicked out of #ops. ***", began);
    told(party, CAROL, "*** You have been kicked out of #ops by Bob: off topic ***");
    told(party, CAROL, "*** You are in #lobby. Here now: Olga, Bob. ***");
    say(party, CAROL, "still here");
    told(party, OLGA, "Carol: still here");
    CU_ASSERT_FALSE(knows(party, OLGA, "kicked"));
    /* The invitation is gone. */
    say(party, CAROL, "/join ops");
    told(party, CAROL, "*** #ops needs a key: /join ops KEY ***");
    char *log = party_close(party);
    logged(log, "Bob has kicked Carol (peer) out of #ops: off topic\n");
    logged(log, "Carol (peer) has left #ops: kicked by Bob: off topic\n");
    free(log);
}

static void kicked_out_of_the_last_room(void)
{
    struct party *party = party_of_three();
    say(party, BOB, "/join ops");
    told(party, BOB, "*** You are in #ops. Here now: nobody else. ***");
    say(party, CAROL, "/join ops");
    say(party, CAROL, "/leave lobby");
    told(party, CAROL, "*** You have left #lobby. You are in #ops. ***");
    say(party, BOB, "/kick Carol");
    told(party, CAROL, "*** You have been kicked out of #ops by Bob ***");
    told(party, CAROL, "*** You are in #lobby. Here now: Olga, Bob. ***");
    told(party, OLGA, "*** Carol has joined the chat ***");
    free(party_close(party));
}

/* A room that is not the current one is left, too, and the current one stays. */
static void kicked_out_of_another_room(void)
{
    struct party *party = party_of_three();
    say(party, BOB, "/join ops");
    told(party, BOB, "*** You are in #ops. Here now: nobody else. ***");
    say(party, CAROL, "/join ops");
    say(party, CAROL, "/join lobby");
    told(party, CAROL, "*** You are in #lobby. Here now: Olga, Bob. ***");
    say(party, BOB, "/kick Carol");
    told(party, CAROL, "*** You have been kicked out of #ops by Bob ***");
    say(party, CAROL, "hello");
    told(party, OLGA, "Carol: hello");
    say(party, CAROL, "/leave ops");
    told(party, CAROL, "*** You are not in #ops. ***");
    CU_ASSERT_EQUAL(times_told(party, CAROL, "You are in #lobby"), 1);
    free(party_close(party));
}

static bool told_begins(struct party *party, int who, const char *words);

static void programs_are_told_of_kicks(void)
{
    struct party *party = party_of_three();
    say(party, CAROL, "/machine on");
    say(party, CAROL, "/join ops");
    say(party, CAROL, "/sync there");
    CU_ASSERT_TRUE(told(party, CAROL, "{\"type\":\"sync\",\"token\":\"there\"}"));
    say(party, OLGA, "/kick Bob a: \"b\"");
    told(party, OLGA, "*** Bob is kicked. ***");
    told_begins(party, CAROL, "{\"type\":\"kick\""); /* also if the reply did not wait for it */
    say(party, OLGA, "/kick Carol now");
    CU_ASSERT_TRUE(is_over(party, CAROL));
    const char *kick = strstr(party->seats[CAROL].text, "{\"type\":\"kick\"");
    CU_ASSERT_PTR_NOT_NULL(kick);
    if (kick != NULL) {
        CU_ASSERT_PTR_NOT_NULL(
            strstr(kick, ",\"name\":\"Bob\",\"by\":\"Olga\",\"text\":\"a: \\\"b\\\"\"}\n"));
        CU_ASSERT_PTR_NOT_NULL(strstr(kick, "{\"type\":\"bye\",\"code\":\"kicked\",\"text\":\"You "
                                            "have been kicked by Olga: now\"}\n"));
    }
    free(party_close(party));
}

/* Until when, as a reply tells it, is not known to the test. */
static bool told_begins(struct party *party, int who, const char *words)
{
    struct seat *seat = &party->seats[who];
    const char *found;
    while ((found = strstr(seat->text + seat->read, words)) == NULL && listen_on(seat))
        ;
    if (found != NULL)
        seat->read = (size_t)(found - seat->text) + strlen(words);
    return EXPECT(found != NULL, "%d was not told '%s' but: %s", who, words,
                  seat->text + seat->read);
}

/* Somebody comes from that host, and is refused with these words. */
static void is_refused(struct party *party, uint8_t host, const char *name, const char *words)
{
    come(party, EVE, host, name);
    told_begins(party, EVE, words);
    CU_ASSERT_TRUE(is_over(party, EVE));
    go(party, EVE);
}

static void a_name_is_banned_with_its_address(void)
{
    struct party *party = party_of_three();
    come(party, DAVE, 2, "Dave"); /* who has Bob's address */
    say(party, DAVE, "/sync in");
    told(party, DAVE, "*** Synced: in ***");
    say(party, OLGA, "/ban bob too loud");
    told(party, OLGA, "*** Banned: Bob and 192.0.2.2 ***");
    told_begins(party, BOB, "*** You are banned: too loud ***\n");
    CU_ASSERT_TRUE(is_over(party, BOB));
    told_begins(party, DAVE, "*** You are banned: too loud ***\n");
    CU_ASSERT_TRUE(is_over(party, DAVE));
    told_both(party, CAROL, "*** Bob has been kicked by Olga: too loud ***",
              "*** Dave has been kicked by Olga: too loud ***");
    is_refused(party, 9, "B0b", "*** You are banned: too loud ***\n");
    is_refused(party, 2, "Robert", "*** You are banned: too loud ***\n");
    say(party, CAROL, "/nick BOB");
    told(party, CAROL, "*** The name BOB is banned. ***");
    say(party, OLGA, "/bans");
    told(party, OLGA, "*** Banned: 192.0.2.2, by Olga: too loud ***");
    told(party, OLGA, "*** Banned: Bob, by Olga: too loud ***");
    say(party, OLGA, "/unban Bob");
    told(party, OLGA, "*** The ban of Bob is lifted. One of 192.0.2.2 holds: /unban 192.0.2.2 ***");
    is_refused(party, 2, "Bob", "*** You are banned: too loud ***\n");
    say(party, OLGA, "/unban 192.0.2.2");
    told(party, OLGA, "*** The ban of 192.0.2.2 is lifted. ***");
    go(party, BOB);
    enter(party, BOB, "Bob");
    char *log = party_close(party);
    logged(log, "Olga has banned 192.0.2.2: too loud\nOlga has banned Bob: too loud\n");
    logged(log, "Olga has kicked Bob (peer): too loud\n");
    logged(log, "Olga has lifted the ban of Bob\n");
    free(log);
}

static void a_range_is_banned_for_a_time(void)
{
    struct party *party = party_of_three();
    empower(party, "Carol");
    come(party, DAVE, 130, "Dave");
    say(party, DAVE, "/sync in");
    told(party, DAVE, "*** Synced: in ***");
    say(party, CAROL, "/ban 192.0.2.129/25 2h");
    told_begins(party, CAROL, "*** Banned until 2");
    told(party, CAROL, "UTC: 192.0.2.128/25 ***");
    told_begins(party, DAVE, "*** You are banned until 2");
    CU_ASSERT_TRUE(is_over(party, DAVE));
    is_refused(party, 255, "Eve", "*** You are banned until 2");
    say(party, BOB, "/sync here");
    told(party, BOB, "*** Synced: here ***");
    say(party, CAROL, "/unban 192.0.2.130");
    told(party, CAROL, "*** There is no ban of 192.0.2.130, but one of 192.0.2.128/25. ***");
    say(party, CAROL, "/unban 192.0.2.128/25");
    told(party, CAROL, "*** The ban of 192.0.2.128/25 is lifted. ***");
    say(party, CAROL, "/bans");
    told(party, CAROL, "*** Nobody is banned or muted. ***");
    say(party, CAROL, "/unban Nobody");
    told(party, CAROL, "*** There is no ban of Nobody. ***");
    free(party_close(party));
}

/* Waits until the thread of a seat has read all that was said; it publishes that, whatever comes.
 */
static bool is_heard(struct party *party, int who)
{
    int64_t deadline = clock_now() + PEER_PATIENCE;
    char byte;
    while (recv(party->seats[who].peer.conn_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1 &&
           clock_now() < deadline)
        clock_sleep_until(clock_now() + CLOCK_MILLISECOND);
    return clock_now() < deadline;
}

/* How long it takes until Olga, who says a line, is told one that begins so. */
static int64_t time_to(struct party *party, const char *line, const char *beginning)
{
    int64_t began = clock_now();
    say(party, OLGA, line);
    told_begins(party, OLGA, beginning);
    return clock_now() - began;
}

/*
 * Bob, Carol and Eve are busy: what they say does not get to Dave. Returns whether two of them are
 * waited for hardly longer than one.
 */
static bool two_are_waited_for_as_one(void)
{
    static const int busy[] = {BOB, CAROL, EVE};
    struct party *party = party_of_three();
    struct held dave;
    enter(party, DAVE, "Dave");
    enter(party, EVE, "Eve");
    hold_back(party, DAVE, &dave);
    say(party, BOB, "hello, all");
    told(party, OLGA, "Bob: hello, all");
    for (size_t i = 1; i < sizeof busy / sizeof *busy; i++) {
        say(party, busy[i], "hello to you");
        CU_ASSERT_TRUE(is_heard(party, busy[i]));
    }
    int64_t one = time_to(party, "/kick Eve", "*** Eve is kicked. ***");
    int64_t two = time_to(party, "/ban 192.0.2.2/31", "*** Banned: 192.0.2.2/31 ***");
    let_go(&dave);
    for (size_t i = 0; i < sizeof busy / sizeof *busy; i++)
        CU_ASSERT_TRUE(is_over(party, busy[i]));
    free(party_close(party));
    return two < one + one / 2;
}

/* A busy machine may make one of the waits longer, but not each time the second one. */
static void busy_people_are_waited_for_together(void)
{
    CU_ASSERT_TRUE(suite_comes_true(two_are_waited_for_as_one));
}

/* Neither waits for the other, whose thread waits for its own. */
static void two_kick_each_other(void)
{
    struct party *party = party_of_three();
    empower(party, "Bob");
    say(party, OLGA, "/kick Bob");
    say(party, BOB, "/kick Olga");
    /* One of them, if the other was too late, is still here. */
    peer_say(&party->seats[BOB].peer, "/quit\n");
    peer_say(&party->seats[OLGA].peer, "/quit\n");
    CU_ASSERT_TRUE(is_over(party, BOB));
    CU_ASSERT_TRUE(is_over(party, OLGA));
    free(party_close(party));
}

/* An operator neither keeps themselves out, nor another one whose address is in a range. */
static void what_cannot_be_banned(void)
{
    struct party *party = party_of_three();
    empower(party, "Carol");
    say(party, OLGA, "/ban 01ga");
    told(party, OLGA, "*** That is your own name, or looks like it. ***");
    say(party, OLGA, "/ban 192.0.2.0/24");
    told(party, OLGA, "*** That is your own address, or has it in it. ***");
    say(party, OLGA, "/ban Bob 3 strikes");
    told(party, OLGA, "*** " DURATION_RULES " ***");
    say(party, OLGA, "/ban a/b");
    told_begins(party, OLGA, "*** That is no address. ");
    say(party, OLGA, "/ban a!b");
    told_begins(party, OLGA, "*** A name ");
    say(party, OLGA, "/ban");
    told(party, OLGA, "*** Usage: /ban NAME|ADDRESS[/PREFIX] [DURATION] [REASON] ***");
    say(party, OLGA, "/ban 192.0.2.3");
    told(party, OLGA, "*** Banned: 192.0.2.3 ***");
    say(party, CAROL, "/sync here");
    told(party, CAROL, "*** Synced: here ***");
    /* Who has the operator's own address is banned by name alone. */
    come(party, DAVE, 1, "Dave");
    say(party, DAVE, "/sync in");
    told(party, DAVE, "*** Synced: in ***");
    say(party, OLGA, "/ban Dave");
    told(party, OLGA, "*** Banned: Dave ***");
    CU_ASSERT_TRUE(is_over(party, DAVE));
    free(party_close(party));
}

static void operators_commands_are_theirs(void)
{
    static const char *const commands[] = {"/ban", "/unban", "/bans", "/wall", "/lockdown"};
    struct party *party = party_of_three();
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        char words[64];
        say(party, BOB, commands[i]);
        told(party, BOB, "*** Only operators may do that. ***");
        snprintf(words, sizeof words, "/help %s", commands[i]);
        say(party, OLGA, words);
        snprintf(words, sizeof words, "*** %s", commands[i]);
        told_begins(party, OLGA, words);
    }
    say(party, BOB, "/help");
    told(party, BOB, "*** //TEXT: say /TEXT ***");
    CU_ASSERT_FALSE(knows(party, BOB, "/ban"));
    say(party, BOB, "/bam");
    told(party, BOB, "*** Unknown command: /bam. Type /help. ***");
    say(party, OLGA, "/help order");
    told_begins(party, OLGA, "*** Order: /kick /mute");
    told_begins(party, OLGA, "*** Order: /hand /ban");
    free(party_close(party));
}

static void muted_in_the_chat(void)
{
    struct party *party = party_of_three();
    say(party, OLGA, "/mute bob");
    told(party, OLGA, "*** Bob is muted. ***");
    for (int i = 0; i < 3; i++) {
        static const char *const lines[] = {"hello", "/me waves", "/msg Carol psst"};
        say(party, BOB, lines[i]);
        told(party, BOB, "*** You are muted. Nothing was sent. ***");
    }
    say(party, BOB, "/topic mine");
    told(party, BOB, "*** You are muted. Nothing was sent. ***");
    say(party, BOB, "/invite Carol");
    told(party, BOB, "*** You are muted. Nothing was sent. ***");
    say(party, BOB, "/nick Rob");
    told(party, BOB, "*** You are muted, and keep your name. ***");
    say(party, BOB, "/join ops");
    say(party, BOB, "there, too");
    told(party, BOB, "*** You are muted. Nothing was sent. ***");
    say(party, CAROL, "I am not");
    told(party, OLGA, "Carol: I am not");
    CU_ASSERT_FALSE(knows(party, OLGA, "Bob: "));
    say(party, OLGA, "/bans");
    told(party, OLGA, "*** Muted: Bob, by Olga ***");
    say(party, OLGA, "/unmute Bob");
    told(party, OLGA, "*** Bob is not muted any more. ***");
    say(party, OLGA, "/unmute Bob");
    told(party, OLGA, "*** Bob is not muted. ***");
    say(party, BOB, "/join lobby");
    say(party, BOB, "at last");
    told(party, OLGA, "Bob: at last");
    say(party, OLGA, "/mute Bob 10m");
    told_begins(party, OLGA, "*** Bob is muted until ");
    say(party, BOB, "hello");
    told_begins(party, BOB, "*** You are muted until ");
    told(party, BOB, ". Nothing was sent. ***");
    say(party, OLGA, "/mute Bob 10");
    told(party, OLGA, "*** " DURATION_RULES " ***");
    say(party, OLGA, "/mute Bob 10m really");
    told(party, OLGA, "*** Usage: /mute NAME [DURATION] | #ROOM ***");
    char *log = party_close(party);
    logged(log, "Olga has muted Bob (peer)\n");
    logged(log, "Olga has unmuted Bob\n");
    CU_ASSERT_PTR_NULL(strstr(log, "psst"));
    CU_ASSERT_PTR_NULL(strstr(log, "Bob: hello"));
    free(log);
}

/* What has been said in the lobby, as far as a room in the middle of a delivery tells. */
static bool hello_was_said(void *context)
{
    struct party *party = context;
    char *log = capture_text(&party->log);
    bool said = log != NULL && strstr(log, "hello, all\n") != NULL;
    free(log);
    return said;
}

static bool bob_is_muted(void *context)
{
    struct party *party = context;
    return sanctions_find_name(party->chat.sanctions, SANCTION_MUTE, "Bob", clock_utc(), NULL);
}

/* Whether a seat gets nothing for a while. */
static bool waits(struct party *party, int who)
{
    struct pollfd more = {.fd = party->seats[who].peer.fd, .events = POLLIN};
    return poll(&more, 1, 100) == 0;
}

/* Olga is the last one to be sent what Bob said before she muted him. */
static void the_reply_to_a_mute_comes_behind_what_was_said(void)
{
    struct party *party = party_open(0);
    struct held carol;
    enter(party, CAROL, "Carol");
    enter(party, BOB, "Bob");
    enter(party, OLGA, "Olga");
    empower(party, "Olga");
    say(party, OLGA, "/sync before");
    told(party, OLGA, "*** Synced: before ***");
    hold_back(party, CAROL, &carol);
    say(party, BOB, "hello, all");
    CU_ASSERT_TRUE(peer_eventually(hello_was_said, party));
    say(party, OLGA, "/mute Bob");
    CU_ASSERT_TRUE(peer_eventually(bob_is_muted, party));
    CU_ASSERT_TRUE(waits(party, OLGA));
    let_go(&carol);
    told(party, OLGA, "*** Bob is muted. ***");
    CU_ASSERT_TRUE(knows(party, OLGA, "Bob: hello, all\n"));
    free(party_close(party));
}

/* Whether the server has read all that Bob has sent. */
static bool bob_was_read(void *context)
{
    struct party *party = context;
    char byte;
    return recv(party->seats[BOB].peer.conn_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0;
}

/* Of a flood that waits for its turn when its author is muted, nothing follows the reply. */
static void muted_in_the_midst_of_a_flood(void)
{
    enum { LINES = 300 };
    struct party *party = party_of_three();
    struct held dave;
    enter(party, DAVE, "Dave");
    for (int i = 0; i < LINES; i++)
        say(party, BOB, "a line of a flood");
    say(party, BOB, "/sync flood");
    told(party, BOB, "*** Synced: flood ***");
    hold_back(party, DAVE, &dave);
    say(party, CAROL, "hello, all");
    told(party, OLGA, "Carol: hello, all");
    say(party, BOB, "a line of a flood\na line of a flood"); /* read in one piece */
    CU_ASSERT_TRUE(peer_eventually(bob_was_read, party));
    say(party, OLGA, "/mute Bob");
    CU_ASSERT_TRUE(peer_eventually(bob_is_muted, party));
    let_go(&dave);
    told(party, OLGA, "*** Bob is muted. ***");
    size_t heard = party->seats[OLGA].read;
    say(party, BOB, "I am muted");
    told(party, BOB, "*** You are muted. Nothing was sent. ***");
    say(party, BOB, "/sync end");
    told(party, BOB, "*** Synced: end ***");
    say(party, CAROL, "over");
    told(party, OLGA, "Carol: over");
    CU_ASSERT_PTR_NULL(strstr(party->seats[OLGA].text + heard, "Bob: "));
    free(party_close(party));
}

/* Alice's place is Bob's here: he makes the room. */
static struct party *party_in_a_room(void)
{
    struct party *party = party_of_three();
    say(party, BOB, "/join ops");
    told(party, BOB, "*** You are in #ops. Here now: nobody else. ***");
    say(party, CAROL, "/join ops");
    told(party, BOB, "*** Carol has joined #ops ***");
    enter(party, DAVE, "Dave");
    say(party, DAVE, "/join ops");
    told(party, BOB, "*** Dave has joined #ops ***");
    return party;
}

static void muted_in_a_room(void)
{
    struct party *party = party_in_a_room();
    say(party, BOB, "/mute Carol");
    told(party, BOB, "*** Carol is muted in #ops. ***");
    say(party, CAROL, "hello");
    told(party, CAROL, "*** You are muted in #ops. Nothing was sent. ***");
    say(party, CAROL, "/topic mine");
    told(party, CAROL, "*** You are muted in #ops. Nothing was sent. ***");
    say(party, CAROL, "/nick Caroline");
    say(party, CAROL, "under another name?");
    told(party, CAROL, "*** You are muted in #ops. Nothing was sent. ***");
    say(party, CAROL, "/leave");
    say(party, CAROL, "/join ops");
    say(party, CAROL, "back again?");
    told(party, CAROL, "*** You are muted in #ops. Nothing was sent. ***");
    say(party, CAROL, "/join lobby");
    say(party, CAROL, "here");
    told(party, OLGA, "Caroline: here");
    say(party, DAVE, "hi");
    told(party, BOB, "Dave: hi");
    CU_ASSERT_FALSE(knows(party, BOB, "another name"));
    say(party, CAROL, "/unmute Dave");
    told(party, CAROL,
         "*** You have not made #lobby, and only operators keep order in other rooms. ***");
    say(party, BOB, "/unmute Caroline");
    told(party, BOB, "*** Caroline is not muted any more. ***");
    say(party, CAROL, "/join ops");
    say(party, CAROL, "thanks");
    told(party, BOB, "Caroline: thanks");
    say(party, BOB, "/mute Dave 2h");
    told_begins(party, BOB, "*** Dave is muted in #ops until ");
    say(party, DAVE, "hi");
    told_begins(party, DAVE, "*** You are muted in #ops until ");
    char *log = party_close(party);
    logged(log, "Bob has muted Carol (peer) in #ops\n");
    logged(log, "Bob has unmuted Caroline (peer) in #ops\n");
    free(log);
}

/* Keeps a delivery from going on behind somebody, whose outbox it holds meanwhile. */
struct obstacle {
    struct user *user;
    pthread_t thread;
    sem_t stands, falls;
};

static void obstruct(void *context)
{
    struct obstacle *obstacle = context;
    sem_post(&obstacle->stands);
    while (sem_wait(&obstacle->falls) != 0)
        ;
}

static void *stand(void *argument)
{
    struct obstacle *obstacle = argument;
    outbox_hold(obstacle->user->outbox, obstruct, obstacle);
    return NULL;
}

static void obstacle_raise(struct obstacle *obstacle, struct party *party, const char *name)
{
    obstacle->user = directory_find(party->chat.directory, name);
    need(obstacle->user != NULL, "somebody to be held");
    need(sem_init(&obstacle->stands, 0, 0) == 0 && sem_init(&obstacle->falls, 0, 0) == 0,
         "a semaphore");
    need(pthread_create(&obstacle->thread, NULL, stand, obstacle) == 0, "a thread");
    while (sem_wait(&obstacle->stands) != 0)
        ;
}

static void obstacle_remove(struct obstacle *obstacle)
{
    sem_post(&obstacle->falls);
    pthread_join(obstacle->thread, NULL);
    user_release(obstacle->user);
    sem_destroy(&obstacle->stands);
    sem_destroy(&obstacle->falls);
}

/* Waits until so many threads wait for a room's deliveries, or somebody is sent something. */
static void wait_for_waiters(struct room *room, unsigned count, const struct peer *peer)
{
    unsigned waiting = 0;
    struct pollfd poll_peer = {.fd = peer->fd, .events = POLLIN};
    while (waiting < count && poll(&poll_peer, 1, 0) == 0) {
        sched_yield();
        lock_take(&room->order);
        waiting = room->waiting[0] + room->waiting[1];
        lock_release(&room->order);
    }
}

/* Carol's line is behind a delivery that does not go on when she is muted. */
static void muted_behind_what_was_said(void)
{
    struct party *party = party_in_a_room();
    struct room *room = rooms_find(party->chat.rooms, "ops");
    struct obstacle obstacle;
    const struct peer *bob = &party->seats[BOB].peer;
    say(party, OLGA, "/join ops");
    told(party, BOB, "*** Olga has joined #ops ***");
    say(party, OLGA, "/sync all"); /* Dave has been told, too */
    told(party, OLGA, "*** Synced: all ***");
    obstacle_raise(&obstacle, party, "Dave");
    say(party, OLGA, "before");
    told(party, BOB, "Olga: before");
    say(party, CAROL, "/me is first");
    wait_for_waiters(room, 1, bob);
    say(party, BOB, "/mute Carol");
    wait_for_waiters(room, 2, bob);
    obstacle_remove(&obstacle);
    told(party, BOB, "*** Carol is muted in #ops. ***");
    CU_ASSERT_TRUE(knows(party, BOB, "* Carol is first"));
    rooms_release(party->chat.rooms, room);
    free(party_close(party));
}

static void a_room_is_moderated(void)
{
    struct party *party = party_in_a_room();
    say(party, CAROL, "/mute #ops");
    told(party, CAROL, "*** You have not made #ops, so you cannot change it. ***");
    say(party, CAROL, "/hand");
    told(party, CAROL, "*** You may speak in #ops. ***");
    say(party, BOB, "/mute #ops");
    told(party, BOB, "*** #ops is moderated: /floor NAME gives the floor. ***");
    told(party, CAROL, "*** Bob has made this room moderated: /hand asks for the floor ***");
    say(party, CAROL, "may I?");
    told(party, CAROL, "*** #ops is moderated: /hand asks for the floor. Nothing was sent. ***");
    say(party, CAROL, "/hand");
    told(party, CAROL, "*** You have asked for the floor in #ops. ***");
    told(party, BOB, "*** Carol asks for the floor in #ops: /floor Carol ***");
    say(party, BOB, "/floor Carol");
    told(party, DAVE, "*** Bob gives the floor to Carol ***");
    say(party, CAROL, "thanks");
    told(party, DAVE, "Carol: thanks");
    say(party, BOB, "the owner speaks, too");
    told(party, DAVE, "Bob: the owner speaks, too");
    say(party, OLGA, "/join ops");
    say(party, OLGA, "and an operator");
    told(party, DAVE, "Olga: and an operator");
    say(party, OLGA, "/floor Carol off");
    told(party, DAVE, "*** Olga takes the floor from Carol ***");
    say(party, CAROL, "more");
    told(party, CAROL, "*** #ops is moderated: /hand asks for the floor. Nothing was sent. ***");
    say(party, BOB, "/floor Carol off");
    told(party, BOB, "*** Carol has not been given the floor. ***");
    say(party, BOB, "/leave");
    told(party, DAVE, "*** Bob has left #ops ***");
    say(party, OLGA, "/leave");
    told(party, DAVE, "*** Olga has left #ops ***");
    say(party, DAVE, "/hand");
    told(party, DAVE, "*** Nobody is in #ops who could give you the floor. ***");
    say(party, OLGA, "/unmute #ops");
    told(party, OLGA, "*** You are not in #ops. ***");
    say(party, BOB, "/join ops");
    say(party, BOB, "/unmute #ops");
    told(party, BOB, "*** #ops is not moderated any more. ***");
    told(party, DAVE, "*** Bob lets everyone speak in this room ***");
    say(party, DAVE, "well then");
    told(party, CAROL, "Dave: well then");
    CU_ASSERT_FALSE(knows(party, CAROL, "more\n*** Bob"));
    char *log = party_close(party);
    logged(log, "Bob has muted #ops\n");
    logged(log, "Bob has given the floor to Carol (peer) in #ops\n");
    logged(log, "Olga has taken the floor from Carol (peer) in #ops\n");
    logged(log, "Bob has unmuted #ops\n");
    CU_ASSERT_PTR_NULL(strstr(log, "may I?"));
    free(log);
}

/* A paste is published in one piece; nothing of it is heard. */
static void a_flood_of_the_muted_is_not_heard(void)
{
    enum { LINES = 300 };
    struct party *party = party_in_a_room();
    say(party, BOB, "/mute Carol");
    told(party, BOB, "*** Carol is muted in #ops. ***");
    for (int i = 0; i < LINES; i++)
        say(party, CAROL, "line of a flood that is long enough to be one, and then some more");
    say(party, CAROL, "/sync end");
    told(party, CAROL, "*** Synced: end ***");
    say(party, DAVE, "over");
    told(party, BOB, "Dave: over");
    CU_ASSERT_FALSE(knows(party, BOB, "flood"));
    CU_ASSERT_TRUE(knows(party, CAROL, "*** You are muted in #ops. Nothing was sent. ***"));
    CU_ASSERT_FALSE(knows(party, CAROL, "memory"));
    free(party_close(party));
}

static void operators_change_any_room_but_the_lobby(void)
{
    struct party *party = party_in_a_room();
    say(party, OLGA, "/room hidden");
    told(party, OLGA, "*** Everybody comes into #lobby, so it stays open. ***");
    say(party, BOB, "/join lobby");
    say(party, BOB, "/room hidden");
    told(party, BOB, "*** You have not made #lobby, so you cannot change it. ***");
    say(party, OLGA, "/join ops");
    say(party, OLGA, "/room key sesame");
    told(party, OLGA, "*** Room #ops is open, needs a key, and anyone may come in. ***");
    told(party, CAROL, "*** Olga has set a key for this room ***");
    /* The lobby may be moderated. */
    say(party, OLGA, "/mute #lobby");
    told(party, OLGA, "*** #lobby is moderated: /floor NAME gives the floor. ***");
    say(party, BOB, "hello");
    told(party, BOB, "*** #lobby is moderated: /hand asks for the floor. Nothing was sent. ***");
    free(party_close(party));
}

/* Who shares two rooms with the operator is told once, and who shares none is told, too. */
static void all_are_told_once(void)
{
    struct party *party = party_of_three();
    say(party, OLGA, "/join ops");
    told(party, OLGA, "*** You are in #ops. Here now: nobody else. ***");
    say(party, BOB, "/join ops");
    told(party, OLGA, "*** Bob has joined #ops ***");
    say(party, CAROL, "/join other");
    say(party, CAROL, "/leave lobby");
    told(party, CAROL, "*** You have left #lobby. You are in #other. ***");
    say(party, OLGA, "/wall  we  close at six ");
    for (int who = OLGA; who <= CAROL; who++) {
        told(party, who, "*** Olga, to all: we  close at six ***");
        say(party, who, "/sync told");
        told(party, who, "*** Synced: told ***");
        CU_ASSERT_EQUAL(times_told(party, who, "to all"), 1);
    }
    say(party, OLGA, "/wall");
    told(party, OLGA, "*** Usage: /wall TEXT ***");
    char *log = party_close(party);
    logged(log, "*** Olga, to all: we  close at six ***\n");
    free(log);
}

static void a_lockdown_keeps_strangers_out(void)
{
    struct party *party = party_of_three();
    say(party, OLGA, "/lockdown");
    told(party, OLGA, "*** Usage: /lockdown on|off ***");
    say(party, OLGA, "/lockdown on");
    told(party, OLGA, "*** Lockdown is on: only registered names are let in. ***");
    come(party, DAVE, 9, "Dave");
    told_begins(party, DAVE, "*** Only registered names are let in now. ***\n");
    say(party, BOB, "I stay");
    told(party, CAROL, "Bob: I stay");
    say(party, OLGA, "/lockdown off");
    told(party, OLGA, "*** Lockdown is off: everybody is let in. ***");
    say(party, DAVE, "Dave");
    told(party, CAROL, "*** Dave has joined the chat ***");
    char *log = party_close(party);
    logged(log, "Olga has turned the lockdown on\npeer was refused: Dave is not registered\n");
    logged(log, "Olga has turned the lockdown off\n");
    free(log);
}

/* With the date of another day; the rest is the clock's. */
static void mutes_tell_their_end(void)
{
    static const int64_t day = INT64_C(24) * 60 * 60 * 1000;
    char until[UNTIL_SIZE];
    char expected[UNTIL_SIZE];
    until_write_of_mute(0, until);
    CU_ASSERT_STRING_EQUAL(until, "");
    int64_t end = (clock_utc() + 2 * day) / 60000 * 60000;
    struct clock_local at = clock_local_of(end);
    snprintf(expected, sizeof expected, " until %04d-%02d-%02d %02d:%02d", at.date / 10000,
             at.date / 100 % 100, at.date % 100, at.minute / 60, at.minute % 60);
    until_write_of_mute(end, until);
    CU_ASSERT_STRING_EQUAL(until, expected);
    until_write_of_mute(end - 59999, until); /* a minute that has begun */
    CU_ASSERT_STRING_EQUAL(until, expected);
}

void add_order_suite(void)
{
    static const struct test tests[] = {
        {"who waits is kicked, and the others are told once by whom", kicked_from_outside},
        {"a kick is told in a big room, too", a_kick_is_told_in_a_big_room},
        {"who floods is kicked", kicked_in_the_midst_of_a_flood},
        {"who is kicked while leaving has last words", kicked_while_leaving},
        {"who may kick whom", who_may_kick_whom},
        {"a room's owner kicks out of it", kicked_out_of_a_room},
        {"whoever is kicked out of the last room is in the lobby", kicked_out_of_the_last_room},
        {"whoever is kicked out of another room stays where they are", kicked_out_of_another_room},
        {"a name is banned, with its address", a_name_is_banned_with_its_address},
        {"a range is banned for a time", a_range_is_banned_for_a_time},
        {"busy people who are banned are waited for together", busy_people_are_waited_for_together},
        {"two operators kick each other", two_kick_each_other},
        {"operators keep neither themselves nor each other out", what_cannot_be_banned},
        {"operators' commands are theirs, and shown to them", operators_commands_are_theirs},
        {"whoever is muted in the chat says nothing, whatever their name", muted_in_the_chat},
        {"the reply to a mute comes behind what was said before",
         the_reply_to_a_mute_comes_behind_what_was_said},
        {"whoever is muted in the midst of a flood is not heard any more",
         muted_in_the_midst_of_a_flood},
        {"whoever is muted in a room says nothing there", muted_in_a_room},
        {"what was said before a mute comes before its answer", muted_behind_what_was_said},
        {"in a moderated room only those speak who have the floor", a_room_is_moderated},
        {"a flood of somebody who is muted is not heard", a_flood_of_the_muted_is_not_heard},
        {"operators change any room but the lobby", operators_change_any_room_but_the_lobby},
        {"an operator tells all of them something, once", all_are_told_once},
        {"a lockdown keeps out who is not registered", a_lockdown_keeps_strangers_out},
        {"a mute tells its end", mutes_tell_their_end},
        {"programs are told of kicks", programs_are_told_of_kicks},
    };
    SUITE_ADD("order", tests);
}
