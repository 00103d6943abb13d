#include "suites.h"

#include "doors/plain/input.h"

#include <CUnit/CUnit.h>
#include <string.h>

/* Whether a line is that text, as a command or as something said. */
static void is_read_as(const char *line, bool command, const char *text)
{
    struct input input = input_read(line, strlen(line));
    EXPECT(input.is_command == command, "'%s' is %sa command", line, command ? "not " : "");
    EXPECT(input.length == strlen(text) && memcmp(input.text, text, input.length) == 0,
           "'%s' is read as '%.*s'", line, (int)input.length, input.text);
}

static void one_slash_is_a_command(void)
{
    is_read_as("/who", true, "/who");
    is_read_as("/", true, "/");
    is_read_as("/ who", true, "/ who");
    is_read_as("/a//b", true, "/a//b");
}

static void two_slashes_say_what_follows_the_first(void)
{
    is_read_as("//who", false, "/who");
    is_read_as("//", false, "/");
    is_read_as("///", false, "//");
    is_read_as("///etc/passwd", false, "//etc/passwd");
}

static void all_else_is_said(void)
{
    is_read_as("hi", false, "hi");
    is_read_as("a/b", false, "a/b");
    is_read_as("\\/who", false, "\\/who");
    is_read_as("", false, "");
}

static void blanks_at_the_ends_do_not_count(void)
{
    is_read_as("  hi  there\t", false, "hi  there");
    is_read_as(" /who \t", true, "/who");
    is_read_as("\t//who", false, "/who");
    is_read_as("\xE3\x80\x80/who\xC2\xA0", true, "/who"); /* ideographic space, no-break space */
    is_read_as(" \t ", false, "");
    is_read_as("// ", false, "/");
}

static void no_byte_behind_the_line_is_read(void)
{
    struct input input = input_read("//", 1);
    CU_ASSERT_TRUE(input.is_command);
    CU_ASSERT_EQUAL(input.length, 1);
    input = input_read("/who", 0);
    CU_ASSERT_FALSE(input.is_command);
    CU_ASSERT_EQUAL(input.length, 0);
}

void add_input_suite(void)
{
    static const struct test tests[] = {
        {"a line that begins with one slash is a command", one_slash_is_a_command},
        {"two slashes say what follows the first", two_slashes_say_what_follows_the_first},
        {"all else is said as it is", all_else_is_said},
        {"blanks at the ends do not count", blanks_at_the_ends_do_not_count},
        {"no byte behind the line is read", no_byte_behind_the_line_is_read},
    };
    SUITE_ADD("input", tests);
}
