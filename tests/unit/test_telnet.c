#include "suites.h"

#include "net/telnet.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(table) (sizeof table / sizeof *table)

enum { KEPT_MAX = 160 };

/* What came out of a stream. */
struct outcome {
    uint16_t trace[KEPT_MAX]; /* text and events in their order: an event is 256 and its number */
    char text[KEPT_MAX], events[KEPT_MAX], replies[KEPT_MAX];
    size_t trace_length, text_length, event_length, reply_length;
    bool spoken;
};

/* A letter for each event. */
static const char event_letters[] = {
    [TELNET_TEXT] = '?',          [TELNET_SPEAKS] = 'S',    [TELNET_MODE] = 'M',
    [TELNET_SCREEN] = 'C',        [TELNET_TERMINAL] = 'K',  [TELNET_MARKED] = 'T',
    [TELNET_ARE_YOU_THERE] = 'A', [TELNET_DROP_LINE] = 'D', [TELNET_END_OF_FILE] = 'E'};

static void keep_reply(void *context, const unsigned char *commands, size_t length)
{
    struct outcome *outcome = context;
    if (outcome->reply_length + length > sizeof outcome->replies)
        abort();
    memcpy(outcome->replies + outcome->reply_length, commands, length);
    outcome->reply_length += length;
}

static void keep_received(struct outcome *outcome, const char *text,
                          const struct telnet_received *received)
{
    if (outcome->trace_length + received->text + 1 > ROWS(outcome->trace))
        abort();
    for (size_t i = 0; i < received->text; i++)
        outcome->trace[outcome->trace_length++] = (unsigned char)text[i];
    memcpy(outcome->text + outcome->text_length, text, received->text);
    outcome->text_length += received->text;
    if (received->event == TELNET_TEXT)
        return;
    outcome->trace[outcome->trace_length++] = (uint16_t)(256 + received->event);
    outcome->events[outcome->event_length++] = event_letters[received->event];
}

/* One read, in a block of its own, so that a step behind it is seen by a sanitizer. */
static void receive(struct telnet *telnet, const char *bytes, size_t length,
                    struct outcome *outcome)
{
    char *block = malloc(length > 0 ? length : 1);
    if (block == NULL)
        abort();
    memcpy(block, bytes, length);
    size_t begin = 0;
    size_t text = 0;
    struct telnet_received received;
    do {
        received = telnet_receive(telnet, block + text, block + begin, length - begin, keep_reply,
                                  outcome);
        if (received.consumed > length - begin)
            abort();
        begin += received.consumed;
        if (text + received.text > begin)
            abort();
        keep_received(outcome, block + text, &received);
        text += received.text;
    } while (received.event != TELNET_TEXT);
    if (begin != length)
        abort();
    free(block);
}

#define IAC      "\xFF"
#define DONT     "\xFE"
#define DO       "\xFD"
#define WONT     "\xFC"
#define WILL     "\xFB"
#define SB       "\xFA"
#define SE       "\xF0"
#define EOF_     "\xEC"
#define SUSP     "\xED"
#define ABORT    "\xEE"
#define EOR      "\xEF"
#define NOP      "\xF1"
#define DM       "\xF2"
#define BRK      "\xF3"
#define IP       "\xF4"
#define AO       "\xF5"
#define AYT      "\xF6"
#define EC       "\xF7"
#define EL       "\xF8"
#define GA       "\xF9"

#define BINARY   "\0"
#define ECHO     "\1"
#define SGA      "\3"
#define TM       "\6"
#define TTYPE    "\x18"
#define RECORD   "\x19"
#define NAWS     "\x1F"
#define LINEMODE "\x22"
#define CHARSET  "\x2A"

#define SEND     IAC SB TTYPE "\1" IAC SE
#define ACCEPTED IAC SB CHARSET "\2UTF-8" IAC SE
#define REJECTED IAC SB CHARSET "\3" IAC SE

#define OFFER    IAC WILL SGA IAC WILL ECHO IAC DO NAWS IAC DO TTYPE IAC DO BINARY IAC WILL RECORD

/* What has happened before a stream. */
enum before { PASSIVE, OFFERED, CHARACTER, WITHDRAWN };

static struct telnet telnet_before(enum before before)
{
    struct telnet telnet = {0};
    struct outcome ignored = {.text_length = 0};
    if (before != PASSIVE)
        telnet_offer(&telnet, keep_reply, &ignored);
    if (before == CHARACTER || before == WITHDRAWN)
        receive(&telnet, IAC DO ECHO IAC DO SGA, 6, &ignored);
    if (before == WITHDRAWN)
        telnet_withdraw(&telnet, keep_reply, &ignored);
    return telnet;
}

/* Reads a stream that is cut behind byte i where bit i of `cuts` is set, with empty reads between.
 */
