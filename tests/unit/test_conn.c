/*
 * conn: lines in, and the end, over a socket pair.
 */
#include "suites.h"
#include "numbered.h"
#include "peer.h"

#include "net/conn.h"
#include "net/flusher.h"
#include "net/outbox.h"
#include "net/telnet.h"
#include "net/terminal.h"

#include <CUnit/CUnit.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

enum { LIMIT = 256 * 1024 };

/* Longer than any test waits. */
#define LONG (60 * CLOCK_SECOND)

/* A conn of its own, with what it sends and gets in the test's hands. */
struct talk {
    struct flusher *flusher;
    struct peer peer;
    struct line line;
};

/* send_bytes as for peer_connect(). */
static void open_talk_of(struct talk *talk, const struct conn_config *wanted, int send_bytes)
{
    struct conn_config config = *wanted;
    CU_ASSERT_EQUAL_FATAL(flusher_start(&talk->flusher), 0);
    config.flusher = talk->flusher;
    CU_ASSERT_TRUE_FATAL(peer_open(&talk->peer, &config, send_bytes));
}

static void open_talk(struct talk *talk, const struct conn_config *wanted)
{
    open_talk_of(talk, wanted, 0);
}

static void close_talk(struct talk *talk)
{
    link_kill(conn_link(talk->peer.conn), LINK_CLOSED);
    flusher_stop(talk->flusher);
    peer_close(&talk->peer);
}

static const struct conn_config plain = {.max_line = 20, .sendq = LIMIT};

static enum conn_event next(struct talk *talk)
{
    return conn_read_line(talk->peer.conn, &talk->line);
}

/* Whether this line comes next. */
static bool hears(struct talk *talk, const char *expected)
{
    return next(talk) == CONN_LINE && talk->line.length == strlen(expected) &&
           memcmp(talk->line.bytes, expected, talk->line.length) == 0;
}

static void lines_and_the_end(void)
{
    struct talk talk;
    open_talk(&talk, &plain);
    CU_ASSERT_STRING_EQUAL(link_peer(conn_link(talk.peer.conn)), "peer");
    peer_say(&talk.peer, "Bob\nhello\r\n\nunfinished");
    CU_ASSERT_TRUE(hears(&talk, "Bob"));
    CU_ASSERT_TRUE(conn_line_waiting(talk.peer.conn));
    CU_ASSERT_TRUE(hears(&talk, "hello"));
    CU_ASSERT_TRUE(hears(&talk, ""));
    CU_ASSERT_FALSE(conn_line_waiting(talk.peer.conn));
    shutdown(talk.peer.fd, SHUT_WR);
    CU_ASSERT_EQUAL(next(&talk), CONN_UNFINISHED_LINE);
    CU_ASSERT_EQUAL(talk.line.length, 10);
    CU_ASSERT_NSTRING_EQUAL(talk.line.bytes, "unfinished", 10);
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_OPEN);
    CU_ASSERT_EQUAL(next(&talk), CONN_ENDED);
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_CLOSED);
    CU_ASSERT_EQUAL(next(&talk), CONN_ENDED);
    /* A half-closed connection still gets what it is sent. */
    outbox_say(conn_outbox(talk.peer.conn), "bye\n");
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "bye\n"));
    close_talk(&talk);
}

static void end_between_lines(void)
{
    struct talk talk;
    open_talk(&talk, &plain);
    peer_say(&talk.peer, "last\n");
    peer_hang_up(&talk.peer);
    CU_ASSERT_TRUE(hears(&talk, "last"));
    CU_ASSERT_EQUAL(next(&talk), CONN_ENDED);
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_CLOSED);
    close_talk(&talk);
}

static void *flood(void *argument)
{
    struct talk *talk = argument;
    for (int i = 0; i < 20000; i++) {
        char line[32];
        int length = snprintf(line, sizeof line, "line %d\n", i);
        if (!peer_send(&talk->peer, line, (size_t)length))
            break;
    }
    shutdown(talk->peer.fd, SHUT_WR);
    return NULL;
}

/* Much comes at once: the conn reads in bulk then, and loses and mixes up nothing. */
static void flood_is_read_whole(void)
{
    struct talk talk;
    pthread_t thread;
    open_talk(&talk, &plain);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, flood, &talk), 0);
    bool right = true;
    for (int i = 0; i < 20000 && right; i++) {
        char line[32];
        snprintf(line, sizeof line, "line %d", i);
        if (i % 7 == 0)
            conn_line_waiting(talk.peer.conn);
        right = EXPECT(hears(&talk, line), "line %d", i);
    }
    CU_ASSERT_EQUAL(next(&talk), CONN_ENDED);
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_CLOSED);
    pthread_join(thread, NULL);
    close_talk(&talk);
}

