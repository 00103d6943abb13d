/*
 * The conversation as the client has it, from the prompt for a name to the end.
 */
#include "capture.h"
#include "peer.h"
#include "scratch_file.h"
#include "suites.h"

#include "chat/chat.h"
#include "chat/name.h"
#include "doors/plain/conversation.h"
#include "net/flusher.h"

#include <CUnit/CUnit.h>
#include <pthread.h>

#define PROMPT       "Enter your name: "
#define WARNING_LINE "*** You will be disconnected in 1 minute unless you type something. ***\n"
#define TOO_LONG     "*** Line too long: the limit is 100 bytes. Nothing was sent. ***\n"
#define GOODBYE      "*** Goodbye. ***\n"

/* A time that a test waits for. */
#define SOON (500 * CLOCK_MILLISECOND)

struct visit {
    struct chat chat;
    struct plain door;
    struct peer peer;
    struct flusher *flusher;
    struct event_log *event_log;
    pthread_t thread;
};

static void *hold_conversation(void *argument)
{
    struct visit *visit = argument;
    conversation_hold(visit->peer.conn, &visit->door);
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
 * Makes all that it takes for somebody to come in by a listener for telnet or a plain one. The idle
 * timeout is also how long before it they are warned.
 */
static void prepare_visit(struct visit *visit, bool telnet, int64_t idle_timeout)
{
    const struct event_log_config event_log_config = {.program = "unit"};
    struct chat_config chat_config = {.limits.drain_timeout = CLOCK_SECOND,
                                      .limits.sendq = 1024 * 1024,
                                      .limits.max_rooms = 10,
                                      .limits.rooms_per_client = 3};
    struct conn_config config = {.telnet = telnet, .max_line = 100, .sendq = 65536};
    *visit = (struct visit){
        .door = {.max_line = 100, .idle_timeout = idle_timeout, .idle_warning = idle_timeout}};
    CU_ASSERT_EQUAL_FATAL(event_log_start(&chat_config.event_log, &event_log_config), 0);
    CU_ASSERT_EQUAL_FATAL(chat_open(&visit->chat, &chat_config), 0);
    visit->door.chat = &visit->chat;
    CU_ASSERT_EQUAL_FATAL(flusher_start(&visit->flusher), 0);
    config.flusher = visit->flusher;
    config.address = (struct address_prefix){ADDRESS_IPV4, 32, {192, 0, 2, 1}};
    CU_ASSERT_TRUE_FATAL(peer_open(&visit->peer, &config, 0));
    visit->event_log = chat_config.event_log;
}

/* Has them come in, who have sent `words`. */
static void let_in(struct visit *visit, const char *words)
{
    CU_ASSERT_TRUE(peer_say(&visit->peer, words));
    CU_ASSERT_EQUAL_FATAL(pthread_create(&visit->thread, NULL, hold_conversation, visit), 0);
}

static void begin_visit(struct visit *visit, bool telnet, int64_t idle_timeout, const char *words)
{
    prepare_visit(visit, telnet, idle_timeout);
    let_in(visit, words);
}

static void end_visit(struct visit *visit)
{
    peer_hang_up(&visit->peer);
    pthread_join(visit->thread, NULL);
    flusher_stop(visit->flusher);
    peer_close(&visit->peer);
    chat_close(&visit->chat);
    CU_ASSERT_TRUE(event_log_stop(visit->event_log, PEER_PATIENCE));
    event_log_free(visit->event_log);
}

/*
 * Has somebody come in, send `words` and then nothing more. What they were sent until they were
 * disconnected is left in `text`.
 */
static void visit(bool telnet, const char *words, char *text, size_t size)
{
    struct visit visit;
    begin_visit(&visit, telnet, SOON, words);
    read_all(&visit.peer, text, size);
    end_visit(&visit);
}

/* The same; returns what was logged, which the caller frees. */
static char *visit_logged(const char *words, char *text, size_t size)
{
    struct capture console;
    capture_begin(&console, STDOUT_FILENO);
    visit(false, words, text, size);
    return capture_end(&console);
}

/* Whether somebody who sends `words` by a plain listener is sent exactly this. */
static bool is_answered(const char *words, const char *answer)
{
    char text[4096];
    free(visit_logged(words, text, sizeof text));
    return EXPECT(strcmp(text, answer) == 0, "'%s' is answered %s", words, text);
}

static void a_name_is_asked_for_until_one_is_good(void)
{
    is_answered("\n@Ann\n/help\nMr Bean\nAnn\n/quit\n",
                PROMPT "*** A name needs at least one character. ***\n" PROMPT
                       "*** A name cannot begin with / # @ or *. ***\n" PROMPT "*** " NAME_RULES
                       " ***\n" PROMPT
                       "*** A name cannot contain blanks. How about Mr_Bean? ***\n" PROMPT GOODBYE);
}

static void but_not_for_ever(void)
{
    char long_line[200];
    char words[1000];
    memset(long_line, 'x', sizeof long_line);
    long_line[sizeof long_line - 1] = '\0';
    snprintf(words, sizeof words, "**\n%s\n**\n**\n**\nAnn\n", long_line);
    char text[4096];
    size_t prompts = 0;
    free(visit_logged(words, text, sizeof text));
    for (const char *place = text; (place = strstr(place, PROMPT)) != NULL; place++)
        prompts++;
    CU_ASSERT_EQUAL(prompts, 5);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, PROMPT TOO_LONG PROMPT));
    CU_ASSERT_PTR_NULL(strstr(text, "Welcome"));
}