static struct outcome read_cut(enum before before, const char *bytes, size_t length,
                               unsigned long long cuts)
{
    struct telnet telnet = telnet_before(before);
    struct outcome outcome = {.text_length = 0};
    size_t start = 0;
    receive(&telnet, "", 0, &outcome);
    for (size_t i = 0; i < length; i++) {
        if (i + 1 < length && (i > 63 || (cuts >> i & 1) == 0))
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
    return left->spoken == right->spoken && left->trace_length == right->trace_length &&
           left->reply_length == right->reply_length &&
           memcmp(left->trace, right->trace, left->trace_length * sizeof *left->trace) == 0 &&
           memcmp(left->replies, right->replies, left->reply_length) == 0;
}

static bool cut_does_not_matter(enum before before, const char *bytes, size_t length,
                                const struct outcome *whole, unsigned long long cuts)
{
    struct outcome outcome = read_cut(before, bytes, length, cuts);
    if (same(whole, &outcome))
        return true;
    char words[64] = "";
    for (size_t i = 0; i < length && i < 16; i++)
        snprintf(words + 3 * i, 4, "%02X ", (unsigned char)bytes[i]);
    return EXPECT(false, "%scut at %llx", words, cuts);
}

/* Every way to cut a short stream; of a long one, each one cut, each two, and all. */
static bool cuts_do_not_matter(enum before before, const char *bytes, size_t length)
{
    struct outcome whole = read_cut(before, bytes, length, 0);
    if (length <= 12) {
        for (unsigned long long cuts = 1; cuts < 1ULL << (length - 1); cuts++)
            if (!cut_does_not_matter(before, bytes, length, &whole, cuts))
                return false;
        return true;
    }
    for (size_t i = 0; i + 1 < length && i < 64; i++)
        for (size_t j = i; j + 1 < length && j < 64; j++)
            if (!cut_does_not_matter(before, bytes, length, &whole, 1ULL << i | 1ULL << j))
                return false;
    return cut_does_not_matter(before, bytes, length, &whole, ~0ULL);
}

/* Stream, text and replies; the lengths are of the arrays, as there are NULs in them. */
#define ROW(before, bytes, text, replies, events)                                                  \
    {                                                                                              \
        before, bytes, sizeof bytes - 1, text, sizeof text - 1, replies, sizeof replies - 1,       \
            events                                                                                 \
    }

static const struct {
    enum before before;
    const char *bytes;
    size_t length;
    const char *text;
    size_t text_length;
    const char *replies;
    size_t reply_length;
    const char *events; /* their letters */
} rows[] = {
    ROW(PASSIVE, "", "", "", ""),
    ROW(PASSIVE, "plain text\r\n", "plain text\r\n", "", ""),
    ROW(PASSIVE, "nul\0in it", "nul\0in it", "", ""),
    ROW(PASSIVE, "\xFA\xFB\xFC\xFD\xFE", "\xFA\xFB\xFC\xFD\xFE", "", ""),
    ROW(PASSIVE, "a" IAC IAC "b",
        "a\xFF"
        "b",
        "", ""),
    ROW(PASSIVE, IAC IAC IAC IAC, "\xFF\xFF", "", ""),
    ROW(PASSIVE, IAC IAC IAC NOP IAC IAC, "\xFF\xFF", "", "S"),
    ROW(PASSIVE, "a" IAC NOP "b", "ab", "", "S"),
    ROW(PASSIVE, "a" IAC, "a", "", ""),
    ROW(PASSIVE,
        IAC DO "\1"
               "x",
        "x", IAC WONT "\1", "S"),
    ROW(PASSIVE,
        IAC WILL "\x22"
                 "x",
        "x", IAC DONT "\x22", "S"),
    ROW(PASSIVE,
        IAC DONT "\1" IAC WONT "\3"
                 "x",
        "x", "", "S"),
    ROW(PASSIVE, IAC DO "\0" IAC WILL "\0", "", IAC WONT "\0" IAC DONT "\0", "S"),
    ROW(PASSIVE, IAC DO IAC, "", IAC WONT IAC, "S"),
    ROW(PASSIVE, IAC WILL IAC "x", "x", IAC DONT IAC, "S"),
    ROW(PASSIVE,
        IAC DO "\1" IAC DO "\1"
               "x" IAC DO "\1",
        "x", IAC WONT "\1", "S"),
    ROW(PASSIVE, IAC WILL "\1" IAC WILL "\1", "", IAC DONT "\1", "S"),
    ROW(PASSIVE, IAC DO "\1" IAC DONT "\1" IAC DO "\1", "", IAC WONT "\1", "S"),
    ROW(PASSIVE, IAC SB "\x18\1" IAC SE "x", "x", "", "S"),
    ROW(PASSIVE, "a" IAC SB "\x1F\0P\0\x18" IAC SE "b", "ab", "", "S"),
    ROW(PASSIVE, IAC SB "\x1F" IAC IAC "P" IAC IAC IAC SE "x", "x", "", "S"),
    ROW(PASSIVE, IAC SB "\n\r\n" IAC SE "x\n", "x\n", "", "S"),
    ROW(PASSIVE, IAC SB "never ended", "", "", "S"),
    ROW(PASSIVE, IAC SB IAC, "", "", "S"),
    ROW(PASSIVE, IAC SB IAC SE "x", "x", "", "S"),
    ROW(PASSIVE,
        IAC SB "\x18" IAC DO "\1"
               "x",
        "x", IAC WONT "\1", "S"),
    ROW(PASSIVE, IAC SB "\x18" IAC NOP "x", "x", "", "S"),
    ROW(PASSIVE, IAC SE "x", "x", "", "S"),
    ROW(PASSIVE,
        "a\xF4"
        "b" IAC "\xF4"
        "c" IAC "\xF2",
        "a\xF4"
        "bc",
        "", "SD"),

    /* TIMING-MARK is the one option that is answered each time. */
    ROW(PASSIVE, IAC DO TM IAC DO TM "x", "x", IAC WILL TM IAC WILL TM, "S"),
    ROW(PASSIVE, IAC WILL TM IAC WILL TM IAC DONT TM IAC WONT TM, "", IAC DONT TM, "S"),
    /* Nothing but refusals before an offer, not even to what an offer asks for. */
    ROW(PASSIVE, IAC WILL NAWS IAC SB NAWS "\0P\0\x18" IAC SE, "", IAC DONT NAWS, "S"),
    ROW(PASSIVE, IAC DO ECHO IAC DO SGA IAC DO BINARY, "",
        IAC WONT ECHO IAC WONT SGA IAC WONT BINARY, "S"),
    ROW(PASSIVE, IAC WILL TTYPE IAC WILL CHARSET IAC SB CHARSET "\1;UTF-8" IAC SE, "",
        IAC DONT TTYPE IAC DONT CHARSET, "S"),
    /* Commands in line mode. */
    ROW(PASSIVE, "a" IAC IP "b" IAC BRK "c" IAC ABORT "d" IAC EL "e", "abcde", "", "SDDDD"),
    ROW(PASSIVE, "a" IAC EOF_ "b" IAC AYT "c" IAC EC "d", "abcd", "", "SEA"),
    ROW(PASSIVE, "a" IAC SUSP IAC AO IAC GA IAC DM IAC EOR "b", "ab", "", "S"),
    ROW(PASSIVE, IAC SB NAWS IAC IP "x", "x", "", "SD"),
    /* What answers an offer. */
    ROW(OFFERED, IAC DO ECHO "a" IAC DO SGA "b", "ab", "", "SM"),
    ROW(OFFERED, IAC DONT ECHO IAC DONT SGA, "", "", "SM"),
    ROW(OFFERED, IAC DO ECHO IAC DONT SGA, "", "", "SM"),
    ROW(OFFERED, IAC DO ECHO IAC DO SGA IAC DO ECHO IAC DO SGA, "", "", "SM"),
    ROW(OFFERED, IAC WILL SGA IAC WILL SGA IAC WONT SGA IAC WONT SGA, "", IAC DO SGA IAC DONT SGA,
        "S"),
    ROW(OFFERED, IAC WILL ECHO IAC WILL ECHO, "", IAC DONT ECHO, "S"),
    ROW(OFFERED, IAC DO NAWS IAC DO TTYPE, "", IAC WONT NAWS IAC WONT TTYPE, "S"),
    ROW(OFFERED, IAC DO LINEMODE IAC WILL LINEMODE IAC DO LINEMODE, "",
        IAC WONT LINEMODE IAC DONT LINEMODE, "S"),
    ROW(OFFERED, IAC DO BINARY IAC WILL BINARY IAC DO BINARY, "", IAC WILL BINARY, "S"),
    ROW(OFFERED, IAC DO BINARY IAC DONT BINARY IAC DONT BINARY, "", IAC WILL BINARY IAC WONT BINARY,
        "S"),
    /* Character mode, and leaving it. */
    ROW(CHARACTER, "a" IAC IP "b" IAC BRK "c" IAC ABORT "d",
        "a\3b\3"
        "c\3"
        "d",
        "", ""),
    ROW(CHARACTER, "a" IAC EOF_ IAC EC IAC EL, "a\4\x7F\x15", "", ""),
    ROW(CHARACTER, "a" IAC SUSP IAC AO IAC GA IAC DM IAC EOR IAC AYT "b", "ab", "", "A"),
    ROW(CHARACTER, IAC DONT ECHO IAC IP "x", "x", IAC WONT ECHO, "MD"),
    ROW(CHARACTER, IAC DONT ECHO IAC DONT SGA IAC DO ECHO IAC DO SGA IAC IP, "\3",
        IAC WONT ECHO IAC WONT SGA IAC WILL ECHO IAC WILL SGA, "MM"),
    ROW(WITHDRAWN, IAC IP IAC DONT ECHO IAC DONT SGA, "", "", "DM"),
    ROW(WITHDRAWN, IAC DONT ECHO IAC DONT SGA IAC DO ECHO IAC DO SGA IAC DO ECHO, "",
        IAC WILL ECHO IAC WILL SGA, "MM"),
    ROW(OFFERED, IAC WILL NAWS "a" IAC SB NAWS "\0P\0\x18" IAC SE "b", "ab", "", "SC"),
    ROW(OFFERED, IAC SB NAWS "\0P\0\x18" IAC SE, "", "", "S"),
    ROW(OFFERED, IAC WILL NAWS IAC SB NAWS "\0P\0" IAC SE IAC SB NAWS "\0P\0\x18\0" IAC SE, "", "",
        "S"),
    ROW(OFFERED, IAC WILL NAWS IAC SB NAWS "\0P\0\x18" IAC SE IAC SB NAWS "\0P\0\x18" IAC SE, "",
        "", "SC"),
    ROW(OFFERED, IAC WILL NAWS IAC SB NAWS "\0P\0\x18" IAC SE IAC SB NAWS "\0P\0\x19" IAC SE, "",
        "", "SCC"),
    ROW(OFFERED, IAC WILL NAWS IAC SB NAWS "\0P\0\x18" IAC NOP "x", "x", "", "S"),
    ROW(OFFERED, IAC WILL TTYPE IAC WONT TTYPE IAC WILL TTYPE, "", SEND IAC DONT TTYPE IAC DO TTYPE,
        "S"),
    ROW(OFFERED, IAC DO RECORD IAC DO RECORD IAC DONT RECORD, "", IAC WONT RECORD, "S"),
    ROW(PASSIVE, IAC DO RECORD IAC DO RECORD, "", IAC WONT RECORD, "S"),
    /* Types are asked for until one comes again, or the third. */
    ROW(OFFERED, IAC WILL TTYPE IAC SB TTYPE "\0vt" IAC SE IAC SB TTYPE "\0VT" IAC SE, "",
        SEND SEND, "SK"),
    ROW(OFFERED, IAC WILL TTYPE IAC SB TTYPE "\0vt" IAC SE IAC SB TTYPE "\0xx" IAC SE, "",
        SEND SEND SEND, "SK"),
    ROW(OFFERED,
        IAC WILL TTYPE IAC SB TTYPE "\0a" IAC SE IAC SB TTYPE "\0b" IAC SE IAC SB TTYPE
                                    "\0c" IAC SE IAC SB TTYPE "\0MTTS 1" IAC SE,
        "", SEND SEND SEND, "SK"),
    ROW(OFFERED, IAC WILL TTYPE IAC SB TTYPE "\0MTTS 1" IAC SE IAC SB TTYPE "\0MTTS 1" IAC SE, "",
        SEND, "SK"),
    ROW(OFFERED, IAC WILL TTYPE IAC SB TTYPE "\0" IAC SE IAC SB TTYPE "\0vt" IAC SE, "", SEND, "S"),
    ROW(OFFERED, IAC SB TTYPE "\0vt100" IAC SE IAC SB TTYPE "\1" IAC SE, "", "", "S"),
    /* The character set. */
    ROW(OFFERED, IAC SB CHARSET "\1;UTF-8" IAC SE, "", "", "S"),
    ROW(OFFERED, IAC DO CHARSET IAC SB CHARSET "\1;UTF-8" IAC SE, "", IAC WILL CHARSET ACCEPTED,
        "S"),
    ROW(OFFERED, IAC WILL CHARSET IAC SB CHARSET "\1 LATIN1 utf-8 X" IAC SE, "",
        IAC DO CHARSET ACCEPTED, "S"),
    ROW(OFFERED, IAC WILL CHARSET IAC SB CHARSET "\1;UTF-88;UTF;-8;XUTF-8" IAC SE, "",
        IAC DO CHARSET REJECTED, "S"),
    ROW(OFFERED, IAC WILL CHARSET IAC SB CHARSET "\1;A-NAME-LONGER-THAN-WHAT-IS-KEPT;UTF-8" IAC SE,
        "", IAC DO CHARSET ACCEPTED, "S"),
    ROW(OFFERED, IAC WILL CHARSET IAC SB CHARSET "\1" IAC SE IAC SB CHARSET IAC SE, "",
        IAC DO CHARSET REJECTED, "S"),
    ROW(OFFERED, IAC WILL CHARSET IAC SB CHARSET "\2UTF-8" IAC SE IAC SB CHARSET "\3" IAC SE, "",
        IAC DO CHARSET, "S"),
};

static void known_streams(void)
{
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct outcome outcome = read_cut(rows[i].before, rows[i].bytes, rows[i].length, 0);
        EXPECT(outcome.text_length == rows[i].text_length &&
                   memcmp(outcome.text, rows[i].text, outcome.text_length) == 0,
               "text of row %zu", i);
        EXPECT(outcome.reply_length == rows[i].reply_length &&
                   memcmp(outcome.replies, rows[i].replies, outcome.reply_length) == 0,
               "replies of row %zu", i);
        EXPECT(strcmp(outcome.events, rows[i].events) == 0, "events of row %zu: %s", i,
               outcome.events);
        EXPECT(rows[i].before != PASSIVE || outcome.spoken == (rows[i].events[0] == 'S'), "row %zu",
               i);
    }
}

