#include "suites.h"

#include "doors/plain/paint.h"
#include "edit/wrap.h"

#include <CUnit/CUnit.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#define BELL "\a"
#define BOLD "\033[1m"
#define DIM  "\033[2m"
#define END  "\033[0m"

static struct paint plain = {.bell = true, .name = "Alice"};

/* What was painted, as a string that is good until the next call. */
static const char *take_marked(struct buffer *out)
{
    static char text[512];
    CU_ASSERT_TRUE_FATAL(buffer_length(out) < sizeof text);
    memcpy(text, buffer_bytes(out), buffer_length(out));
    text[buffer_length(out)] = '\0';
    buffer_free(out);
    return text;
}

/* The same as it is shown: without the marks of where a line's text begins. */
static const char *take(struct buffer *out)
{
    static char text[512];
    char *end = text;
    for (const char *byte = take_marked(out); *byte != '\0'; byte++)
        if (*byte != WRAP_TEXT_BEGINS)
            *end++ = *byte;
    *end = '\0';
    return text;
}

static const char *painted(struct paint *paint, enum message_kind kind, const char *name,
                           const char *words)
{
    struct buffer out = {0};
    const struct message message = {.kind = kind, .name = words_of(name), .text = words_of(words)};
    CU_ASSERT_TRUE_FATAL(paint_message(paint, &message, false, &out));
    return take(&out);
}

static const char *said(struct paint *paint, const char *name, const char *words)
{
    return painted(paint, MESSAGE_SAY, name, words);
}

static const char *noted(struct paint *paint, const char *line)
{
    struct buffer out = {0};
    CU_ASSERT_TRUE_FATAL(paint_notice(paint, line, strlen(line), &out));
    return take(&out);
}

/* A name as it is painted. */
static const char *painted_name(const char *name)
{
    static char text[128];
    struct buffer out = {0};
    struct paint paint = {.color = true};
    snprintf(paint.name, sizeof paint.name, "%s", name);
    CU_ASSERT_TRUE_FATAL(paint_prompt(&paint, "", &out));
    snprintf(text, sizeof text, "%.*s", (int)(buffer_length(&out) - strlen("> ")),
             buffer_bytes(&out));
    buffer_free(&out);
    return text;
}

/* If this failed, a person without colours and time would see other words than everybody else. */
static void test_without(void)
{
    static const char *const texts[] = {"hi", "Bob: hi", "*** no notice ***", ":", "  two"};
    static const enum message_kind kinds[] = {MESSAGE_SAY,     MESSAGE_ACT,    MESSAGE_JOIN,
                                              MESSAGE_LEAVE,   MESSAGE_RENAME, MESSAGE_TELL,
                                              MESSAGE_SUMMARY, MESSAGE_WELCOME};
    struct paint paint = plain;
    paint.bell = false;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        for (size_t j = 0; j < sizeof texts / sizeof *texts; j++) {
            struct buffer line = {0};
            const struct message message = {
                .kind = kinds[i], .name = words_of("Bob"), .text = words_of(texts[j])};
            CU_ASSERT_TRUE(format_lines.render(&message, &line));
            CU_ASSERT_TRUE(buffer_append(&line, "", 1));
            CU_ASSERT_STRING_EQUAL(painted(&paint, kinds[i], "Bob", texts[j]), buffer_bytes(&line));
            buffer_free(&line);
        }
    }
    CU_ASSERT_STRING_EQUAL(noted(&plain, "anything else\n"), "anything else\n");
    CU_ASSERT_STRING_EQUAL(noted(&plain, "\n"), "\n");
}