static void who_quits_at_the_prompt_was_never_here(void)
{
    char text[1000];
    char *log = visit_logged(" /QUIT \nAnn\n", text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, PROMPT GOODBYE);
    CU_ASSERT_STRING_EQUAL(log, "");
    free(log);
}

/* Talk in between, so that the log tells in which order things were done. */
static void lines_are_taken_in_their_order(void)
{
    char text[1000];
    char *log = visit_logged("Ann\n  one \n//two\n\n /me three\n/nick Bea\n///four\n/quit\nfive\n",
                             text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, PROMPT "*** Nobody else is here. ***\n"
                                        "*** Ann is now known as Bea ***\n" GOODBYE);
    CU_ASSERT_STRING_EQUAL(log,
                           "Ann (peer) has joined\nAnn: one\nAnn: /two\n* Ann three\n"
                           "Ann is now known as Bea\nBea: //four\nBea (peer) has left: quit\n");
    free(log);
}

static void a_line_that_is_too_long_is_not_said(void)
{
    char words[300] = "Ann\nshort\n";
    char text[1000];
    size_t length = strlen(words);
    memset(words + length, 'x', 101);
    strcpy(words + length + 101, "\n/quit\n");
    char *log = visit_logged(words, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, PROMPT "*** Nobody else is here. ***\n" TOO_LONG GOODBYE);
    CU_ASSERT_PTR_NOT_NULL(strstr(log, "Ann: short\n"));
    CU_ASSERT_PTR_NULL(strstr(log, "xxx"));
    free(log);
}

static void a_private_message_is_answered(void)
{
    is_answered("Ann\n/reply hi\n/msg Bob hi\n/msg ann psst\n/reply too\n/msg Ann\n/quit\n",
                PROMPT "*** Nobody has sent you a private message yet. ***\n"
                       "*** There is no one here called Bob. ***\n[private] Ann: psst\n"
                       "[private] Ann: too\n*** Usage: /msg NAME TEXT ***\n" GOODBYE);
}

/* IAC DO ECHO, DO SUPPRESS-GO-AHEAD: a terminal that asks for character mode by itself. */
#define TERMINAL "\xFF\xFD\x01\xFF\xFD\x03"

static void pasted_lines_are_said_when_return_says_so(void)
{
    char text[4096];
    char *log = visit_logged(TERMINAL "Ann\r\033[200~one\rtwo\rthree\rfour\033[201~\rfive\r"
                                      "\033[200~\r\rnot said\r\r\033[201~\003/quit\r",
                             text, sizeof text);
    CU_ASSERT_STRING_EQUAL(log, "Ann (peer) has joined\nAnn: one\nAnn: two\nAnn: three\n"
                                "Ann: four\nAnn: five\nAnn (peer) has left: quit\n");
    CU_ASSERT_PTR_NOT_NULL(
        strstr(text, "*** 4 lines pasted. Enter sends them, Ctrl-C drops them. ***"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "*** What was pasted is dropped. ***"));
    free(log);
}

