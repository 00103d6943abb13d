#include "peer.h"
#include "suites.h"

#include "doors/plain/view.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdatomic.h>

/* A time that a test waits for, and one that does not pass in any test. */
#define SOON  (500 * CLOCK_MILLISECOND)
#define LATER (3600 * CLOCK_SECOND)

/* How often what a busy machine may spoil is tried: it may hold somebody up, but not each time. */
enum { TRIES = 20 };

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
 * At a terminal.
 */

/* A person at one, as seen from the conn. */
struct desk {
    struct peer peer;
    struct view view;
    pthread_t thread;
};

static void sit_down(struct desk *desk, const struct conn_config *config)
{
    CU_ASSERT_TRUE_FATAL(peer_open(&desk->peer, config, 0));
    view_init(&desk->view, "> ", NULL, NULL, NULL);
    conn_set_face(desk->peer.conn, &desk->view.terminal);
    peer_say(&desk->peer, "\xFF\xFD\x03\xFF\xFD\x01"); /* IAC DO SGA, IAC DO ECHO */
    CU_ASSERT_TRUE_FATAL(conn_negotiate(desk->peer.conn));
}

static void get_up(struct desk *desk)
{
    conn_set_face(desk->peer.conn, NULL);
    peer_close(&desk->peer);
}

/* Presses a key now and then, for longer than SLOW, and then Return. */
#define SLOW CLOCK_SECOND

static void *type_slowly(void *argument)
{
    struct peer *peer = argument;
    for (int i = 0; i < 15; i++) {
        peer_say(peer, "x");
        poll(NULL, 0, 100);
    }
    peer_say(peer, "\r");
    return NULL;
}

/* What comes first of a line whose keys take longer than the timeout together. */
static enum conn_event read_slow_line(void)
{
    static const struct conn_config config = {.max_line = 100, .sendq = 65536, .timeout = SLOW};
    struct desk desk;
    struct line line;
    sit_down(&desk, &config);
    conn_set_key_timeout(desk.peer.conn, SLOW, 0);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&desk.thread, NULL, type_slowly, &desk.peer), 0);
    enum conn_event event = conn_read_line(desk.peer.conn, &line);
    pthread_join(desk.thread, NULL);
    CU_ASSERT_EQUAL(conn_read_line(desk.peer.conn, &line), CONN_ENDED);
    CU_ASSERT_EQUAL(link_reason(conn_link(desk.peer.conn)), LINK_IDLE);
    get_up(&desk);
    return event;
}

static void at_a_terminal_each_key_starts_the_clock(void)
{
    enum conn_event event = CONN_ENDED;
    for (int tries = 0; tries < TRIES && event == CONN_ENDED; tries++)
        event = read_slow_line();
    CU_ASSERT_EQUAL(event, CONN_LINE);
}

static void at_a_terminal_lines_may_take_what_they_like(void)
{
    static const struct conn_config config = {.max_line = 100, .sendq = 65536, .timeout = 1};
    struct desk desk;
    struct line line;
    sit_down(&desk, &config);
    conn_set_key_timeout(desk.peer.conn, 0, 0);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&desk.thread, NULL, type_slowly, &desk.peer), 0);
    CU_ASSERT_EQUAL(conn_read_line(desk.peer.conn, &line), CONN_LINE);
    pthread_join(desk.thread, NULL);
    conn_leave_terminal(desk.peer.conn);
    CU_ASSERT_EQUAL(conn_read_line(desk.peer.conn, &line), CONN_ENDED);
    CU_ASSERT_EQUAL(link_reason(conn_link(desk.peer.conn)), LINK_IDLE);
    get_up(&desk);
}

/* Presses keys until that is over, and never Return, which would count though it were late. */
static atomic_bool over;

static void *type_on(void *argument)
{
    struct peer *peer = argument;
    for (int i = 0; i < 300 && !atomic_load(&over); i++) {
        peer_say(peer, "x");
        poll(NULL, 0, 100);
    }
    return NULL;
}

/* As at the prompt for a name. */
static void keys_count_only_where_that_was_said(void)
{
    static const struct conn_config config = {.max_line = 100, .sendq = 65536, .timeout = SLOW};
    struct desk desk;
    struct line line;
    sit_down(&desk, &config);
    atomic_store(&over, false);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&desk.thread, NULL, type_on, &desk.peer), 0);
    CU_ASSERT_EQUAL(conn_read_line(desk.peer.conn, &line), CONN_ENDED);
    CU_ASSERT_EQUAL(link_reason(conn_link(desk.peer.conn)), LINK_IDLE);
    atomic_store(&over, true);
    pthread_join(desk.thread, NULL);
    get_up(&desk);
}

