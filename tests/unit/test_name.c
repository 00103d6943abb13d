#include "suites.h"

#include "chat/name.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#define ROWS(table) (sizeof table / sizeof *table)

static const char *fault(const char *name)
{
    return name_fault(name, strlen(name));
}

/* Writes a character so many times. */
static void repeat(char *text, const char *character, size_t times)
{
    *text = '\0';
    while (times-- > 0)
        strcat(text, character);
}

static void good_names(void)
{
    static const char *const names[] = {
        "A",
        "Bob",
        "a1",
        "42",
        "-",
        ".",
        "_x_",
        "Al-ice",
        "o'Neil",
        "a/b",
        "a#b",
        "a@b",
        "a*b",
        "!",
        "\"",
        "\xC3\x89lo\xC3\xAFse",
        "\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD",
        "\xE5\xBC\xA0\xE4\xBC\x9F",
        "\xD7\x93\xD7\x95\xD7\x93",
        "\xF0\x9F\x98\x80",
        "e\xCC\x81",
        "\xEF\xBC\xA1",
        "\xEF\xBF\xBD",
        "\xF4\x8F\xBF\xBF",
    };
    for (size_t i = 0; i < ROWS(names); i++)
        EXPECT(fault(names[i]) == NULL, "'%s': %s", names[i], fault(names[i]));
}