/* One of the lines ends the editing of lines: what follows it are lines all the same. */
static void pasted_lines_outlive_the_terminal(void)
{
    char text[4096];
    char *log =
        visit_logged(TERMINAL "Ann\r\033[200~one\r/edit off\rtwo\rthree\033[201~\rfour\r/quit\r",
                     text, sizeof text);
    CU_ASSERT_STRING_EQUAL(log, "Ann (peer) has joined\nAnn: one\nAnn: two\nAnn: three\n"
                                "Ann: four\nAnn (peer) has left: quit\n");
    free(log);
}

/* Whether all that the client has sent has been read. */
static bool is_taken(void *context)
{
    char byte;
    const struct visit *visit = context;
    return recv(visit->peer.conn_fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0;
}

/* Sends text, and then what is read when that has been taken. */
static void send_in_pieces(struct visit *visit, const char *text, const char *rest)
{
    CU_ASSERT_TRUE(peer_say(&visit->peer, text));
    CU_ASSERT_TRUE(peer_eventually(is_taken, visit));
    CU_ASSERT_TRUE(peer_say(&visit->peer, rest));
}

/* Reads until one of two texts has come. Returns whether it was the first. */
static bool is_first_to_come(struct visit *visit, const char *first, const char *second)
{
    char text[4096] = "";
    size_t length = 0;
    while (length < sizeof text - 1 && peer_receive(&visit->peer, text + length, 1)) {
        text[length] = text[length] == '\0' ? '0' : text[length];
        text[++length] = '\0';
        if (strstr(text, first) != NULL || strstr(text, second) != NULL)
            return strstr(text, first) != NULL;
    }
    EXPECT(false, "neither '%s' nor '%s' has come, but '%s'", first, second, text);
    return false;
}

/*
 * A paste of which the terminal does not say that it is one may come in pieces that are no paste by
 * themselves. They come a moment apart; where this test does not run for longer, it tries again.
 */
static void pieces_of_a_paste_are_taken_together(void)
{
    struct capture console;
    struct visit visit;
    bool held = false;
    capture_begin(&console, STDOUT_FILENO);
    begin_visit(&visit, false, 0, TERMINAL "Ann\r/time off\r/color off\r");
    CU_ASSERT_TRUE(is_first_to_come(&visit, "Colours are off. ***", "\004"));
    for (const char *key = "x\0y\0z"; key != NULL; key = *key == 'z' ? NULL : key + 2) {
        CU_ASSERT_TRUE(peer_say(&visit.peer, key));
        CU_ASSERT_TRUE(is_first_to_come(&visit, key, "\004"));
    }
    for (int i = 0; i < 20 && !held; i++) {
        send_in_pieces(&visit, "the first of these lines\rand a second one\r",
                       "the third of them\rthe last\r");
        held = is_first_to_come(&visit, "4 lines pasted. Enter", "Ann: the last");
    }
    CU_ASSERT_TRUE(held);
    CU_ASSERT_TRUE(peer_say(&visit.peer, "\003\025/quit\r"));
    CU_ASSERT_TRUE(is_first_to_come(&visit, "Goodbye", "\004"));
    end_visit(&visit);
    free(capture_end(&console));
}

/*
 * Programs.
 */

#define REPLY(ok, code, text)                                                                      \
    "{\"type\":\"reply\",\"ok\":" ok ",\"code\":\"" code "\",\"text\":\"" text "\"}\n"
#define PROMPT_OBJECT   "{\"type\":\"prompt\",\"text\":\"Enter your name: \"}\n"
#define BYE(code, text) "{\"type\":\"bye\",\"code\":\"" code "\",\"text\":\"" text "\"}\n"
#define MACHINE_MODE    REPLY("true", "done", "Machine mode is on.")

/* The prompt that stands there is ended, so that each object is a line of its own. */
static void a_program_is_one_from_the_prompt_on(void)
{
    is_answered("/MACHINE on\nMr Bean\n/help\nAnn\n/foo\n/quit\n",
                PROMPT "\n" MACHINE_MODE PROMPT_OBJECT REPLY(
                    "false", "bad-name", "A name cannot contain blanks. How about Mr_Bean?")
                    PROMPT_OBJECT REPLY("true", "help", NAME_RULES) PROMPT_OBJECT //
                        REPLY("false", "unknown-command", "Unknown command: /foo. Type /help.")
                            BYE("quit", "Goodbye."));
}

static void each_command_of_a_program_is_answered(void)
{
    is_answered(
        "Ann\n/machine\n/machine on\nhi\n/me waves\n/sync 7\n/color off\n/edit\n/nick Ann\n/quit\n",
        PROMPT "*** Usage: /machine on ***\n" MACHINE_MODE REPLY(
            "true", "nobody-else", "Nobody else is here.") REPLY("true", "done", "Done.") //
        "{\"type\":\"sync\",\"token\":\"7\"}\n" REPLY("true", "done",
                                                      "Colours are off. It shows while you /edit.")
            REPLY("false", "machine-mode", "Programs have no lines to edit here.")
                REPLY("false", "no-change", "You are called Ann already.") BYE("quit", "Goodbye."));
}

/* Neither that time is up, nor of terminals. */
static void a_program_is_given_no_hints(void)
{
    is_answered("Ann\n/machine on\n\033[D\n", PROMPT MACHINE_MODE BYE("idle", "Idle timeout."));
}

/* What is typed at a terminal behind the command is lines, and its telnet's answers are nothing. */
static void a_terminal_becomes_a_program(void)
{
    char text[4096];
    char *log = visit_logged(TERMINAL "Ann\r/machine on\rhi\r\xFF\xFE\x01\xFF\xFE\x03/quit\r\n",
                             text, sizeof text);
    const char *json = strchr(text, '{');
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    CU_ASSERT_STRING_EQUAL(json, MACHINE_MODE REPLY("true", "nobody-else", "Nobody else is here.")
                                     BYE("quit", "Goodbye."));
    CU_ASSERT_STRING_EQUAL(log, "Ann (peer) has joined\nAnn: hi\nAnn (peer) has left: quit\n");
    free(log);
}

/*
 * Whom it warns that time is up.
 */

static void only_above_two_minutes_is_there_a_warning(void)
{
    CU_ASSERT_EQUAL(conversation_idle_warning(0), 0);
    CU_ASSERT_EQUAL(conversation_idle_warning(60 * CLOCK_SECOND), 0);
    CU_ASSERT_EQUAL(conversation_idle_warning(120 * CLOCK_SECOND), 0);
    CU_ASSERT_EQUAL(conversation_idle_warning(121 * CLOCK_SECOND), 60 * CLOCK_SECOND);
    CU_ASSERT_EQUAL(conversation_idle_warning(300 * CLOCK_SECOND), 60 * CLOCK_SECOND);
}

static void who_types_commands_is_warned(void)
{
    is_answered("Ann\n/foo\n", PROMPT "*** Unknown command: /foo. Type /help. ***\n" //
                WARNING_LINE PLAIN_IDLE_LINE);
}

static void who_asked_at_the_prompt_is_warned(void)
{
    is_answered("/help\nAnn\n",
                PROMPT "*** " NAME_RULES " ***\n" PROMPT WARNING_LINE PLAIN_IDLE_LINE);
}

static void a_script_is_not_warned(void)
{
    is_answered("Ann\n//who is there\n", PROMPT "*** Nobody else is here. ***\n" PLAIN_IDLE_LINE);
}

static void who_came_for_telnet_is_warned(void)
{
    static const char refusal[] = "\xFF\xFE\x01\xFF\xFE\x03"; /* IAC DONT ECHO, DONT SGA */
    struct capture console;
    char words[32];
    char text[1024];
    strcat(strcpy(words, refusal), "Ann\r\n");
    capture_begin(&console, STDOUT_FILENO);
    visit(true, words, text, sizeof text);
    free(capture_end(&console));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "*** You will be disconnected in 1 minute unless you "
                                        "type something. ***\r\n" //
                                        "Disconnected: idle timeout.\r\n"));
}

