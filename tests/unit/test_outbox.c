/*
 * outbox, built from a descriptor, with the flusher that serves it, over a socket pair.
 */
#include "suites.h"
#include "mail.h"
#include "numbered.h"
#include "peer.h"

#include "net/flusher.h"
#include "net/link.h"
#include "net/outbox.h"
#include "net/telnet.h"

#include <CUnit/CUnit.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { LIMIT = 256 * 1024 };

static void send_text(struct mail *mail, const char *text)
{
    text_send(mail->outbox, text, strlen(text));
}

static size_t pending(struct outbox *outbox)
{
    return outbox_status(outbox).pending;
}

static bool owns_memory(struct outbox *outbox)
{
    return outbox_status(outbox).memory > 0;
}

/* Fills the socket and leaves something pending; the caller frees what was sent. */
static char *overfill(struct mail *mail, size_t length)
{
    char *bytes = numbered(length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    text_send(mail->outbox, bytes, length);
    CU_ASSERT_TRUE(pending(mail->outbox) > 0);
    CU_ASSERT_FALSE(mail_is_flushed(mail->outbox));
    return bytes;
}

/* Fills the socket behind the outbox's back: it will take nothing more. */
static void fill_socket(struct mail *mail)
{
    char bytes[4096] = {0};
    while (send(mail->peer.conn_fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        ;
}

static void sends_directly(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, 0);
    send_text(&mail, "hello\n");
    CU_ASSERT_FALSE(owns_memory(mail.outbox));
    CU_ASSERT_TRUE(mail_is_flushed(mail.outbox));
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "hello\n"));
    text_send(mail.outbox, "", 0);
    outbox_flush(mail.outbox);
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    mail_close(&mail);
}

static void flusher_delivers(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    char *bytes = overfill(&mail, 200000);
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 200000));
    CU_ASSERT_TRUE(peer_eventually(mail_is_flushed, mail.outbox));
    CU_ASSERT_FALSE(owns_memory(mail.outbox));
    send_text(&mail, "and on\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "and on\n"));
    CU_ASSERT_EQUAL(link_reason(mail.link), LINK_OPEN);
    free(bytes);
    mail_close(&mail);
}

static void order_is_kept(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    char *bytes = overfill(&mail, 100000);
    send_text(&mail, "one\n");
    text_queue(mail.outbox, "two\n", 4);
    outbox_flush(mail.outbox);
    send_text(&mail, "three\n");
    outbox_say(mail.outbox, "four\n");
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 100000));
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "one\ntwo\nthree\nfour\n"));
    free(bytes);
    mail_close(&mail);
}

/* One flusher serves many at once, each by its own measure. */
static void flusher_serves_many(void)
{
    enum { MANY = 100 };
    static struct mail mails[MANY];
    struct flusher *flusher;
    char *bytes = numbered(50000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    CU_ASSERT_EQUAL_FATAL(flusher_start(&flusher), 0);
    for (int i = 0; i < MANY; i++) {
        mail_open_for(&mails[i], flusher, LIMIT, PEER_SMALL_BYTES);
        text_send(mails[i].outbox, bytes, 50000);
    }
    /* Every third goes away, the others read, the last ones first. */
    for (int i = MANY - 1; i >= 0; i--) {
        if (i % 3 == 0)
            peer_hang_up(&mails[i].peer);
        else
            CU_ASSERT_TRUE(peer_gets_bytes(&mails[i].peer, bytes, 50000));
    }
    for (int i = 0; i < MANY; i++) {
        CU_ASSERT_TRUE(peer_eventually(mail_is_flushed, mails[i].outbox));
        CU_ASSERT_EQUAL(pending(mails[i].outbox), 0);
        mail_close(&mails[i]);
    }
    flusher_stop(flusher);
    free(bytes);
}

/* The outbox is still somebody's: for the flusher, whatever becomes of its makers. */
static void flusher_keeps_the_outbox(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    char *bytes = overfill(&mail, 100000);
    outbox_release(mail.outbox);
    link_release(mail.link);
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 100000));
    CU_ASSERT_TRUE(peer_is_at_end(&mail.peer));
    flusher_stop(mail.flusher);
    peer_hang_up(&mail.peer);
    free(bytes);
}

static void flusher_lets_go_when_stopped(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    free(overfill(&mail, 100000));
    link_kill(mail.link, LINK_SHUTTING_DOWN);
    flusher_stop(mail.flusher);
    mail.flusher = NULL;
    CU_ASSERT_TRUE(mail_is_flushed(mail.outbox));
    mail_close(&mail);
}