static void too_long_once(void)
{
    struct talk talk;
    open_talk(&talk, &plain);
    char *bytes = numbered(100000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    peer_send(&talk.peer, bytes, 100000);
    peer_say(&talk.peer, "\nfine\n");
    CU_ASSERT_EQUAL(next(&talk), CONN_LINE_TOO_LONG);
    CU_ASSERT_TRUE(hears(&talk, "fine"));
    peer_say(&talk.peer, "12345678901234567890\n123456789012345678901\nfine again\n");
    CU_ASSERT_TRUE(hears(&talk, "12345678901234567890"));
    CU_ASSERT_EQUAL(next(&talk), CONN_LINE_TOO_LONG);
    CU_ASSERT_TRUE(hears(&talk, "fine again"));
    free(bytes);
    close_talk(&talk);
}

static void reset_is_told(void)
{
    struct talk talk;
    int ends[2];
    struct conn_config config = plain;
    CU_ASSERT_EQUAL_FATAL(flusher_start(&talk.flusher), 0);
    config.flusher = talk.flusher;
    CU_ASSERT_TRUE_FATAL(peer_connect_tcp(ends));
    CU_ASSERT_TRUE_FATAL(peer_open_ends(&talk.peer, &config, ends));
    peer_reset(&talk.peer);
    CU_ASSERT_EQUAL(next(&talk), CONN_ENDED);
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_RESET);
    close_talk(&talk);
}

/* A sender may come upon a reset first, and then recv() sees a plain end. */
static void reset_found_by_a_sender(void)
{
    struct talk talk;
    int ends[2];
    struct conn_config config = plain;
    CU_ASSERT_EQUAL_FATAL(flusher_start(&talk.flusher), 0);
    config.flusher = talk.flusher;
    CU_ASSERT_TRUE_FATAL(peer_connect_tcp(ends));
    CU_ASSERT_TRUE_FATAL(peer_open_ends(&talk.peer, &config, ends));
    peer_reset(&talk.peer);
    CU_ASSERT_TRUE(peer_wait(talk.peer.conn_fd, POLLIN));
    outbox_say(conn_outbox(talk.peer.conn), "hello?\n");
    outbox_say(conn_outbox(talk.peer.conn), "hello?\n");
    CU_ASSERT_EQUAL(next(&talk), CONN_ENDED);
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_RESET);
    close_talk(&talk);
}

static void idle_times_out(void)
{
    struct talk talk;
    struct conn_config config = plain;
    config.timeout = 100 * CLOCK_MILLISECOND;
    open_talk(&talk, &config);
    int64_t start = clock_now();
    CU_ASSERT_EQUAL(next(&talk), CONN_ENDED);
    int64_t waited = clock_now() - start;
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_IDLE);
    CU_ASSERT_TRUE(waited >= 100 * CLOCK_MILLISECOND);
    CU_ASSERT_TRUE(waited < LONG);
    close_talk(&talk);
}

/* The reset comes upon a conn that reads in bulk: what was cut off is no line. */
static void reset_within_a_flood(void)
{
    struct talk talk;
    int ends[2];
    struct conn_config config = {.max_line = 100000, .sendq = LIMIT};
    CU_ASSERT_EQUAL_FATAL(flusher_start(&talk.flusher), 0);
    config.flusher = talk.flusher;
    for (size_t length = 1000; length <= 5000; length += 8) {
        CU_ASSERT_TRUE_FATAL(peer_connect_tcp(ends));
        CU_ASSERT_TRUE_FATAL(peer_open_ends(&talk.peer, &config, ends));
        char *bytes = numbered(length);
        CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
        peer_say(&talk.peer, "whole\n");
        peer_send(&talk.peer, bytes, length);
        peer_reset(&talk.peer);
        CU_ASSERT_TRUE(peer_wait(talk.peer.conn_fd, 0)); /* for the error */
        enum conn_event event;
        while ((event = next(&talk)) == CONN_LINE)
            ;
        bool right =
            EXPECT(event == CONN_ENDED && link_reason(conn_link(talk.peer.conn)) == LINK_RESET,
                   "%zu bytes: event %d, reason %d", length, (int)event,
                   (int)link_reason(conn_link(talk.peer.conn)));
        free(bytes);
        peer_close(&talk.peer);
        if (!right)
            break;
    }
    flusher_stop(talk.flusher);
}

/* Longer than anybody should have to wait for the end of somebody who dribbles. */
#define DRIBBLING (10 * CLOCK_SECOND)

/* Somebody who sends a piece now and then until told to stop, or until all that time is over. */
struct dribbler {
    struct peer *peer;
    const char *piece;
    int64_t pause;
    int stop[2]; /* a pipe: readable when it is time */
    pthread_t thread;
};

