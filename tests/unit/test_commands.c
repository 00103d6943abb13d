#include "peer.h"
#include "suites.h"

#include "doors/plain/commands.h"

#include <CUnit/CUnit.h>

/* A caller of whom commands need no more than the conn. What it is sent at once is one datagram. */
struct typist {
    struct peer peer;
    struct caller caller;
};

static void sit_down(struct typist *typist)
{
    static const struct conn_config config = {.max_line = 4096, .sendq = 65536};
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
    CU_ASSERT_TRUE_FATAL(peer_open_ends(&typist->peer, &config, ends));
    typist->caller = (struct caller){.conn = typist->peer.conn};
}

static void stand_up(struct typist *typist)
{
    peer_close(&typist->peer);
}

static void type(struct typist *typist, const char *line)
{
    command_obey(&typist->caller, line, strlen(line));
}

static void help_comes_in_one_piece(void)
{
    static const char first[] = "*** /help: this list ***\n";
    static const char last[] = "\n*** //TEXT: say /TEXT ***\n";
    struct typist typist;
    char piece[4096] = "";
    sit_down(&typist);
    type(&typist, "/help");
    ssize_t length = recv(typist.peer.fd, piece, sizeof piece - 1, MSG_DONTWAIT);
    CU_ASSERT_FATAL(length > (ssize_t)(strlen(first) + strlen(last)));
    CU_ASSERT_NSTRING_EQUAL(piece, first, strlen(first));
    CU_ASSERT_STRING_EQUAL(piece + (size_t)length - strlen(last), last);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(piece, "\n*** /msg NAME TEXT: say something to NAME alone ***\n"));
    CU_ASSERT_TRUE(peer_has_nothing(&typist.peer));
    stand_up(&typist);
}

static void help_tells_every_command(void)
{
    struct typist typist;
    char piece[4096] = "";
    const char *name;
    sit_down(&typist);
    type(&typist, "/HELP");
    CU_ASSERT_TRUE(recv(typist.peer.fd, piece, sizeof piece - 1, MSG_DONTWAIT) > 0);
    for (size_t i = 0; (name = command_name(i)) != NULL; i++)
        EXPECT(strstr(piece, name) != NULL, "nothing about %s", name);
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
        {"/exi\033[31mt", "*** Unknown command: /exi[31mt. Type /help. ***\n"},
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
        {"unknown commands are answered as they are meant",
         unknown_commands_are_answered_as_they_are_meant},
        {"what is shown of a long word is short", what_is_shown_of_a_long_word_is_short},
    };
    SUITE_ADD("commands", tests);
}
