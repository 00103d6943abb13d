/*
 * outbox, with the flusher that serves it and the conn that it belongs to, over a socket pair.
 */
#include "suites.h"
#include "mail.h"
#include "peer.h"

#include "net/conn.h"
#include "net/outbox.h"
#include "net/flusher.h"
#include "net/telnet.h"

#include <CUnit/CUnit.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

enum { LIMIT = 256 * 1024 };

/* Longer than any test waits. */
#define LONG (60 * CLOCK_SECOND)

static void send_text(struct mail *mail, const char *text)
{
    outbox_send(&mail->outbox, text, strlen(text));
}

static size_t pending(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    size_t length = buffer_length(&outbox->pending);
    lock_release(&outbox->lock);
    return length;
}

static bool owns_memory(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    bool owns = outbox->pending.memory != NULL;
    lock_release(&outbox->lock);
    return owns;
}

/* Bytes that tell their place, without line ends; the caller frees them. */
static char *numbered(size_t length)
{
    char *bytes = malloc(length);
    for (size_t i = 0; bytes != NULL && i < length; i++)
        bytes[i] = (char)('0' + (i * i + i / 64) % 64);
    return bytes;
}

/* Fills the socket and leaves something pending; the caller frees what was sent. */
static char *overfill(struct mail *mail, size_t length)
{
    char *bytes = numbered(length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    outbox_send(&mail->outbox, bytes, length);
    CU_ASSERT_TRUE(pending(&mail->outbox) > 0);
    CU_ASSERT_FALSE(mail_is_flushed(&mail->outbox));
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
    CU_ASSERT_FALSE(owns_memory(&mail.outbox));
    CU_ASSERT_TRUE(mail_is_flushed(&mail.outbox));
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "hello\n"));
    outbox_send(&mail.outbox, "", 0);
    outbox_flush(&mail.outbox);
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    mail_close(&mail);
}

static void flusher_delivers(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    char *bytes = overfill(&mail, 200000);
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 200000));
    CU_ASSERT_TRUE(peer_eventually(mail_is_flushed, &mail.outbox));
    CU_ASSERT_FALSE(owns_memory(&mail.outbox));
    send_text(&mail, "and on\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "and on\n"));
    CU_ASSERT_EQUAL(link_reason(conn_link(mail.peer.conn)), LINK_OPEN);
    free(bytes);
    mail_close(&mail);
}

static void order_is_kept(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    char *bytes = overfill(&mail, 100000);
    send_text(&mail, "one\n");
    outbox_queue(&mail.outbox, "two\n", 4);
    outbox_flush(&mail.outbox);
    send_text(&mail, "three\n");
    outbox_say(&mail.outbox, "four\n");
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 100000));
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "one\ntwo\nthree\nfour\n"));
    free(bytes);
    mail_close(&mail);
}

