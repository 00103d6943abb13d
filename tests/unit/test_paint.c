#include "suites.h"

#include "chat/paint.h"

#include <CUnit/CUnit.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#define BELL "\a"
#define BOLD "\033[1m"
#define DIM  "\033[2m"
#define END  "\033[0m"

static const struct paint plain = {.bell = true, .name = "Alice"};

/* What is made of a line; good until the next call. */
static const char *painted(const struct paint *paint, const char *line)
{
    static char text[512];
    struct buffer out = {0};
    CU_ASSERT_TRUE_FATAL(paint_line(paint, line, strlen(line), &out));
    CU_ASSERT_TRUE_FATAL(buffer_length(&out) < sizeof text);
    memcpy(text, buffer_bytes(&out), buffer_length(&out));
    text[buffer_length(&out)] = '\0';
    buffer_free(&out);
    return text;
}

/* A name as it is painted. */
static const char *painted_name(const char *name)
{
    static char text[128];
    struct buffer out = {0};
    struct paint paint = {.color = true};
    snprintf(paint.name, sizeof paint.name, "%s", name);
    CU_ASSERT_TRUE_FATAL(paint_prompt(&paint, &out));
    snprintf(text, sizeof text, "%.*s", (int)(buffer_length(&out) - strlen("> ")),
             buffer_bytes(&out));
    buffer_free(&out);
    return text;
}

static void test_without(void)
{
    static const char *const lines[] = {"Bob: hi\n",
                                        "* Bob waves\n",
                                        "*** Bob has left the chat ***\n",
                                        "anything else\n",
                                        "\n",
                                        "Bob:\n",
                                        ":\n",
                                        "* \n",
                                        " Bob: hi\n"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        CU_ASSERT_STRING_EQUAL(painted(&plain, lines[i]), lines[i]);
}

static void test_colors(void)
{
    struct paint paint = plain;
    char wanted[256];
    paint.color = true;
    CU_ASSERT_STRING_EQUAL(painted(&paint, "*** It rains. ***\n"),
                           DIM "*** It rains. ***" END "\n");
    CU_ASSERT_STRING_EQUAL(painted(&paint, "[private] Bob: psst\n"),
                           BOLD "[private] Bob: psst" END BELL "\n");
    CU_ASSERT_STRING_EQUAL(painted(&paint, "Disconnected: idle timeout.\n"),
                           DIM "Disconnected: idle timeout." END "\n");
    snprintf(wanted, sizeof wanted, "%s: hi" END "\n", painted_name("Bob"));
    CU_ASSERT_STRING_EQUAL(painted(&paint, "Bob: hi\n"), wanted);
    snprintf(wanted, sizeof wanted, "* %s waves" END "\n", painted_name("Bob"));
    CU_ASSERT_STRING_EQUAL(painted(&paint, "* Bob waves\n"), wanted);
    snprintf(wanted, sizeof wanted, "%s" BOLD ": hi, alice" END BELL "\n", painted_name("Bob"));
    CU_ASSERT_STRING_EQUAL(painted(&paint, "Bob: hi, alice\n"), wanted);
    CU_ASSERT_STRING_EQUAL(painted(&paint, "no name here\n"), "no name here\n");
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

static void test_mentions(void)
{
    static const struct {
        const char *line;
        bool rings;
    } rows[] = {
        {"Bob: Alice\n", true},
        {"Bob: hi Alice!\n", true},
        {"Bob: ALICE?\n", true},
        {"Bob: (alice)\n", true},
        {"* Bob hugs Alice\n", true},
        {"[private] Bob: hi\n", true},
        {"Bob: hi\n", false},
        {"Bob: Alicent\n", false},
        {"Bob: malice\n", false},
        {"Bob: Alice2\n", false},
        {"Bob: _Alice\n", false},
        {"Bob: \xC3\xA9"
         "Alice\n",
         false},
        {"Bob: Alice\xC3\xA9\n", false},
        {"Bob: malice, Alice\n", true},
        {"Alice: me\n", false},
        {"*** Alice has left the chat ***\n", false},
        {"Bob: Ali\n", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        EXPECT((strchr(painted(&plain, rows[i].line), '\a') != NULL) == rows[i].rings,
               "a mention, or not: %s", rows[i].line);
}

static void test_any_letters(void)
{
    struct paint paint = plain;
    strcpy(paint.name, "\xC3\x9Cnal"); /* U with two dots */
    CU_ASSERT_PTR_NOT_NULL(strchr(painted(&paint, "Bob: hi \xC3\xBCNAL.\n"), '\a'));
    CU_ASSERT_PTR_NULL(strchr(painted(&paint, "Bob: hi Unal.\n"), '\a'));
    *paint.name = '\0';
    CU_ASSERT_PTR_NULL(strchr(painted(&paint, "Bob: hi.\n"), '\a'));
}

static void test_bell(void)
{
    struct paint paint = plain;
    paint.bell = false;
    CU_ASSERT_STRING_EQUAL(painted(&paint, "[private] Bob: hi\n"), "[private] Bob: hi\n");
    CU_ASSERT_STRING_EQUAL(painted(&paint, "Bob: hi Alice\n"), "Bob: hi Alice\n");
}

static void test_time(void)
{
    struct paint paint = plain;
    regex_t clock;
    CU_ASSERT_EQUAL_FATAL(regcomp(&clock, "^[0-2][0-9]:[0-5][0-9] Bob: hi\n$", REG_EXTENDED), 0);
    paint.time = true;
    CU_ASSERT_EQUAL(regexec(&clock, painted(&paint, "Bob: hi\n"), 0, NULL, 0), 0);
    regfree(&clock);
}

static void test_own(void)
{
    struct buffer out = {0};
    CU_ASSERT_TRUE(paint_own(&plain, "hi Alice", strlen("hi Alice"), &out));
    CU_ASSERT_TRUE(paint_prompt(&plain, &out));
    CU_ASSERT_TRUE(buffer_append(&out, "", 1));
    CU_ASSERT_STRING_EQUAL(buffer_bytes(&out), "Alice: hi Alice\nAlice> ");
    buffer_free(&out);
}

static const struct test tests[] = {
    {"without colours and time a line is what it was", test_without},
    {"notices, private lines, names and mentions have their colours", test_colors},
    {"a name has one colour, whatever its case, and not everybody the same", test_stable_colors},
    {"a bell rings for a private line and for one's name as a word", test_mentions},
    {"in any letters, and not for somebody without a name", test_any_letters},
    {"no bell for who wants none", test_bell},
    {"the time stands before the line", test_time},
    {"what one said oneself looks as what others say, and rings no bell", test_own},
};

void add_paint_suite(void)
{
    SUITE_ADD("paint", tests);
}
