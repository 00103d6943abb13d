#include "suites.h"

#include "mail.h"

#include "net/outbox.h"
#include "net/terminal.h"

#include <CUnit/CUnit.h>

enum { LIMIT = 256 * 1024, LIST_BYTES = 8 * 1024 };

static bool asking;
static bool secret; /* the prompt is a question */
static bool ascii;  /* nothing else is shown */

static bool show_prompt(void *context, struct buffer *out)
{
    (void)context;
    return buffer_append_string(out, asking ? "Name: " : "Al> ");
}

static bool dress(void *context, const char *line, size_t length, struct buffer *out)
{
    (void)context;
    return buffer_append(out, line, length);
}

static bool leave_standing(void *context, const char *line, size_t length, struct buffer *out)
{
    (void)context;
    return buffer_append_string(out, "Al: ") && (secret || buffer_append(out, line, length)) &&
           buffer_append(out, "\n", 1);
}

static void complete(void *context, const char *word, size_t length, bool begins_line,
                     struct completion *candidates)
{
    (void)context;
    (void)word;
    (void)length;
    (void)begins_line;
    completion_add(candidates, "aa", 2);
    completion_add(candidates, "ab", 2);
}

static bool list(void *context, const char *word, size_t length, bool begins_line,
                 struct buffer *out)
{
    char *names = buffer_reserve(out, LIST_BYTES);
    (void)context;
    (void)word;
    (void)length;
    (void)begins_line;
    if (names == NULL)
        return false;
    memset(names, 'a', LIST_BYTES);
    names[LIST_BYTES - 1] = '\n';
    buffer_commit(out, LIST_BYTES);
    return true;
}

static bool hides(void *context)
{
    (void)context;
    return secret;
}

static bool remembers(void *context)
{
    (void)context;
    return !asking;
}

static bool has_secret(void *context, const char *line, size_t length)
{
    (void)context;
    return length > 0 && line[0] == '?';
}

static bool is_ascii(void *context)
{
    (void)context;
    return ascii;
}

static bool tell(void *context, enum terminal_hint hint, size_t number, struct buffer *out)
{
    static const char *const hints[] = {"quit", "held", "dropped", "too long", "no memory"};
    (void)context;
    return buffer_format(out, "%s %zu\n", hints[hint], number);
}

static const struct terminal_face face = {.prompt = show_prompt,
                                          .hides = hides,
                                          .remembers = remembers,
                                          .has_secret = has_secret,
                                          .is_ascii = is_ascii,
                                          .dress = dress,
                                          .leave_standing = leave_standing,
                                          .complete = complete,
                                          .list = list,
                                          .tell = tell};

struct desk {
    struct mail mail;
    struct terminal *terminal;
};

/* A person sits down at a terminal. */
static void sit_down(struct desk *desk, int send_bytes)
{
    mail_open(&desk->mail, LIMIT, send_bytes);
    desk->terminal = terminal_open(desk->mail.outbox, &face, 100, 80, 24);
    CU_ASSERT_PTR_NOT_NULL_FATAL(desk->terminal);
}

static void get_up(struct desk *desk)
{
    terminal_close(desk->terminal);
    mail_close(&desk->mail);
}

/* Presses keys up to the first event. */
static enum editor_event press(struct desk *desk, const char *keys, struct buffer *line)
{
    enum editor_event event;
    terminal_feed(desk->terminal, keys, strlen(keys), &event, line);
    return event;
}