static void *dribble(void *argument)
{
    struct dribbler *dribbler = argument;
    struct pollfd stop = {.fd = dribbler->stop[0], .events = POLLIN};
    int64_t end = clock_now() + DRIBBLING;
    while (clock_now() < end &&
           poll(&stop, 1, clock_poll_timeout(clock_now() + dribbler->pause)) == 0)
        peer_say(dribbler->peer, dribbler->piece);
    return NULL;
}

static void start_dribbling(struct dribbler *dribbler, struct peer *peer, const char *piece,
                            int64_t pause)
{
    *dribbler = (struct dribbler){.peer = peer, .piece = piece, .pause = pause};
    CU_ASSERT_EQUAL_FATAL(pipe(dribbler->stop), 0);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&dribbler->thread, NULL, dribble, dribbler), 0);
}

static void stop_dribbling(struct dribbler *dribbler)
{
    CU_ASSERT_EQUAL(write(dribbler->stop[1], "", 1), 1);
    pthread_join(dribbler->thread, NULL);
    close(dribbler->stop[0]);
    close(dribbler->stop[1]);
}

/* Waits for the end of a conn that is sent such pieces; it must be the clock that ends it. */
static void check_dribbling(const char *piece, size_t max_line)
{
    struct talk talk;
    struct dribbler dribbler;
    struct conn_config config = {
        .max_line = max_line, .sendq = LIMIT, .timeout = 300 * CLOCK_MILLISECOND};
    open_talk(&talk, &config);
    start_dribbling(&dribbler, &talk.peer, piece, 20 * CLOCK_MILLISECOND);
    int64_t start = clock_now();
    enum conn_event event;
    while ((event = next(&talk)) == CONN_LINE_TOO_LONG)
        ;
    int64_t waited = clock_now() - start;
    EXPECT(event == CONN_ENDED && link_reason(conn_link(talk.peer.conn)) == LINK_IDLE,
           "event %d, reason %d", (int)event, (int)link_reason(conn_link(talk.peer.conn)));
    EXPECT(waited >= 300 * CLOCK_MILLISECOND && waited < DRIBBLING, "waited %lld ns",
           (long long)waited);
    stop_dribbling(&dribbler);
    close_talk(&talk);
}

static void dribbling_is_idle(void)
{
    check_dribbling("x", 4096);
    check_dribbling("\xFF\xF1", 4096); /* telnet's no operation */
    check_dribbling("endless", 10);
}

/* Whether ten lines are heard that together take longer than the timeout, and each of them less. */
static bool slow_lines_are_heard(void)
{
    struct talk talk;
    struct dribbler dribbler;
    struct conn_config config = plain;
    config.timeout = CLOCK_SECOND;
    open_talk(&talk, &config);
    start_dribbling(&dribbler, &talk.peer, "line\n", 150 * CLOCK_MILLISECOND);
    bool heard = true;
    for (int i = 0; i < 10 && heard; i++)
        heard = hears(&talk, "line");
    stop_dribbling(&dribbler);
    close_talk(&talk);
    return heard;
}

static void lines_restart_the_clock(void)
{
    CU_ASSERT_TRUE(suite_comes_true(slow_lines_are_heard));
}

/* Whether ten such pieces are told, as slow as the lines above. */
static bool slow_pieces_are_told(const char *piece)
{
    struct talk talk;
    struct dribbler dribbler;
    struct conn_config config = plain;
    config.timeout = CLOCK_SECOND;
    open_talk(&talk, &config);
    start_dribbling(&dribbler, &talk.peer, piece, 150 * CLOCK_MILLISECOND);
    enum conn_event event = CONN_LINE_TOO_LONG;
    for (int i = 0; i < 10 && event == CONN_LINE_TOO_LONG; i++) {
        while ((event = next(&talk)) == CONN_LINE)
            ;
        conn_line_waiting(talk.peer.conn); /* may take in the line's end */
    }
    stop_dribbling(&dribbler);
    close_talk(&talk);
    return event == CONN_LINE_TOO_LONG;
}

/*
 * A line that was too long is a line: whether it comes whole or in pieces, the clock starts anew
 * behind it.
 */
static void check_too_long_restarts(const char *piece)
{
    bool told = false; /* a busy machine may hold the dribbler up, but not each time */
    for (int tries = 0; tries < 20 && !told; tries++)
        told = slow_pieces_are_told(piece);
    EXPECT(told, "idle behind some of '%.60s'", piece);
}

static void too_long_lines_restart_the_clock(void)
{
    /* Longer than what is read at once by who waits. */
    char very_long[3000];
    memset(very_long, 'v', sizeof very_long);
    memcpy(very_long + sizeof very_long - 2, "\n", 2);
    check_too_long_restarts(very_long);
    check_too_long_restarts("this is one whole line, and too long\n");
    check_too_long_restarts("the end of a line\nand the beginning of one that is too long, ");
}

