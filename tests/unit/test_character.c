/*
 * Characters, graphemes and extents: what a terminal makes of text, by the facts of the Unicode
 * standard.
 */
#include "suites.h"

#include "edit/character.h"
#include "edit/extent.h"
#include "edit/grapheme.h"
#include "base/utf8.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

/* If this failed, the cursor would be in the wrong column after a character of this kind. */
static void test_columns(void)
{
    static const struct {
        uint32_t code_point;
        int columns;
        bool extends, doubtful;
    } shapes[] = {
        {'a', 1, false, false},     {0xE9, 1, false, false},   {0xAD, 1, false, true},
        {0x301, 0, true, false},    {0x416, 1, false, false},  {0x5D0, 1, false, false},
        {0x600, 1, false, true},    {0x64B, 0, true, false},   {0x93E, 1, true, true},
        {0x94D, 0, true, false},    {0xE31, 0, true, false},   {0xE33, 1, false, false},
        {0x1100, 2, false, false},  {0x1161, 1, true, true},   {0x200B, 0, true, true},
        {0x200D, 0, true, true},    {0x2014, 1, false, false}, {0x231A, 2, false, true},
        {0x2764, 1, false, false},  {0x3000, 2, false, false}, {0x3042, 2, false, false},
        {0x4E00, 2, false, false},  {0xAC00, 2, false, false}, {0xFE0E, 0, true, true},
        {0xFE0F, 1, true, true},    {0xFF21, 2, false, false}, {0xFF71, 1, false, false},
        {0x1D11E, 1, false, false}, {0x1F1E6, 2, false, true}, {0x1F3FD, 2, true, true},
        {0x1F600, 2, false, true},  {0x1FAFF, 2, false, true}, {0x20000, 2, false, false},
        {0xE0020, 0, true, true},   {0xE0100, 0, true, false}, {0x10FFFF, 1, false, false},
    };

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        struct character_shape shape = character_shape(shapes[i].code_point);

        CU_ASSERT_EQUAL(shape.columns, shapes[i].columns);
        CU_ASSERT_EQUAL(shape.extends, shapes[i].extends);
        CU_ASSERT_EQUAL(shape.doubtful, shapes[i].doubtful);
    }
}

/*
 * If this failed, a character would get into a line that moves things about on other people's
 * screens.
 */
static void test_text(void)
{
    static const uint32_t refused[] = {0,      7,      8,      9,      10,      13,     27,
                                       0x1F,   0x7F,   0x80,   0x9B,   0x9F,    0x2028, 0x2029,
                                       0x202A, 0x202E, 0x2066, 0x2069, 0x110000};
    static const uint32_t allowed[] = {' ',    '~',    0xA0,   0x301,  0x200B,
                                       0x200D, 0x202F, 0x206A, 0xFFFD, 0x1F600};

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        CU_ASSERT_FALSE(character_is_text(refused[i]));
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
        CU_ASSERT_TRUE(character_is_text(allowed[i]));
}

/* If this failed, malformed bytes would pass for text, or text be refused. */
static void test_utf8(void)
{
    static const struct {
        const char *bytes;
        size_t length; /* 0: malformed */
        uint32_t code_point;
    } sequences[] = {
        {"a", 1, 'a'},
        {"\xC3\xA9", 2, 0xE9},
        {"\xE2\x82\xAC", 3, 0x20AC},
        {"\xF0\x9F\x98\x80", 4, 0x1F600},
        {"\xF4\x8F\xBF\xBF", 4, 0x10FFFF},
        {"\x80", 0, 0},
        {"\xC0\xAF", 0, 0},
        {"\xC3", 0, 0},
        {"\xC3(", 0, 0},
        {"\xE0\x80\xAF", 0, 0},
        {"\xE2\x82", 0, 0},
        {"\xED\xA0\x80", 0, 0},
        {"\xF0\x80\x80\xAF", 0, 0},
        {"\xF4\x90\x80\x80", 0, 0},
        {"\xF8\x88\x80\x80\x80", 0, 0},
        {"\xFF", 0, 0},
        {"", 0, 0},
    };

    for (size_t i = 0; i < sizeof(sequences) / sizeof(sequences[0]); i++) {
        uint32_t code_point = 0;

        CU_ASSERT_EQUAL(utf8_decode(sequences[i].bytes, strlen(sequences[i].bytes), &code_point),
                        sequences[i].length);
        CU_ASSERT_EQUAL(code_point, sequences[i].code_point);
    }
}