static void test_colors(void)
{
    struct paint paint = plain;
    char wanted[256];
    paint.color = true;
    CU_ASSERT_STRING_EQUAL(noted(&paint, "*** It rains. ***\n"), DIM "*** It rains. ***" END "\n");
    CU_ASSERT_STRING_EQUAL(painted(&paint, MESSAGE_LEAVE, "Bob", ""),
                           DIM "*** Bob has left the chat ***" END "\n");
    CU_ASSERT_STRING_EQUAL(painted(&paint, MESSAGE_TELL, "Bob", "psst"),
                           BOLD "[private] Bob: psst" END BELL "\n");
    snprintf(wanted, sizeof wanted, "%s: hi" END "\n", painted_name("Bob"));
    CU_ASSERT_STRING_EQUAL(said(&paint, "Bob", "hi"), wanted);
    snprintf(wanted, sizeof wanted, "* %s waves" END "\n", painted_name("Bob"));
    CU_ASSERT_STRING_EQUAL(painted(&paint, MESSAGE_ACT, "Bob", "waves"), wanted);
    snprintf(wanted, sizeof wanted, "%s" BOLD ": hi, alice" END BELL "\n", painted_name("Bob"));
    CU_ASSERT_STRING_EQUAL(said(&paint, "Bob", "hi, alice"), wanted);
    /* What somebody says is never taken for a notice, whatever it reads like. */
    snprintf(wanted, sizeof wanted, "%s: *** It rains. ***" END "\n", painted_name("Bob"));
    CU_ASSERT_STRING_EQUAL(said(&paint, "Bob", "*** It rains. ***"), wanted);
}

/* The colour that a name has. */
static const char *color_of(const char *name, char color[16])
{
    const char *text = painted_name(name);
    snprintf(color, 16, "%.*s", (int)strcspn(text, "m"), text);
    return color;
}

static void test_stable_colors(void)
{
    static const char *const names[] = {"Zoe", "Ann", "Mallory", "Eve", "Trent"};
    size_t others = 0;
    char bob[16];
    char other[16];
    CU_ASSERT_STRING_EQUAL(color_of("bob", bob), color_of("BOB", other));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        others += strcmp(color_of(names[i], other), bob) != 0;
    CU_ASSERT_TRUE(others > 0);
}

/* xterm's usual palette, the first 16 colours: dark ones by SGR 30 to 37, bright ones by 90 to 97.
 */
static const unsigned char palette[16][3] = {
    {0, 0, 0},     {205, 0, 0},     {0, 205, 0},     {205, 205, 0},   {0, 0, 238}, {205, 0, 205},
    {0, 205, 205}, {229, 229, 229}, {127, 127, 127}, {255, 0, 0},     {0, 255, 0}, {255, 255, 0},
    {92, 92, 255}, {255, 0, 255},   {0, 255, 255},   {255, 255, 255},
};

/* To the power of 2.4, for a number from 0 to 1: by its fifth root, which Newton's method finds. */
static double power_of_2_4(double number)
{
    double root = 1;
    for (int i = 0; i < 60; i++)
        root -= (root * root * root * root * root - number) / (5 * root * root * root * root);
    return number * number * root * root;
}

/* What WCAG 2 calls the relative luminance of a colour. */
static double luminance(const unsigned char color[3])
{
    static const double share[3] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        double part = color[i] / 255.0;
        sum += share[i] * (part <= 0.04045 ? part / 12.92 : power_of_2_4((part + 0.055) / 1.055));
    }
    return sum;
}

/* And the contrast ratio of two. */
static double contrast(const unsigned char left[3], const unsigned char right[3])
{
    double light = luminance(left) + 0.05;
    double dark = luminance(right) + 0.05;
    return light > dark ? light / dark : dark / light;
}

/* The number of a name's colour in the palette. */
static int palette_number(const char *name)
{
    char color[16];
    int sgr = 0;
    CU_ASSERT_EQUAL_FATAL(sscanf(color_of(name, color), "\033[%d", &sgr), 1);
    CU_ASSERT_TRUE_FATAL((sgr >= 30 && sgr <= 37) || (sgr >= 90 && sgr <= 97));
    return sgr < 90 ? sgr - 30 : sgr - 90 + 8;
}

