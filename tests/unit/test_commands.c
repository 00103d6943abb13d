#include "peer.h"
#include "suites.h"

#include "doors/plain/commands.h"

#include <CUnit/CUnit.h>
#include <stdio.h>

/* A caller of whom commands need no more than the conn, and whether it is an operator. What it is
 * sent at once is one datagram. */
struct typist {
    struct peer peer;
    struct caller caller;
};

static const struct user_view nobodys_view = {.format = &format_lines};

static void sit_down(struct typist *typist)
{
    static const struct conn_config config = {.max_line = 4096, .sendq = 65536};
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    CU_ASSERT_TRUE_FATAL(peer_open_ends(&typist->peer, &config, ends));
    typist->caller = (struct caller){.conn = typist->peer.conn, .voice = &plain_voice};
    typist->caller.session.user = user_create(conn_outbox(typist->peer.conn), &nobodys_view);
    CU_ASSERT_PTR_NOT_NULL_FATAL(typist->caller.session.user);
}

/* The same, as an operator. */
static void sit_down_to_keep_order(struct typist *typist)
{
    sit_down(typist);
    atomic_store(&typist->caller.session.user->is_operator, true);
}

static void stand_up(struct typist *typist)
{
    user_release(typist->caller.session.user);
    peer_close(&typist->peer);
}

static void type(struct typist *typist, const char *line)
{
    command_obey(&typist->caller, line, strlen(line));
}

static void help_comes_in_one_piece(void)
{
    static const char first[] = "*** /help talk or msg: more ***\n";
    static const char last[] = "\n*** //TEXT: say /TEXT ***\n";
    struct typist typist;
    char piece[4096] = "";
    sit_down(&typist);
    type(&typist, "/help");
    ssize_t length = recv(typist.peer.fd, piece, sizeof piece - 1, MSG_DONTWAIT);
    CU_ASSERT_FATAL(length > (ssize_t)(strlen(first) + strlen(last)));
    CU_ASSERT_NSTRING_EQUAL(piece, first, strlen(first));
    CU_ASSERT_STRING_EQUAL(piece + (size_t)length - strlen(last), last);
    CU_ASSERT_PTR_NOT_NULL(strstr(piece, "\n*** Talk: /msg /reply /me ***\n"));
    CU_ASSERT_TRUE(peer_has_nothing(&typist.peer));
    stand_up(&typist);
}

/* What is answered to one line; good until the next. */
static const char *answer_to(struct typist *typist, const char *line)
{
    static char got[1024];
    type(typist, line);
    ssize_t length = recv(typist->peer.fd, got, sizeof got - 1, MSG_DONTWAIT);
    got[length > 0 ? length : 0] = '\0';
    return got;
}

/*
 * What /help and the /help of each group, which is the first word of a row, tell in all; good until
 * the next.
 */
static const char *all_help(struct typist *typist)
{
    static char all[16 * 1024];
    char piece[4096] = "";
    char head[32];
    type(typist, "/HELP");
    CU_ASSERT_TRUE(recv(typist->peer.fd, piece, sizeof piece - 1, MSG_DONTWAIT) > 0);
    strcpy(all, piece);
    for (const char *row = piece; *row != '\0'; row += strcspn(row, "\n") + 1) {
        char line[64];
        if (sscanf(row, "*** %31[A-Za-z]:", head) != 1)
            continue;
        snprintf(line, sizeof line, "/help %s", head);
        strcat(all, answer_to(typist, line));
    }
    return all;
}

static const char *const for_operators[] = {"/ban",  "/unban", "/bans",     "/op",
                                            "/deop", "/wall",  "/lockdown", "/nodes"};

enum { FOR_OPERATORS = sizeof for_operators / sizeof *for_operators };

/* Whether the help has the name of a command, and not only the beginning of another one. */
static bool has_command(const char *help, const char *name)
{
    const char *found = help;
    while ((found = strstr(found, name)) != NULL && strchr(" \n", found[strlen(name)]) == NULL)
        found++;
    return found != NULL;
}

static void help_tells_every_command(void)
{
    struct typist typist;
    const char *name;
    sit_down(&typist);
    const char *all = all_help(&typist);
    for (size_t i = 0; (name = command_name(i)) != NULL; i++)
        EXPECT(has_command(all, name), "nothing about %s", name);
    for (size_t i = 0; i < FOR_OPERATORS; i++)
        EXPECT(!has_command(all, for_operators[i]), "%s is shown to all", for_operators[i]);
    stand_up(&typist);
    sit_down_to_keep_order(&typist);
    all = all_help(&typist);
    for (size_t i = 0; (name = command_name(i)) != NULL; i++)
        EXPECT(has_command(all, name), "nothing about %s for operators", name);
    for (size_t i = 0; i < FOR_OPERATORS; i++)
        EXPECT(has_command(all, for_operators[i]), "nothing about %s", for_operators[i]);
    stand_up(&typist);
}

/* Beside the time, "12:00 ", on a screen of 40 by 10 with the prompt below: without a wrapped row.
 */