static void every_cut_of_known_streams(void)
{
    for (size_t i = 0; i < ROWS(rows); i++)
        CU_ASSERT_TRUE(rows[i].length == 0 ||
                       cuts_do_not_matter(rows[i].before, rows[i].bytes, rows[i].length));
}

static bool every_word(enum before before, const char *alphabet, size_t letters, size_t length)
{
    size_t words = 1;
    for (size_t i = 0; i < length; i++)
        words *= letters;
    for (size_t word = 0; word < words; word++) {
        char bytes[8];
        size_t left = word;
        for (size_t i = 0; i < length; i++, left /= letters)
            bytes[i] = alphabet[left % letters];
        if (!cuts_do_not_matter(before, bytes, length))
            return false;
    }
    return true;
}

static void every_cut_of_every_short_stream(void)
{
    static const char passive[] = {'a',
                                   (char)TELNET_IAC,
                                   (char)TELNET_DO,
                                   (char)TELNET_WILL,
                                   (char)TELNET_SB,
                                   (char)TELNET_SE};
    static const char offered[] = {
        1, 3, (char)TELNET_IAC, (char)TELNET_DO, (char)TELNET_DONT, (char)TELNET_IP};
    for (size_t length = 1; length <= 6; length++) {
        if (!every_word(PASSIVE, passive, sizeof passive, length) ||
            !every_word(OFFERED, offered, sizeof offered, length))
            return;
    }
    CU_PASS("every stream read the same");
}

