#include "suites.h"

#include "options/config.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was read, as a text: "1 name=[value] 2 name= 3!" with '!' for a fault. */
struct heard {
    char text[512];
    char cause[128]; /* of the last fault */
    char word[64];   /* that it is about; empty: none */
};

static void note(struct heard *heard, const char *text)
{
    size_t length = strlen(heard->text);
    snprintf(heard->text + length, sizeof heard->text - length, "%s%s", length > 0 ? " " : "",
             text);
}

static void hear_setting(void *context, unsigned line, const char *name, const char *value)
{
    char text[256];
    if (value == NULL)
        snprintf(text, sizeof text, "%u %s", line, name);
    else
        snprintf(text, sizeof text, "%u %s=[%s]", line, name, value);
    note(context, text);
}

static void hear_fault(void *context, unsigned line, const char *word, const char *cause)
{
    struct heard *heard = context;
    char text[16];
    snprintf(text, sizeof text, "%u!", line);
    note(heard, text);
    snprintf(heard->cause, sizeof heard->cause, "%s", cause);
    snprintf(heard->word, sizeof heard->word, "%s", word != NULL ? word : "");
}

/* Reads bytes in memory of just their size and a byte, so that a sanitizer sees what goes beyond.
 */
static void parse(const char *bytes, size_t length, struct heard *heard)
{
    const struct config_reader reader = {hear_setting, hear_fault, heard};
    char *text = malloc(length + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memcpy(text, bytes, length);
    *heard = (struct heard){.text = ""};
    config_parse(text, length, &reader);
    free(text);
}

struct row {
    const char *text;
    const char *heard;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct heard heard;
        parse(rows[i].text, strlen(rows[i].text), &heard);
        EXPECT(strcmp(heard.text, rows[i].heard) == 0, "'%s': '%s'", rows[i].text, heard.text);
    }
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof rows / sizeof *(rows))

static void names_and_values(void)
{
    static const struct row rows[] = {
        {"rate 5\n", "1 rate=[5]"},
        {" \t rate \t 5 \t \n", "1 rate=[5]"},
        {"quiet\n", "1 quiet"},
        {"quiet   \n", "1 quiet"},
        {"motd a file # of words\n", "1 motd=[a file # of words]"},
        {"motd \"a\"\n", "1 motd=[\"a\"]"},
        {"motd a\tb\n", "1 motd=[a\tb]"},
        {"a-1 x=y\n", "1 a-1=[x=y]"},
        {"operator Zo\xc3\xab\n", "1 operator=[Zo\xc3\xab]"},
        {"motd \xff\n", "1 motd=[\xff]"},
    };
    CHECK_ROWS(rows);
}

static void lines_that_say_nothing(void)
{
    static const struct row rows[] = {
        {"", ""},
        {"\n", ""},
        {"\n\n  \n\t\n", ""},
        {"# rate 5\n", ""},
        {"   # rate 5\n", ""},
        {"#", ""},
        {"#=\x20\n#\n\na", "4 a"},
    };
    CHECK_ROWS(rows);
}

static void ends_of_lines(void)
{
    static const struct row rows[] = {
        {"rate 5", "1 rate=[5]"},
        {"rate 5\r\nquiet\r\n", "1 rate=[5] 2 quiet"},
        {"rate 5\r\n\r\nquiet\r", "1 rate=[5] 3 quiet"},
        {"a\n\nb\n#\nc", "1 a 3 b 5 c"},
        {"\xef\xbb\xbfrate 5\n", "1 rate=[5]"},
        {"\xef\xbb\xbf", ""},
        {"\xef\xbb", "1!"},
        {"\n\xef\xbb\xbfrate 5\n", "2!"},
        {"rate\r5\n", "1!"},
        {"rate 5\r\r\n", "1!"},
    };
    CHECK_ROWS(rows);
}

static void faults_of_lines(void)
{
    static const struct {
        const char *line, *cause, *word;
    } rows[] = {
        {"rate=5", "without '='", "rate"},        {"rate = 5", "without '='", "rate"},
        {"rate =5", "without '='", "rate"},       {"=5", "without '='", ""},
        {"Rate 5", "a-z, 0-9 and '-'", "Rate"},   {"rate: 5", "a-z, 0-9 and '-'", "rate:"},
        {"ra_te 5", "a-z, 0-9 and '-'", "ra_te"}, {"rate\x01 5", "control character", ""},
        {"rate \x1b[m", "control", ""},           {"# \x7f", "control", ""},
        {"r\xc3\xa4te 5", "a-z", "r\xc3\xa4te"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[64];
        struct heard heard;
        int length = snprintf(text, sizeof text, "a\n%s\nb", rows[i].line);
        parse(text, (size_t)length, &heard);
        EXPECT(strcmp(heard.text, "1 a 2! 3 b") == 0 &&
                   strstr(heard.cause, rows[i].cause) != NULL &&
                   strcmp(heard.word, rows[i].word) == 0,
               "'%s': '%s', '%s', '%s'", rows[i].line, heard.text, heard.cause, heard.word);
    }
}

static void a_byte_of_zero(void)
{
    struct heard heard;
    parse("a\nb\0c\nd\0", 8, &heard);
    CU_ASSERT_STRING_EQUAL(heard.text, "1 a 2! 3!");
    CU_ASSERT_PTR_NOT_NULL(strstr(heard.cause, "NUL"));
}

/* A line of so many bytes, between two others. */
static void parse_long(size_t length, struct heard *heard)
{
    size_t size = length + 4;
    char *text = malloc(size);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, '#', size);
    memcpy(text, "a\n", 2);
    memcpy(text + size - 2, "\nb", 2);
    parse(text, size, heard);
    free(text);
}

static void length_of_a_line(void)
{
    struct heard heard;
    parse_long(CONFIG_LINE_BYTES_MAX, &heard);
    CU_ASSERT_STRING_EQUAL(heard.text, "1 a 3 b");
    parse_long(CONFIG_LINE_BYTES_MAX + 1, &heard);
    CU_ASSERT_STRING_EQUAL(heard.text, "1 a 2! 3 b");
    CU_ASSERT_PTR_NOT_NULL(strstr(heard.cause, "4096"));
}

static const struct test tests[] = {
    {"a line is a name and a value without the blanks around them", names_and_values},
    {"blank lines and comments say nothing, and are counted", lines_that_say_nothing},
    {"lines end with LF or CR LF, or with the file, which may begin with a mark", ends_of_lines},
    {"a line that is none is told with its number and the cause, and the others are read",
     faults_of_lines},
    {"a NUL byte is told, whatever is around it", a_byte_of_zero},
    {"a line has a limit, and one over it is told", length_of_a_line},
};

void add_config_suite(void)
{
    SUITE_ADD("config", tests);
}