static void timeout_can_be_changed(void)
{
    struct talk talk;
    struct conn_config config = plain;
    config.timeout = LONG;
    open_talk(&talk, &config);
    peer_say(&talk.peer, "name\n");
    CU_ASSERT_TRUE(hears(&talk, "name"));
    conn_set_timeout(talk.peer.conn, 50 * CLOCK_MILLISECOND);
    int64_t start = clock_now();
    CU_ASSERT_EQUAL(next(&talk), CONN_ENDED);
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_IDLE);
    CU_ASSERT_TRUE(clock_now() - start < LONG / 2);
    close_talk(&talk);
}

static void no_timeout_waits(void)
{
    struct talk talk;
    struct dribbler dribbler;
    struct conn_config config = plain;
    config.timeout = 20 * CLOCK_MILLISECOND;
    open_talk(&talk, &config);
    conn_set_timeout(talk.peer.conn, 0);
    start_dribbling(&dribbler, &talk.peer, "at last\n", 200 * CLOCK_MILLISECOND);
    CU_ASSERT_TRUE(hears(&talk, "at last"));
    stop_dribbling(&dribbler);
    close_talk(&talk);
}

/* What a server that stops does. */
static void stop(struct outbox *outbox)
{
    outbox_say(outbox, "*** stopping ***\n");
    link_end(outbox_link(outbox), LINK_SHUTTING_DOWN);
}

/* What another thread does to a conn whose own thread waits. */
struct intruder {
    struct outbox *outbox; /* the conn's */
    bool kind;             /* stop() instead of link_kill() */
    pthread_t reader;
    atomic_bool over;
};

static void on_nudge(int number)
{
    (void)number;
}

static void catch_nudges(void)
{
    struct sigaction action = {.sa_handler = on_nudge};
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
}

/* A wait for input is ended by a signal; one that comes too early is lost, so there are more. */
static void nudge_until_over(struct intruder *intruder)
{
    catch_nudges();
    while (!atomic_load(&intruder->over)) {
        pthread_kill(intruder->reader, SIGUSR1);
        poll(NULL, 0, 10);
    }
}

static void *intrude(void *argument)
{
    struct intruder *intruder = argument;
    poll(NULL, 0, 50); /* most times the other thread waits by then; if not, nothing changes */
    if (intruder->kind)
        stop(intruder->outbox);
    else
        link_kill(outbox_link(intruder->outbox), LINK_TOO_SLOW);
    if (intruder->kind)
        nudge_until_over(intruder);
    return NULL;
}

static void kill_ends_the_read(void)
{
    struct talk talk;
    pthread_t thread;
    open_talk(&talk, &plain);
    struct intruder intruder = {.outbox = conn_outbox(talk.peer.conn)};
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, intrude, &intruder), 0);
    CU_ASSERT_EQUAL(next(&talk), CONN_ENDED);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_TOO_SLOW);
    link_kill(conn_link(talk.peer.conn), LINK_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_TOO_SLOW);
    CU_ASSERT_TRUE(peer_is_at_end(&talk.peer));
    close_talk(&talk);
}

/* Calls until the thread that is called has come. */
static void *call(void *argument)
{
    struct intruder *intruder = argument;
    struct link *link = outbox_link(intruder->outbox);
    poll(NULL, 0, 50); /* as intrude() */
    link_call(link);
    for (; !atomic_load(&intruder->over); poll(NULL, 0, 10))
        link_nudge(link);
    return NULL;
}

static void call_interrupts_the_read_once(void)
{
    struct talk talk;
    pthread_t thread;
    struct conn_config config = plain;
    config.timeout = PEER_PATIENCE;
    open_talk(&talk, &config);
    catch_nudges();
    struct intruder intruder = {.outbox = conn_outbox(talk.peer.conn)};
    link_attend(conn_link(talk.peer.conn));
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, call, &intruder), 0);
    CU_ASSERT_EQUAL(next(&talk), CONN_CALLED);
    atomic_store(&intruder.over, true);
    pthread_join(thread, NULL);
    link_leave(conn_link(talk.peer.conn));
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_OPEN);
    CU_ASSERT_TRUE(peer_say(&talk.peer, "still here\n"));
    CU_ASSERT_TRUE(hears(&talk, "still here"));
    /* It comes before what was received. */
    CU_ASSERT_TRUE(peer_say(&talk.peer, "one\ntwo\n"));
    CU_ASSERT_TRUE(hears(&talk, "one"));
    link_call(conn_link(talk.peer.conn));
    CU_ASSERT_EQUAL(next(&talk), CONN_CALLED);
    CU_ASSERT_TRUE(hears(&talk, "two"));
    close_talk(&talk);
}