static void each_option_is_refused_once(void)
{
    struct telnet telnet = {0};
    for (int again = 0; again < 3; again++) {
        for (unsigned option = 0; option < 256; option++) {
            if (option == 6) /* TIMING-MARK */
                continue;
            const char commands[] = {(char)TELNET_IAC, (char)TELNET_DO,   (char)option,
                                     (char)TELNET_IAC, (char)TELNET_WILL, (char)option,
                                     (char)TELNET_IAC, (char)TELNET_DONT, (char)option,
                                     (char)TELNET_IAC, (char)TELNET_WONT, (char)option};
            const char replies[] = {(char)TELNET_IAC, (char)TELNET_WONT, (char)option,
                                    (char)TELNET_IAC, (char)TELNET_DONT, (char)option};
            struct outcome outcome = {.text_length = 0};
            receive(&telnet, commands, sizeof commands, &outcome);
            bool right = outcome.text_length == 0 &&
                         outcome.reply_length == (again == 0 ? sizeof replies : 0) &&
                         memcmp(outcome.replies, replies, outcome.reply_length) == 0;
            EXPECT(right, "option %u, time %d", option, again);
        }
    }
}

static void every_command_is_taken_out(void)
{
    for (unsigned command = 0; command < TELNET_SB; command++) {
        const char bytes[] = {'a', (char)TELNET_IAC, (char)command, 'b'};
        struct outcome outcome = read_cut(PASSIVE, bytes, sizeof bytes, 0);
        EXPECT(outcome.text_length == 2 && memcmp(outcome.text, "ab", 2) == 0 &&
                   outcome.reply_length == 0 && outcome.spoken,
               "command %u", command);
    }
}

