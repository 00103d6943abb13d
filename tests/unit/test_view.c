/*
 * The view as a terminal asks for it, with a directory of users to whom nothing is ever sent: they
 * need no connection.
 */
#include "suites.h"

#include "chat/directory.h"
#include "doors/plain/view.h"
#include "net/telnet.h"
#include "edit/editor.h"
#include "edit/wrap.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#define LOGIN "Your name? "

enum { USERS = 60, TEXT_SIZE = 4096 };

static const char *command(size_t i)
{
    static const char *const names[] = {"/help", "/me", "/msg", NULL};
    return names[i];
}

/* As if what is said to somebody alone were a secret. */
static size_t shown(const char *line, size_t length)
{
    return length > 5 && memcmp(line, "/msg ", 5) == 0 ? 4 : length;
}

struct desk {
    struct chat chat; /* of which it has the directory and the rooms */
    struct user *users[USERS];
    size_t count;
    struct view view;
    char text[TEXT_SIZE]; /* what was made last */
};

/* Somebody who is called `name` ("": nobody yet), without colours and time. */
static void sit_down(struct desk *desk, const char *name)
{
    *desk = (struct desk){.count = 0};
    CU_ASSERT_EQUAL_FATAL(directory_create(&desk->chat.directory), 0);
    const struct room_config config = {.directory = desk->chat.directory};
    CU_ASSERT_EQUAL_FATAL(rooms_create(&desk->chat.rooms, &config), 0);
    view_init(&desk->view, LOGIN, &desk->chat, command, shown);
    strcpy(desk->view.paint.name, name);
    desk->view.paint.color = desk->view.paint.time = false;
}

/* Somebody else comes; listed or not yet. */
static struct user *come(struct desk *desk, const char *name, bool listed)
{
    char rival[NAME_SIZE];
    struct user *user = user_create_remote("elsewhere");
    CU_ASSERT_PTR_NOT_NULL_FATAL(user);
    desk->users[desk->count++] = user;
    CU_ASSERT_EQUAL_FATAL(directory_add(desk->chat.directory, user, 0, name, rival), 0);
    if (listed)
        directory_list(desk->chat.directory, user);
    return user;
}

static void stand_up(struct desk *desk)
{
    for (size_t i = 0; i < desk->count; i++) {
        directory_remove(desk->chat.directory, desk->users[i]);
        user_release(desk->users[i]);
    }
    rooms_destroy(desk->chat.rooms);
    directory_destroy(desk->chat.directory);
}

/* Keeps what was made as a string, without the marks of where the text of a line begins. */
static const char *keep(struct desk *desk, bool whole, struct buffer *out)
{
    char *end = desk->text;
    CU_ASSERT_TRUE(whole && buffer_length(out) < sizeof desk->text);
    for (size_t i = 0; i < buffer_length(out); i++)
        if (buffer_bytes(out)[i] != WRAP_TEXT_BEGINS)
            *end++ = buffer_bytes(out)[i];
    *end = '\0';
    buffer_free(out);
    return desk->text;
}

static const char *prompt_of(struct desk *desk)
{
    const struct terminal_face *face = &desk->view.terminal;
    struct buffer out = {0};
    return keep(desk, face->prompt(face->context, &out), &out);
}

static const char *left_standing(struct desk *desk, const char *line)
{
    const struct terminal_face *face = &desk->view.terminal;
    struct buffer out = {0};
    return keep(desk, face->leave_standing(face->context, line, strlen(line), &out), &out);
}

static const char *dressed(struct desk *desk, const char *line)
{
    const struct terminal_face *face = &desk->view.terminal;
    struct buffer out = {0};
    return keep(desk, face->dress(face->context, line, strlen(line), &out), &out);
}

static const char *heard(struct desk *desk, const char *name, const char *text)
{
    struct buffer out = {0};
    const struct message message = {
        .kind = MESSAGE_SAY, .name = words_of(name), .text = words_of(text)};
    return keep(desk, view_look.dress(&desk->view, &message, false, &out), &out);
}

static const char *listed(struct desk *desk, const char *word, bool begins_line)
{
    const struct terminal_face *face = &desk->view.terminal;
    struct buffer out = {0};
    return keep(desk, face->list(face->context, word, strlen(word), begins_line, &out), &out);
}