/* The flusher serves many at once, each by its own measure. */
static void flusher_serves_many(void)
{
    enum { MANY = 100 };
    static struct mail mails[MANY];
    char *bytes = numbered(50000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    for (int i = 0; i < MANY; i++) {
        mail_open(&mails[i], LIMIT, PEER_SMALL_BYTES);
        flusher_stop(mails[i].flusher);
        mails[i].outbox.flusher = NULL;
    }
    struct flusher *flusher;
    CU_ASSERT_EQUAL_FATAL(flusher_start(&flusher), 0);
    for (int i = 0; i < MANY; i++) {
        mails[i].outbox.flusher = flusher;
        outbox_send(&mails[i].outbox, bytes, 50000);
    }
    /* Every third goes away, the others read, the last ones first. */
    for (int i = MANY - 1; i >= 0; i--) {
        if (i % 3 == 0)
            peer_hang_up(&mails[i].peer);
        else
            CU_ASSERT_TRUE(peer_gets_bytes(&mails[i].peer, bytes, 50000));
    }
    for (int i = 0; i < MANY; i++) {
        CU_ASSERT_TRUE(peer_eventually(mail_is_flushed, &mails[i].outbox));
        CU_ASSERT_EQUAL(pending(&mails[i].outbox), 0);
        link_kill(conn_link(mails[i].peer.conn), LINK_CLOSED);
        outbox_close(&mails[i].outbox);
    }
    flusher_stop(flusher);
    for (int i = 0; i < MANY; i++) {
        outbox_destroy(&mails[i].outbox);
        peer_close(&mails[i].peer);
    }
    free(bytes);
}

static void flusher_lets_go_when_stopped(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    free(overfill(&mail, 100000));
    link_kill(conn_link(mail.peer.conn), LINK_SHUTTING_DOWN);
    flusher_stop(mail.flusher);
    CU_ASSERT_TRUE(mail_is_flushed(&mail.outbox));
    outbox_close(&mail.outbox);
    outbox_destroy(&mail.outbox);
    peer_close(&mail.peer);
}

static void limit_cuts_off(void)
{
    struct mail mail;
    mail_open(&mail, 1000, PEER_SMALL_BYTES);
    fill_socket(&mail);
    char *bytes = numbered(1000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    outbox_queue(&mail.outbox, bytes, 600);
    outbox_send(&mail.outbox, bytes, 400);
    CU_ASSERT_EQUAL(outbox_error(&mail.outbox), OUTBOX_OPEN);
    CU_ASSERT_EQUAL(link_reason(conn_link(mail.peer.conn)), LINK_OPEN);
    outbox_queue(&mail.outbox, "x", 1);
    outbox_flush(&mail.outbox);
    CU_ASSERT_EQUAL(outbox_error(&mail.outbox), OUTBOX_BROKEN);
    CU_ASSERT_EQUAL(link_reason(conn_link(mail.peer.conn)), LINK_TOO_SLOW);
    CU_ASSERT_FALSE(owns_memory(&mail.outbox));
    outbox_queue(&mail.outbox, bytes, 1000);
    send_text(&mail, "more");
    CU_ASSERT_FALSE(owns_memory(&mail.outbox));
    free(bytes);
    mail_close(&mail);
}

static void limit_counts_what_is_kept(void)
{
    struct mail mail;
    struct line line;
    mail_open(&mail, 10000, PEER_SMALL_BYTES);
    char *bytes = numbered(9000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    /* The socket takes some of the first; then what is kept grows beyond the limit. */
    for (int i = 0; i < 20 && link_reason(conn_link(mail.peer.conn)) == LINK_OPEN; i++) {
        CU_ASSERT_TRUE(pending(&mail.outbox) <= 10000);
        outbox_send(&mail.outbox, bytes, 9000);
    }
    CU_ASSERT_EQUAL(link_reason(conn_link(mail.peer.conn)), LINK_TOO_SLOW);
    CU_ASSERT_EQUAL(outbox_error(&mail.outbox), OUTBOX_BROKEN);
    CU_ASSERT_EQUAL(conn_read_line(mail.peer.conn, &line), CONN_ENDED);
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
            outbox_speak_telnet(&mail.outbox);
        char *bytes = numbered(3000);
        CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
        outbox_send(&mail.outbox, bytes, 3000);
        EXPECT(link_reason(conn_link(mail.peer.conn)) == LINK_OPEN, "cut off, telnet %d", telnet);
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
    outbox_speak_telnet(&mail.outbox);
    send_text(&mail, "one\n\ntwo\nthr");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "one\r\n\r\ntwo\r\nthr"));
    outbox_queue(&mail.outbox, "\n", 1);
    outbox_say(&mail.outbox, "four\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "\r\nfour\r\n"));
    outbox_prompt(&mail.outbox, "? ");
    outbox_say(&mail.outbox, "line\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "? \r\nline\r\n"));
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    CU_ASSERT_FALSE(owns_memory(&mail.outbox));
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
    outbox_speak_telnet(&mail.outbox);
    for (int i = 0; i < LINES / 100; i++) {
        char lines[300];
        for (size_t j = 0; j < sizeof lines; j += 3)
            memcpy(lines + j, "ab\n", 3);
        outbox_send(&mail.outbox, lines, sizeof lines);
    }
    CU_ASSERT_TRUE(pending(&mail.outbox) > 0);
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
    outbox_speak_telnet(&mail.outbox);
    outbox_queue(&mail.outbox, "first\n", 6);
    outbox_queue_command(&mail.outbox, command, sizeof command);
    outbox_flush(&mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "first\r\n"));
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, command, sizeof command));
    CU_ASSERT_FALSE(owns_memory(&mail.outbox));
    /* Nor does a full socket change its bytes or its place. */
    char *bytes = overfill(&mail, 100000);
    outbox_queue_command(&mail.outbox, command, sizeof command);
    outbox_flush(&mail.outbox);
    send_text(&mail, "last\n");
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 100000));
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, command, sizeof command));
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "last\r\n"));
    free(bytes);
    outbox_close(&mail.outbox);
    outbox_queue_command(&mail.outbox, command, sizeof command);
    outbox_flush(&mail.outbox);
    CU_ASSERT_FALSE(owns_memory(&mail.outbox));
    mail_close(&mail);
}