/* Whether the replies so far are these; forgets them. */
static bool replied(struct outcome *outcome, const char *replies, size_t length)
{
    bool right = outcome->reply_length == length && memcmp(outcome->replies, replies, length) == 0;
    outcome->reply_length = 0;
    return right;
}

#define REPLIED(outcome, replies)       replied(outcome, replies, sizeof replies - 1)
#define RECEIVE(telnet, bytes, outcome) receive(telnet, bytes, sizeof bytes - 1, outcome)

static void an_event_stands_between_its_text(void)
{
    static const uint16_t trace[] = {256 + TELNET_SPEAKS, 'b', 256 + TELNET_DROP_LINE, 'c', 'd'};
    struct outcome outcome = read_cut(PASSIVE, IAC NOP "b" IAC IP "cd", 7, 0);
    CU_ASSERT_EQUAL(outcome.trace_length, ROWS(trace));
    CU_ASSERT_EQUAL(memcmp(outcome.trace, trace, sizeof trace), 0);
}

static void an_offer_asks_once(void)
{
    struct telnet telnet = {0};
    struct outcome outcome = {.text_length = 0};
    CU_ASSERT_FALSE(telnet_answered(&telnet));
    telnet_offer(&telnet, keep_reply, &outcome);
    CU_ASSERT_TRUE(REPLIED(&outcome, OFFER));
    telnet_offer(&telnet, keep_reply, &outcome);
    CU_ASSERT_EQUAL(outcome.reply_length, 0);
    CU_ASSERT_FALSE(telnet_answered(&telnet));
    RECEIVE(&telnet, IAC DO ECHO, &outcome);
    CU_ASSERT_FALSE(telnet_answered(&telnet));
    CU_ASSERT_FALSE(telnet_echoes(&telnet));
    RECEIVE(&telnet, IAC DO SGA IAC WILL SGA IAC WILL NAWS, &outcome);
    CU_ASSERT_TRUE(telnet_answered(&telnet));
    CU_ASSERT_TRUE(telnet_echoes(&telnet));
    CU_ASSERT_TRUE(REPLIED(&outcome, IAC DO SGA));
    telnet_offer(&telnet, keep_reply, &outcome);
    CU_ASSERT_EQUAL(outcome.reply_length, 0);
}

static void a_refused_offer_is_an_answer(void)
{
    struct telnet telnet = telnet_before(OFFERED);
    struct outcome outcome = {.text_length = 0};
    RECEIVE(&telnet, IAC DONT ECHO IAC DONT SGA IAC WONT NAWS IAC WONT TTYPE, &outcome);
    CU_ASSERT_TRUE(telnet_answered(&telnet));
    CU_ASSERT_FALSE(telnet_echoes(&telnet));
    CU_ASSERT_EQUAL(outcome.reply_length, 0);
}