static void limit_cuts_off(void)
{
    struct mail mail;
    mail_open(&mail, 1000, PEER_SMALL_BYTES);
    fill_socket(&mail);
    char *bytes = numbered(1000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    text_queue(mail.outbox, bytes, 600);
    text_send(mail.outbox, bytes, 400);
    CU_ASSERT_EQUAL(outbox_error(mail.outbox), OUTBOX_OPEN);
    CU_ASSERT_EQUAL(link_reason(mail.link), LINK_OPEN);
    text_queue(mail.outbox, "x", 1);
    outbox_flush(mail.outbox);
    CU_ASSERT_EQUAL(outbox_error(mail.outbox), OUTBOX_BROKEN);
    CU_ASSERT_EQUAL(link_reason(mail.link), LINK_TOO_SLOW);
    CU_ASSERT_FALSE(owns_memory(mail.outbox));
    text_queue(mail.outbox, bytes, 1000);
    send_text(&mail, "more");
    CU_ASSERT_FALSE(owns_memory(mail.outbox));
    free(bytes);
    mail_close(&mail);
}

static void limit_counts_what_is_kept(void)
{
    struct mail mail;
    mail_open(&mail, 10000, PEER_SMALL_BYTES);
    char *bytes = numbered(9000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    /* The socket takes some of the first; then what is kept grows beyond the limit. */
    for (int i = 0; i < 20 && link_reason(mail.link) == LINK_OPEN; i++) {
        CU_ASSERT_TRUE(pending(mail.outbox) <= 10000);
        text_send(mail.outbox, bytes, 9000);
    }
    CU_ASSERT_EQUAL(link_reason(mail.link), LINK_TOO_SLOW);
    CU_ASSERT_EQUAL(outbox_error(mail.outbox), OUTBOX_BROKEN);
    CU_ASSERT_TRUE(peer_wait(mail.peer.conn_fd, POLLIN)); /* whoever reads from it wakes */
    free(bytes);
    mail_close(&mail);
}

/* What the socket takes at once is not kept, however much it is. */
static void limit_spares_a_ready_socket(void)
{
    for (int telnet = 0; telnet < 2; telnet++) {
        struct mail mail;
        mail_open(&mail, 1000, 0);
        if (telnet)
            outbox_set_encoding(mail.outbox, &telnet_encoding);
        char *bytes = numbered(3000);
        CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
        text_send(mail.outbox, bytes, 3000);
        EXPECT(link_reason(mail.link) == LINK_OPEN, "cut off, telnet %d", telnet);
        EXPECT(peer_gets_bytes(&mail.peer, bytes, 3000), "not delivered, telnet %d", telnet);
        free(bytes);
        mail_close(&mail);
    }
}

static void telnet_line_ends(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, 0);
    send_text(&mail, "one\ntwo\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "one\ntwo\n"));
    outbox_set_encoding(mail.outbox, &telnet_encoding);
    send_text(&mail, "one\n\ntwo\nthr");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "one\r\n\r\ntwo\r\nthr"));
    text_queue(mail.outbox, "\n", 1);
    outbox_say(mail.outbox, "four\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "\r\nfour\r\n"));
    outbox_prompt(mail.outbox, "? ");
    outbox_say(mail.outbox, "line\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "? \r\nline\r\n"));
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    CU_ASSERT_FALSE(owns_memory(mail.outbox));
    send_text(&mail, "\xFF.\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "\xFF\xFF.\r\n"));
    mail_close(&mail);
}

/* A socket that is full in the middle of a line end gets each CR LF once and whole. */
static void telnet_line_ends_when_full(void)
{
    enum { LINES = 20000 };
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    outbox_set_encoding(mail.outbox, &telnet_encoding);
    for (int i = 0; i < LINES / 100; i++) {
        char lines[300];
        for (size_t j = 0; j < sizeof lines; j += 3)
            memcpy(lines + j, "ab\n", 3);
        text_send(mail.outbox, lines, sizeof lines);
    }
    CU_ASSERT_TRUE(pending(mail.outbox) > 0);
    char *expected = malloc(4 * LINES);
    CU_ASSERT_PTR_NOT_NULL_FATAL(expected);
    for (size_t j = 0; j < 4 * LINES; j += 4)
        memcpy(expected + j, "ab\r\n", 4);
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, expected, 4 * LINES));
    free(expected);
    mail_close(&mail);
}

static void commands_are_untouched(void)
{
    static const unsigned char command[] = {TELNET_IAC, TELNET_WONT, '\n'};
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    outbox_set_encoding(mail.outbox, &telnet_encoding);
    text_queue(mail.outbox, "first\n", 6);
    outbox_queue_raw(mail.outbox, command, sizeof command);
    outbox_flush(mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "first\r\n"));
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, command, sizeof command));
    CU_ASSERT_FALSE(owns_memory(mail.outbox));
    /* Nor does a full socket change its bytes or its place. */
    char *bytes = overfill(&mail, 100000);
    outbox_queue_raw(mail.outbox, command, sizeof command);
    outbox_flush(mail.outbox);
    send_text(&mail, "last\n");
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 100000));
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, command, sizeof command));
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "last\r\n"));
    free(bytes);
    outbox_close(mail.outbox);
    outbox_queue_raw(mail.outbox, command, sizeof command);
    outbox_flush(mail.outbox);
    CU_ASSERT_FALSE(owns_memory(mail.outbox));
    mail_close(&mail);
}