static void bad_names(void)
{
    /* With a word that the message must have, so that it says what is wrong. */
    static const struct {
        const char *name, *word;
    } rows[] = {
        {"", "at least one"},
        {"/bob", "begin"},
        {"#bob", "begin"},
        {"@bob", "begin"},
        {"*", "begin"},
        {"two words", "blank"},
        {" bob", "blank"},
        {"bob ", "blank"},
        {"tab\tbed", "blank"},
        {"no\xC2\xA0"
         "break",
         "blank"},
        {"wide\xE3\x80\x80"
         "blank",
         "blank"},
        {"line\xE2\x80\xA8", "blank"},
        {"bell\a", "control"},
        {"\x1B[1m", "control"},
        {"del\x7F", "control"},
        {"c1\xC2\x9B", "control"},
        {"soft\xC2\xADhyphen", "invisible"},
        {"zero\xE2\x80\x8Bwidth", "invisible"},
        {"zero\xE2\x80\x8Djoiner", "invisible"},
        {"mark\xE2\x80\x8E", "invisible"},
        {"\xE2\x80\xAE"
         "evil",
         "invisible"},
        {"\xE2\x81\xA6"
         "evil",
         "invisible"},
        {"\xEF\xBB\xBF"
         "bom",
         "invisible"},
        {"vs\xEF\xB8\x8F", "invisible"},
        {"filler\xE3\x85\xA4", "invisible"},
        {"tag\xF3\xA0\x81\x81", "invisible"},
        {"\xE2\xA0\x80", "invisible"},
        {"cut\xE2\x82", "UTF-8"},
        {"\xFF\xFE", "UTF-8"},
        {"over\xC0\xAFlong", "UTF-8"},
        {"half\xED\xA0\x80", "UTF-8"},
        {"\xF4\x90\x80\x80", "UTF-8"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *told = fault(rows[i].name);
        EXPECT(told != NULL && strstr(told, rows[i].word) != NULL, "row %zu: %s", i,
               told != NULL ? told : "no fault");
    }
    CU_ASSERT_PTR_NOT_NULL(name_fault("a\0b", 3));
    CU_ASSERT_PTR_NOT_NULL(name_fault("\0", 1));
}

static void counts_characters(void)
{
    static const char *const characters[] = {"x", "\xC3\xA9", "\xE6\xBC\xA2", "\xF0\x9F\x98\x80"};
    for (size_t i = 0; i < ROWS(characters); i++) {
        char name[34 * 4 + 1];
        repeat(name, characters[i], 32);
        EXPECT(fault(name) == NULL && strlen(name) <= NAME_BYTES_MAX, "32 times '%s'",
               characters[i]);
        repeat(name, characters[i], 33);
        const char *told = fault(name);
        EXPECT(told != NULL && strstr(told, "32") != NULL, "33 times '%s'", characters[i]);
    }
}

static void faults_are_sentences(void)
{
    static const char *const names[] = {"",   "/",    "a b",
                                        "\a", "\xFF", "123456789012345678901234567890123"};
    for (size_t i = 0; i < ROWS(names); i++) {
        const char *told = fault(names[i]);
        CU_ASSERT_PTR_NOT_NULL_FATAL(told);
        EXPECT(strlen(told) > 10 && told[strlen(told) - 1] == '.' && strchr(told, '\n') == NULL,
               "%s", told);
    }
}

static bool same(const char *left, const char *right)
{
    char folded[2][NAME_SIZE];
    name_fold(left, folded[0]);
    name_fold(right, folded[1]);
    return strcmp(folded[0], folded[1]) == 0;
}

static void case_does_not_count(void)
{
    CU_ASSERT_TRUE(same("Alice", "aLICE"));
    CU_ASSERT_TRUE(same("\xC3\x89LO\xC3\x8FSE", "\xC3\xA9lo\xC3\xAFse"));
    CU_ASSERT_TRUE(same("\xD0\x98\xD0\x92\xD0\x90\xD0\x9D", "\xD0\xB8\xD0\xB2\xD0\xB0\xD0\xBD"));
    CU_ASSERT_TRUE(same("\xCE\xA3\xCE\x9F\xCE\xA6\xCE\x9F\xCE\xA3",
                        "\xCF\x83\xCE\xBF\xCF\x86\xCE\xBF\xCF\x82"));
    CU_ASSERT_TRUE(same("\xE5\xBC\xA0", "\xE5\xBC\xA0"));
    CU_ASSERT_FALSE(same("Alice", "Alic"));
    CU_ASSERT_FALSE(same("Alice", "Al\xC3\xAF"
                                  "ce"));
    CU_ASSERT_FALSE(same("a1", "a2"));
}

/* Folding may change how many bytes a character has; the room must be enough for all. */
static void folded_names_have_room(void)
{
    for (uint32_t character = '0'; character <= 0x10FFFF; character++) {
        char bytes[TEXT_CHARACTER_BYTES_MAX + 1] = "";
        char name[NAME_SIZE];
        char folded[NAME_SIZE];
        if (character == 0xD800)
            character = 0xE000;
        if (text_fold(character) == character)
            continue;
        bytes[text_encode(character, bytes)] = '\0';
        if (fault(bytes) != NULL)
            continue;
        repeat(name, bytes, NAME_CHARACTERS_MAX);
        name_fold(name, folded);
        if (strlen(folded) > NAME_BYTES_MAX)
            EXPECT(false, "U+%04X", character);
    }
}

static void blanks_can_be_bridged(void)
{
    static const struct {
        const char *name, *suggestion; /* NULL: there is none */
    } rows[] = {
        {"Ann Smith", "Ann_Smith"},
        {"Ann  \t Smith", "Ann_Smith"},
        {"a b c", "a_b_c"},
        {"Ann_ Smith", "Ann__Smith"},
        {"Alice\xC2\xA0"
         "B",
         "Alice_B"},
        {"\xC3\x89lo\xC3\xAFse \xE5\xBC\xA0", "\xC3\x89lo\xC3\xAFse_\xE5\xBC\xA0"},
        {"abcdefghijklmnop qrstuvwxyz01234", "abcdefghijklmnop_qrstuvwxyz01234"},
        {"abcdefghijklmnop qrstuvwxyz012345", NULL},
        {"Ann", NULL},
        {"", NULL},
        {"/msg Bob hi", NULL},
        {"*** Bob", NULL},
        {"Ann \033[2J", NULL},
        {"Ann \xFF", NULL},
        {"Ann \xE2\x80\x8B", NULL},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char got[NAME_SIZE];
        bool any = name_suggest(rows[i].name, strlen(rows[i].name), got);
        EXPECT(any == (rows[i].suggestion != NULL) &&
                   (!any || strcmp(got, rows[i].suggestion) == 0),
               "'%s': %s", rows[i].name, any ? got : "none");
    }
}

static void suggestions_have_room(void)
{
    char name[4 * NAME_BYTES_MAX];
    char got[NAME_SIZE];
    repeat(name, "\xF0\x9F\x98\x80", NAME_CHARACTERS_MAX - 2);
    strcat(name, "    x");
    CU_ASSERT_TRUE(name_suggest(name, strlen(name), got));
    for (size_t blanks = 0; blanks < 8; blanks++) {
        repeat(name, "\xF0\x9F\x98\x80", NAME_CHARACTERS_MAX);
        memset(name + strlen(name), '\0', 16);
        memset(name + strlen(name), ' ', blanks);
        CU_ASSERT_FALSE(name_suggest(name, strlen(name), got));
        strcat(name, "x");
        CU_ASSERT_FALSE(name_suggest(name, strlen(name), got));
    }
}

static void the_rules_are_true(void)
{
    char rule[64];
    snprintf(rule, sizeof rule, " 1 to %d characters, no blanks, ", NAME_CHARACTERS_MAX);
    CU_ASSERT_PTR_NOT_NULL(strstr(NAME_RULES, rule));
    CU_ASSERT_PTR_NOT_NULL(strstr(NAME_RULES, " does not begin with / # @ or *."));
    CU_ASSERT_PTR_NOT_NULL(strstr(fault("*"), " begin with / # @ or *."));
}

static const struct test tests[] = {
    {"a name that breaks no rule is good", good_names},
    {"each rule is kept, and its breach told in its own words", bad_names},
    {"32 characters are allowed, whatever their bytes, and not 33", counts_characters},
    {"a fault is told in one whole sentence", faults_are_sentences},
    {"two names that differ by case alone are the same", case_does_not_count},
    {"a name with blanks can be had without", blanks_can_be_bridged},
    {"the longest name that is suggested has room", suggestions_have_room},
    {"the rules that people are told are those that are kept", the_rules_are_true},
    {"the longest name has room when it is folded", folded_names_have_room},
};

void add_name_suite(void)
{
    SUITE_ADD("name", tests);
}