static void stop_says_its_line(void)
{
    struct talk talk;
    pthread_t thread;
    open_talk(&talk, &plain);
    struct intruder intruder = {
        .outbox = conn_outbox(talk.peer.conn), .kind = true, .reader = pthread_self()};
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, intrude, &intruder), 0);
    CU_ASSERT_EQUAL(next(&talk), CONN_ENDED);
    atomic_store(&intruder.over, true);
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_SHUTTING_DOWN);
    pthread_join(thread, NULL);
    outbox_say(conn_outbox(talk.peer.conn), "owed\n");
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "*** stopping ***\nowed\n"));
    close_talk(&talk);
}

static void stop_at_a_prompt(void)
{
    struct talk talk;
    open_talk(&talk, &plain);
    conn_prompt(talk.peer.conn, "Name: ");
    stop(conn_outbox(talk.peer.conn));
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "Name: \n*** stopping ***\n"));
    CU_ASSERT_EQUAL(next(&talk), CONN_ENDED);
    close_talk(&talk);
}

/* The newline that the person typed has moved the cursor off the prompt already. */
static void answered_prompts(void)
{
    static const char *const answers[] = {"Bob\n", "\n", "Bob\r\n",
                                          "a name that is longer than allowed\n"};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct talk talk;
        open_talk(&talk, &plain);
        conn_prompt(talk.peer.conn, "Name: ");
        CU_ASSERT_TRUE(peer_gets(&talk.peer, "Name: "));
        peer_say(&talk.peer, answers[i]);
        next(&talk);
        outbox_say(conn_outbox(talk.peer.conn), "*** reply ***\n");
        outbox_say(conn_outbox(talk.peer.conn), "*** more ***\n");
        EXPECT(peer_gets(&talk.peer, "*** reply ***\n*** more ***\n"), "answer %zu", i);
        close_talk(&talk);
    }
}

static void pause_ends_with_a_kill(void)
{
    struct talk talk;
    pthread_t thread;
    open_talk(&talk, &plain);
    int64_t start = clock_now();
    conn_pause(talk.peer.conn, 30 * CLOCK_MILLISECOND);
    CU_ASSERT_TRUE(clock_now() - start >= 30 * CLOCK_MILLISECOND);
    peer_say(&talk.peer, "unread\n");
    struct intruder intruder = {.outbox = conn_outbox(talk.peer.conn)};
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, intrude, &intruder), 0);
    start = clock_now();
    conn_pause(talk.peer.conn, LONG);
    CU_ASSERT_TRUE(clock_now() - start < LONG / 2);
    pthread_join(thread, NULL);
    close_talk(&talk);
}

/* Nor does it end early because its thread is called, as somebody else could do that at will. */
static void pause_outlasts_a_call(void)
{
    struct talk talk;
    pthread_t thread;
    open_talk(&talk, &plain);
    catch_nudges();
    struct intruder intruder = {.outbox = conn_outbox(talk.peer.conn)};
    link_attend(conn_link(talk.peer.conn));
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, call, &intruder), 0);
    int64_t start = clock_now();
    conn_pause(talk.peer.conn, 300 * CLOCK_MILLISECOND);
    CU_ASSERT_TRUE(clock_now() - start >= 300 * CLOCK_MILLISECOND);
    /* And also if the peer has hung up, it ends with the link. */
    shutdown(talk.peer.fd, SHUT_RDWR);
    CU_ASSERT_TRUE(link_end(conn_link(talk.peer.conn), LINK_REPLACED));
    conn_pause(talk.peer.conn, LONG);
    atomic_store(&intruder.over, true);
    pthread_join(thread, NULL);
    link_leave(conn_link(talk.peer.conn));
    close_talk(&talk);
}

static void telnet_is_answered(void)
{
    struct talk talk;
    open_talk(&talk, &plain);
    peer_send(&talk.peer, "he\xFF\xFD\x01llo\n", 9);
    CU_ASSERT_TRUE(hears(&talk, "hello"));
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "\xFF\xFC\x01"));
    outbox_say(conn_outbox(talk.peer.conn), "line\n");
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "line\r\n"));
    close_talk(&talk);
}

#define WILL_ECHO "\xFF\xFB\x01"
#define WONT_ECHO "\xFF\xFC\x01"
#define DO_ECHO   "\xFF\xFD\x01"
#define DONT_ECHO "\xFF\xFE\x01"
#define NOP       "\xFF\xF1"

/* nc shows what is typed, and would show telnet's commands, too. */
static void secrets_of_plain_peers(void)
{
    struct talk talk;
    open_talk(&talk, &plain);
    conn_hide(talk.peer.conn, true);
    conn_prompt(talk.peer.conn, "Password: ");
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "Password: "));
    peer_say(&talk.peer, "hunter2\n");
    CU_ASSERT_TRUE(hears(&talk, "hunter2"));
    conn_hide(talk.peer.conn, false);
    CU_ASSERT_TRUE(peer_has_nothing(&talk.peer));
    close_talk(&talk);
}