static void a_withdrawal_waits_for_its_turn(void)
{
    struct telnet telnet = telnet_before(CHARACTER);
    struct outcome outcome = {.text_length = 0};
    telnet_withdraw(&telnet, keep_reply, &outcome);
    CU_ASSERT_TRUE(REPLIED(&outcome, IAC WONT ECHO IAC WONT SGA));
    CU_ASSERT_FALSE(telnet_echoes(&telnet));
    telnet_offer(&telnet, keep_reply, &outcome);
    CU_ASSERT_EQUAL(outcome.reply_length, 0);
    RECEIVE(&telnet, IAC DONT ECHO IAC DONT SGA, &outcome);
    CU_ASSERT_TRUE(REPLIED(&outcome, IAC WILL ECHO IAC WILL SGA));
    telnet_withdraw(&telnet, keep_reply, &outcome);
    CU_ASSERT_EQUAL(outcome.reply_length, 0);
    RECEIVE(&telnet, IAC DO ECHO IAC DO SGA, &outcome);
    CU_ASSERT_TRUE(REPLIED(&outcome, IAC WONT ECHO IAC WONT SGA));
    CU_ASSERT_FALSE(telnet_answered(&telnet));
    RECEIVE(&telnet, IAC DONT ECHO IAC DONT SGA, &outcome);
    CU_ASSERT_TRUE(telnet_answered(&telnet));
    CU_ASSERT_FALSE(telnet_echoes(&telnet));
    CU_ASSERT_EQUAL(outcome.reply_length, 0);
}

static void a_mark_is_asked_for_and_comes(void)
{
    static const char *const answers[] = {IAC WILL TM, IAC WONT TM};
    struct telnet telnet = telnet_before(CHARACTER);
    for (size_t i = 0; i < ROWS(answers); i++) {
        struct outcome outcome = {.text_length = 0};
        telnet_mark(&telnet, keep_reply, &outcome);
        CU_ASSERT_TRUE(REPLIED(&outcome, IAC DO TM));
        receive(&telnet, answers[i], 3, &outcome);
        CU_ASSERT_STRING_EQUAL(outcome.events, "T");
        CU_ASSERT_EQUAL(outcome.reply_length, 0);
    }
    /* One that nobody asked for is refused, as ever; so is being marked by the peer no answer. */
    struct outcome outcome = {.text_length = 0};
    RECEIVE(&telnet, IAC WILL TM IAC WILL TM, &outcome);
    CU_ASSERT_TRUE(REPLIED(&outcome, IAC DONT TM));
    telnet_mark(&telnet, keep_reply, &outcome);
    CU_ASSERT_TRUE(REPLIED(&outcome, IAC DO TM));
    RECEIVE(&telnet, IAC DO TM IAC DONT TM, &outcome);
    CU_ASSERT_TRUE(REPLIED(&outcome, IAC WILL TM));
    CU_ASSERT_STRING_EQUAL(outcome.events, "");
}

static void a_withdrawal_of_nothing_says_nothing(void)
{
    struct telnet telnet = {0};
    struct outcome outcome = {.text_length = 0};
    telnet_withdraw(&telnet, keep_reply, &outcome);
    CU_ASSERT_EQUAL(outcome.reply_length, 0);
}

/* PuTTY asks before it is asked; an offer at TELNET_SPEAKS comes before its first request. */
static void an_offer_is_in_time_for_who_speaks_first(void)
{
    static const char hello[] = IAC WILL NAWS IAC WILL "\x20" IAC WILL TTYPE IAC WILL
                                                       "\x27" IAC DO ECHO IAC WILL SGA IAC DO SGA;
    struct telnet telnet = {0};
    struct outcome outcome = {.text_length = 0};
    char text[sizeof hello];
    struct telnet_received received =
        telnet_receive(&telnet, text, hello, sizeof hello - 1, keep_reply, &outcome);
    CU_ASSERT_EQUAL(received.event, TELNET_SPEAKS);
    CU_ASSERT_EQUAL(outcome.reply_length, 0);
    telnet_offer(&telnet, keep_reply, &outcome);
    CU_ASSERT_TRUE(REPLIED(&outcome, OFFER));
    receive(&telnet, hello + received.consumed, sizeof hello - 1 - received.consumed, &outcome);
    CU_ASSERT_TRUE(REPLIED(&outcome, IAC DONT "\x20" SEND IAC DONT "\x27" IAC DO SGA));
    CU_ASSERT_TRUE(telnet_echoes(&telnet));
}

/* An option that was refused before it was offered is agreed to from then on. */
static void an_offer_forgets_refusals(void)
{
    struct telnet telnet = {0};
    struct outcome outcome = {.text_length = 0};
    RECEIVE(&telnet, IAC DO ECHO, &outcome);
    CU_ASSERT_TRUE(REPLIED(&outcome, IAC WONT ECHO));
    telnet_offer(&telnet, keep_reply, &outcome);
    RECEIVE(&telnet, IAC DONT ECHO IAC DONT SGA, &outcome);
    telnet_withdraw(&telnet, keep_reply, &outcome);
    CU_ASSERT_TRUE(REPLIED(&outcome, OFFER));
    RECEIVE(&telnet, IAC DO ECHO IAC DO ECHO, &outcome);
    CU_ASSERT_TRUE(REPLIED(&outcome, IAC WILL ECHO));
}