static void prompts(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, 0);
    outbox_say(&mail.outbox, "first\n");
    outbox_prompt(&mail.outbox, "Name: ");
    outbox_say(&mail.outbox, "*** interrupted ***\n");
    outbox_say(&mail.outbox, "*** again ***\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "first\nName: \n*** interrupted ***\n*** again ***\n"));
    outbox_prompt(&mail.outbox, "Name: ");
    outbox_prompt_answered(&mail.outbox);
    outbox_say(&mail.outbox, "*** welcome ***\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "Name: *** welcome ***\n"));
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    mail_close(&mail);
}

static void queue_then_send(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, 0);
    outbox_queue(&mail.outbox, "one ", 4);
    outbox_queue(&mail.outbox, "two ", 4);
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    send_text(&mail, "three\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "one two three\n"));
    CU_ASSERT_FALSE(owns_memory(&mail.outbox));
    outbox_queue(&mail.outbox, "four\n", 5);
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    outbox_flush(&mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "four\n"));
    outbox_queue(&mail.outbox, "five\n", 5);
    outbox_say(&mail.outbox, "six\n");
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "five\nsix\n"));
    CU_ASSERT_FALSE(owns_memory(&mail.outbox));
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
    struct noted noted = {.watch = {note}};
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    outbox_set_watch(&mail.outbox, &noted.watch);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_EMPTY);
    /* Some is pending, but the reader is not behind yet. */
    char *bytes = overfill(&mail, 40000);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_FULL);
    char *more = overfill(&mail, 200000);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_BEHIND);
    CU_ASSERT_FALSE(noted.progress);
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 40000));
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, more, 200000));
    CU_ASSERT_TRUE(peer_eventually(is_empty, &noted));
    CU_ASSERT_TRUE(noted.progress);
    free(bytes);
    free(more);
    outbox_set_watch(&mail.outbox, NULL);
    mail_close(&mail);
}

static void watch_is_replaced(void)
{
    struct mail mail;
    struct noted noted = {.watch = {note}};
    struct noted other = {.watch = {note}};
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    free(overfill(&mail, 200000));
    /* Whoever comes is told at once, and whoever goes has nobody to wait for. */
    outbox_set_watch(&mail.outbox, &noted.watch);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_BEHIND);
    outbox_set_watch(&mail.outbox, &other.watch);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_EMPTY);
    CU_ASSERT_EQUAL(other.level, OUTBOX_BEHIND);
    outbox_close(&mail.outbox);
    CU_ASSERT_EQUAL(other.level, OUTBOX_EMPTY);
    outbox_set_watch(&mail.outbox, NULL);
    mail_close(&mail);
}