static void prompts(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, 0);
    outbox_say(mail.outbox, "first\n");
    outbox_prompt(mail.outbox, "Name: ");
    outbox_say(mail.outbox, "*** interrupted ***\n");
    outbox_say(mail.outbox, "*** again ***\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "first\nName: \n*** interrupted ***\n*** again ***\n"));
    outbox_prompt(mail.outbox, "Name: ");
    outbox_prompt_answered(mail.outbox);
    outbox_say(mail.outbox, "*** welcome ***\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "Name: *** welcome ***\n"));
    outbox_prompt(mail.outbox, "Name: ");
    send_text(&mail, "Bob: hi\n");
    send_text(&mail, "Bob: ho\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "Name: \nBob: hi\nBob: ho\n"));
    outbox_prompt(mail.outbox, "Name: ");
    text_queue(mail.outbox, "[private] Bob: hi\n", 18);
    outbox_flush(mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "Name: \n[private] Bob: hi\n"));
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    mail_close(&mail);
}

static void queue_then_send(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, 0);
    text_queue(mail.outbox, "one ", 4);
    text_queue(mail.outbox, "two ", 4);
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    send_text(&mail, "three\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "one two three\n"));
    CU_ASSERT_FALSE(owns_memory(mail.outbox));
    text_queue(mail.outbox, "four\n", 5);
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    outbox_flush(mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "four\n"));
    text_queue(mail.outbox, "five\n", 5);
    outbox_say(mail.outbox, "six\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "five\nsix\n"));
    CU_ASSERT_FALSE(owns_memory(mail.outbox));
    mail_close(&mail);
}

/* A watch that remembers what it was told last. */
struct noted {
    struct outbox_watch watch;
    atomic_int level; /* enum outbox_level */
    atomic_bool progress;
};

static void note(struct outbox_watch *watch, enum outbox_level level, bool progress)
{
    struct noted *noted = (struct noted *)watch;
    atomic_store(&noted->level, (int)level);
    atomic_store(&noted->progress, progress);
}

static bool is_empty(void *context)
{
    struct noted *noted = context;
    return atomic_load(&noted->level) == OUTBOX_EMPTY;
}

static void watch_of_slow_readers(void)
{
    struct mail mail;
    struct noted noted = {.watch = {.changed = note}};
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    outbox_add_watch(mail.outbox, &noted.watch);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_EMPTY);
    /* Some is pending, but the reader is not behind yet. */
    char *bytes = overfill(&mail, 40000);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_FULL);
    char *more = overfill(&mail, 200000);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_NEAR_LIMIT);
    CU_ASSERT_FALSE(noted.progress);
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 40000));
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, more, 200000));
    CU_ASSERT_TRUE(peer_eventually(is_empty, &noted));
    CU_ASSERT_TRUE(noted.progress);
    free(bytes);
    free(more);
    outbox_remove_watch(mail.outbox, &noted.watch);
    mail_close(&mail);
}

/* A user may be in several rooms, each of which wants to know. */
static void several_watches(void)
{
    struct mail mail;
    struct noted noted = {.watch = {.changed = note}};
    struct noted other = {.watch = {.changed = note}};
    struct noted third = {.watch = {.changed = note}};
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    outbox_add_watch(mail.outbox, &third.watch);
    char *bytes = overfill(&mail, 200000);
    /* Whoever comes is told at once, and whoever goes has nobody to wait for. */
    outbox_add_watch(mail.outbox, &noted.watch);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_NEAR_LIMIT);
    outbox_add_watch(mail.outbox, &other.watch);
    outbox_remove_watch(mail.outbox, &noted.watch);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_EMPTY);
    CU_ASSERT_EQUAL(other.level, OUTBOX_NEAR_LIMIT);
    CU_ASSERT_EQUAL(third.level, OUTBOX_NEAR_LIMIT);
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 200000));
    CU_ASSERT_TRUE(peer_eventually(is_empty, &other));
    CU_ASSERT_TRUE(peer_eventually(is_empty, &third));
    free(bytes);
    free(overfill(&mail, 200000));
    CU_ASSERT_EQUAL(noted.level, OUTBOX_EMPTY);
    CU_ASSERT_EQUAL(third.level, OUTBOX_NEAR_LIMIT);
    outbox_close(mail.outbox);
    CU_ASSERT_EQUAL(other.level, OUTBOX_EMPTY);
    CU_ASSERT_EQUAL(third.level, OUTBOX_EMPTY);
    outbox_remove_watch(mail.outbox, &third.watch);
    outbox_remove_watch(mail.outbox, &other.watch);
    mail_close(&mail);
}

/* With a small limit a reader is behind before the limit would cut it off. */
static void behind_before_limit(void)
{
    struct mail mail;
    struct noted noted = {.watch = {.changed = note}};
    mail_open(&mail, 1000, PEER_SMALL_BYTES);
    outbox_add_watch(mail.outbox, &noted.watch);
    char *bytes = numbered(1000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    const struct outbox_message message = {.text = bytes, .length = 1};
    text_queue(mail.outbox, bytes, 500);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_FULL);
    text_queue(mail.outbox, bytes, 1);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_BEHIND);
    CU_ASSERT_EQUAL(outbox_queue_message(mail.outbox, &message, true), OUTBOX_REFUSED);
    outbox_flush(mail.outbox);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_EMPTY);
    CU_ASSERT_EQUAL(outbox_queue_message(mail.outbox, &message, true), OUTBOX_QUEUED);
    outbox_flush(mail.outbox);
    /* A reader that is cut off is no reader to wait for. */
    fill_socket(&mail);
    text_send(mail.outbox, bytes, 625);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_BEHIND);
    text_send(mail.outbox, bytes, 1);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_NEAR_LIMIT);
    text_send(mail.outbox, bytes, 900);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_EMPTY);
    CU_ASSERT_EQUAL(outbox_queue_message(mail.outbox, &message, true), OUTBOX_QUEUED);
    outbox_flush(mail.outbox); /* nothing is to be waited for */
    free(bytes);
    outbox_remove_watch(mail.outbox, &noted.watch);
    mail_close(&mail);
}

