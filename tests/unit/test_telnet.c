#include "suites.h"

#include "net/telnet.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(table) (sizeof table / sizeof *table)

/* What came out of a stream. */
struct outcome {
    char text[64], replies[64];
    size_t text_length, reply_length;
    bool spoken;
};

static void keep_reply(void *context, const unsigned char command[TELNET_REPLY_BYTES])
{
    struct outcome *outcome = context;
    if (outcome->reply_length + TELNET_REPLY_BYTES > sizeof outcome->replies)
        abort();
    memcpy(outcome->replies + outcome->reply_length, command, TELNET_REPLY_BYTES);
    outcome->reply_length += TELNET_REPLY_BYTES;
}

/* One read, in a block of its own, so that a step behind it is seen by a sanitizer. */
static void receive(struct telnet *telnet, const char *bytes, size_t length,
                    struct outcome *outcome)
{
    char *block = malloc(length > 0 ? length : 1);
    if (block == NULL)
        abort();
    memcpy(block, bytes, length);
    size_t kept = telnet_receive(telnet, block, length, keep_reply, outcome);
    if (kept > length || outcome->text_length + kept > sizeof outcome->text)
        abort();
    memcpy(outcome->text + outcome->text_length, block, kept);
    outcome->text_length += kept;
    free(block);
}

/* Reads a stream that is cut behind byte i where bit i of `cuts` is set, with empty reads between.
 */
static struct outcome read_cut(const char *bytes, size_t length, unsigned long cuts)
{
    struct telnet telnet = {0};
    struct outcome outcome = {.text_length = 0};
    size_t start = 0;
    receive(&telnet, "", 0, &outcome);
    for (size_t i = 0; i < length; i++) {
        if (i + 1 < length && (cuts >> i & 1) == 0)
            continue;
        receive(&telnet, bytes + start, i + 1 - start, &outcome);
        receive(&telnet, "", 0, &outcome);
        start = i + 1;
    }
    outcome.spoken = telnet.spoken;
    return outcome;
}

static bool same(const struct outcome *left, const struct outcome *right)
{
    return left->spoken == right->spoken && left->text_length == right->text_length &&
           left->reply_length == right->reply_length &&
           memcmp(left->text, right->text, left->text_length) == 0 &&
           memcmp(left->replies, right->replies, left->reply_length) == 0;
}

static bool cuts_do_not_matter(const char *bytes, size_t length)
{
    struct outcome whole = read_cut(bytes, length, 0);
    for (unsigned long cuts = 1; cuts < 1UL << (length - 1); cuts++) {
        struct outcome outcome = read_cut(bytes, length, cuts);
        if (!same(&whole, &outcome)) {
            char words[64] = "";
            for (size_t i = 0; i < length && i < 16; i++)
                snprintf(words + 3 * i, 4, "%02X ", (unsigned char)bytes[i]);
            return EXPECT(false, "%scut at %lx", words, cuts);
        }
    }
    return true;
}

#define IAC  "\xFF"
#define DONT "\xFE"
#define DO   "\xFD"
#define WONT "\xFC"
#define WILL "\xFB"
#define SB   "\xFA"
#define SE   "\xF0"
#define NOP  "\xF1"

/* Stream, text and replies; the lengths are of the arrays, as there are NULs in them. */
#define ROW(bytes, text, replies, spoken)                                                          \
    {                                                                                              \
        bytes, sizeof bytes - 1, text, sizeof text - 1, replies, sizeof replies - 1, spoken        \
    }

static const struct {
    const char *bytes;
    size_t length;
    const char *text;
    size_t text_length;
    const char *replies;
    size_t reply_length;
    bool spoken;
} rows[] = {
    ROW("", "", "", false),
    ROW("plain text\r\n", "plain text\r\n", "", false),
    ROW("nul\0in it", "nul\0in it", "", false),
    ROW("\xFA\xFB\xFC\xFD\xFE", "\xFA\xFB\xFC\xFD\xFE", "", false),
    ROW("a" IAC IAC "b",
        "a\xFF"
        "b",
        "", false),
    ROW(IAC IAC IAC IAC, "\xFF\xFF", "", false),
    ROW(IAC IAC IAC NOP IAC IAC, "\xFF\xFF", "", true),
    ROW("a" IAC NOP "b", "ab", "", true),
    ROW("a" IAC, "a", "", false),
    ROW(IAC DO "\1"
               "x",
        "x", IAC WONT "\1", true),
    ROW(IAC WILL "\x22"
                 "x",
        "x", IAC DONT "\x22", true),
    ROW(IAC DONT "\1" IAC WONT "\3"
                 "x",
        "x", "", true),
    ROW(IAC DO "\0" IAC WILL "\0", "", IAC WONT "\0" IAC DONT "\0", true),
    ROW(IAC DO IAC, "", IAC WONT IAC, true),
    ROW(IAC WILL IAC "x", "x", IAC DONT IAC, true),
    ROW(IAC DO "\1" IAC DO "\1"
               "x" IAC DO "\1",
        "x", IAC WONT "\1", true),
    ROW(IAC WILL "\1" IAC WILL "\1", "", IAC DONT "\1", true),
    ROW(IAC DO "\1" IAC DONT "\1" IAC DO "\1", "", IAC WONT "\1", true),
    ROW(IAC SB "\x18\1" IAC SE "x", "x", "", true),
    ROW("a" IAC SB "\x1F\0P\0\x18" IAC SE "b", "ab", "", true),
    ROW(IAC SB "\x1F" IAC IAC "P" IAC IAC IAC SE "x", "x", "", true),
    ROW(IAC SB "\n\r\n" IAC SE "x\n", "x\n", "", true),
    ROW(IAC SB "never ended", "", "", true),
    ROW(IAC SB IAC, "", "", true),
    ROW(IAC SB IAC SE "x", "x", "", true),
    ROW(IAC SB "\x18" IAC DO "\1"
               "x",
        "x", IAC WONT "\1", true),
    ROW(IAC SB "\x18" IAC NOP "x", "x", "", true),
    ROW(IAC SE "x", "x", "", true),
    ROW("a\xF4"
        "b" IAC "\xF4"
        "c" IAC "\xF2",
        "a\xF4"
        "bc",
        "", true),
};