static void the_size_is_known_and_changes(void)
{
    struct telnet telnet = telnet_before(OFFERED);
    struct outcome outcome = {.text_length = 0};
    CU_ASSERT_EQUAL(telnet_columns(&telnet), 0);
    RECEIVE(&telnet, IAC WILL NAWS IAC SB NAWS "\0P\0\x18" IAC SE, &outcome);
    CU_ASSERT_EQUAL(telnet_columns(&telnet), 80);
    CU_ASSERT_EQUAL(telnet_rows(&telnet), 24);
    RECEIVE(&telnet, IAC SB NAWS "\1" IAC IAC "\0" IAC IAC IAC SE, &outcome);
    CU_ASSERT_EQUAL(telnet_columns(&telnet), 511);
    CU_ASSERT_EQUAL(telnet_rows(&telnet), 255);
    RECEIVE(&telnet, IAC SB NAWS "\0\0\0\0" IAC SE, &outcome);
    CU_ASSERT_EQUAL(telnet_columns(&telnet), 0);
}

static void the_first_type_is_kept(void)
{
    struct telnet telnet = telnet_before(OFFERED);
    struct outcome outcome = {.text_length = 0};
    CU_ASSERT_STRING_EQUAL(telnet_terminal(&telnet), "");
    RECEIVE(&telnet, IAC WILL TTYPE IAC SB TTYPE "\0d\x1B[2J\nu\0mb" IAC IAC IAC SE, &outcome);
    CU_ASSERT_STRING_EQUAL(telnet_terminal(&telnet), "D[2JUMB");
    RECEIVE(&telnet, IAC SB TTYPE "\0XTERM" IAC SE, &outcome);
    CU_ASSERT_STRING_EQUAL(telnet_terminal(&telnet), "D[2JUMB");
}

static void a_long_type_is_cut(void)
{
    struct telnet telnet = telnet_before(OFFERED);
    struct outcome outcome = {.text_length = 0};
    RECEIVE(&telnet, IAC WILL TTYPE IAC SB TTYPE "\0abcdefghijklmnopqrstuvwxyz" IAC SE, &outcome);
    CU_ASSERT_STRING_EQUAL(telnet_terminal(&telnet), "ABCDEFGHIJKLMNOP");
}

static void what_a_client_can_do_is_told_by_its_third_type(void)
{
    static const struct {
        const char *third;
        unsigned mtts;
    } types[] = {
        {"MTTS 137", 137 | TELNET_MTTS_TOLD},
        {"mtts 0", TELNET_MTTS_TOLD},
        {"MTTS 2989", 2989 | TELNET_MTTS_TOLD},
        {"MTTS 32767", 0xFFFF},
        {"MTTS 32768", 0},
        {"MTTS", 0},
        {"MTTS -1", 0},
        {"MTTS 1x", 0},
        {"XMTTS 1", 0},
    };
    for (size_t i = 0; i < ROWS(types); i++) {
        struct telnet telnet = telnet_before(OFFERED);
        struct outcome outcome = {.text_length = 0};
        RECEIVE(&telnet, IAC WILL TTYPE IAC SB TTYPE "\0MUDDER" IAC SE, &outcome);
        RECEIVE(&telnet, IAC SB TTYPE "\0XTERM" IAC SE IAC SB TTYPE "\0", &outcome);
        receive(&telnet, types[i].third, strlen(types[i].third), &outcome);
        RECEIVE(&telnet, IAC SE, &outcome);
        EXPECT(telnet_mtts(&telnet) == types[i].mtts, "'%s' is %u", types[i].third,
               telnet_mtts(&telnet));
        CU_ASSERT_STRING_EQUAL(telnet_terminal(&telnet), "MUDDER");
        EXPECT(strcmp(outcome.events, types[i].mtts != 0 ? "SKK" : "SK") == 0, "'%s': %s",
               types[i].third, outcome.events);
    }
}

static void the_end_of_a_prompt_is_marked_for_who_wants_it(void)
{
    static const struct {
        const char *heard, *mark;
    } peers[] = {
        {"", ""},
        {IAC DO ECHO IAC DO SGA, ""},
        {IAC DONT ECHO IAC DONT SGA, IAC GA},
        {IAC DONT ECHO IAC DO SGA, ""},
        {IAC DONT SGA, ""},
        {IAC DO RECORD, IAC EOR},
        {IAC DONT ECHO IAC DONT SGA IAC DO RECORD, IAC EOR},
        {IAC DONT ECHO IAC DONT SGA IAC DO RECORD IAC DONT RECORD, IAC GA},
    };
    for (size_t i = 0; i < ROWS(peers); i++) {
        struct telnet telnet = telnet_before(OFFERED);
        struct outcome outcome = {.text_length = 0};
        receive(&telnet, peers[i].heard, strlen(peers[i].heard), &outcome);
        outcome.reply_length = 0;
        telnet_end_prompt(&telnet, keep_reply, &outcome);
        EXPECT(replied(&outcome, peers[i].mark, strlen(peers[i].mark)), "row %zu", i);
    }
    struct telnet silent = {0};
    struct outcome outcome = {.text_length = 0};
    telnet_end_prompt(&silent, keep_reply, &outcome);
    CU_ASSERT_EQUAL(outcome.reply_length, 0);
}

static void an_endless_subnegotiation_is_bounded(void)
{
    struct telnet telnet = telnet_before(OFFERED);
    struct outcome outcome = {.text_length = 0};
    RECEIVE(&telnet, IAC WILL NAWS IAC SB NAWS, &outcome);
    for (int i = 0; i < 1000; i++)
        RECEIVE(&telnet, "\0P\0\x18", &outcome);
    RECEIVE(&telnet, IAC SE "x", &outcome);
    CU_ASSERT_EQUAL(telnet_columns(&telnet), 0);
    CU_ASSERT_EQUAL(outcome.text_length, 1);
}