/*
 * Bans: whoever is banned is refused at the prompt, by name or by address. The ban ends in the year
 * 2037, as a time_t may have 32 bits.
 */

#define END   INT64_C(2114380800000)
#define UNTIL "until 2037-01-01 00:00 UTC"

/* What is sent to somebody, and logged of them, who sends `words` while there is a ban. */
static void visit_banned(const char *name, const char *range, const char *words, char *text,
                         size_t size, char **logged)
{
    struct visit visit;
    struct capture console;
    struct sanction ban = {.kind = SANCTION_BAN, .end = END, .reason = "spam"};
    strcpy(ban.name, name);
    address_prefix_parse(range, strlen(range), &ban.range);
    capture_begin(&console, STDOUT_FILENO);
    prepare_visit(&visit, false, SOON);
    CU_ASSERT_EQUAL(sanctions_impose(visit.chat.sanctions, &ban, 0), 0);
    let_in(&visit, words);
    read_all(&visit.peer, text, size);
    end_visit(&visit);
    *logged = capture_end(&console);
}

static void a_banned_name_is_refused(void)
{
    char text[1024];
    char *logged;
    visit_banned("Mallory", "", "Ma11ory\nAnn\n", text, sizeof text, &logged);
    CU_ASSERT_STRING_EQUAL(text, PROMPT "*** You are banned " UNTIL ": spam ***\n");
    CU_ASSERT_STRING_EQUAL(logged, "peer was refused: the name Ma11ory is banned\n");
    free(logged);
    visit_banned("Mallory", "", "Ann\n/quit\n", text, sizeof text, &logged);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, GOODBYE));
    CU_ASSERT_PTR_NOT_NULL(strstr(logged, "Ann (peer) has joined\n"));
    free(logged);
}