/* What becomes of a line when TAB is typed behind it, in a real editor. */
static const char *completed(struct desk *desk, const char *line)
{
    const struct terminal_face *face = &desk->view.terminal;
    struct editor *editor = editor_new(256, face->complete, face->context);
    enum editor_event event;
    size_t length;
    char keys[256];
    CU_ASSERT_PTR_NOT_NULL_FATAL(editor);
    snprintf(keys, sizeof keys, "%s\t\r", line);
    for (const char *key = keys; *key != '\0';)
        key += editor_feed(editor, key, strlen(key), &event);
    CU_ASSERT_EQUAL(event, EDITOR_LINE);
    const char *text = editor_line(editor, &length);
    snprintf(desk->text, sizeof desk->text, "%.*s", (int)length, text);
    editor_free(editor);
    return desk->text;
}

static void the_prompt_is_the_name(void)
{
    struct desk desk;
    sit_down(&desk, "");
    CU_ASSERT_STRING_EQUAL(prompt_of(&desk), LOGIN);
    strcpy(desk.view.paint.name, "Alice");
    CU_ASSERT_STRING_EQUAL(prompt_of(&desk), "Alice> ");
    stand_up(&desk);
}

static void a_name_is_not_remembered(void)
{
    struct desk desk;
    const struct terminal_face *face = &desk.view.terminal;
    sit_down(&desk, "");
    CU_ASSERT_FALSE(face->remembers(face->context));
    strcpy(desk.view.paint.name, "Alice");
    CU_ASSERT_TRUE(face->remembers(face->context));
    stand_up(&desk);
}

static void a_secret_is_hidden(void)
{
    struct desk desk;
    const struct terminal_face *face = &desk.view.terminal;
    for (int named = 0; named < 2; named++) {
        sit_down(&desk, named ? "Alice" : "");
        CU_ASSERT_FALSE(face->hides(face->context));
        desk.view.secret_prompt = "Password: ";
        CU_ASSERT_TRUE(face->hides(face->context));
        CU_ASSERT_FALSE(face->remembers(face->context));
        CU_ASSERT_STRING_EQUAL(prompt_of(&desk), "Password: ");
        CU_ASSERT_STRING_EQUAL(left_standing(&desk, "hunter2"), "Password: \n");
        CU_ASSERT_STRING_EQUAL(left_standing(&desk, "/who"), "Password: \n");
        stand_up(&desk);
    }
}

static void what_was_said_is_left_standing_as_others_see_it(void)
{
    struct desk desk;
    sit_down(&desk, "Alice");
    CU_ASSERT_STRING_EQUAL(left_standing(&desk, "hi all"), "Alice: hi all\n");
    CU_ASSERT_STRING_EQUAL(left_standing(&desk, "  hi \t"), "Alice: hi\n");
    CU_ASSERT_STRING_EQUAL(left_standing(&desk, "//who"), "Alice: /who\n");
    CU_ASSERT_STRING_EQUAL(left_standing(&desk, "a\xE2\x80\xAE z"), "Alice: a z\n"); /* RLO */
    stand_up(&desk);
}

static void nothing_is_left_standing_of_nothing_said(void)
{
    struct desk desk;
    sit_down(&desk, "Alice");
    CU_ASSERT_STRING_EQUAL(left_standing(&desk, ""), "");
    CU_ASSERT_STRING_EQUAL(left_standing(&desk, "  "), "");
    CU_ASSERT_STRING_EQUAL(left_standing(&desk, "\xE2\x80\xAE"), "");
    stand_up(&desk);
}

static void a_command_is_left_standing_as_it_was_typed(void)
{
    struct desk desk;
    sit_down(&desk, "Alice");
    CU_ASSERT_STRING_EQUAL(left_standing(&desk, " /me waves"), "Alice> /me waves\n");
    CU_ASSERT_STRING_EQUAL(left_standing(&desk, " /msg Bob hi "), "Alice> /msg\n");
    CU_ASSERT_STRING_EQUAL(left_standing(&desk, "//msg Bob"), "Alice: /msg Bob\n");
    const struct terminal_face *face = &desk.view.terminal;
    CU_ASSERT_TRUE(face->has_secret(face->context, " /msg Bob ", 10));
    CU_ASSERT_FALSE(face->has_secret(face->context, "/me waves", 9));
    CU_ASSERT_FALSE(face->has_secret(face->context, "//msg Bob", 9));
    stand_up(&desk);
}