static void secrets_of_telnet(void)
{
    struct talk talk;
    open_talk(&talk, &plain);
    peer_say(&talk.peer, "x" NOP "\r\n");
    CU_ASSERT_TRUE(hears(&talk, "x"));
    conn_hide(talk.peer.conn, true);
    conn_prompt(talk.peer.conn, "Password: ");
    CU_ASSERT_TRUE(peer_gets(&talk.peer, WILL_ECHO "Password: "));
    peer_say(&talk.peer, DO_ECHO "hunter1\r\n");
    CU_ASSERT_TRUE(hears(&talk, "hunter1"));
    outbox_say(conn_outbox(talk.peer.conn), "wrong\n");
    conn_hide(talk.peer.conn, true); /* once more: the peer does so already */
    conn_prompt(talk.peer.conn, "Password: ");
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "\r\nwrong\r\nPassword: "));
    peer_say(&talk.peer, "hunter2\r\n");
    CU_ASSERT_TRUE(hears(&talk, "hunter2"));
    conn_hide(talk.peer.conn, false);
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "\r\n" WONT_ECHO));
    peer_say(&talk.peer, DONT_ECHO "y\r\n");
    CU_ASSERT_TRUE(hears(&talk, "y"));
    CU_ASSERT_TRUE(peer_has_nothing(&talk.peer));
    close_talk(&talk);
}

/* Who does not agree has seen their Return. */
static void secrets_of_who_refuses(void)
{
    struct talk talk;
    open_talk(&talk, &plain);
    conn_hide(talk.peer.conn, true);
    conn_prompt(talk.peer.conn, "Password: ");
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "Password: "));
    peer_say(&talk.peer, NOP "hunter2\r\n"); /* only now it is known to speak telnet */
    CU_ASSERT_TRUE(hears(&talk, "hunter2"));
    CU_ASSERT_TRUE(peer_gets(&talk.peer, WILL_ECHO));
    conn_prompt(talk.peer.conn, "Password: ");
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "Password: "));
    peer_say(&talk.peer, DONT_ECHO "hunter2\r\n");
    CU_ASSERT_TRUE(hears(&talk, "hunter2"));
    conn_hide(talk.peer.conn, false);
    CU_ASSERT_TRUE(peer_has_nothing(&talk.peer));
    close_talk(&talk);
}

static bool put_nothing(void *context, struct buffer *out)
{
    (void)context;
    (void)out;
    return true;
}

static bool hide_it(void *context)
{
    (void)context;
    return true;
}

static bool put_line(void *context, const char *line, size_t length, struct buffer *out)
{
    (void)context;
    return buffer_append(out, line, length);
}

static void ignore_kind(void *context, const void *kind)
{
    (void)context;
    (void)kind;
}

static bool has_none(void *context, const char *line, size_t length)
{
    (void)context;
    (void)line;
    (void)length;
    return false;
}

static const struct terminal_face blank_face = {.prompt = put_nothing,
                                                .hides = hide_it,
                                                .remembers = hide_it,
                                                .has_secret = has_none,
                                                .dress = put_line,
                                                .leave_standing = put_line,
                                                .know_kind = ignore_kind};

/* Whatever a peer agrees to and refuses in turn while a secret is asked for, it ends some day. */
static void hiding_makes_no_loop(void)
{
    static const unsigned char options[] = {1, 3, 0, 25};
    uint32_t chance = 11;
    for (int round = 0; round < 300; round++) {
        struct talk talk;
        char sent[3 * 8 + 2];
        char got[4096];
        open_talk(&talk, &plain);
        conn_set_face(talk.peer.conn, &blank_face);
        peer_say(&talk.peer, round % 2 ? "x" NOP "\n" : "x\n");
        CU_ASSERT_TRUE(hears(&talk, "x"));
        conn_hide(talk.peer.conn, true);
        size_t total = 0;
        for (int turn = 0; turn < 4; turn++) {
            size_t length = 0;
            for (int i = 0; i < 8; i++) {
                chance = chance * 1664525 + 1013904223;
                sent[length++] = (char)TELNET_IAC;
                sent[length++] = (char)(TELNET_WILL + (chance >> 16) % 4);
                sent[length++] = (char)options[(chance >> 20) % sizeof options];
            }
            memcpy(sent + length, "\r\n", 2);
            peer_send(&talk.peer, sent, length + 2);
            CU_ASSERT_EQUAL(next(&talk), CONN_LINE);
            ssize_t received = recv(talk.peer.fd, got, sizeof got, MSG_DONTWAIT);
            total += received > 0 ? (size_t)received : 0;
        }
        EXPECT(total < 1024, "round %d: %zu bytes", round, total);
        conn_set_face(talk.peer.conn, NULL);
        close_talk(&talk);
    }
}