/* A task that keeps the flusher from all others. */
struct obstacle {
    struct flusher_task task; /* the first member */
    int held[2];              /* a pipe; readable when it may go on */
    int ends[2];
    atomic_bool reached;
};

static int64_t hold_up(struct flusher_task *task)
{
    struct obstacle *obstacle = (struct obstacle *)task;
    atomic_store(&obstacle->reached, true);
    peer_wait(obstacle->held[0], POLLIN);
    return FLUSHER_DONE;
}

static bool is_reached(void *context)
{
    struct obstacle *obstacle = context;
    return atomic_load(&obstacle->reached);
}

static void put_up(struct obstacle *obstacle, struct flusher *flusher)
{
    CU_ASSERT_EQUAL_FATAL(pipe(obstacle->held), 0);
    CU_ASSERT_TRUE_FATAL(peer_connect(obstacle->ends, 0));
    obstacle->task = (struct flusher_task){.fd = obstacle->ends[0], .flush = hold_up};
    atomic_init(&obstacle->reached, false);
    flusher_add(flusher, &obstacle->task, FLUSHER_WHEN_READY);
    CU_ASSERT_TRUE(peer_eventually(is_reached, obstacle));
}

/* The sockets stay open until the flusher is done with them. */
static void take_away(struct obstacle *obstacle)
{
    CU_ASSERT_EQUAL(write(obstacle->held[1], "", 1), 1);
}

static void forget(struct obstacle *obstacle)
{
    for (int i = 0; i < 2; i++) {
        close(obstacle->held[i]);
        close(obstacle->ends[i]);
    }
}

/* The flusher has not come to it yet, but the socket takes more: that is no reason to cut off. */
static void a_try_before_the_limit(void)
{
    struct mail mail;
    struct obstacle obstacle;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    put_up(&obstacle, mail.flusher);
    char *bytes = overfill(&mail, 200000);
    size_t taken = 200000 - pending(mail.outbox);
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, taken));
    size_t before = pending(mail.outbox);
    text_send(mail.outbox, bytes, LIMIT - before + 1);
    CU_ASSERT_EQUAL(link_reason(mail.link), LINK_OPEN);
    CU_ASSERT_TRUE(pending(mail.outbox) <= LIMIT);
    /* But one try is all that there is. */
    text_send(mail.outbox, bytes, LIMIT - pending(mail.outbox) + 1);
    CU_ASSERT_EQUAL(link_reason(mail.link), LINK_TOO_SLOW);
    take_away(&obstacle);
    free(bytes);
    mail_close(&mail);
    forget(&obstacle);
}

/* What telnet answers by itself counts as anything else does. */
static void commands_count_against_the_limit(void)
{
    static const unsigned char command[] = {TELNET_IAC, TELNET_WILL, 6};
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    fill_socket(&mail);
    for (size_t i = 0; i < 4 * LIMIT / sizeof command; i++) {
        outbox_queue_raw(mail.outbox, command, sizeof command);
        outbox_flush(mail.outbox);
        CU_ASSERT_TRUE_FATAL(pending(mail.outbox) <= LIMIT);
    }
    CU_ASSERT_EQUAL(link_reason(mail.link), LINK_TOO_SLOW);
    mail_close(&mail);
}

/* Who asks waits for its answers, and not for what others say before and behind them. */
static void answers_are_counted_apart(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    char *bytes = overfill(&mail, 50000);
    CU_ASSERT_EQUAL(outbox_try_answers(mail.outbox), 0);
    outbox_say(mail.outbox, "*** yes ***\n");
    outbox_answer(mail.outbox, "*** no ***\n", 11);
    CU_ASSERT_EQUAL(outbox_try_answers(mail.outbox), 23);
    text_send(mail.outbox, bytes, 50000);
    CU_ASSERT_EQUAL(outbox_try_answers(mail.outbox), 23);
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 50000));
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "*** yes ***\n*** no ***\n"));
    while (outbox_try_answers(mail.outbox) > 0)
        ;
    CU_ASSERT_EQUAL(outbox_answered(mail.outbox), 23);
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 50000));
    free(bytes);
    mail_close(&mail);
}

static void closed_takes_nothing(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, 0);
    text_queue(mail.outbox, "dropped\n", 8);
    outbox_close(mail.outbox);
    CU_ASSERT_FALSE(owns_memory(mail.outbox));
    send_text(&mail, "more\n");
    text_queue(mail.outbox, "more\n", 5);
    outbox_say(mail.outbox, "more\n");
    outbox_prompt(mail.outbox, "more ");
    outbox_flush(mail.outbox);
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    CU_ASSERT_FALSE(owns_memory(mail.outbox));
    CU_ASSERT_EQUAL(outbox_error(mail.outbox), OUTBOX_BROKEN);
    mail_close(&mail);
}

static void peer_that_is_gone(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, 0);
    peer_hang_up(&mail.peer);
    send_text(&mail, "anybody?\n");
    CU_ASSERT_TRUE(outbox_error(mail.outbox) != OUTBOX_OPEN);
    send_text(&mail, "anybody?\n");
    CU_ASSERT_FALSE(owns_memory(mail.outbox));
    /* What came from it before can still be read. */
    CU_ASSERT_EQUAL(link_reason(mail.link), LINK_OPEN);
    mail_close(&mail);
}