/* With a small limit a reader is behind before the limit would cut it off. */
static void behind_before_limit(void)
{
    struct mail mail;
    struct noted noted = {.watch = {note}};
    mail_open(&mail, 1000, PEER_SMALL_BYTES);
    outbox_set_watch(&mail.outbox, &noted.watch);
    char *bytes = numbered(1000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    outbox_queue(&mail.outbox, bytes, 500);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_FULL);
    outbox_queue(&mail.outbox, bytes, 1);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_BEHIND);
    CU_ASSERT_FALSE(outbox_offer(&mail.outbox, bytes, 1));
    outbox_flush(&mail.outbox);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_EMPTY);
    CU_ASSERT_TRUE(outbox_offer(&mail.outbox, bytes, 1));
    /* A reader that is cut off is no reader to wait for. */
    fill_socket(&mail);
    outbox_send(&mail.outbox, bytes, 900);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_BEHIND);
    outbox_send(&mail.outbox, bytes, 900);
    CU_ASSERT_EQUAL(noted.level, OUTBOX_EMPTY);
    CU_ASSERT_TRUE(outbox_offer(&mail.outbox, bytes, 1)); /* nothing is to be waited for */
    free(bytes);
    outbox_set_watch(&mail.outbox, NULL);
    mail_close(&mail);
}

/* The flusher has not come to it yet, but the socket takes more: that is no reason to cut off. */
static void a_try_before_the_limit(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, 0);
    flusher_stop(mail.flusher); /* and never comes */
    mail.outbox.flushing = true;
    char *bytes = numbered(300000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    outbox_queue(&mail.outbox, bytes, 100000);
    mail.outbox.slow = true;
    outbox_send(&mail.outbox, bytes, 200000);
    CU_ASSERT_EQUAL(link_reason(conn_link(mail.peer.conn)), LINK_OPEN);
    CU_ASSERT_TRUE(pending(&mail.outbox) < 300000);
    mail.outbox.flushing = false;
    free(bytes);
    CU_ASSERT_EQUAL_FATAL(flusher_start(&mail.flusher), 0);
    mail_close(&mail);
}

/* What telnet answers by itself counts as anything else does. */
static void commands_count_against_the_limit(void)
{
    static const unsigned char command[] = {TELNET_IAC, TELNET_WILL, 6};
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    fill_socket(&mail);
    for (size_t i = 0; i < 4 * LIMIT / sizeof command; i++) {
        outbox_queue_command(&mail.outbox, command, sizeof command);
        outbox_flush(&mail.outbox);
        CU_ASSERT_TRUE_FATAL(pending(&mail.outbox) <= LIMIT);
    }
    CU_ASSERT_EQUAL(link_reason(conn_link(mail.peer.conn)), LINK_TOO_SLOW);
    mail_close(&mail);
}

/* Who asks waits for its answers, and not for what others say before and behind them. */
static void answers_are_counted_apart(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    char *bytes = overfill(&mail, 50000);
    CU_ASSERT_EQUAL(outbox_try_answers(&mail.outbox), 0);
    outbox_say(&mail.outbox, "*** yes ***\n");
    outbox_answer(&mail.outbox, "*** no ***\n", 11);
    CU_ASSERT_EQUAL(outbox_try_answers(&mail.outbox), 23);
    outbox_send(&mail.outbox, bytes, 50000);
    CU_ASSERT_EQUAL(outbox_try_answers(&mail.outbox), 23);
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 50000));
    CU_ASSERT_TRUE(peer_gets(&mail.peer, "*** yes ***\n*** no ***\n"));
    while (outbox_try_answers(&mail.outbox) > 0)
        ;
    CU_ASSERT_EQUAL(outbox_answered(&mail.outbox), 23);
    CU_ASSERT_TRUE(peer_gets_bytes(&mail.peer, bytes, 50000));
    free(bytes);
    mail_close(&mail);
}