/* Two slashes are two slashes: nothing is said at the prompt for a name. */
static void at_the_prompt_for_a_name_all_is_left_standing(void)
{
    struct desk desk;
    sit_down(&desk, "");
    CU_ASSERT_STRING_EQUAL(left_standing(&desk, "Alice "), LOGIN "Alice\n");
    CU_ASSERT_STRING_EQUAL(left_standing(&desk, "//x"), LOGIN "//x\n");
    CU_ASSERT_STRING_EQUAL(left_standing(&desk, ""), LOGIN "\n");
    stand_up(&desk);
}

static void others_lines_are_painted(void)
{
    struct desk desk;
    sit_down(&desk, "Alice");
    CU_ASSERT_STRING_EQUAL(heard(&desk, "Bob", "hi"), "Bob: hi\n");
    CU_ASSERT_STRING_EQUAL(heard(&desk, "Bob", "hi Alice"), "Bob: hi Alice\a\n");
    /* What the server says mentions nobody. */
    CU_ASSERT_STRING_EQUAL(dressed(&desk, "*** hi Alice ***\n"), "*** hi Alice ***\n");
    stand_up(&desk);
}

static void tab_completes_a_name(void)
{
    struct desk desk;
    sit_down(&desk, "Alice");
    come(&desk, "Bob", true);
    come(&desk, "Carol", true);
    CU_ASSERT_STRING_EQUAL(completed(&desk, "b"), "Bob: ");
    CU_ASSERT_STRING_EQUAL(completed(&desk, "hi CAR"), "hi Carol ");
    CU_ASSERT_STRING_EQUAL(completed(&desk, "/msg b"), "/msg Bob ");
    CU_ASSERT_STRING_EQUAL(completed(&desk, "bo b"), "bo Bob ");
    CU_ASSERT_STRING_EQUAL(completed(&desk, "x"), "x");
    CU_ASSERT_STRING_EQUAL(completed(&desk, "hi /me"), "hi /me");
    stand_up(&desk);
}

static void tab_completes_a_name_behind_an_at(void)
{
    struct desk desk;
    sit_down(&desk, "Alice");
    come(&desk, "Barbara", true);
    come(&desk, "Bart", true);
    come(&desk, "Carol", true);
    CU_ASSERT_STRING_EQUAL(completed(&desk, "thanks @c"), "thanks @Carol ");
    CU_ASSERT_STRING_EQUAL(completed(&desk, "@CAR"), "@Carol ");
    CU_ASSERT_STRING_EQUAL(completed(&desk, "ask @b"), "ask @Bar");
    CU_ASSERT_STRING_EQUAL(completed(&desk, "a@c"), "a@c");
    CU_ASSERT_STRING_EQUAL(completed(&desk, "@@c"), "@@c");
    CU_ASSERT_STRING_EQUAL(listed(&desk, "@b", false), "Barbara Bart \n");
    CU_ASSERT_STRING_EQUAL(listed(&desk, "@", true), "Barbara Bart Carol \n");
    stand_up(&desk);
}

static void tab_completes_what_several_names_share(void)
{
    struct desk desk;
    sit_down(&desk, "Alice");
    come(&desk, "Barbara", true);
    come(&desk, "Bart", true);
    CU_ASSERT_STRING_EQUAL(completed(&desk, "b"), "Bar");
    stand_up(&desk);
}

static void tab_knows_who_is_here_now(void)
{
    struct desk desk;
    char rival[NAME_SIZE];
    sit_down(&desk, "Alice");
    struct user *bob = come(&desk, "Bob", false);
    CU_ASSERT_STRING_EQUAL(completed(&desk, "b"), "b");
    directory_list(desk.chat.directory, bob);
    CU_ASSERT_STRING_EQUAL(completed(&desk, "b"), "Bob: ");
    CU_ASSERT_EQUAL(directory_rename(desk.chat.directory, bob, "Rob", NULL, rival), 0);
    CU_ASSERT_STRING_EQUAL(completed(&desk, "b"), "b");
    CU_ASSERT_STRING_EQUAL(completed(&desk, "r"), "Rob: ");
    directory_remove(desk.chat.directory, bob);
    desk.count--;
    user_release(bob);
    CU_ASSERT_STRING_EQUAL(completed(&desk, "r"), "r");
    stand_up(&desk);
}