/* If this failed, some people's names could not be read on a black or on a white screen. */
static void test_readable_colors(void)
{
    static const char *const unreadable = "green, yellow, bright green, yellow, cyan";
    unsigned seen = 0;
    unsigned count = 0;
    CU_ASSERT_TRUE(contrast(palette[0], palette[15]) > 20.9);
    CU_ASSERT_TRUE(contrast(palette[0], palette[15]) < 21.1);
    CU_ASSERT_TRUE(contrast(palette[6], palette[15]) < 3);
    for (int i = 0; i < 500; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", i);
        int number = palette_number(name);
        seen |= 1U << number;
        EXPECT(contrast(palette[number], palette[0]) >= 3, "colour %d on black", number);
        EXPECT(contrast(palette[number], palette[15]) >= 3, "colour %d on white", number);
    }
    EXPECT((seen & (1U << 2 | 1U << 3 | 1U << 10 | 1U << 11 | 1U << 14)) == 0, "%s", unreadable);
    for (; seen != 0; seen &= seen - 1)
        count++;
    CU_ASSERT_TRUE(count >= 5);
}

static void test_mentions(void)
{
    static const struct {
        enum message_kind kind;
        const char *name, *text;
        bool rings;
    } rows[] = {
        {MESSAGE_SAY, "Bob", "Alice", true},
        {MESSAGE_SAY, "Bob", "hi Alice!", true},
        {MESSAGE_SAY, "Bob", "ALICE?", true},
        {MESSAGE_SAY, "Bob", "(alice)", true},
        {MESSAGE_ACT, "Bob", "hugs Alice", true},
        {MESSAGE_TELL, "Bob", "hi", true},
        {MESSAGE_SAY, "Bob", "hi", false},
        {MESSAGE_SAY, "Bob", "Alicent", false},
        {MESSAGE_SAY, "Bob", "malice", false},
        {MESSAGE_SAY, "Bob", "Alice2", false},
        {MESSAGE_SAY, "Bob", "_Alice", false},
        {MESSAGE_SAY, "Bob",
         "\xC3\xA9"
         "Alice",
         false},
        {MESSAGE_SAY, "Bob", "Alice\xC3\xA9", false},
        {MESSAGE_SAY, "Bob", "malice, Alice", true},
        {MESSAGE_SAY, "Bob", "a a Al aLICE", true},
        {MESSAGE_SAY, "Bob", "\xEF\xBC\xA1lice", true}, /* in fullwidth letters */
        {MESSAGE_SAY, "Bob", "\xC3\xA9 \xEF\xBD\x81LICE", true},
        {MESSAGE_SAY, "Alice", "me", false},
        {MESSAGE_LEAVE, "Alice", "", false},
        {MESSAGE_SAY, "Bob", "Ali", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = painted(&plain, rows[i].kind, rows[i].name, rows[i].text);
        EXPECT((strchr(text, '\a') != NULL) == rows[i].rings, "a mention, or not: %s", text);
    }
}

static void test_any_letters(void)
{
    struct paint paint = plain;
    strcpy(paint.name, "\xC3\x9Cnal"); /* U with two dots */
    CU_ASSERT_PTR_NOT_NULL(strchr(said(&paint, "Bob", "hi \xC3\xBCNAL."), '\a'));
    CU_ASSERT_PTR_NULL(strchr(said(&paint, "Bob", "hi Unal."), '\a'));
    *paint.name = '\0';
    CU_ASSERT_PTR_NULL(strchr(said(&paint, "Bob", "hi."), '\a'));
}

static void test_bell(void)
{
    struct paint paint = plain;
    paint.bell = false;
    CU_ASSERT_STRING_EQUAL(painted(&paint, MESSAGE_TELL, "Bob", "hi"), "[private] Bob: hi\n");
    CU_ASSERT_STRING_EQUAL(said(&paint, "Bob", "hi Alice"), "Bob: hi Alice\n");
}

static void test_time(void)
{
    struct paint paint = plain;
    regex_t clock;
    CU_ASSERT_EQUAL_FATAL(regcomp(&clock, "^[0-2][0-9]:[0-5][0-9] Bob: hi\n$", REG_EXTENDED), 0);
    paint.time = true;
    CU_ASSERT_EQUAL(regexec(&clock, said(&paint, "Bob", "hi"), 0, NULL, 0), 0);
    regfree(&clock);
}

/* What somebody says at a time of day, as it is painted. */
static const char *said_at(struct paint *paint, int date, int minute)
{
    struct buffer out = {0};
    const struct message message = {.kind = MESSAGE_SAY,
                                    .name = words_of("Bob"),
                                    .text = words_of("hi"),
                                    .at = {.date = date, .minute = minute}};
    CU_ASSERT_TRUE_FATAL(paint_message(paint, &message, false, &out));
    return take(&out);
}

static void test_date(void)
{
    struct paint paint = plain;
    paint.time = true;
    paint.date = 0;
    CU_ASSERT_STRING_EQUAL(said_at(&paint, 20261124, 23 * 60 + 59), "23:59 Bob: hi\n");
    CU_ASSERT_STRING_EQUAL(said_at(&paint, 20261125, 0), "*** 2026-11-25 ***\n00:00 Bob: hi\n");
    CU_ASSERT_STRING_EQUAL(said_at(&paint, 20261125, 61), "01:01 Bob: hi\n");
    /* Nobody is told twice, though the clock was set back. */
    CU_ASSERT_STRING_EQUAL(said_at(&paint, 20261124, 60), "01:00 Bob: hi\n");
    CU_ASSERT_STRING_EQUAL(said_at(&paint, 20261125, 60), "01:00 Bob: hi\n");
    paint.time = false;
    CU_ASSERT_STRING_EQUAL(said_at(&paint, 20261231, 60), "Bob: hi\n");
    paint.time = paint.color = true;
    const char *line = said_at(&paint, 20270101, 0);
    const char *begin = DIM "*** 2027-01-01 ***" END "\n" DIM "00:00 " END;
    CU_ASSERT_NSTRING_EQUAL(line, begin, strlen(begin));
}

/* The same before a notice and before what one said oneself. */
static void test_date_before_any_line(void)
{
    struct paint paint = plain;
    struct buffer out = {0};
    paint.time = true;
    paint.date = 20000101;
    CU_ASSERT_NSTRING_EQUAL(noted(&paint, "*** Goodbye. ***\n"), "*** 20", 6);
    CU_ASSERT_TRUE(paint.date > 20260000);
    paint.date = 20000101;
    CU_ASSERT_TRUE(paint_own(&paint, "hi", 2, &out));
    CU_ASSERT_NSTRING_EQUAL(take(&out), "*** 20", 6);
    CU_ASSERT_TRUE(paint_own(&paint, "hi", 2, &out));
    CU_ASSERT_TRUE(strncmp(take(&out), "*** 20", 6) != 0);
}

/* If this failed, those who share a rendering would see other lines than each by itself. */
static void test_shared_formats(void)
{
    static const enum message_kind kinds[] = {MESSAGE_SAY, MESSAGE_ACT, MESSAGE_JOIN,
                                              MESSAGE_RENAME, MESSAGE_SUMMARY};
    for (unsigned settings = 0; settings < 4; settings++) {
        struct paint paint = plain;
        paint.color = settings & 1;
        paint.time = settings & 2;
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
            struct buffer shared = {0};
            struct buffer apart = {0};
            const struct message message = {.kind = kinds[i],
                                            .name = words_of("Bob"),
                                            .text = words_of("hi all"),
                                            .at = {20261125, 754}};
            CU_ASSERT_FALSE(paint_names(&paint, &message));
            CU_ASSERT_TRUE(paint_format(&paint, false)->render(&message, &shared));
            CU_ASSERT_TRUE(paint_message(&paint, &message, false, &apart));
            CU_ASSERT_TRUE(buffer_append(&shared, "", 1));
            CU_ASSERT_STRING_EQUAL(take_marked(&apart), buffer_bytes(&shared));
            buffer_free(&shared);
        }
    }
}

