#include "peer.h"
#include "suites.h"

#include <CUnit/CUnit.h>
#include <pthread.h>

/* A time that a test waits for, and one that does not pass in any test. */
#define SOON  (500 * CLOCK_MILLISECOND)
#define LATER (3600 * CLOCK_SECOND)

static void a_warning_comes_once_for_each_line(void)
{
    static const struct conn_config config = {.max_line = 100, .sendq = 65536, .timeout = LATER};
    struct peer peer;
    struct line line;
    CU_ASSERT_TRUE_FATAL(peer_open(&peer, &config, 0));
    conn_set_warning(peer.conn, LATER - 10 * CLOCK_MILLISECOND);
    CU_ASSERT_EQUAL(conn_read_line(peer.conn, &line), CONN_IDLE_SOON);
    CU_ASSERT_EQUAL(link_reason(conn_link(peer.conn)), LINK_OPEN);
    peer_say(&peer, "hello\n");
    CU_ASSERT_EQUAL(conn_read_line(peer.conn, &line), CONN_LINE);
    peer_say(&peer, "half a line");
    CU_ASSERT_EQUAL(conn_read_line(peer.conn, &line), CONN_IDLE_SOON);
    peer_hang_up(&peer);
    CU_ASSERT_EQUAL(conn_read_line(peer.conn, &line), CONN_UNFINISHED_LINE);
    CU_ASSERT_EQUAL(conn_read_line(peer.conn, &line), CONN_ENDED);
    peer_close(&peer);
}

static void who_was_warned_is_late_all_the_same(void)
{
    static const struct conn_config config = {.max_line = 100, .sendq = 65536, .timeout = SOON};
    struct peer peer;
    struct line line;
    CU_ASSERT_TRUE_FATAL(peer_open(&peer, &config, 0));
    conn_set_warning(peer.conn, SOON);
    CU_ASSERT_EQUAL(conn_read_line(peer.conn, &line), CONN_IDLE_SOON);
    CU_ASSERT_EQUAL(conn_read_line(peer.conn, &line), CONN_ENDED);
    CU_ASSERT_EQUAL(link_reason(conn_link(peer.conn)), LINK_IDLE);
    peer_close(&peer);
}

static void a_line_that_is_there_needs_no_warning(void)
{
    static const struct conn_config config = {.max_line = 100, .sendq = 65536, .timeout = LATER};
    struct peer peer;
    struct line line;
    CU_ASSERT_TRUE_FATAL(peer_open(&peer, &config, 0));
    conn_set_warning(peer.conn, LATER - SOON);
    peer_say(&peer, "one\ntwo\n");
    CU_ASSERT_EQUAL(conn_read_line(peer.conn, &line), CONN_LINE);
    CU_ASSERT_EQUAL(conn_read_line(peer.conn, &line), CONN_LINE);
    CU_ASSERT_EQUAL(conn_read_line(peer.conn, &line), CONN_IDLE_SOON);
    peer_close(&peer);
}

/* Sends nothing but commands of telnet's (IAC NOP), as fast as it can, until the conn has ended. */
static void *say_nothing(void *argument)
{
    static char nops[64 * 1024];
    struct peer *peer = argument;
    for (size_t i = 0; i < sizeof nops; i++)
        nops[i] = (char)(i % 2 == 0 ? 0xFF : 0xF1);
    while (send(peer->fd, nops, sizeof nops, MSG_NOSIGNAL) > 0)
        ;
    return NULL;
}

/* However much comes: what makes no line does not count. */
static void telnet_commands_are_no_line(void)
{
    static const struct conn_config config = {.max_line = 100, .sendq = 65536, .timeout = 1};
    struct peer peer;
    struct line line;
    pthread_t thread;
    CU_ASSERT_TRUE_FATAL(peer_open(&peer, &config, 0));
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, say_nothing, &peer), 0);
    CU_ASSERT_EQUAL(conn_read_line(peer.conn, &line), CONN_ENDED);
    CU_ASSERT_EQUAL(link_reason(conn_link(peer.conn)), LINK_IDLE);
    link_kill(conn_link(peer.conn), LINK_IDLE);
    pthread_join(thread, NULL);
    peer_close(&peer);
}

void add_idle_suite(void)
{
    static const struct test tests[] = {
        {"a warning comes once for each line", a_warning_comes_once_for_each_line},
        {"who was warned is late all the same", who_was_warned_is_late_all_the_same},
        {"a line that is there needs no warning", a_line_that_is_there_needs_no_warning},
        {"telnet commands are no line", telnet_commands_are_no_line},
    };
    SUITE_ADD("idle", tests);
}