static void closed_takes_nothing(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, 0);
    outbox_queue(&mail.outbox, "dropped\n", 8);
    outbox_close(&mail.outbox);
    CU_ASSERT_FALSE(owns_memory(&mail.outbox));
    send_text(&mail, "more\n");
    outbox_queue(&mail.outbox, "more\n", 5);
    outbox_say(&mail.outbox, "more\n");
    outbox_prompt(&mail.outbox, "more ");
    outbox_flush(&mail.outbox);
    CU_ASSERT_TRUE(peer_has_nothing(&mail.peer));
    CU_ASSERT_FALSE(owns_memory(&mail.outbox));
    CU_ASSERT_EQUAL(outbox_error(&mail.outbox), OUTBOX_BROKEN);
    mail_close(&mail);
}

static void peer_that_is_gone(void)
{
    struct mail mail;
    mail_open(&mail, LIMIT, 0);
    peer_hang_up(&mail.peer);
    send_text(&mail, "anybody?\n");
    CU_ASSERT_TRUE(outbox_error(&mail.outbox) != OUTBOX_OPEN);
    send_text(&mail, "anybody?\n");
    CU_ASSERT_FALSE(owns_memory(&mail.outbox));
    /* What came from it before can still be read. */
    CU_ASSERT_EQUAL(link_reason(conn_link(mail.peer.conn)), LINK_OPEN);
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
            outbox_queue(writer->outbox, line, (size_t)length);
            outbox_flush(writer->outbox);
        } else if (i % 3 == 1) {
            outbox_send(writer->outbox, line, (size_t)length);
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
        writers[i] = (struct writer){&mail.outbox, i};
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

/*
 * The conn: lines in.
 */

/* A conn of its own, with what it sends and gets in the test's hands. */
struct talk {
    struct flusher *flusher;
    struct peer peer;
    struct line line;
};

static void open_talk(struct talk *talk, const struct conn_config *wanted)
{
    struct conn_config config = *wanted;
    CU_ASSERT_EQUAL_FATAL(flusher_start(&talk->flusher), 0);
    config.flusher = talk->flusher;
    CU_ASSERT_TRUE_FATAL(peer_open(&talk->peer, &config, 0));
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
    conn_say(talk.peer.conn, "bye\n");
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

/* Much comes at once: the conn reads in gulps then, and loses and mixes up nothing. */
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
    conn_say(talk.peer.conn, "hello?\n");
    conn_say(talk.peer.conn, "hello?\n");
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

/* The reset comes upon a conn that reads in gulps: what was cut off is no line. */
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

static void lines_restart_the_clock(void)
{
    struct talk talk;
    struct dribbler dribbler;
    struct conn_config config = plain;
    config.timeout = CLOCK_SECOND;
    open_talk(&talk, &config);
    start_dribbling(&dribbler, &talk.peer, "line\n", 150 * CLOCK_MILLISECOND);
    for (int i = 0; i < 10; i++)
        CU_ASSERT_TRUE(hears(&talk, "line"));
    stop_dribbling(&dribbler);
    close_talk(&talk);
}

/*
 * A line that was too long is a line: whether it comes whole or in pieces, the clock starts anew
 * behind it. All the lines take longer than the timeout, and each of them less.
 */
static void check_too_long_restarts(const char *piece)
{
    struct talk talk;
    struct dribbler dribbler;
    struct conn_config config = plain;
    config.timeout = CLOCK_SECOND;
    open_talk(&talk, &config);
    start_dribbling(&dribbler, &talk.peer, piece, 150 * CLOCK_MILLISECOND);
    for (int i = 0; i < 10; i++) {
        enum conn_event event;
        while ((event = next(&talk)) == CONN_LINE)
            ;
        if (!EXPECT(event == CONN_LINE_TOO_LONG, "idle behind %d of '%.60s'", i, piece))
            break;
        conn_line_waiting(talk.peer.conn); /* may take in the line's end */
    }
    stop_dribbling(&dribbler);
    close_talk(&talk);
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

/* What another thread does to a conn whose own thread waits. */
struct intruder {
    struct conn *conn;
    bool kind; /* conn_stop() instead of link_kill() */
    pthread_t reader;
    atomic_bool over;
};

static void on_nudge(int number)
{
    (void)number;
}

/* A wait for input is ended by a signal; one that comes too early is lost, so there are more. */
static void nudge_until_over(struct intruder *intruder)
{
    struct sigaction action = {.sa_handler = on_nudge};
    sigemptyset(&action.sa_mask);
    sigaction(SIGUSR1, &action, NULL);
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
        conn_stop(intruder->conn, "*** stopping ***\n");
    else
        link_kill(conn_link(intruder->conn), LINK_TOO_SLOW);
    if (intruder->kind)
        nudge_until_over(intruder);
    return NULL;
}

static void kill_ends_the_read(void)
{
    struct talk talk;
    pthread_t thread;
    open_talk(&talk, &plain);
    struct intruder intruder = {.conn = talk.peer.conn};
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, intrude, &intruder), 0);
    CU_ASSERT_EQUAL(next(&talk), CONN_ENDED);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_TOO_SLOW);
    link_kill(conn_link(talk.peer.conn), LINK_SHUTTING_DOWN);
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_TOO_SLOW);
    CU_ASSERT_TRUE(peer_is_at_end(&talk.peer));
    close_talk(&talk);
}