static void test_shared_by_settings(void)
{
    struct paint alice = plain;
    struct paint bob = plain;
    strcpy(bob.name, "Bob");
    bob.bell = !alice.bell;
    CU_ASSERT_PTR_EQUAL(paint_format(&alice, false), paint_format(&bob, false));
    bob.color = true;
    CU_ASSERT_PTR_NOT_EQUAL(paint_format(&alice, false), paint_format(&bob, false));
    alice.color = alice.time = true;
    CU_ASSERT_PTR_NOT_EQUAL(paint_format(&alice, false), paint_format(&bob, false));
}

static void test_own(void)
{
    struct buffer out = {0};
    CU_ASSERT_TRUE(paint_own(&plain, "hi Alice", strlen("hi Alice"), &out));
    CU_ASSERT_TRUE(paint_prompt(&plain, "", &out));
    CU_ASSERT_STRING_EQUAL(take(&out), "Alice: hi Alice\nAlice> ");
}

/* What a message looks like, with a bar where its text begins. */
static bool begins_at_bar(enum message_kind kind, const char *text, const char *barred)
{
    struct buffer out = {0};
    const struct message message = {.kind = kind, .name = words_of("Bob"), .text = words_of(text)};
    struct paint paint = plain;
    char line[256];
    paint.bell = false;
    CU_ASSERT_TRUE(paint_message(&paint, &message, false, &out));
    snprintf(line, sizeof line, "%s", take_marked(&out));
    for (char *mark = line; (mark = strchr(mark, WRAP_TEXT_BEGINS)) != NULL;)
        *mark = '|';
    return EXPECT(strcmp(line, barred) == 0, "%s", line);
}