enum { WRITERS = 4, WRITER_LINES = 2000 };

struct writer {
    struct outbox *outbox;
    int number;
};

static void *write_lines(void *argument)
{
    struct writer *writer = argument;
    for (int i = 0; i < WRITER_LINES; i++) {
        char line[64];
        int length = snprintf(line, sizeof line, "%d %d\n", writer->number, i);
        if (i % 3 == 0) {
            text_queue(writer->outbox, line, (size_t)length);
            outbox_flush(writer->outbox);
        } else if (i % 3 == 1) {
            text_send(writer->outbox, line, (size_t)length);
        } else {
            outbox_say(writer->outbox, line);
        }
    }
    return NULL;
}

/* Reads one line of the peer's, without its end; it is slow, and so the socket is often full. */
static bool read_line(struct peer *peer, char line[64])
{
    size_t length = 0;
    while (length < 63 && peer_receive(peer, line + length, 1) && line[length] != '\n')
        length++;
    bool whole = line[length] == '\n';
    line[length] = '\0';
    return whole;
}

static void writers_at_once(void)
{
    struct mail mail;
    pthread_t threads[WRITERS];
    struct writer writers[WRITERS];
    int next[WRITERS] = {0};
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){mail.outbox, i};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, write_lines, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS * WRITER_LINES; i++) {
        char line[64];
        char *rest = line;
        bool whole = read_line(&mail.peer, line);
        long number = strtol(line, &rest, 10);
        long count = strtol(rest, &rest, 10);
        if (!EXPECT(whole && *rest == '\0' && number >= 0 && number < WRITERS &&
                        count == next[number],
                    "line %d: '%s'", i, line))
            break;
        next[number]++;
    }
    for (int i = 0; i < WRITERS; i++)
        pthread_join(threads[i], NULL);
    mail_close(&mail);
}

/* Somebody who was quick so far gets a round in pieces, however much that is. */
static void pieces_of_one_round(void)
{
    struct mail mail;
    char *piece = numbered((size_t)2 * LIMIT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(piece);
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    text_queue(mail.outbox, piece, (size_t)2 * LIMIT);
    text_queue(mail.outbox, piece, (size_t)2 * LIMIT);
    outbox_flush(mail.outbox);
    CU_ASSERT_EQUAL(outbox_error(mail.outbox), OUTBOX_OPEN);
    text_send(mail.outbox, piece, LIMIT);
    CU_ASSERT_NOT_EQUAL(outbox_error(mail.outbox), OUTBOX_OPEN);
    mail_close(&mail);
    free(piece);
}

/* Doubles each byte. */
static bool encode_twice(const char *text, size_t length, unsigned columns, struct buffer *out)
{
    (void)columns;
    bool kept = true;
    for (size_t i = 0; i < length && kept; i++) {
        const char pair[] = {text[i], text[i]};
        kept = buffer_append(out, pair, sizeof pair);
    }
    return kept;
}

static const struct encoding twice = {encode_twice};

/* Sends bytes in an encoding, if that is the one of the outbox. */
static bool send_as(struct mail *mail, const struct encoding *encoding, const char *bytes,
                    size_t length)
{
    unsigned mode = outbox_mode(mail->outbox);
    return outbox_encoding(mail->outbox) == encoding &&
           outbox_send_encoded(mail->outbox, mode, bytes, length);
}

static void change_nothing(void *context)
{
    (*(int *)context)++;
}

static void sent_in_the_mode_that_was_looked_up(void)
{
    struct mail mail;
    int changes = 0;
    mail_open(&mail, LIMIT, 0);
    unsigned mode = outbox_mode(mail.outbox);
    CU_ASSERT_TRUE(outbox_send_encoded(mail.outbox, mode, "one", 3));
    outbox_set_encoding(mail.outbox, &twice);
    CU_ASSERT_FALSE(outbox_send_encoded(mail.outbox, mode, "two", 3));
    mode = outbox_mode(mail.outbox);
    outbox_change_mode(mail.outbox, change_nothing, &changes);
    CU_ASSERT_EQUAL(changes, 1);
    CU_ASSERT_FALSE(outbox_send_encoded(mail.outbox, mode, "three", 5));
    CU_ASSERT_TRUE(outbox_send_encoded(mail.outbox, outbox_mode(mail.outbox), "four", 4));
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "onefour"));
    mail_close(&mail);
}

/* Bytes that were encoded once for many go as they are, and only to those with that encoding. */
static void encoded_once_for_many(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    CU_ASSERT_PTR_NULL(outbox_encoding(mail.outbox));
    CU_ASSERT_FALSE(send_as(&mail, &twice, "hhii", 4));
    CU_ASSERT_TRUE(send_as(&mail, NULL, "plain\n", 6));
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "plain\n"));
    outbox_set_encoding(mail.outbox, &twice);
    CU_ASSERT_PTR_EQUAL(outbox_encoding(mail.outbox), &twice);
    CU_ASSERT_FALSE(send_as(&mail, NULL, "plain\n", 6));
    CU_ASSERT_TRUE(send_as(&mail, &twice, "hhii", 4));
    send_text(&mail, "ho");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "hhiihhoo"));
    CU_ASSERT_FALSE(owns_memory(mail.outbox));
    /* What a full socket does not take of them is not encoded again. */
    char *bytes = numbered(100000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    CU_ASSERT_TRUE(send_as(&mail, &twice, bytes, 100000));
    CU_ASSERT_TRUE(pending(mail.outbox) > 0);
    CU_ASSERT_TRUE(send_as(&mail, &twice, "and on", 6));
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 100000));
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "and on"));
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    outbox_close(mail.outbox);
    CU_ASSERT_TRUE(send_as(&mail, &twice, "nothing", 7));
    CU_ASSERT_FALSE(owns_memory(mail.outbox));
    free(bytes);
    mail_close(&mail);
}