/* If this failed, an editing key would take half of what a person sees as one character. */
static void test_graphemes(void)
{
    /* Each is one grapheme. */
    static const char *const graphemes[] = {
        "a",
        "é",
        "e\xCC\x81",
        "e\xCC\x81\xCC\xA7",
        "日",
        "한",
        "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB",
        "\xE1\x84\x92\xE1\x84\x92\xE1\x85\xA1",
        "ที่",
        "का",
        "👨\xE2\x80\x8D👩\xE2\x80\x8D👧",
        "❤\xEF\xB8\x8F",
        "👋🏽",
        "🇪🇸",
        "1\xEF\xB8\x8F\xE2\x83\xA3",
        "🏴\xF3\xA0\x81\xA7\xF3\xA0\x81\xA2\xF3\xA0\x81\xBF",
    };
    enum { COUNT = sizeof(graphemes) / sizeof(graphemes[0]) };

    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++) {
            char text[128];
            size_t first = strlen(graphemes[i]);
            size_t length = first + strlen(graphemes[j]);

            strcat(strcpy(text, graphemes[i]), graphemes[j]);
            CU_ASSERT_EQUAL(grapheme_next(text, length, 0), first);
            CU_ASSERT_EQUAL(grapheme_next(text, length, first), length);
            CU_ASSERT_EQUAL(grapheme_next(text, length, length), length);
            CU_ASSERT_EQUAL(grapheme_previous(text, length, length), first);
            CU_ASSERT_EQUAL(grapheme_previous(text, length, first), 0);
            CU_ASSERT_EQUAL(grapheme_previous(text, length, 0), 0);
        }
}

/* If this failed, a text of marks without end would make every key slow. */
static void test_grapheme_bound(void)
{
    char text[2 + 2 * 100];

    text[0] = 'a';
    for (size_t i = 1; i + 1 < sizeof(text); i += 2)
        memcpy(text + i, "\xCC\x81", 2);
    CU_ASSERT_EQUAL(grapheme_next(text, 201, 0), 1 + 2 * (GRAPHEME_CHARACTERS_MAX - 1));
    CU_ASSERT_EQUAL(grapheme_previous(text, 201, 201), 201 - 2 * GRAPHEME_CHARACTERS_MAX);
}

static void check_extent(const char *text, size_t columns, bool doubtful)
{
    struct extent extent = extent_of(text, strlen(text));

    CU_ASSERT_EQUAL(extent.columns, columns);
    CU_ASSERT_EQUAL(extent.doubtful, doubtful);
}

/*
 * If this failed, a message would leave a piece of the line behind it, or a prompt be measured
 * wrongly.
 */
static void test_extents(void)
{
    check_extent("", 0, false);
    check_extent("Alice> ", 7, false);
    check_extent("\033[1;38;5;12mAlice\033[0m> ", 7, false);
    check_extent("\033[", 0, false);
    check_extent("\033[1;", 0, false);
    check_extent("\aBob", 3, false);
    check_extent("Bob\t", 11, true);
    check_extent("日本e\xCC\x81", 5, false);
    check_extent("👋", 2, true);
    check_extent("a\xFF\xC3", 3, true);
}

static void check_place(const char *text, const char *behind, size_t columns, bool least,
                        size_t rows, size_t column)
{
    char all[64];
    struct extent_place place;

    snprintf(all, sizeof(all), "%s%s", text, behind);
    place = extent_place(all, strlen(all), strlen(text), columns, least);
    CU_ASSERT_EQUAL(place.rows, rows);
    CU_ASSERT_EQUAL(place.column, column);
}

/* If this failed, the editor would search for the start of its row in another one. */
static void test_places(void)
{
    check_place("", "", 10, false, 0, 0);
    check_place("123456789", "", 10, false, 0, 9);
    check_place("1234567890", "", 10, false, 0, 10); /* the next row has not begun */
    check_place("1234567890", "1", 10, false, 1, 0);
    check_place("12345678901", "", 10, false, 1, 1);
    check_place("\033[31m1234567890\033[0m1234567890", "1", 10, false, 2, 0);
    check_place("123456789日本", "", 10, false, 1, 4); /* the first does not fit */
    check_place("123456789", "日", 10, false, 1, 0);
    check_place("12345678", "日", 10, false, 0, 8);
    check_place("日本日", "", 3, false, 2, 2);
    check_place("日", "", 1, false, 0, 1);
    check_place("👋👋", "", 10, false, 0, 4);
    check_place("👋👋", "", 10, true, 0, 2);
    check_place("👩\xE2\x80\x8D💻", "", 10, false, 0, 4);
    check_place("👩\xE2\x80\x8D💻", "", 10, true, 0, 1); /* joined */
    check_place("👋🏽a", "", 10, true, 0, 2);
}

static const struct test tests[] = {
    {"every kind of character has its columns", test_columns},
    {"what moves things about on a screen is not text", test_text},
    {"malformed bytes are not decoded", test_utf8},
    {"what a person sees as one character is one step", test_graphemes},
    {"no step is longer than its bound", test_grapheme_bound},
    {"the extent of a text is what a terminal makes of it", test_extents},
    {"so is the place of each character when it is broken into rows", test_places},
};

void add_character_suite(void)
{
    SUITE_ADD("character", tests);
}