static void test_where_text_begins(void)
{
    struct buffer out = {0};
    begins_at_bar(MESSAGE_SAY, "hi", "Bob: |hi\n");
    begins_at_bar(MESSAGE_ACT, "waves", "* Bob |waves\n");
    begins_at_bar(MESSAGE_TELL, "hi", "[private] Bob: |hi\n");
    begins_at_bar(MESSAGE_JOIN, "", "*** |Bob has joined the chat ***\n");
    begins_at_bar(MESSAGE_WELCOME, "Al",
                  "*** |Welcome, Bob. Type /help for commands. Here now: Al. ***\n");
    CU_ASSERT_TRUE(paint_notice(&plain, "*** Goodbye. ***\n", 17, &out));
    CU_ASSERT_TRUE(paint_notice(&plain, "***\n", 4, &out));
    CU_ASSERT_TRUE(paint_own(&plain, "hi", 2, &out));
    CU_ASSERT_TRUE(paint_typed(&plain, "", "/who", 4, &out));
    CU_ASSERT_STRING_EQUAL(take_marked(&out),
                           "*** \vGoodbye. ***\n\v***\nAlice: \vhi\nAlice> \v/who\n");
}

static const struct test tests[] = {
    {"without colours and time a line is what it was", test_without},
    {"notices, private lines, names and mentions have their colours", test_colors},
    {"a name has one colour, whatever its case, and not everybody the same", test_stable_colors},
    {"the colours of names can be read on black and on white", test_readable_colors},
    {"a bell rings for a private line and for one's name as a word", test_mentions},
    {"in any letters, and not for somebody without a name", test_any_letters},
    {"no bell for who wants none", test_bell},
    {"the time stands before the line", test_time},
    {"the date stands before the first line of a day, where times do", test_date},
    {"also before a notice, and what one said oneself", test_date_before_any_line},
    {"what is shared by those with the same settings is what each would see", test_shared_formats},
    {"the same settings are the same format, whoever has them", test_shared_by_settings},
    {"what one said oneself looks as what others say, and rings no bell", test_own},
    {"every line tells where its text begins", test_where_text_begins},
};

void add_paint_suite(void)
{
    SUITE_ADD("paint", tests);
}