/* A screen that puts lines in brackets, and counts how often it is refreshed. */
struct brackets {
    struct screen screen; /* the first member */
    int refreshed;
};

static bool show_in_brackets(struct screen *screen, const char *lines, size_t length,
                             struct buffer *out)
{
    screen->stale = true;
    return buffer_append(out, "[", 1) && buffer_append(out, lines, length) &&
           buffer_append(out, "]", 1);
}

static bool refresh_brackets(struct screen *screen, struct buffer *out)
{
    struct brackets *brackets = (struct brackets *)screen;
    screen->stale = false;
    brackets->refreshed++;
    return buffer_append(out, ">", 1);
}

/* What is dressed already. */
static bool print_bare(struct screen *screen, const char *lines, size_t length, struct buffer *out)
{
    (void)screen;
    return buffer_append(out, lines, length);
}

static bool show_bare(void *context, struct screen *screen, struct buffer *out)
{
    return screen->print(screen, context, strlen(context), out);
}

static bool close_brackets(struct screen *screen, struct buffer *out)
{
    (void)screen;
    return buffer_append(out, "closed ", 7);
}

static struct brackets brackets_new(void)
{
    return (struct brackets){.screen = {.show = show_in_brackets,
                                        .print = print_bare,
                                        .print_rows = print_bare,
                                        .refresh = refresh_brackets,
                                        .close = close_brackets}};
}

static bool write_mark(void *context, struct buffer *out)
{
    (void)context;
    return buffer_append(out, "+", 1);
}

/* A message that was made for a peer of another kind is not sent to it. */
static void a_message_is_for_one_encoding(void)
{
    struct mail mail;
    mail_open(&mail, 1000, 0);
    const struct outbox_message message = {.text = "hi\n", .length = 3};
    CU_ASSERT_EQUAL(outbox_queue_message(mail.outbox, &message, false), OUTBOX_QUEUED);
    outbox_set_encoding(mail.outbox, &telnet_encoding);
    CU_ASSERT_EQUAL(outbox_queue_message(mail.outbox, &message, false), OUTBOX_STALE);
    outbox_flush(mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "hi\n"));
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    mail_close(&mail);
}

enum { GIVERS = 8, GIFTS = 300 };

static void *give(void *outbox)
{
    static const char bytes[100];
    const struct outbox_message message = {.text = bytes, .length = sizeof bytes};
    for (int i = 0; i < GIFTS; i++)
        outbox_queue_message(outbox, &message, true);
    return NULL;
}

/* Of many who look at once whether a reader is behind, no more pass than it has place for. */
static void no_crowd_overruns_a_reader(void)
{
    enum { SMALL_LIMIT = 20000 };
    struct mail mail;
    pthread_t givers[GIVERS];
    mail_open(&mail, SMALL_LIMIT, PEER_SMALL_BYTES);
    fill_socket(&mail);
    size_t before = outbox_status(mail.outbox).pending;
    for (int i = 0; i < GIVERS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&givers[i], NULL, give, mail.outbox), 0);
    for (int i = 0; i < GIVERS; i++)
        pthread_join(givers[i], NULL);
    CU_ASSERT_TRUE(before < SMALL_LIMIT / 2);
    CU_ASSERT_TRUE(outbox_status(mail.outbox).pending > SMALL_LIMIT / 2);
    CU_ASSERT_TRUE(outbox_status(mail.outbox).pending <= SMALL_LIMIT / 2 + 100);
    mail_close(&mail);
}

static void screen_shows_text(void)
{
    struct mail mail;
    struct brackets brackets = brackets_new();
    mail_open(&mail, LIMIT, 0);
    outbox_set_encoding(mail.outbox, &twice);
    CU_ASSERT_TRUE(outbox_open_screen(mail.outbox, &brackets.screen));
    CU_ASSERT_PTR_EQUAL(outbox_encoding(mail.outbox), &outbox_screen);
    CU_ASSERT_FALSE(send_as(&mail, &twice, "xx", 2));
    text_queue(mail.outbox, "one", 3);
    send_text(&mail, "two");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "[one][two]>"));
    CU_ASSERT_EQUAL(brackets.refreshed, 1);
    char dressed[] = "<three>";
    CU_ASSERT_TRUE(outbox_show(mail.outbox, show_bare, dressed));
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "<three>"));
    /* It has a prompt of its own, and what it writes is not shown by itself. */
    outbox_prompt(mail.outbox, "Name: ");
    outbox_write(mail.outbox, write_mark, NULL);
    CU_ASSERT_EQUAL(outbox_answered(mail.outbox), 0);
    outbox_write_answer(mail.outbox, write_mark, NULL);
    CU_ASSERT_EQUAL(outbox_answered(mail.outbox), 1);
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    outbox_flush(mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "++"));
    outbox_close_screen(mail.outbox);
    CU_ASSERT_PTR_EQUAL(outbox_encoding(mail.outbox), &twice);
    send_text(&mail, "h");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "closed hh"));
    /* One that has failed has no use for a screen. */
    outbox_close(mail.outbox);
    CU_ASSERT_FALSE(outbox_open_screen(mail.outbox, &brackets.screen));
    mail_close(&mail);
}