/* The number of an option may be that of LF, which is no line end there. */
/* An encoding for programs, which shows what it was given. */
static bool embrace(const char *text, size_t length, unsigned columns, struct buffer *out)
{
    (void)columns;
    return buffer_append(out, "<", 1) && buffer_append(out, text, length) &&
           buffer_append(out, ">", 1);
}

static const struct encoding embraced = {embrace};

/* What would be a telnet command is in the line: the peer is a program, and no telnet. */
static void a_program_is_sent_no_telnet(void)
{
    static const char commands[] = "\xFF\xFD\x01"
                                   "a\xFF\xF6\n";
    const struct conn_config config = {.max_line = 20, .sendq = LIMIT, .encoding = &embraced};
    struct talk talk;
    open_talk(&talk, &config);
    peer_send(&talk.peer, commands, sizeof commands - 1);
    CU_ASSERT_EQUAL(next(&talk), CONN_LINE);
    CU_ASSERT_EQUAL_FATAL(talk.line.length, sizeof commands - 2);
    CU_ASSERT_EQUAL(memcmp(talk.line.bytes, commands, talk.line.length), 0);
    outbox_say(conn_outbox(talk.peer.conn), "hi\n");
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "<hi\n>"));
    CU_ASSERT_TRUE(peer_has_nothing(&talk.peer));
    close_talk(&talk);
}

/* Who has spoken telnet before may go on: it is no part of the lines, but has no answer any more.
 */
static void telnet_is_answered_no_more(void)
{
    struct talk talk;
    open_talk(&talk, &plain);
    peer_send(&talk.peer, "\xFF\xFD\x01one\n", 7);
    CU_ASSERT_TRUE(hears(&talk, "one"));
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "\xFF\xFC\x01"));
    conn_set_encoding(talk.peer.conn, &embraced);
    peer_send(&talk.peer, "\xFF\xFD\x02\xFF\xF6two\n", 9);
    CU_ASSERT_TRUE(hears(&talk, "two"));
    outbox_say(conn_outbox(talk.peer.conn), "hi\n");
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "<hi\n>"));
    CU_ASSERT_TRUE(peer_has_nothing(&talk.peer));
    close_talk(&talk);
}

static void telnet_option_ten(void)
{
    struct talk talk;
    open_talk(&talk, &plain);
    for (unsigned option = 0; option < 256; option++) {
        const char ask[] = {(char)TELNET_IAC, (char)TELNET_DO, (char)option, 'x', '\n'};
        unsigned word =
            option == 6 ? TELNET_WILL : TELNET_WONT; /* TIMING-MARK is always answered */
        const char answer[] = {(char)TELNET_IAC, (char)word, (char)option};
        peer_send(&talk.peer, ask, sizeof ask);
        CU_ASSERT_TRUE(hears(&talk, "x"));
        outbox_say(conn_outbox(talk.peer.conn), "mark\n");
        bool right = peer_gets_bytes(&talk.peer, answer, sizeof answer);
        right = peer_gets(&talk.peer, "mark\r\n") && right;
        if (!EXPECT(right, "option %u", option)) {
            char byte; /* what is too much is read, so that the next option is not blamed */
            while (!peer_has_nothing(&talk.peer) && peer_receive(&talk.peer, &byte, 1))
                ;
        }
    }
    close_talk(&talk);
}

