#include "capture.h"
#include "peer.h"
#include "suites.h"

#include "chat/session.h"
#include "net/flusher.h"

#include <CUnit/CUnit.h>
#include <pthread.h>

#define WARNING_LINE "*** You will be disconnected in 1 minute unless you type something. ***\n"

/* A time that a test waits for, and one that does not pass in any test. */
#define SOON  (500 * CLOCK_MILLISECOND)
#define LATER (3600 * CLOCK_SECOND)

/*
 * A conn's warning.
 */

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

/*
 * Whom a session warns.
 */

static void only_above_two_minutes_is_there_a_warning(void)
{
    CU_ASSERT_EQUAL(session_idle_warning(0), 0);
    CU_ASSERT_EQUAL(session_idle_warning(60 * CLOCK_SECOND), 0);
    CU_ASSERT_EQUAL(session_idle_warning(120 * CLOCK_SECOND), 0);
    CU_ASSERT_EQUAL(session_idle_warning(121 * CLOCK_SECOND), 60 * CLOCK_SECOND);
    CU_ASSERT_EQUAL(session_idle_warning(300 * CLOCK_SECOND), 60 * CLOCK_SECOND);
}

struct visit {
    struct chat chat;
    struct peer peer;
};

static void *hold_conversation(void *argument)
{
    struct visit *visit = argument;
    session_run(visit->peer.conn, &visit->chat);
    conn_finish(visit->peer.conn);
    return NULL;
}

/* All that the client is sent until the server closes, as a string: what is NUL becomes 0. */
static void read_all(const struct peer *peer, char *text, size_t size)
{
    size_t length = 0;
    ssize_t received = 1;
    while (received > 0 && length < size - 1 && peer_wait(peer->fd, POLLIN)) {
        received = recv(peer->fd, text + length, size - 1 - length, MSG_DONTWAIT);
        length += received > 0 ? (size_t)received : 0;
    }
    for (size_t i = 0; i < length; i++)
        text[i] = text[i] == '\0' ? '0' : text[i];
    text[length] = '\0';
}

/*
 * Has somebody come in by a listener for telnet or a plain one, send `words` and then nothing more.
 * What they were sent until they were disconnected is left in `text`.
 */
static void visit(bool telnet, const char *words, char *text, size_t size)
{
    struct visit visit = {.chat = {.max_line = 100, .idle_timeout = SOON, .idle_warning = SOON}};
    const struct journal_config journal_config = {.program = "unit"};
    struct room_config room_config = {.drain_timeout = CLOCK_SECOND, .sendq = 1024 * 1024};
    struct conn_config config = {.telnet = telnet, .max_line = 100, .sendq = 65536};
    pthread_t thread;
    CU_ASSERT_EQUAL_FATAL(journal_start(&visit.chat.journal, &journal_config), 0);
    room_config.journal = visit.chat.journal;
    CU_ASSERT_EQUAL_FATAL(room_create(&visit.chat.lobby, &room_config), 0);
    CU_ASSERT_EQUAL_FATAL(flusher_start(&config.flusher), 0);
    CU_ASSERT_TRUE_FATAL(peer_open(&visit.peer, &config, 0));
    CU_ASSERT_TRUE(peer_say(&visit.peer, words));
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, hold_conversation, &visit), 0);
    read_all(&visit.peer, text, size);
    peer_hang_up(&visit.peer);
    pthread_join(thread, NULL);
    flusher_stop(config.flusher);
    peer_close(&visit.peer);
    room_destroy(visit.chat.lobby);
    CU_ASSERT_TRUE(journal_stop(visit.chat.journal, PEER_PATIENCE));
    journal_free(visit.chat.journal);
}

/* The same, and what the journal has to say goes nowhere. */
static void visit_quietly(bool telnet, const char *words, char *text, size_t size)
{
    struct capture console;
    capture_begin(&console, STDOUT_FILENO);
    visit(telnet, words, text, size);
    free(capture_end(&console));
}

static void who_types_commands_is_warned(void)
{
    char text[1024];
    visit_quietly(false, "Ann\n/foo\n", text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text,
                           "Enter your name: *** Unknown command: /foo. Type /help. ***\n" //
                           WARNING_LINE CHAT_IDLE_LINE);
}

static void who_asked_at_the_prompt_is_warned(void)
{
    char text[1024];
    visit_quietly(false, "/help\nAnn\n", text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "Enter your name: *** " NAME_RULES " ***\n"
                                 "Enter your name: " WARNING_LINE CHAT_IDLE_LINE);
}

static void a_script_is_not_warned(void)
{
    char text[1024];
    visit_quietly(false, "Ann\n//who is there\n", text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, "Enter your name: *** Nobody else is here. ***\n" CHAT_IDLE_LINE);
}

static void who_came_for_telnet_is_warned(void)
{
    static const char refusal[] = "\xFF\xFE\x01\xFF\xFE\x03"; /* IAC DONT ECHO, DONT SGA */
    char words[32];
    char text[1024];
    strcat(strcpy(words, refusal), "Ann\r\n");
    visit_quietly(true, words, text, sizeof text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "*** You will be disconnected in 1 minute unless you "
                                        "type something. ***\r\n" //
                                        "Disconnected: idle timeout.\r\n"));
}

void add_idle_suite(void)
{
    static const struct test tests[] = {
        {"a warning comes once for each line", a_warning_comes_once_for_each_line},
        {"who was warned is late all the same", who_was_warned_is_late_all_the_same},
        {"a line that is there needs no warning", a_line_that_is_there_needs_no_warning},
        {"telnet commands are no line", telnet_commands_are_no_line},
        {"only above two minutes is there a warning", only_above_two_minutes_is_there_a_warning},
        {"who types commands is warned", who_types_commands_is_warned},
        {"who asked at the prompt is warned", who_asked_at_the_prompt_is_warned},
        {"a script is not warned", a_script_is_not_warned},
        {"who came for telnet is warned", who_came_for_telnet_is_warned},
    };
    SUITE_ADD("idle", tests);
}