static void nothing_is_drawn_below_the_last_line(void)
{
    struct mail mail;
    struct brackets brackets = brackets_new();
    mail_open(&mail, LIMIT, 0);
    CU_ASSERT_TRUE(outbox_open_screen(mail.outbox, &brackets.screen));
    outbox_say(mail.outbox, "one");
    outbox_say_last(mail.outbox, "two");
    send_text(&mail, "three");
    outbox_close_screen(mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "[one]>[two][three]closed "));
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    mail_close(&mail);
}

/* Prompts are text there, and so is the end of the row of one that is open. */
static void a_screen_may_take_prompts(void)
{
    struct mail mail;
    struct brackets brackets = brackets_new();
    brackets.screen.takes_prompts = true;
    mail_open(&mail, LIMIT, 0);
    outbox_set_encoding(mail.outbox, &twice);
    outbox_prompt(mail.outbox, "?");
    CU_ASSERT_TRUE(outbox_open_screen(mail.outbox, &brackets.screen));
    outbox_say(mail.outbox, "one");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "??\n\n[one]>"));
    outbox_prompt(mail.outbox, "!");
    outbox_prompt_answered(mail.outbox);
    outbox_say(mail.outbox, "two");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "!![two]>"));
    char shown[] = "three";
    outbox_prompt(mail.outbox, "!");
    CU_ASSERT_TRUE(outbox_show(mail.outbox, show_bare, shown));
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "!!\n\nthree"));
    outbox_close_screen(mail.outbox);
    mail_close(&mail);
}

/* A key: a mark, and a screen that is to be drawn. */
static bool write_key(void *screen, struct buffer *out)
{
    ((struct screen *)screen)->stale = true;
    return write_mark(NULL, out);
}

static bool forbid_draws(void *screen, struct buffer *out)
{
    (void)out;
    ((struct screen *)screen)->draws.used_until = clock_now() + 3600 * CLOCK_SECOND;
    return true;
}

static bool allow_draws(void *screen, struct buffer *out)
{
    (void)out;
    ((struct screen *)screen)->draws.used_until = 0;
    return true;
}

/* Opens a screen that was drawn for a message, and will not be for the next ones. */
static void open_drawn(struct mail *mail, struct brackets *brackets)
{
    *brackets = brackets_new();
    mail_open(mail, LIMIT, 0);
    CU_ASSERT_TRUE(outbox_open_screen(mail->outbox, &brackets->screen));
    send_text(mail, "now");
    CU_ASSERT_TRUE(peer_gets(&mail->peer, "[now]>"));
    outbox_write(mail->outbox, forbid_draws, &brackets->screen);
}

/* If this failed, a room in which much is said would redraw every line that is being typed. */
static void screen_is_not_drawn_too_often(void)
{
    enum { MESSAGES = 2000 };
    struct mail mail;
    struct brackets brackets;
    int64_t began = clock_now();
    unsigned got = 0;
    open_drawn(&mail, &brackets);
    outbox_write(mail.outbox, allow_draws, &brackets.screen);
    for (unsigned i = 0; i < MESSAGES; i++) {
        send_text(&mail, "x");
        if (i % 100 == 0)
            clock_sleep_until(clock_now() + CLOCK_MILLISECOND);
    }
    char last = '\0';
    for (char byte; got < MESSAGES || last != '>'; last = byte) {
        if (!EXPECT(peer_receive(&mail.peer, &byte, 1), "%u messages came", got))
            break;
        got += byte == 'x';
    }
    CU_ASSERT_EQUAL(got, MESSAGES);
    int64_t most = 1 + 4 + (clock_now() - began) * 26 / CLOCK_SECOND;
    EXPECT(brackets.refreshed <= most, "drawn %d times", brackets.refreshed);
    outbox_close_screen(mail.outbox);
    mail_close(&mail);
}

/* The flusher is kept busy here: whatever comes, comes by itself. */
static void keys_are_shown_at_once(void)
{
    struct mail mail;
    struct brackets brackets;
    struct obstacle obstacle;
    struct noted noted = {.watch = {.changed = note}};
    open_drawn(&mail, &brackets);
    put_up(&obstacle, mail.flusher);
    outbox_add_watch(mail.outbox, &noted.watch);
    send_text(&mail, "held");
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    CU_ASSERT_EQUAL(noted.level, OUTBOX_EMPTY); /* the socket is not full */
    CU_ASSERT_TRUE(outbox_status(mail.outbox).pending > 0);
    outbox_write_answer(mail.outbox, write_key, &brackets.screen);
    outbox_flush(mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "[held]+>"));
    /* And keys do not delay the message behind them. */
    outbox_write(mail.outbox, allow_draws, &brackets.screen);
    for (int i = 0; i < 10; i++) {
        outbox_write_answer(mail.outbox, write_key, &brackets.screen);
        outbox_flush(mail.outbox);
        CU_ASSERT_TRUE(peer_gets(&mail.peer, "+>"));
    }
    send_text(&mail, "free");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "[free]>"));
    CU_ASSERT_TRUE(outbox_status(mail.outbox).flushing);
    take_away(&obstacle);
    CU_ASSERT_TRUE(peer_eventually(mail_is_flushed, mail.outbox));
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    outbox_remove_watch(mail.outbox, &noted.watch);
    outbox_close_screen(mail.outbox);
    mail_close(&mail);
    forget(&obstacle);
}