/* Whoever says much instead of answering an offer is not read to the end of it meanwhile. */
static void much_instead_of_an_answer(void)
{
    struct talk talk;
    char much[4096];
    size_t sent = 0;
    ssize_t taken;
    open_talk(&talk, &plain);
    memset(much, 'x', sizeof much);
    while ((taken = send(talk.peer.fd, much, sizeof much, MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
        sent += (size_t)taken;
    CU_ASSERT_FALSE(conn_negotiate(talk.peer.conn));
    bool more = recv(talk.peer.conn_fd, much, 1, MSG_DONTWAIT | MSG_PEEK) == 1;
    CU_ASSERT_TRUE(more || sent < (size_t)100 * 1024); /* a socket that holds less shows nothing */
    close_talk(&talk);
}

static void *finish(void *argument)
{
    conn_finish(argument);
    return NULL;
}

/* Over TCP, where unread input at the end would turn the last lines into a reset. */
static void finish_delivers(void)
{
    struct talk talk;
    int ends[2];
    pthread_t thread;
    struct conn_config config = plain;
    CU_ASSERT_EQUAL_FATAL(flusher_start(&talk.flusher), 0);
    config.flusher = talk.flusher;
    CU_ASSERT_TRUE_FATAL(peer_connect_tcp(ends));
    CU_ASSERT_TRUE_FATAL(peer_open_ends(&talk.peer, &config, ends));
    peer_say(&talk.peer, "this will\nnot be read\n");
    CU_ASSERT_TRUE(peer_wait(talk.peer.conn_fd, POLLIN));
    char *bytes = numbered(100000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    text_queue(conn_outbox(talk.peer.conn), bytes, 100000);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, finish, talk.peer.conn), 0);
    CU_ASSERT_TRUE(peer_gets_bytes(&talk.peer, bytes, 100000));
    CU_ASSERT_TRUE(peer_is_at_end(&talk.peer));
    peer_hang_up(&talk.peer);
    pthread_join(thread, NULL);
    free(bytes);
    close_talk(&talk);
}

/* Neither a peer that reads nothing nor one that keeps sending holds a thread up for long. */
static void finish_is_short(void)
{
    struct talk talk;
    struct dribbler dribbler;
    open_talk_of(&talk, &plain, PEER_SMALL_BYTES);
    char *bytes = numbered(100000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    text_send(conn_outbox(talk.peer.conn), bytes, 100000);
    int64_t start = clock_now();
    conn_finish(talk.peer.conn);
    CU_ASSERT_TRUE(clock_now() - start < PEER_PATIENCE / 2);
    free(bytes);
    close_talk(&talk);
    open_talk(&talk, &plain);
    start_dribbling(&dribbler, &talk.peer, "x", CLOCK_MILLISECOND);
    start = clock_now();
    conn_finish(talk.peer.conn);
    CU_ASSERT_TRUE(clock_now() - start < PEER_PATIENCE / 2);
    stop_dribbling(&dribbler);
    close_talk(&talk);
}

static void catching_up(void)
{
    struct talk talk;
    open_talk_of(&talk, &plain, PEER_SMALL_BYTES);
    struct conn *conn = talk.peer.conn;
    char *bytes = numbered(200000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    CU_ASSERT_TRUE(conn_catch_up(conn));
    outbox_answer(conn_outbox(conn), bytes, 20000);
    CU_ASSERT_TRUE(conn_catch_up(conn));
    conn_set_timeout(conn, 50 * CLOCK_MILLISECOND);
    outbox_answer(conn_outbox(conn), bytes, 200000);
    CU_ASSERT_FALSE(conn_catch_up(conn));
    CU_ASSERT_EQUAL(link_reason(conn_link(conn)), LINK_TOO_SLOW);
    free(bytes);
    close_talk(&talk);
}

static const struct test tests[] = {
    {"lines come as sent, then the unfinished one, then the end", lines_and_the_end},
    {"an end between two lines is an end", end_between_lines},
    {"a flood is read whole and in order", flood_is_read_whole},
    {"a line that is too long is told once, and the talk goes on", too_long_once},
    {"a reset is told from an end", reset_is_told},
    {"a reset that a sender found first is one still", reset_found_by_a_sender},
    {"a line that a reset cut off is not taken for one", reset_within_a_flood},
    {"who says much instead of answering an offer is left in the socket",
     much_instead_of_an_answer},
    {"who sends nothing is idle when the time is over, not before", idle_times_out},
    {"who dribbles bytes, commands or an endless line is idle too", dribbling_is_idle},
    {"each line restarts the clock", lines_restart_the_clock},
    {"a line that was too long restarts it too, whole or in pieces",
     too_long_lines_restart_the_clock},
    {"a new timeout counts from now", timeout_can_be_changed},
    {"without a timeout it waits", no_timeout_waits},
    {"killing it from another thread ends the read, the first reason stays", kill_ends_the_read},
    {"a call interrupts the read once, and nothing is lost", call_interrupts_the_read_once},
    {"stopping it says the line, and what it owes can still be sent", stop_says_its_line},
    {"stopping it at a prompt says the line on a line of its own", stop_at_a_prompt},
    {"an answer of any length closes the prompt", answered_prompts},
    {"a pause lasts, and ends with a kill", pause_ends_with_a_kill},
    {"a pause does not end because its thread is called", pause_outlasts_a_call},
    {"telnet is taken out of lines, answered, and gets CR LF from then on", telnet_is_answered},
    {"a secret costs a plain peer nothing, and is shown there", secrets_of_plain_peers},
    {"telnet in line mode is asked not to show a secret", secrets_of_telnet},
    {"and is asked once, if it refuses", secrets_of_who_refuses},
    {"hiding a secret makes no loop, whatever a peer answers", hiding_makes_no_loop},
    {"the refusal of every option reaches a telnet peer as it is", telnet_option_ten},
    {"a program is sent no telnet, and what it sends is taken as it is",
     a_program_is_sent_no_telnet},
    {"who spoke telnet before it became a program is not answered any more",
     telnet_is_answered_no_more},
    {"the last bytes reach a peer whose own were not read", finish_delivers},
    {"finishing takes a short time, whatever the peer does", finish_is_short},
    {"who asks for much and does not read is cut off", catching_up},
};

void add_conn_suite(void)
{
    SUITE_ADD("conn", tests);
}