/*
 * Two sides.
 */

/* Hands replies over until both are silent; false if they are not after many turns. */
static bool fall_silent(struct telnet *left, struct telnet *right, struct outcome *to_left,
                        struct outcome *to_right)
{
    for (int turn = 0; turn < 1000; turn++) {
        if (to_left->reply_length + to_right->reply_length == 0)
            return true;
        struct outcome from_left = {.text_length = 0};
        struct outcome from_right = {.text_length = 0};
        receive(left, to_left->replies, to_left->reply_length, &from_left);
        receive(right, to_right->replies, to_right->reply_length, &from_right);
        *to_left = from_right;
        *to_right = from_left;
    }
    return false;
}

/* Each side offers, withdraws and asks for things at random, and hears the other late. */
static void two_sides_fall_silent(void)
{
    static const char asks[][4] = {IAC DO ECHO,  IAC WILL ECHO,    IAC DO SGA,     IAC WONT SGA,
                                   IAC DONT SGA, IAC WILL CHARSET, IAC DO CHARSET, IAC DO TM,
                                   IAC WILL TM,  IAC DO "\x22",    IAC WILL NAWS,  IAC WILL TTYPE};
    uint32_t chance = 1;
    for (int round = 0; round < 20000; round++) {
        struct telnet sides[2] = {{0}, {0}};
        struct outcome to[2] = {{.text_length = 0}, {.text_length = 0}};
        for (int step = 0; step < 8; step++) {
            chance = chance * 1664525 + 1013904223;
            unsigned side = chance >> 31;
            struct outcome *other = &to[1 - side];
            if ((chance >> 28 & 3) == 0)
                telnet_offer(&sides[side], keep_reply, other);
            else if ((chance >> 28 & 3) == 1)
                telnet_withdraw(&sides[side], keep_reply, other);
            else
                keep_reply(other, (const unsigned char *)asks[(chance >> 20 & 255) % ROWS(asks)],
                           3);
            if ((chance >> 18 & 3) == 0) {
                struct outcome heard = to[side];
                to[side].reply_length = 0;
                receive(&sides[side], heard.replies, heard.reply_length, other);
            }
        }
        if (!EXPECT(fall_silent(&sides[0], &sides[1], &to[0], &to[1]), "round %d", round))
            return;
    }
}

/* Whatever a peer sends, it gets no more than that back. */
static void replies_are_bounded(void)
{
    static const unsigned char likely[] = {255, 255, 255, 251, 252, 253, 254, 250, 240,
                                           0,   1,   3,   6,   24,  31,  42,  244, 'a'};
    uint32_t chance = 7;
    for (int round = 0; round < 20000; round++) {
        struct telnet telnet = telnet_before((enum before)(round % 4));
        struct outcome outcome = {.text_length = 0};
        char bytes[64];
        for (size_t i = 0; i < sizeof bytes; i++) {
            chance = chance * 1664525 + 1013904223;
            bytes[i] = (char)likely[(chance >> 16) % sizeof likely];
        }
        receive(&telnet, bytes, sizeof bytes, &outcome);
        if (!EXPECT(outcome.reply_length <= sizeof bytes + 6, "round %d", round))
            return;
    }
}

static void it_is_small(void)
{
    CU_ASSERT_TRUE(sizeof(struct telnet) < 160);
}

static const struct test tests[] = {
    {"commands are taken out, text stays, options are answered", known_streams},
    {"every cut of these streams reads the same", every_cut_of_known_streams},
    {"every cut of every short stream reads the same", every_cut_of_every_short_stream},
    {"an option is refused once each way, and never again", each_option_is_refused_once},
    {"every command of two bytes is taken out", every_command_is_taken_out},
    {"an event stands between the text before and behind it", an_event_stands_between_its_text},
    {"an offer asks for each option once", an_offer_asks_once},
    {"a refusal of an offer is an answer", a_refused_offer_is_an_answer},
    {"a withdrawal and an offer wait for the answer before", a_withdrawal_waits_for_its_turn},
    {"a timing mark is asked for, and its coming and its refusal are told",
     a_mark_is_asked_for_and_comes},
    {"a withdrawal of nothing says nothing", a_withdrawal_of_nothing_says_nothing},
    {"an offer is in time for a peer that speaks first", an_offer_is_in_time_for_who_speaks_first},
    {"an option that was offered is agreed to when the peer asks for it later",
     an_offer_forgets_refusals},
    {"the size of the screen is known, and changes", the_size_is_known_and_changes},
    {"the first terminal type is kept, without control bytes", the_first_type_is_kept},
    {"a long terminal type is cut", a_long_type_is_cut},
    {"what a client can do is told by its third type",
     what_a_client_can_do_is_told_by_its_third_type},
    {"the end of a prompt is marked for who wants it",
     the_end_of_a_prompt_is_marked_for_who_wants_it},
    {"an endless subnegotiation is bounded and counts for nothing",
     an_endless_subnegotiation_is_bounded},
    {"two sides never answer each other for ever", two_sides_fall_silent},
    {"replies are never longer than what they answer", replies_are_bounded},
    {"a struct telnet is small", it_is_small},
};

void add_telnet_suite(void)
{
    SUITE_ADD("telnet", tests);
}