static void tab_completes_a_command(void)
{
    struct desk desk;
    sit_down(&desk, "Alice");
    CU_ASSERT_STRING_EQUAL(completed(&desk, "/h"), "/help ");
    CU_ASSERT_STRING_EQUAL(completed(&desk, "/MS"), "/msg ");
    CU_ASSERT_STRING_EQUAL(completed(&desk, "/m"), "/m");
    stand_up(&desk);
}

static void candidates_are_listed(void)
{
    struct desk desk;
    sit_down(&desk, "Alice");
    come(&desk, "Bert", true);
    come(&desk, "Carol", true);
    come(&desk, "Bea", true);
    CU_ASSERT_STRING_EQUAL(listed(&desk, "b", true), "Bert Bea \n");
    CU_ASSERT_STRING_EQUAL(listed(&desk, "/m", true), "/me /msg \n");
    CU_ASSERT_STRING_EQUAL(listed(&desk, "x", true), "");
    stand_up(&desk);
}

static void no_list_is_longer_than_a_screen(void)
{
    struct desk desk;
    sit_down(&desk, "Alice");
    for (int i = 0; i < USERS; i++) {
        char name[16];
        snprintf(name, sizeof name, "crowd%d", i * 7);
        come(&desk, name, true);
    }
    size_t blanks = 0;
    const char *list = listed(&desk, "", true);
    for (const char *place = list; (place = strchr(place, ' ')) != NULL; place++)
        blanks++;
    CU_ASSERT_EQUAL(blanks, 50 + 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(list, " and 10 more\n"));
    stand_up(&desk);
}

/* A client pays for what it has looked up: all names, whoever they are and whatever fits. */
static void what_completing_costs_is_told_once(void)
{
    struct desk desk;
    const struct terminal_face *face = &desk.view.terminal;
    sit_down(&desk, "Alice");
    come(&desk, "Bert", true);
    come(&desk, "Carol", true);
    CU_ASSERT_EQUAL(face->take_cost(face->context), 0);
    completed(&desk, "b");
    CU_ASSERT_EQUAL(face->take_cost(face->context), strlen("BertCarol"));
    CU_ASSERT_EQUAL(face->take_cost(face->context), 0);
    completed(&desk, "/h");
    CU_ASSERT_EQUAL(face->take_cost(face->context), 0);
    stand_up(&desk);
}

static const char *told(struct desk *desk, enum terminal_hint hint, size_t number)
{
    const struct terminal_face *face = &desk->view.terminal;
    struct buffer out = {0};
    return keep(desk, face->tell(face->context, hint, number, &out), &out);
}

static void the_way_out_is_told_once(void)
{
    struct desk desk;
    sit_down(&desk, "Alice");
    CU_ASSERT_STRING_EQUAL(told(&desk, TERMINAL_HOW_TO_LEAVE, 0),
                           "*** To leave, type /quit. ***\n");
    CU_ASSERT_STRING_EQUAL(told(&desk, TERMINAL_HOW_TO_LEAVE, 0), "");
    stand_up(&desk);
}

static void what_becomes_of_a_paste_is_told_each_time(void)
{
    struct desk desk;
    sit_down(&desk, "Alice");
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_STRING_EQUAL(told(&desk, TERMINAL_PASTE_HELD, 12),
                               "*** 12 lines pasted. Enter sends them, Ctrl-C drops them. ***\n");
        CU_ASSERT_STRING_EQUAL(told(&desk, TERMINAL_PASTE_DROPPED, 0),
                               "*** What was pasted is dropped. ***\n");
        CU_ASSERT_STRING_EQUAL(
            told(&desk, TERMINAL_PASTE_TOO_LONG, 69632),
            "*** Paste too long: the limit is 69632 bytes. Nothing was sent. ***\n");
        CU_ASSERT_STRING_EQUAL(told(&desk, TERMINAL_PASTE_NO_MEMORY, 0),
                               "*** Out of memory. Nothing was pasted. ***\n");
    }
    stand_up(&desk);
}