static void known_streams(void)
{
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct outcome outcome = read_cut(rows[i].bytes, rows[i].length, 0);
        EXPECT(outcome.text_length == rows[i].text_length &&
                   memcmp(outcome.text, rows[i].text, outcome.text_length) == 0,
               "text of row %zu", i);
        EXPECT(outcome.reply_length == rows[i].reply_length &&
                   memcmp(outcome.replies, rows[i].replies, outcome.reply_length) == 0,
               "replies of row %zu", i);
        EXPECT(outcome.spoken == rows[i].spoken, "row %zu", i);
    }
}

static void every_cut_of_known_streams(void)
{
    for (size_t i = 0; i < ROWS(rows); i++)
        CU_ASSERT_TRUE(rows[i].length == 0 || cuts_do_not_matter(rows[i].bytes, rows[i].length));
}

static void every_cut_of_every_short_stream(void)
{
    static const char alphabet[] = {'a',
                                    TELNET_IAC - 256,
                                    TELNET_DO - 256,
                                    TELNET_WILL - 256,
                                    TELNET_SB - 256,
                                    TELNET_SE - 256};
    for (size_t length = 1; length <= 6; length++) {
        size_t words = 1;
        for (size_t i = 0; i < length; i++)
            words *= sizeof alphabet;
        for (size_t word = 0; word < words; word++) {
            char bytes[6];
            size_t left = word;
            for (size_t i = 0; i < length; i++, left /= sizeof alphabet)
                bytes[i] = alphabet[left % sizeof alphabet];
            if (!cuts_do_not_matter(bytes, length))
                return;
        }
    }
    CU_PASS("every stream read the same");
}

static void each_option_is_refused_once(void)
{
    struct telnet telnet = {0};
    for (int again = 0; again < 3; again++) {
        for (unsigned option = 0; option < 256; option++) {
            const char commands[] = {TELNET_IAC - 256, TELNET_DO - 256,   (char)option,
                                     TELNET_IAC - 256, TELNET_WILL - 256, (char)option,
                                     TELNET_IAC - 256, TELNET_DONT - 256, (char)option,
                                     TELNET_IAC - 256, TELNET_WONT - 256, (char)option};
            const char replies[] = {TELNET_IAC - 256, TELNET_WONT - 256, (char)option,
                                    TELNET_IAC - 256, TELNET_DONT - 256, (char)option};
            /* DO TIMING-MARK asks for an answer, not for an option, and gets it each time. */
            size_t refused_again = option == TELNET_TIMING_MARK ? sizeof replies / 2 : 0;
            size_t expected = again == 0 ? sizeof replies : refused_again;
            struct outcome outcome = {.text_length = 0};
            receive(&telnet, commands, sizeof commands, &outcome);
            bool right = outcome.text_length == 0 && outcome.reply_length == expected &&
                         memcmp(outcome.replies, replies, outcome.reply_length) == 0;
            EXPECT(right, "option %u, time %d", option, again);
        }
    }
}

/* Two refusers that hear each other fall silent. */
static void refusals_do_not_echo(void)
{
    struct telnet ours = {0};
    struct telnet theirs = {0};
    struct outcome first = {.text_length = 0};
    struct outcome second = {.text_length = 0};
    struct outcome third = {.text_length = 0};
    receive(&ours, IAC DO "\1" IAC WILL "\3", 6, &first);
    CU_ASSERT_EQUAL(first.reply_length, 6);
    receive(&theirs, first.replies, first.reply_length, &second);
    CU_ASSERT_EQUAL(second.reply_length, 0);
    receive(&ours, second.replies, second.reply_length, &third);
    CU_ASSERT_EQUAL(third.reply_length, 0);
}

static void every_command_is_taken_out(void)
{
    for (unsigned command = 0; command < TELNET_SB; command++) {
        const char bytes[] = {'a', TELNET_IAC - 256, (char)command, 'b'};
        struct outcome outcome = read_cut(bytes, sizeof bytes, 0);
        EXPECT(outcome.text_length == 2 && memcmp(outcome.text, "ab", 2) == 0 &&
                   outcome.reply_length == 0 && outcome.spoken,
               "command %u", command);
    }
}

static const struct test tests[] = {
    {"commands are taken out, text stays, options are answered", known_streams},
    {"every cut of these streams reads the same", every_cut_of_known_streams},
    {"every cut of every short stream reads the same", every_cut_of_every_short_stream},
    {"each of the 256 options is refused once each way, DO TIMING-MARK each time",
     each_option_is_refused_once},
    {"two sides never answer each other for ever", refusals_do_not_echo},
    {"every command of two bytes is taken out", every_command_is_taken_out},
};

void add_telnet_suite(void)
{
    SUITE_ADD("telnet", tests);
}