/* What is held has a bound; beyond it messages go out, and the prompt is drawn when it may be. */
static void not_much_is_held(void)
{
    enum { MUCH = 20 * 1024 };
    static char much[MUCH];
    struct mail mail;
    struct brackets brackets;
    struct obstacle obstacle;
    open_drawn(&mail, &brackets);
    put_up(&obstacle, mail.flusher);
    memset(much, 'm', sizeof much);
    text_send(mail.outbox, much, sizeof much);
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "["));
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, much, sizeof much));
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "]"));
    CU_ASSERT_EQUAL(brackets.refreshed, 1);
    CU_ASSERT_EQUAL(outbox_status(mail.outbox).pending, 0);
    outbox_write(mail.outbox, allow_draws, &brackets.screen);
    take_away(&obstacle);
    CU_ASSERT_TRUE(peer_gets(&mail.peer, ">"));
    CU_ASSERT_TRUE(peer_eventually(mail_is_flushed, mail.outbox));
    outbox_close_screen(mail.outbox);
    mail_close(&mail);
    forget(&obstacle);
}

static void closing_drops_what_is_held(void)
{
    struct mail mail;
    struct brackets brackets;
    open_drawn(&mail, &brackets);
    send_text(&mail, "held");
    outbox_close(mail.outbox);
    CU_ASSERT_EQUAL(outbox_status(mail.outbox).pending, 0);
    mail_close(&mail); /* with the flusher, which lets go of the outbox */
    /* But what a screen leaves behind is sent with all that was held. */
    open_drawn(&mail, &brackets);
    send_text(&mail, "held");
    outbox_close_screen(mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "[held]closed "));
    mail_close(&mail);
}

static const struct test tests[] = {
    {"what the socket takes goes out at once, and nothing is kept", sends_directly},
    {"the flusher delivers what the socket did not take, and memory is given back",
     flusher_delivers},
    {"order is kept while the flusher delivers", order_is_kept},
    {"the flusher serves many sockets, gone ones among them", flusher_serves_many},
    {"a flusher that stops lets go of what it has", flusher_lets_go_when_stopped},
    {"one byte beyond the limit cuts off, the limit itself does not", limit_cuts_off},
    {"a reader that stops is cut off at the limit, and its thread walks out",
     limit_counts_what_is_kept},
    {"more than the limit goes to a socket that takes it, plain or telnet",
     limit_spares_a_ready_socket},
    {"who was not slow gets two pieces beyond the limit in one go, and nothing behind them",
     pieces_of_one_round},
    {"telnet gets CR LF from every way of sending, others get LF", telnet_line_ends},
    {"telnet gets whole CR LFs from a socket that was full", telnet_line_ends_when_full},
    {"a command of telnet's goes out as it is, in its place", commands_are_untouched},
    {"a line at an open prompt begins on a line of its own, once", prompts},
    {"what is queued goes out before what is sent, in one order", queue_then_send},
    {"the watch is told of a slow reader, and when it has read", watch_of_slow_readers},
    {"every watch is told, from its coming to its going", several_watches},
    {"a reader is behind before a small limit cuts it off", behind_before_limit},
    {"nobody is cut off without a try to send", a_try_before_the_limit},
    {"commands of telnet's count against the limit", commands_count_against_the_limit},
    {"answers are counted apart", answers_are_counted_apart},
    {"a closed outbox takes and sends nothing", closed_takes_nothing},
    {"a peer that is gone ends the sending, not the reading", peer_that_is_gone},
    {"lines of many writers come whole, each writer's in order", writers_at_once},
    {"an outbox stays for as long as the flusher has it", flusher_keeps_the_outbox},
    {"bytes that are encoded once go to all with that encoding, and to nobody else",
     encoded_once_for_many},
    {"what was looked up before a change of the mode is not sent",
     sent_in_the_mode_that_was_looked_up},
    {"a message is sent in the encoding it was made for, or not at all",
     a_message_is_for_one_encoding},
    {"no crowd overruns a reader that is behind", no_crowd_overruns_a_reader},
    {"a screen shows the text, and is refreshed once a send", screen_shows_text},
    {"nothing is drawn below the last line", nothing_is_drawn_below_the_last_line},
    {"a screen without a prompt of its own takes prompts as text", a_screen_may_take_prompts},
    {"a screen is drawn at most 30 times a second, and shows every message",
     screen_is_not_drawn_too_often},
    {"a key is shown at once, with what was held", keys_are_shown_at_once},
    {"not much is held: more goes out before the screen is drawn", not_much_is_held},
    {"what is held is dropped with the outbox, and sent with the screen's end",
     closing_drops_what_is_held},
};

void add_outbox_suite(void)
{
    SUITE_ADD("outbox", tests);
}
