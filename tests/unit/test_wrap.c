/*
 * Lines as they are broken into rows. In what is expected a bar stands between two rows.
 */
#include "suites.h"

#include "edit/wrap.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#define TEXT "\v" /* WRAP_TEXT_BEGINS */
#define NBSP "\xC2\xA0"

enum { ROWS_SIZE = 64 * 1024 };

struct rows {
    char text[ROWS_SIZE];
    size_t length;
};

static void add(void *context, const char *bytes, size_t length)
{
    struct rows *rows = context;
    CU_ASSERT_TRUE_FATAL(rows->length + length < sizeof rows->text);
    memcpy(rows->text + rows->length, bytes, length);
    rows->length += length;
    rows->text[rows->length] = '\0';
}

/* The rows of a line, good until the next call. */
static const char *rows_of(const char *line, size_t columns)
{
    static struct rows rows;
    const struct sink sink = {add, &rows};
    struct wrap wrap;
    struct wrap_row row;
    rows = (struct rows){.length = 0};
    wrap_init(&wrap, line, strlen(line), columns);
    for (int i = 0; wrap_next(&wrap, &row); i++) {
        if (i > 0)
            sink_text(&sink, "|");
        for (size_t blank = 0; blank < row.indent; blank++)
            sink_text(&sink, " ");
        wrap_write_text(&row, &sink);
    }
    return rows.text;
}

struct example {
    size_t columns;
    const char *line, *rows;
};

static void compare(const struct example *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *rows = rows_of(examples[i].line, examples[i].columns);
        EXPECT(strcmp(rows, examples[i].rows) == 0, "%zu columns: \"%s\"", examples[i].columns,
               rows);
    }
}

#define COMPARE(examples) compare(examples, sizeof examples / sizeof *examples)

static void rows_stand_under_the_text(void)
{
    static const struct example examples[] = {
        {80, "12:00 Bob: " TEXT "hi", "12:00 Bob: hi"},
        {40, "12:00 Bob: " TEXT "one two three four five six seven",
         "12:00 Bob: one two three four five six|           seven"},
        {40, "\033[2m12:00 \033[0m\033[31mBob\033[0m: " TEXT "one two three four five six seven",
         "\033[2m12:00 \033[0m\033[31mBob\033[0m: one two three four five six|           seven"},
        /* but not under a time or a name that is half the window */
        {24, "12:00 Bartholomew: " TEXT "one two three",
         "12:00 Bartholomew: one|        two three"},
        {20, "12:00 Bartholomew: " TEXT "one two", "12:00 Bartholomew:|      one two"},
        {16, "12:00 Bartholomew: " TEXT "hi", "12:00|   Bartholomew:|     hi"},
        {40, "Al: " TEXT "one two three four five six seven eight",
         "Al: one two three four five six seven|    eight"},
        {30, "one two three four five six seven", "one two three four five six|    seven"},
        {30, TEXT "one two three four five six seven", "one two three four five six|    seven"},
        {10, "one two three", "one two|  three"},
    };
    COMPARE(examples);
}

static void words_stay_whole(void)
{
    static const struct example examples[] = {
        /* a row of its own, indented less if need be */
        {30, "12:00 Bob: " TEXT "see http://example.org/a/b/c ok",
         "12:00 Bob: see|     http://example.org/a/b/c|          ok"},
        {20, "Bob: " TEXT "a sesquipedalianwor x", "Bob: a|  sesquipedalianwor|     x"},
        {20, "Bob: " TEXT "a sesquipedalianword", "Bob: a| sesquipedalianword"},
        /* or more than one */
        {20, "Bob: " TEXT "http://example.org/a/long/path/that/goes/on and more",
         "Bob:|     http://example.org/a/long/path/that/goes/on|     and more"},
        {20, "Bob: " TEXT "at http://example.org/a/long/path/that/goes/on\033[0m\a",
         "Bob: at|     http://example.org/a/long/path/that/goes/on\033[0m\a"},
    };
    COMPARE(examples);
}

static void long_words_that_could_fake_a_line_are_broken(void)
{
    static const struct example examples[] = {
        {20, "Bob: " TEXT "xxxxxxxxxxxxxxxxxxxxxxxxxAl:hi_all",
         "Bob: xxxxxxxxxxxxxx|     xxxxxxxxxxxAl:|     hi_all"},
        {20, "Bob: " TEXT "xxxxxxxxxxxxxxxxxxxxAl:" NBSP "hi" NBSP "all",
         "Bob: xxxxxxxxxxxxxx|     xxxxxxAl:" NBSP "hi" NBSP "a|     ll"},
        {20, "Bob: " TEXT "xxxxxxxxxxxxxxxxxxxx* Al waves",
         "Bob: xxxxxxxxxxxxxx|     xxxxxx* Al|     waves"},
        {20, "Bob: " TEXT "xxxxxxxxxxxxxxxxxxx[private] Al",
         "Bob: xxxxxxxxxxxxxx|     xxxxx[private]|     Al"},
        {20, "Bob: " TEXT "xxxxxxxxxxxxxxxxxxxxAl> hi", "Bob: xxxxxxxxxxxxxx|     xxxxxxAl> hi"},
        {20, "Bob: " TEXT "xxxxxxxxxxxxxxxxxxxx\xC3\xA9",
         "Bob: xxxxxxxxxxxxxx|     xxxxxx\xC3\xA9"},
    };
    COMPARE(examples);
}

static void wide_letters_need_no_blank(void)
{
    static const struct example examples[] = {
        {12, "Bob: " TEXT "日本語日本語日本語", "Bob: 日本語|    日本語|    日本語"},
        {12, "Bob: " TEXT "ab日本語日本語", "Bob: ab日本|    語日本|    語"},
        {12, "Bob: " TEXT "日本words日本", "Bob: 日本|    words日|    本"},
    };
    COMPARE(examples);
}

/* What is shown of a line, its blanks apart. */
static void keep_letters(char *text)
{
    char *kept = text;
    for (; *text != '\0'; text++)
        if (strchr(" |\v", *text) == NULL)
            *kept++ = *text;
    *kept = '\0';
}

/* A word may be as long as a line; then no more of it is looked at than of a few rows. */
static void no_length_loses_anything(void)
{
    enum { LENGTH_MAX = 2100 };
    char line[LENGTH_MAX + 16];
    static char shown[ROWS_SIZE];
    for (size_t length = 0; length <= LENGTH_MAX; length += length < 100 ? 1 : 61) {
        for (size_t columns = 1; columns <= 90; columns += columns < 30 ? 1 : 7) {
            strcpy(line, "Al: " TEXT);
            memset(line + 5, 'x', length);
            strcpy(line + 5 + length, " ok");
            strcpy(shown, rows_of(line, columns));
            keep_letters(shown);
            keep_letters(line);
            CU_ASSERT_STRING_EQUAL(shown, line);
        }
    }
}

static const struct test tests[] = {
    {"rows are indented under the text, but not by more than a third", rows_stand_under_the_text},
    {"a word stays whole in a row by itself, or is left to the terminal", words_stay_whole},
    {"what could stand where a line begins is broken and indented",
     long_words_that_could_fake_a_line_are_broken},
    {"a row may end between wide letters", wide_letters_need_no_blank},
    {"nothing is lost of a word of any length on any screen", no_length_loses_anything},
};

void add_wrap_suite(void)
{
    SUITE_ADD("wrap", tests);
}