static void stop_says_its_line(void)
{
    struct talk talk;
    pthread_t thread;
    open_talk(&talk, &plain);
    struct intruder intruder = {.conn = talk.peer.conn, .kind = true, .reader = pthread_self()};
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, intrude, &intruder), 0);
    CU_ASSERT_EQUAL(next(&talk), CONN_ENDED);
    atomic_store(&intruder.over, true);
    CU_ASSERT_EQUAL(link_reason(conn_link(talk.peer.conn)), LINK_SHUTTING_DOWN);
    pthread_join(thread, NULL);
    conn_say(talk.peer.conn, "owed\n");
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "*** stopping ***\nowed\n"));
    close_talk(&talk);
}

static void stop_at_a_prompt(void)
{
    struct talk talk;
    open_talk(&talk, &plain);
    conn_prompt(talk.peer.conn, "Name: ");
    conn_stop(talk.peer.conn, "*** stopping ***\n");
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
        conn_say(talk.peer.conn, "*** reply ***\n");
        conn_say(talk.peer.conn, "*** more ***\n");
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
    struct intruder intruder = {.conn = talk.peer.conn};
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, intrude, &intruder), 0);
    start = clock_now();
    conn_pause(talk.peer.conn, LONG);
    CU_ASSERT_TRUE(clock_now() - start < LONG / 2);
    pthread_join(thread, NULL);
    close_talk(&talk);
}

static void telnet_is_answered(void)
{
    struct talk talk;
    open_talk(&talk, &plain);
    peer_send(&talk.peer, "he\xFF\xFD\x01llo\n", 9);
    CU_ASSERT_TRUE(hears(&talk, "hello"));
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "\xFF\xFC\x01"));
    conn_say(talk.peer.conn, "line\n");
    CU_ASSERT_TRUE(peer_gets(&talk.peer, "line\r\n"));
    close_talk(&talk);
}

/* The number of an option may be that of LF, which is no line end there. */
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
        conn_say(talk.peer.conn, "mark\n");
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