/* The ban may have come while the person was at the prompt. */
static void a_banned_address_is_refused(void)
{
    char text[1024];
    char *logged;
    visit_banned("", "192.0.2.0/24", "Ann\n", text, sizeof text, &logged);
    CU_ASSERT_STRING_EQUAL(text, PROMPT "*** You are banned " UNTIL ": spam ***\n");
    CU_ASSERT_STRING_EQUAL(logged, "peer was refused: its address is banned\n");
    free(logged);
}

static void a_banned_name_cannot_be_taken_later(void)
{
    char text[1024];
    char *logged;
    visit_banned("Mallory", "", "Ann\n/nick mallory\n/quit\n", text, sizeof text, &logged);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "*** The name mallory is banned. ***\n" GOODBYE));
    CU_ASSERT_PTR_NULL(strstr(logged, "is now known as"));
    free(logged);
}

/*
 * The password of the server, and how many have been wrong before from the same address.
 */

#define ASKS     "Password: "
#define NO_ENTRY "*** That is not the password. ***\n"

/* Makes all for a visit to a server whose password is "sesame". */
static void prepare_guarded_visit(struct visit *visit, bool telnet)
{
    struct scratch_file file = scratch_file_make("sesame\n");
    prepare_visit(visit, telnet, SOON);
    CU_ASSERT_EQUAL_FATAL(password_open(&visit->door.password, file.path), 0);
    CU_ASSERT_EQUAL_FATAL(attempts_create(&visit->door.attempts, 0), 0);
    scratch_file_remove(&file);
}

static void end_guarded_visit(struct visit *visit)
{
    struct plain door = visit->door;
    end_visit(visit);
    password_close(door.password);
    attempts_destroy(door.attempts);
}

/* The same for who sends `words` and then nothing more; returns what was logged. */
static char *visit_guarded(const char *words, unsigned failures, char *text, size_t size)
{
    struct visit visit;
    struct capture console;
    struct attempt attempt;
    capture_begin(&console, STDOUT_FILENO);
    prepare_guarded_visit(&visit, false);
    for (unsigned i = 0; i < failures; i++) {
        attempts_begin(visit.door.attempts, link_address(conn_link(visit.peer.conn)), clock_now(),
                       &attempt);
        attempts_end(visit.door.attempts, &attempt, false, clock_now() + 10 * CLOCK_SECOND);
    }
    let_in(&visit, words);
    read_all(&visit.peer, text, size);
    end_guarded_visit(&visit);
    return capture_end(&console);
}

static void the_password_comes_before_the_name(void)
{
    char text[4096];
    char *logged = visit_guarded("sesame\nAnn\n/quit\n", 0, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, ASKS PROMPT GOODBYE);
    free(logged);
    logged = visit_guarded("Ann\n sesame \nAnn\n/quit\n", 0, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, ASKS NO_ENTRY ASKS PROMPT GOODBYE);
    CU_ASSERT_PTR_NOT_NULL(strstr(logged, "password failed: (peer)\nAnn (peer) has joined\n"));
    CU_ASSERT_PTR_NULL(strstr(logged, "sesame"));
    free(logged);
}