static void help_is_small(struct typist *typist)
{
    enum { COLUMNS = 39 - 6, ROWS = 9 };
    char piece[4096] = "";
    size_t rows = 0;
    type(typist, "/help");
    CU_ASSERT_TRUE(recv(typist->peer.fd, piece, sizeof piece - 1, MSG_DONTWAIT) > 0);
    for (const char *row = piece; *row != '\0'; row += strcspn(row, "\n") + 1, rows++) {
        size_t length = strcspn(row, "\n");
        EXPECT(length <= COLUMNS, "%.*s has %zu columns", (int)length, row, length);
        EXPECT(strncmp(row, "*** ", 4) == 0 && strncmp(row + length - 4, " ***", 4) == 0,
               "%.*s is not framed", (int)length, row);
    }
    EXPECT(rows <= ROWS, "%zu rows", rows);
}

static void help_fits_a_small_screen(void)
{
    struct typist typist;
    sit_down(&typist);
    help_is_small(&typist);
    stand_up(&typist);
    sit_down_to_keep_order(&typist);
    help_is_small(&typist);
    stand_up(&typist);
}

static void help_tells_more_of_each_command(void)
{
    enum { PARAGRAPH_MAX = 240 }; /* some eight rows of 40 columns */
    struct typist typist;
    const char *name;
    sit_down(&typist);
    for (size_t i = 0; (name = command_name(i)) != NULL; i++) {
        char line[64];
        char slashed[1024];
        snprintf(line, sizeof line, "/help %s", name);
        strcpy(slashed, answer_to(&typist, line));
        snprintf(line, sizeof line, "/help %s and more", name + 1);
        EXPECT(strcmp(answer_to(&typist, line), slashed) == 0, "'%s'", line);
        size_t length = strlen(slashed);
        size_t named = strlen(name);
        EXPECT(strncmp(slashed, "*** ", 4) == 0 && strncmp(slashed + 4, name, named) == 0 &&
                   strchr(": ", slashed[4 + named]) != NULL,
               "'%s' is answered %s", line, slashed);
        EXPECT(length > 60 && length < PARAGRAPH_MAX &&
                   strcmp(slashed + length - strlen(". ***\n"), ". ***\n") == 0 &&
                   strchr(slashed, '\n') == slashed + length - 1,
               "'%s' is answered %s", line, slashed);
    }
    CU_ASSERT_PTR_NOT_NULL(strstr(answer_to(&typist, "/help register"),
                                  "Without it you are asked; while you /edit, nothing shows."));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(answer_to(&typist, "/help password"), "while you /edit, nothing shows."));
    CU_ASSERT_STRING_EQUAL(
        answer_to(&typist, "/HELP ME"),
        "*** /me TEXT: says what you do: the others see * and your name before TEXT. ***\n");
    stand_up(&typist);
}

static void help_tells_of_operators_commands_to_them_alone(void)
{
    struct typist everybody, operator;
    sit_down(&everybody);
    sit_down_to_keep_order(&operator);
    for (size_t i = 0; i < FOR_OPERATORS; i++) {
        const char *name = for_operators[i];
        char line[64];
        char expected[128];
        snprintf(line, sizeof line, "/help %s", name + 1);
        snprintf(expected, sizeof expected, "*** Unknown command: %s. ", name);
        const char *got = answer_to(&everybody, line);
        EXPECT(strncmp(got, expected, strlen(expected)) == 0 &&
                   strstr(got + strlen(expected), name) == NULL,
               "'%s' is answered %s", line, got);
        snprintf(expected, sizeof expected, "*** %s", name);
        got = answer_to(&operator, line);
        EXPECT(strncmp(got, expected, strlen(expected)) == 0, "'%s' is answered %s", line, got);
    }
    stand_up(&operator);
    stand_up(&everybody);
}

static void help_knows_no_other_command(void)
{
    static const struct {
        const char *line, *answer;
    } rows[] = {
        {"/help nonsense", "*** Unknown command: /nonsense. Type /help. ***\n"},
        {"/help /nonsense", "*** Unknown command: /nonsense. Type /help. ***\n"},
        {"/help exit", "*** Unknown command: /exit. Did you mean /quit? ***\n"},
        {"/help mgs Bob", "*** Unknown command: /mgs. Did you mean /msg? ***\n"},
        {"/help a/b", "*** Unknown command: /a/b. To say it, begin with two slashes. ***\n"},
    };
    struct typist typist;
    sit_down(&typist);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = answer_to(&typist, rows[i].line);
        EXPECT(strcmp(got, rows[i].answer) == 0, "'%s' is answered %s", rows[i].line, got);
    }
    stand_up(&typist);
}

