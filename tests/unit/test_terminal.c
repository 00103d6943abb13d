#include "suites.h"

#include "mail.h"

#include "net/outbox.h"
#include "net/terminal.h"

#include <CUnit/CUnit.h>

enum { LIMIT = 256 * 1024, LIST_BYTES = 8 * 1024 };

static bool show_prompt(void *context, struct buffer *out)
{
    (void)context;
    return buffer_append_string(out, "Al> ");
}

static bool dress(void *context, const char *line, size_t length, struct buffer *out)
{
    (void)context;
    return buffer_append(out, line, length);
}

static bool leave_standing(void *context, const char *line, size_t length, struct buffer *out)
{
    (void)context;
    return buffer_append_string(out, "Al: ") && buffer_append(out, line, length) &&
           buffer_append(out, "\n", 1);
}

static void complete(void *context, const char *word, size_t length, bool begins_line,
                     struct editor_candidates *candidates)
{
    (void)context;
    (void)word;
    (void)length;
    (void)begins_line;
    editor_candidates_add(candidates, "aa", 2);
    editor_candidates_add(candidates, "ab", 2);
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

static const struct terminal_face face = {.prompt = show_prompt,
                                          .dress = dress,
                                          .leave_standing = leave_standing,
                                          .complete = complete,
                                          .list = list};

struct desk {
    struct mail mail;
    struct terminal *terminal;
};

/* A person sits down at a terminal. */
static void sit_down(struct desk *desk, int send_bytes)
{
    mail_open(&desk->mail, LIMIT, send_bytes);
    desk->terminal = terminal_open(desk->mail.outbox, &face, 100, 80);
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
    {"who does not read gets no more lists", lists_have_bounds},
    {"a line is entered although its writer sees nothing any more", lines_are_entered_unseen},
};

void add_terminal_suite(void)
{
    SUITE_ADD("terminal", tests);
}