static void messages_cost_one_redraw(void)
{
    struct desk desk;
    struct buffer line = {0};
    sit_down(&desk, 0);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\033[?2004hAl> "));
    press(&desk, "hal", &line);
    outbox_flush(desk.mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "hal"));
    text_send(desk.mail.outbox, "one\ntwo\nthree\n", 14);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\r\033[Kone\r\ntwo\r\nthree\r\nAl> hal"));
    CU_ASSERT_TRUE(peer_has_nothing(&desk.mail.peer));
    buffer_free(&line);
    get_up(&desk);
}

/* What stands on the line when the keys have been pressed, after Return. */
static void check_entered(struct desk *desk, const char *keys, const char *expected)
{
    struct buffer line = {0};
    CU_ASSERT_EQUAL(press(desk, keys, &line), EDITOR_LINE);
    EXPECT(buffer_length(&line) == strlen(expected) &&
               memcmp(buffer_bytes(&line), expected, strlen(expected)) == 0,
           "'%.*s' and not '%s'", (int)buffer_length(&line), buffer_bytes(&line), expected);
    buffer_free(&line);
}

/* The history is of what was said: a name, or an answer of another kind, is not in it. */
static void answers_are_not_remembered(void)
{
    struct desk desk;
    asking = true;
    sit_down(&desk, 0);
    check_entered(&desk, "Al\r", "Al");
    check_entered(&desk, "\033[A\r", "");
    asking = false;
    terminal_renew_prompt(desk.terminal);
    check_entered(&desk, "\033[A\r", "");
    check_entered(&desk, "hello\r", "hello");
    check_entered(&desk, "? a secret\r", "? a secret");
    asking = true;
    terminal_renew_prompt(desk.terminal);
    check_entered(&desk, "my answer\r", "my answer");
    asking = false;
    terminal_renew_prompt(desk.terminal);
    check_entered(&desk, "\033[A\r", "hello");
    get_up(&desk);
}

/* Whether a text is among what the person was sent so far, which is taken out. */
static bool was_sent(struct desk *desk, const char *text)
{
    char sent[4096];
    outbox_flush(desk->mail.outbox);
    ssize_t length = recv(desk->mail.peer.fd, sent, sizeof sent - 1, MSG_DONTWAIT);
    sent[length > 0 ? length : 0] = '\0';
    return strstr(sent, text) != NULL;
}

/* A password is on no screen, and in no history. */
static void secrets_are_hidden(void)
{
    struct desk desk;
    struct buffer line = {0};
    sit_down(&desk, 0);
    secret = true;
    terminal_renew_prompt(desk.terminal);
    CU_ASSERT_EQUAL(press(&desk, "hunter2", &line), EDITOR_NONE);
    CU_ASSERT_FALSE(was_sent(&desk, "u"));
    check_entered(&desk, "\r", "hunter2");
    CU_ASSERT_EQUAL(press(&desk, "\033[200~hun\tter2\033[201~", &line), EDITOR_NONE);
    CU_ASSERT_FALSE(was_sent(&desk, "u"));
    check_entered(&desk, "\r", "hun ter2");
    CU_ASSERT_FALSE(was_sent(&desk, "u"));
    secret = false;
    terminal_renew_prompt(desk.terminal);
    check_entered(&desk, "\033[A\r", "");
    CU_ASSERT_EQUAL(press(&desk, "seen by u", &line), EDITOR_NONE);
    CU_ASSERT_TRUE(was_sent(&desk, "u"));
    buffer_free(&line);
    get_up(&desk);
}

static void ctrl_c_for_nothing_is_answered(void)
{
    struct desk desk;
    struct buffer line = {0};
    sit_down(&desk, 0);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\033[?2004hAl> "));
    press(&desk, "x\003", &line);
    outbox_flush(desk.mail.outbox);
    press(&desk, "\003", &line);
    outbox_flush(desk.mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\rAl> \r\033[Kquit 0\r\nAl> "));
    buffer_free(&line);
    get_up(&desk);
}

/* Whoever searches pays for what is looked through, once. */
static void a_search_is_counted(void)
{
    struct desk desk;
    struct buffer line = {0};
    sit_down(&desk, 0);
    check_entered(&desk, "hello\r", "hello");
    CU_ASSERT_EQUAL(terminal_take_cost(desk.terminal), 0);
    CU_ASSERT_EQUAL(press(&desk, "\022o", &line), EDITOR_SEARCHED);
    CU_ASSERT_EQUAL(press(&desk, "x", &line), EDITOR_SEARCHED);
    CU_ASSERT_EQUAL(terminal_take_cost(desk.terminal), (4 + 2) + (1 + 1 + 1 + 1));
    CU_ASSERT_EQUAL(terminal_take_cost(desk.terminal), 0);
    buffer_free(&line);
    get_up(&desk);
}

/*
 * Pastes.
 */

/*
 * Takes keys that have come together, as an intake does. The lines that are entered are in
 * `entered`, each with a "/" behind it.
 */
static void take_keys(struct desk *desk, const char *keys, struct buffer *entered)
{
    size_t length = strlen(keys);
    terminal_begin_keys(desk->terminal, keys, length);
    while (length > 0 || terminal_has_more(desk->terminal)) {
        enum editor_event event;
        size_t used = terminal_feed(desk->terminal, keys, length, &event, entered);
        if (event == EDITOR_LINE)
            CU_ASSERT_TRUE(buffer_append_string(entered, "/"));
        keys += used;
        length -= used;
    }
    terminal_end_keys(desk->terminal);
    outbox_flush(desk->mail.outbox);
}

/* Whether these lines have been entered since the last call. */
static bool have_been_entered(struct buffer *entered, const char *lines)
{
    bool same = buffer_length(entered) == strlen(lines) &&
                memcmp(buffer_bytes(entered), lines, strlen(lines)) == 0;
    EXPECT(same, "'%.*s' and not '%s'", (int)buffer_length(entered), buffer_bytes(entered), lines);
    buffer_free(entered);
    return same;
}

/* Told once, unless something else has been shown since when a key is pressed that does nothing. */
static void what_is_held_is_told(void)
{
    struct desk desk;
    struct buffer entered = {0};
    sit_down(&desk, 0);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\033[?2004hAl> "));
    take_keys(&desk, "\033[200~1\r2\r3\r4\r\033[201~", &entered);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\r\033[Kheld 4\r\n(4 lines pasted) "));
    take_keys(&desk, "x", &entered);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\a"));
    text_send(desk.mail.outbox, "news\n", 5);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\r\033[Knews\r\n(4 lines pasted) "));
    take_keys(&desk, "xyz", &entered);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\r\033[Kheld 4\r\n(4 lines pasted) \a"));
    CU_ASSERT_TRUE(have_been_entered(&entered, ""));
    take_keys(&desk, "\r", &entered);
    CU_ASSERT_TRUE(have_been_entered(&entered, "1/2/3/4/"));
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\r\033[KAl: 1\r\nAl: 2\r\nAl: 3\r\nAl: 4\r\nAl> "));
    take_keys(&desk, "\033[200~1\r2\r3\r4\r\033[201~\003", &entered);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\r\033[Kheld 4\r\ndropped 0\r\nAl> "));
    CU_ASSERT_TRUE(peer_has_nothing(&desk.mail.peer));
    CU_ASSERT_TRUE(have_been_entered(&entered, ""));
    get_up(&desk);
}

/* Four lines, and more than anybody types while a link stands still. */
#define BURST         "the first of some lines\rthe second one\rthe third one\rthe fourth of them\r"
#define BURST_ENTERED "the first of some lines/the second one/the third one/the fourth of them/"

static void type_by_hand(struct desk *desk, struct buffer *entered)
{
    take_keys(desk, "a", entered);
    take_keys(desk, "b", entered);
    take_keys(desk, "c", entered);
    take_keys(desk, "\r", entered);
    CU_ASSERT_TRUE(have_been_entered(entered, "abc/"));
}

static void a_paste_without_brackets_is_held(void)
{
    struct desk desk;
    struct buffer entered = {0};
    sit_down(&desk, 0);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\033[?2004hAl> "));
    type_by_hand(&desk, &entered);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "abc\r\033[KAl: abc\r\nAl> "));
    take_keys(&desk, BURST, &entered);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\r\033[Kheld 4\r\n(4 lines pasted) "));
    take_keys(&desk, "and\tone\n", &entered); /* goes on */
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\r(5 lines pasted) "));
    take_keys(&desk, "x", &entered);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\r\033[Kheld 5\r\n(5 lines pasted) \a"));
    CU_ASSERT_TRUE(have_been_entered(&entered, ""));
    take_keys(&desk, "\r", &entered);
    CU_ASSERT_TRUE(have_been_entered(&entered, BURST_ENTERED "and one/"));
    take_keys(&desk, BURST, &entered);
    take_keys(&desk, "\003", &entered);
    take_keys(&desk, "x\ry\r", &entered); /* which is no paste by itself */
    CU_ASSERT_TRUE(have_been_entered(&entered, "x/y/"));
    get_up(&desk);
}

/* A script sends whole lines, many at once; whose terminal knows brackets would have used them. */
static void nothing_else_is_held(void)
{
    struct desk desk;
    struct buffer entered = {0};
    sit_down(&desk, 0);
    take_keys(&desk, BURST BURST, &entered);
    CU_ASSERT_TRUE(have_been_entered(&entered, BURST_ENTERED BURST_ENTERED));
    type_by_hand(&desk, &entered);
    take_keys(&desk, "\025" BURST, &entered);
    CU_ASSERT_TRUE(have_been_entered(&entered, BURST_ENTERED));
    take_keys(&desk, "\033[200~pasted\033[201~\r", &entered);
    take_keys(&desk, BURST, &entered);
    CU_ASSERT_TRUE(have_been_entered(&entered, "pasted/" BURST_ENTERED));
    get_up(&desk);
}

static void the_rest_of_a_paste_that_is_too_long_is_dropped(void)
{
    struct desk desk;
    struct buffer entered = {0};
    static char seen[128 * 1024];
    size_t length = 0;
    sit_down(&desk, 0);
    type_by_hand(&desk, &entered);
    for (int i = 0; i < 64 * 1024 / 64 + 20; i++)
        take_keys(&desk, BURST, &entered);
    take_keys(&desk, "one\rtwo", &entered); /* which is a part of it still */
    take_keys(&desk, "\r", &entered);
    CU_ASSERT_TRUE(have_been_entered(&entered, "/"));
    take_keys(&desk, "one\rtwo\r", &entered);
    CU_ASSERT_TRUE(have_been_entered(&entered, "one/two/"));
    text_send(desk.mail.outbox, "END\n", 4);
    while ((length < 3 || memcmp(seen + length - 3, "END", 3) != 0) && length < sizeof seen - 1 &&
           peer_receive(&desk.mail.peer, seen + length, 1))
        length++;
    seen[length] = '\0';
    const char *told = strstr(seen, "too long 65636");
    CU_ASSERT_PTR_NOT_NULL_FATAL(told);
    CU_ASSERT_PTR_NULL(strstr(told + 1, "too long"));
    get_up(&desk);
}

static void lines_have_still_to_be_had(void)
{
    struct desk desk;
    struct buffer line = {0}, lines = {0};
    sit_down(&desk, 0);
    press(&desk, "\033[200~1\r2\r3\r4\033[201~", &line);
    terminal_take_lines(desk.terminal, &lines);
    CU_ASSERT_EQUAL(buffer_length(&lines), 0);
    CU_ASSERT_FALSE(terminal_has_more(desk.terminal));
    CU_ASSERT_EQUAL(press(&desk, "\r", &line), EDITOR_LINE);
    CU_ASSERT_TRUE(terminal_has_more(desk.terminal));
    terminal_take_lines(desk.terminal, &lines);
    CU_ASSERT_TRUE(have_been_entered(&lines, "2\n3\n4\n"));
    buffer_free(&line);
    get_up(&desk);
}

/* Lets the screen settle, as its thread does. */
static void wait_till_settled(struct desk *desk)
{
    for (int64_t left; (left = terminal_settle(desk->terminal)) != CLOCK_NEVER;)
        clock_sleep_until(clock_now() + left);
}

/*
 * How long drawing waits behind a change of width, at least. A busy machine may let that pass where
 * a test means to be quick.
 */
#define SETTLING (50 * CLOCK_MILLISECOND)

static bool change_the_width_twice(void)
{
    struct desk desk;
    struct buffer line = {0};
    sit_down(&desk, 0);
    int64_t began = clock_now();
    press(&desk, "hal", &line);
    outbox_flush(desk.mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\033[?2004hAl> hal"));
    terminal_resize(desk.terminal, 40, 24);
    text_send(desk.mail.outbox, "one\n", 4);
    press(&desk, "lo", &line);
    outbox_flush(desk.mail.outbox);
    terminal_resize(desk.terminal, 50, 24);
    text_send(desk.mail.outbox, "two\n", 4);
    bool nothing = peer_has_nothing(&desk.mail.peer);
    bool in_time = clock_now() < began + SETTLING;
    if (in_time) {
        CU_ASSERT_TRUE(nothing);
        wait_till_settled(&desk);
        CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\r\033[Kone\r\n\033[Jtwo\r\nAl> hallo"));
        CU_ASSERT_TRUE(peer_has_nothing(&desk.mail.peer));
        terminal_resize(desk.terminal, 50, 24);
        text_send(desk.mail.outbox, "three\n", 6);
        CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\r\033[Kthree\r\nAl> hallo"));
    }
    buffer_free(&line);
    get_up(&desk);
    return in_time;
}

static void nothing_is_drawn_while_the_width_changes(void)
{
    CU_ASSERT_TRUE(suite_comes_true(change_the_width_twice));
}

/* A terminal may move its cursor then. */
static void another_height_draws_the_row_at_once(void)
{
    struct desk desk;
    struct buffer line = {0};
    sit_down(&desk, 0);
    press(&desk, "hal", &line);
    outbox_flush(desk.mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\033[?2004hAl> hal"));
    terminal_resize(desk.terminal, 80, 25);
    CU_ASSERT_EQUAL(terminal_settle(desk.terminal), CLOCK_NEVER);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\rAl> hal"));
    CU_ASSERT_TRUE(peer_has_nothing(&desk.mail.peer));
    buffer_free(&line);
    get_up(&desk);
}

static bool clear_the_screen_meanwhile(void)
{
    struct desk desk;
    struct buffer line = {0};
    sit_down(&desk, 0);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\033[?2004hAl> "));
    int64_t began = clock_now();
    terminal_resize(desk.terminal, 40, 24);
    text_send(desk.mail.outbox, "one\n", 4);
    press(&desk, "\014", &line);
    bool in_time = clock_now() < began + SETTLING;
    if (in_time) {
        wait_till_settled(&desk);
        CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\033[H\033[2Jone\r\nAl> "));
        CU_ASSERT_TRUE(peer_has_nothing(&desk.mail.peer));
    }
    buffer_free(&line);
    get_up(&desk);
    return in_time;
}

/* Nothing that nobody has seen yet is cleared away. */
static void what_was_held_is_shown_on_a_screen_that_was_cleared(void)
{
    CU_ASSERT_TRUE(suite_comes_true(clear_the_screen_meanwhile));
}

static void nothing_but_ascii_is_drawn_where_nothing_else_is_shown(void)
{
    struct desk desk;
    struct buffer line = {0};
    ascii = true;
    sit_down(&desk, 0);
    press(&desk, "caf\xC3\xA9 \xE6\x97\xA5\002", &line);
    outbox_flush(desk.mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\033[?2004hAl> caf? ??\b\b"));
    press(&desk, "\r", &line);
    CU_ASSERT_EQUAL(buffer_length(&line), 9);
    CU_ASSERT_EQUAL(memcmp(buffer_bytes(&line), "caf\xC3\xA9 \xE6\x97\xA5", 9), 0);
    ascii = false;
    buffer_free(&line);
    get_up(&desk);
}

static void the_answer_is_waited_for(void)
{
    struct desk desk;
    struct buffer line = {0};
    sit_down(&desk, 0);
    press(&desk, "ten letters", &line);
    outbox_flush(desk.mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\033[?2004hAl> ten letters"));
    terminal_resize(desk.terminal, 10, 24);
    while (peer_has_nothing(&desk.mail.peer)) { /* it asks when the width has settled */
        int64_t left = terminal_settle(desk.terminal);
        CU_ASSERT_FATAL(left != CLOCK_NEVER);
        if (peer_has_nothing(&desk.mail.peer))
            clock_sleep_until(clock_now() + left);
    }
    CU_ASSERT_NOT_EQUAL(terminal_settle(desk.terminal), CLOCK_NEVER);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\033[6n"));
    text_send(desk.mail.outbox, "one\n", 4);
    CU_ASSERT_TRUE(peer_has_nothing(&desk.mail.peer));
    press(&desk, "\033[5;6R", &line);
    outbox_flush(desk.mail.outbox);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\033[A\r\033[Kone\r\n\033[J<etters"));
    CU_ASSERT_TRUE(peer_has_nothing(&desk.mail.peer));
    CU_ASSERT_EQUAL(terminal_settle(desk.terminal), CLOCK_NEVER);
    buffer_free(&line);
    get_up(&desk);
}

/* Nor for ever, and what is closed meanwhile has been shown. */
static void much_does_not_wait(void)
{
    static const char piece[] = "some sixty letters, so that it takes a hundred of them, or more\n";
    struct desk desk;
    sit_down(&desk, 0);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\033[?2004hAl> "));
    terminal_resize(desk.terminal, 100, 24);
    for (int i = 0; i < 1000 && peer_has_nothing(&desk.mail.peer); i++)
        text_send(desk.mail.outbox, piece, strlen(piece));
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\r\033[Ksome"));
    terminal_resize(desk.terminal, 80, 24);
    text_send(desk.mail.outbox, "the last one\n", 13);
    get_up(&desk);
}

static bool leave_meanwhile(void)
{
    struct desk desk;
    sit_down(&desk, 0);
    CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\033[?2004hAl> "));
    int64_t began = clock_now();
    terminal_resize(desk.terminal, 40, 24);
    text_send(desk.mail.outbox, "one\n", 4);
    outbox_close_screen(desk.mail.outbox);
    bool in_time = clock_now() < began + SETTLING;
    if (in_time)
        CU_ASSERT_TRUE(peer_gets(&desk.mail.peer, "\r\033[Kone\r\n\033[J\033[?2004l"));
    get_up(&desk);
    return in_time;
}

static void who_leaves_has_been_shown_all(void)
{
    CU_ASSERT_TRUE(suite_comes_true(leave_meanwhile));
}

static void lists_have_bounds(void)
{
    struct desk desk;
    struct buffer line = {0};
    sit_down(&desk, PEER_SMALL_BYTES);
    for (int i = 0; i < 200; i++) {
        press(&desk, "\t", &line);
        outbox_flush(desk.mail.outbox);
    }
    CU_ASSERT_TRUE(outbox_status(desk.mail.outbox).pending <
                   OUTBOX_WATERMARK_BYTES + 2 * LIST_BYTES);
    buffer_free(&line);
    get_up(&desk);
}

static bool has_failed(void *outbox)
{
    return outbox_error(outbox) != OUTBOX_OPEN;
}

static void lines_are_entered_unseen(void)
{
    struct desk desk;
    struct buffer line = {0};
    sit_down(&desk, 0);
    peer_hang_up(&desk.mail.peer);
    text_send(desk.mail.outbox, "nobody sees this\n", 17);
    CU_ASSERT_TRUE(peer_eventually(has_failed, desk.mail.outbox));
    CU_ASSERT_EQUAL(press(&desk, "sent before\r", &line), EDITOR_LINE);
    CU_ASSERT_EQUAL(buffer_length(&line), strlen("sent before"));
    CU_ASSERT_NSTRING_EQUAL(buffer_bytes(&line), "sent before", strlen("sent before"));
    CU_ASSERT_EQUAL(outbox_status(desk.mail.outbox).pending, 0);
    buffer_free(&line);
    get_up(&desk);
}

static const struct test tests[] = {
    {"many messages go out with one prompt below them", messages_cost_one_redraw},
    {"the answer to a question is not remembered", answers_are_not_remembered},
    {"a secret is not shown, and not remembered", secrets_are_hidden},
    {"Ctrl-C with nothing to clear is answered by a hint", ctrl_c_for_nothing_is_answered},
    {"what a search looks through is counted", a_search_is_counted},
    {"what is held of a paste is told, and again when it is asked for", what_is_held_is_told},
    {"a paste is held without brackets, too", a_paste_without_brackets_is_held},
    {"but not what a script sends, nor what is known to be typed", nothing_else_is_held},
    {"of a paste that is too long nothing is entered",
     the_rest_of_a_paste_that_is_too_long_is_dropped},
    {"lines that were to be entered can be had", lines_have_still_to_be_had},
    {"while the width changes nothing is drawn, and then all once",
     nothing_is_drawn_while_the_width_changes},
    {"another height draws the row at once", another_height_draws_the_row_at_once},
    {"what was held is shown on a screen that was cleared",
     what_was_held_is_shown_on_a_screen_that_was_cleared},
    {"nothing but ASCII is drawn where nothing else is shown",
     nothing_but_ascii_is_drawn_where_nothing_else_is_shown},
    {"where the cursor is, is asked and waited for", the_answer_is_waited_for},
    {"what waits meanwhile has a bound", much_does_not_wait},
    {"who leaves meanwhile has been shown all", who_leaves_has_been_shown_all},
    {"who does not read gets no more lists", lists_have_bounds},
    {"a line is entered although its writer sees nothing any more", lines_are_entered_unseen},
};

void add_terminal_suite(void)
{
    SUITE_ADD("terminal", tests);
}