static void dumb_terminals_have_no_colours(void)
{
    struct desk desk;
    const struct terminal_face *face = &desk.view.terminal;
    sit_down(&desk, "Alice");
    desk.view.paint.color = true;
    face->know_kind(face->context, &(struct terminal_kind){"", 0});
    CU_ASSERT_TRUE(desk.view.paint.color);
    face->know_kind(face->context, &(struct terminal_kind){"DUMB", 0});
    CU_ASSERT_FALSE(desk.view.paint.color);
    /* Who has asked for them since keeps them, though the type is told again. */
    desk.view.paint.color = true;
    face->know_kind(face->context, &(struct terminal_kind){"DUMB", 0});
    CU_ASSERT_TRUE(desk.view.paint.color);
    stand_up(&desk);
}

/* What a MUD client tells decides. */
static void a_client_tells_what_it_can_do(void)
{
    struct desk desk;
    const struct terminal_face *face = &desk.view.terminal;
    struct buffer out = {0};
    sit_down(&desk, "Alice");
    desk.view.paint.color = true;
    face->know_kind(face->context, &(struct terminal_kind){"CLIENT", 0});
    CU_ASSERT_TRUE(desk.view.paint.color);
    face->know_kind(face->context, &(struct terminal_kind){"CLIENT", TELNET_MTTS_TOLD});
    CU_ASSERT_FALSE(desk.view.paint.color);
    desk.view.paint.time = false;
    bool whole = face->dress(face->context, "na\xC3\xAFve \xF0\x9F\x98\x80!\n", 13, &out);
    CU_ASSERT_STRING_EQUAL(keep(&desk, whole, &out), "na?ve ?!\n");
    CU_ASSERT_TRUE(face->is_ascii(face->context));
    stand_up(&desk);
    sit_down(&desk, "Alice");
    face = &desk.view.terminal;
    face->know_kind(
        face->context,
        &(struct terminal_kind){"DUMB", TELNET_MTTS_TOLD | TELNET_MTTS_ANSI | TELNET_MTTS_UTF8});
    CU_ASSERT_TRUE(desk.view.paint.color);
    desk.view.paint.color = desk.view.paint.time = false;
    whole = face->dress(face->context, "na\xC3\xAFve\n", 7, &out);
    CU_ASSERT_STRING_EQUAL(keep(&desk, whole, &out), "na\xC3\xAFve\n");
    CU_ASSERT_FALSE(face->is_ascii(face->context));
    stand_up(&desk);
}

void add_view_suite(void)
{
    static const struct test tests[] = {
        {"the prompt is the name, or asks for it", the_prompt_is_the_name},
        {"the answer to the prompt for a name is not remembered", a_name_is_not_remembered},
        {"of a secret nothing but its prompt is shown", a_secret_is_hidden},
        {"what one said is left standing as others see it",
         what_was_said_is_left_standing_as_others_see_it},
        {"nothing is left standing where nothing was said",
         nothing_is_left_standing_of_nothing_said},
        {"a command is left standing as it was typed", a_command_is_left_standing_as_it_was_typed},
        {"at the prompt for a name all is left standing",
         at_the_prompt_for_a_name_all_is_left_standing},
        {"others' lines are painted for who sees them", others_lines_are_painted},
        {"TAB completes a name, with a colon at the beginning of a line", tab_completes_a_name},
        {"TAB completes a name behind an @", tab_completes_a_name_behind_an_at},
        {"TAB completes what several names share", tab_completes_what_several_names_share},
        {"TAB knows who is here now, by their names of now", tab_knows_who_is_here_now},
        {"TAB completes a command, but only at the beginning", tab_completes_a_command},
        {"candidates are listed in the order in which they came", candidates_are_listed},
        {"no list has more than fifty candidates", no_list_is_longer_than_a_screen},
        {"what completing costs is told once", what_completing_costs_is_told_once},
        {"how to leave is told once", the_way_out_is_told_once},
        {"what becomes of a paste is told each time", what_becomes_of_a_paste_is_told_each_time},
        {"a dumb terminal has no colours unless somebody wants them",
         dumb_terminals_have_no_colours},
        {"what a client tells of colours and UTF-8 decides", a_client_tells_what_it_can_do},
    };
    SUITE_ADD("view", tests);
}