/* Somebody who was quick so far gets a round in pieces, however much that is. */
static void pieces_of_one_round(void)
{
    struct mail mail;
    char *piece = numbered((size_t)2 * LIMIT);
    CU_ASSERT_PTR_NOT_NULL_FATAL(piece);
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    outbox_queue(&mail.outbox, piece, (size_t)2 * LIMIT);
    outbox_queue(&mail.outbox, piece, (size_t)2 * LIMIT);
    outbox_flush(&mail.outbox);
    CU_ASSERT_EQUAL(outbox_error(&mail.outbox), OUTBOX_OPEN);
    outbox_send(&mail.outbox, piece, LIMIT);
    CU_ASSERT_NOT_EQUAL(outbox_error(&mail.outbox), OUTBOX_OPEN);
    mail_close(&mail);
    free(piece);
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
    conn_queue(talk.peer.conn, bytes, 100000);
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
    struct mail mail;
    struct talk talk;
    struct dribbler dribbler;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    char *bytes = numbered(100000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    conn_send(mail.peer.conn, bytes, 100000);
    int64_t start = clock_now();
    conn_finish(mail.peer.conn);
    CU_ASSERT_TRUE(clock_now() - start < PEER_PATIENCE / 2);
    free(bytes);
    mail_close(&mail);
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
    struct mail mail;
    mail_open(&mail, LIMIT, PEER_SMALL_BYTES);
    struct conn *conn = mail.peer.conn;
    char *bytes = numbered(200000);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
    CU_ASSERT_TRUE(conn_catch_up(conn));
    conn_answer(conn, bytes, 20000);
    CU_ASSERT_TRUE(conn_catch_up(conn));
    conn_set_timeout(conn, 50 * CLOCK_MILLISECOND);
    conn_answer(conn, bytes, 200000);
    CU_ASSERT_FALSE(conn_catch_up(conn));
    CU_ASSERT_EQUAL(link_reason(conn_link(conn)), LINK_TOO_SLOW);
    free(bytes);
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
    {"a watch is replaced, and told when the outbox is closed", watch_is_replaced},
    {"a reader is behind before a small limit cuts it off", behind_before_limit},
    {"nobody is cut off without a try to send", a_try_before_the_limit},
    {"commands of telnet's count against the limit", commands_count_against_the_limit},
    {"answers are counted apart", answers_are_counted_apart},
    {"a closed outbox takes and sends nothing", closed_takes_nothing},
    {"a peer that is gone ends the sending, not the reading", peer_that_is_gone},
    {"lines of many writers come whole, each writer's in order", writers_at_once},
    {"conn: lines come as sent, then the unfinished one, then the end", lines_and_the_end},
    {"conn: an end between two lines is an end", end_between_lines},
    {"conn: a flood is read whole and in order", flood_is_read_whole},
    {"conn: a line that is too long is told once, and the talk goes on", too_long_once},
    {"conn: a reset is told from an end", reset_is_told},
    {"conn: a reset that a sender found first is one still", reset_found_by_a_sender},
    {"conn: a line that a reset cut off is not taken for one", reset_within_a_flood},
    {"conn: who says much instead of answering an offer is left in the socket",
     much_instead_of_an_answer},
    {"conn: who sends nothing is idle when the time is over, not before", idle_times_out},
    {"conn: who dribbles bytes, commands or an endless line is idle too", dribbling_is_idle},
    {"conn: each line restarts the clock", lines_restart_the_clock},
    {"conn: a line that was too long restarts it too, whole or in pieces",
     too_long_lines_restart_the_clock},
    {"conn: a new timeout counts from now", timeout_can_be_changed},
    {"conn: without a timeout it waits", no_timeout_waits},
    {"conn: killing it from another thread ends the read, the first reason stays",
     kill_ends_the_read},
    {"conn: stopping it says the line, and what it owes can still be sent", stop_says_its_line},
    {"conn: stopping it at a prompt says the line on a line of its own", stop_at_a_prompt},
    {"conn: an answer of any length closes the prompt", answered_prompts},
    {"conn: a pause lasts, and ends with a kill", pause_ends_with_a_kill},
    {"conn: telnet is taken out of lines, answered, and gets CR LF from then on",
     telnet_is_answered},
    {"conn: the refusal of every option reaches a telnet peer as it is", telnet_option_ten},
    {"conn: the last bytes reach a peer whose own were not read", finish_delivers},
    {"conn: finishing takes a short time, whatever the peer does", finish_is_short},
    {"conn: who asks for much and does not read is cut off", catching_up},
};

void add_outbox_suite(void)
{
    SUITE_ADD("outbox", tests);
}