static void a_long_line_is_no_password(void)
{
    char text[4096];
    char words[200];
    memset(words, 'x', sizeof words);
    strcpy(words + 110, "\n/quit\n");
    char *logged = visit_guarded(words, 0, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(text, ASKS TOO_LONG ASKS GOODBYE);
    CU_ASSERT_STRING_EQUAL(logged, "");
    free(logged);
}

/* Whoever would wait for too long is told so at once, even with the right one. */
static void too_many_wrong_ones_are_too_many(void)
{
    char text[4096];
    char *logged = visit_guarded("sesame\nAnn\n", 8, text, sizeof text);
    CU_ASSERT_STRING_EQUAL(
        text, ASKS "*** Too many wrong passwords from your address. Try again later. ***\n");
    CU_ASSERT_STRING_EQUAL(logged, "peer was refused: too many wrong passwords from its address\n");
    free(logged);
}

/* Reads until `expected` has come. */
static bool reads_up_to(const struct peer *peer, const char *expected)
{
    char text[4096];
    size_t length = 0;
    while (length < sizeof text - 1 && peer_receive(peer, text + length, 1)) {
        text[length] = text[length] == '\0' ? '0' : text[length];
        text[++length] = '\0';
        if (strstr(text, expected) != NULL)
            return true;
    }
    return false;
}

/* A telnet that stays in line mode is asked not to show the password, and goes on in line mode. */
static void a_password_is_hidden_in_line_mode(void)
{
    struct visit visit;
    struct capture console;
    capture_begin(&console, STDOUT_FILENO);
    prepare_guarded_visit(&visit, true);
    let_in(&visit, "\xFF\xFE\x01\xFF\xFE\x03");                  /* IAC DONT ECHO, DONT SGA */
    bool hidden = reads_up_to(&visit.peer, "\xFF\xFB\x01" ASKS); /* IAC WILL ECHO */
    peer_say(&visit.peer, "\xFF\xFD\x01sesame\r\n");
    bool shown = reads_up_to(&visit.peer, "\r\n\xFF\xFC\x01" PROMPT); /* IAC WONT ECHO */
    peer_say(&visit.peer, "\xFF\xFE\x01"
                          "Ann\r\n/who\r\n/quit\r\n");
    bool goes_on = reads_up_to(&visit.peer, " s ***\r\n*** Goodbye. ***\r\n");
    end_guarded_visit(&visit);
    free(capture_end(&console));
    CU_ASSERT_TRUE(hidden);
    CU_ASSERT_TRUE(shown);
    CU_ASSERT_TRUE(goes_on);
}

void add_conversation_suite(void)
{
    static const struct test tests[] = {
        {"a name is asked for until one is good, and it is told what is wrong",
         a_name_is_asked_for_until_one_is_good},
        {"a name is asked for five times at most", but_not_for_ever},
        {"who quits at the prompt was never here", who_quits_at_the_prompt_was_never_here},
        {"what is said comes before the command behind it, and nothing after /quit",
         lines_are_taken_in_their_order},
        {"a line that is too long is not said, and its author is told",
         a_line_that_is_too_long_is_not_said},
        {"private messages are told and answered, also to oneself", a_private_message_is_answered},
        {"pasted lines are said in their order when Return says so",
         pasted_lines_are_said_when_return_says_so},
        {"pasted lines are said though one of them ends the editing of lines",
         pasted_lines_outlive_the_terminal},
        {"pieces of a paste that are no paste by themselves are taken together",
         pieces_of_a_paste_are_taken_together},
        {"a program is one from the prompt on, if it says so", a_program_is_one_from_the_prompt_on},
        {"each command of a program is answered", each_command_of_a_program_is_answered},
        {"a program is given no hints", a_program_is_given_no_hints},
        {"a terminal becomes a program, and is sent no telnet any more",
         a_terminal_becomes_a_program},
        {"only above two minutes is there a warning", only_above_two_minutes_is_there_a_warning},
        {"who types commands is warned", who_types_commands_is_warned},
        {"who asked at the prompt is warned", who_asked_at_the_prompt_is_warned},
        {"a script is not warned", a_script_is_not_warned},
        {"who came for telnet is warned", who_came_for_telnet_is_warned},
        {"who has a banned name is refused, and told until when", a_banned_name_is_refused},
        {"who is at the prompt when its address is banned is refused", a_banned_address_is_refused},
        {"the password is asked for before the name", the_password_comes_before_the_name},
        {"a line that is too long is a wrong password", a_long_line_is_no_password},
        {"who would wait for too long because of wrong passwords is refused",
         too_many_wrong_ones_are_too_many},
        {"a telnet in line mode is asked not to show the password",
         a_password_is_hidden_in_line_mode},
        {"nobody takes a banned name by /nick", a_banned_name_cannot_be_taken_later},
    };
    SUITE_ADD("conversation", tests);
}