static void a_key_has_a_warning_of_its_own(void)
{
    static const struct conn_config config = {.max_line = 100, .sendq = 65536};
    struct desk desk;
    struct line line;
    sit_down(&desk, &config);
    conn_set_key_timeout(desk.peer.conn, LATER, LATER - 10 * CLOCK_MILLISECOND);
    CU_ASSERT_EQUAL(conn_read_line(desk.peer.conn, &line), CONN_IDLE_SOON);
    peer_say(&desk.peer, "x");
    CU_ASSERT_EQUAL(conn_read_line(desk.peer.conn, &line), CONN_IDLE_SOON);
    get_up(&desk);
}

/*
 * Who is silent and there, and who is gone.
 */

#define PULSE (300 * CLOCK_MILLISECOND)

/* A program that answers the first few timing marks, until it has heard nothing for a long time. */
struct program {
    const struct peer *peer;
    int answers;   /* so many */
    int questions; /* how many there were */
    bool presses;  /* Return, at the end, instead of hanging up */
    pthread_t thread;
};

static void *answer(void *argument)
{
    static const char mark[] = {'\xFF', '\xFD', 6};    /* IAC DO TIMING-MARK */
    static const char refusal[] = {'\xFF', '\xFC', 6}; /* IAC WONT TIMING-MARK */
    struct program *program = argument;
    struct pollfd readable = {.fd = program->peer->fd, .events = POLLIN};
    size_t matched = 0;
    char byte;
    while (poll(&readable, 1, (int)(5 * PULSE / CLOCK_MILLISECOND)) > 0 &&
           recv(program->peer->fd, &byte, 1, 0) == 1) {
        matched = byte == mark[matched] ? matched + 1 : byte == mark[0];
        if (matched < sizeof mark)
            continue;
        matched = 0;
        if (program->questions++ < program->answers)
            peer_send(program->peer, refusal, sizeof refusal);
    }
    if (program->presses)
        peer_say(program->peer, "\r");
    else
        shutdown(program->peer->fd, SHUT_WR);
    return NULL;
}

/* What becomes of a terminal whose program answers so many questions. */
static enum conn_event run_program(struct program *program, enum link_reason *reason)
{
    static const struct conn_config config = {
        .max_line = 100, .sendq = 65536, .timeout = PEER_PATIENCE, .pulse = PULSE};
    struct desk desk;
    struct line line;
    sit_down(&desk, &config);
    program->peer = &desk.peer;
    CU_ASSERT_EQUAL_FATAL(pthread_create(&program->thread, NULL, answer, program), 0);
    enum conn_event event = conn_read_line(desk.peer.conn, &line);
    *reason = link_reason(conn_link(desk.peer.conn));
    link_kill(conn_link(desk.peer.conn), LINK_CLOSED);
    pthread_join(program->thread, NULL);
    get_up(&desk);
    return event;
}

/* An answer that comes too late is none: then it is tried again. */
static void a_terminal_that_answers_no_more_is_gone(void)
{
    bool gone = false;
    for (int tries = 0; tries < TRIES && !gone; tries++) {
        struct program program = {.answers = 2};
        enum link_reason reason;
        CU_ASSERT_EQUAL(run_program(&program, &reason), CONN_ENDED);
        gone = reason == LINK_SILENT && program.questions == 3;
    }
    CU_ASSERT_TRUE(gone);
}

static void a_terminal_that_never_answers_stays(void)
{
    for (int answers = 0; answers < 2; answers++) {
        bool asked = false;
        for (int tries = 0; tries < TRIES && !asked; tries++) {
            struct program program = {.answers = answers, .presses = true};
            enum link_reason reason;
            enum conn_event event = run_program(&program, &reason);
            EXPECT(event == CONN_LINE && reason == LINK_OPEN, "%d answers: event %d, reason %d",
                   answers, (int)event, (int)reason);
            asked = program.questions == answers + 1;
        }
        EXPECT(asked, "not %d questions", answers + 1);
    }
}

void add_idle_suite(void)
{
    static const struct test tests[] = {
        {"a warning comes once for each line", a_warning_comes_once_for_each_line},
        {"who was warned is late all the same", who_was_warned_is_late_all_the_same},
        {"a line that is there needs no warning", a_line_that_is_there_needs_no_warning},
        {"telnet commands are no line", telnet_commands_are_no_line},
        {"at a terminal each key starts the clock anew", at_a_terminal_each_key_starts_the_clock},
        {"at a terminal a line may take what it likes, in line mode not",
         at_a_terminal_lines_may_take_what_they_like},
        {"a key counts only where that was said", keys_count_only_where_that_was_said},
        {"a key has a warning of its own", a_key_has_a_warning_of_its_own},
        {"a terminal that answers no more is gone", a_terminal_that_answers_no_more_is_gone},
        {"a terminal that never answers stays", a_terminal_that_never_answers_stays},
    };
    SUITE_ADD("idle", tests);
}