static void unknown_commands_are_answered_as_they_are_meant(void)
{
    static const struct {
        const char *line, *answer;
    } rows[] = {
        {"/foo", "*** Unknown command: /foo. Type /help. ***\n"},
        {"/", "*** Unknown command: /. Type /help. ***\n"},
        {"/m", "*** Unknown command: /m. Type /help. ***\n"},
        {"/whoever", "*** Unknown command: /whoever. Type /help. ***\n"},
        {"/etc/passwd is broken",
         "*** Unknown command: /etc/passwd. To say it, begin with two slashes. ***\n"},
        {"/etc/passwd",
         "*** Unknown command: /etc/passwd. To say it, begin with two slashes. ***\n"},
        {"/help/", "*** Unknown command: /help/. To say it, begin with two slashes. ***\n"},
        {"/etc is full", "*** Unknown command: /etc. To say it, begin with two slashes. ***\n"},
        {"/ what", "*** Unknown command: /. To say it, begin with two slashes. ***\n"},
        {"/hlep", "*** Unknown command: /hlep. Did you mean /help? ***\n"},
        {"/HLEP me", "*** Unknown command: /HLEP. Did you mean /help? ***\n"},
        {"/mgs Bob hi", "*** Unknown command: /mgs. Did you mean /msg? ***\n"},
        {"/q", "*** Unknown command: /q. Did you mean /quit? ***\n"},
        {"/exit", "*** Unknown command: /exit. Did you mean /quit? ***\n"},
        {"/Tell Bob hi", "*** Unknown command: /Tell. Did you mean /msg? ***\n"},
        {"/foo\033[31mo", "*** Unknown command: /fooo. Type /help. ***\n"},
    };
    struct typist typist;
    sit_down(&typist);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char got[512] = "";
        type(&typist, rows[i].line);
        CU_ASSERT_TRUE(recv(typist.peer.fd, got, sizeof got - 1, MSG_DONTWAIT) > 0);
        EXPECT(strcmp(got, rows[i].answer) == 0, "'%s' is answered %s", rows[i].line, got);
    }
    stand_up(&typist);
}

static void a_command_is_cleaned_before_it_is_read(void)
{
    static const struct {
        const char *line, *answer;
    } rows[] = {
        {"/he\001lp me\013 ",
         "*** /me TEXT: says what you do: the others see * and your name before TEXT. ***\n"},
        {"/me \001", "*** Usage: /me TEXT ***\n"},
        {"/me\001", "*** Usage: /me TEXT ***\n"},
        {"/me \xE2\x81\xA6 \177", "*** Usage: /me TEXT ***\n"},
        {"/hl\013ep", "*** Unknown command: /hlep. Did you mean /help? ***\n"},
        {"/etc \001", "*** Unknown command: /etc. Type /help. ***\n"},
        {"/m\377e waves", "*** Unknown command: /m\xEF\xBF\xBD\x65. Did you mean /me? ***\n"},
        {"/pass\001word one", "*** Usage: /password [OLD NEW] ***\n"},
    };
    struct typist typist;
    sit_down(&typist);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = answer_to(&typist, rows[i].line);
        EXPECT(strcmp(got, rows[i].answer) == 0, "row %zu is answered %s", i, got);
    }
    stand_up(&typist);
}

static void passwords_are_not_shown(void)
{
    static const struct {
        const char *line, *shown;
    } rows[] = {
        {"/register open sesame", "/register"},     {"/REGISTER sesame", "/REGISTER"},
        {"/regi\001ster sesame", "/regi\001ster"},  {"/regi\013ster sesame", "/regi\013ster"},
        {"/register\001 sesame", "/register\001"},  {"/register", "/register"},
        {"/registers sesame", "/registers sesame"}, {"/me \001waves", "/me \001waves"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        EXPECT(command_shown(rows[i].line, strlen(rows[i].line)) == strlen(rows[i].shown),
               "of row %zu not '%s' is shown", i, rows[i].shown);
}

static void what_is_shown_of_a_long_word_is_short(void)
{
    struct typist typist;
    char line[1000];
    char got[512] = "";
    memset(line, 'x', sizeof line);
    line[0] = '/';
    sit_down(&typist);
    command_obey(&typist.caller, line, sizeof line);
    ssize_t length = recv(typist.peer.fd, got, sizeof got - 1, MSG_DONTWAIT);
    CU_ASSERT_TRUE(length > 0 && length < 200);
    CU_ASSERT_PTR_NOT_NULL(strstr(got, "xxx. Type /help. ***\n"));
    stand_up(&typist);
}

void add_commands_suite(void)
{
    static const struct test tests[] = {
        {"/help comes in one piece", help_comes_in_one_piece},
        {"/help tells every command", help_tells_every_command},
        {"/help fits a screen of 40 by 10, beside the time", help_fits_a_small_screen},
        {"/help tells more of each command, with its slash and without",
         help_tells_more_of_each_command},
        {"/help tells of operators' commands to them alone",
         help_tells_of_operators_commands_to_them_alone},
        {"/help knows no other command", help_knows_no_other_command},
        {"unknown commands are answered as they are meant",
         unknown_commands_are_answered_as_they_are_meant},
        {"a command is cleaned before it is read", a_command_is_cleaned_before_it_is_read},
        {"passwords are not shown", passwords_are_not_shown},
        {"what is shown of a long word is short", what_is_shown_of_a_long_word_is_short},
    };
    SUITE_ADD("commands", tests);
}
