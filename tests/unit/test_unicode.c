#include "suites.h"

#include "base/unicode.h"

#include <CUnit/CUnit.h>
#include <string.h>

#define ROWS(table) (sizeof table / sizeof *table)

enum { LAST_CHARACTER = 0x10FFFF, LENGTH_MAX = 20 };

/* A text of at most so many code points, ended by 0. */
typedef uint32_t sample[LENGTH_MAX + 1];

static size_t length_of(const uint32_t *text)
{
    size_t length = 0;
    while (text[length] != 0)
        length++;
    return length;
}

/* Whether a text becomes another one. */
static bool becomes(bool (*form)(struct unicode_text *), const uint32_t *from, const uint32_t *to)
{
    sample room;
    struct unicode_text text = {room, length_of(from), LENGTH_MAX};
    memcpy(room, from, text.count * sizeof *room);
    return form(&text) && text.count == length_of(to) &&
           memcmp(room, to, text.count * sizeof *room) == 0;
}

static bool fold(struct unicode_text *text)
{
    return unicode_caseless(text) && unicode_compose(text);
}

/* Singletons, exclusions, marks in any order and of equal class, blocked ones, and Hangul. */
static void canonical_forms(void)
{
    static const struct {
        sample source, composed, decomposed;
    } rows[] = {
        {{'A'}, {'A'}, {'A'}},
        {{0xE9}, {0xE9}, {'e', 0x301}},
        {{'e', 0x301}, {0xE9}, {'e', 0x301}},
        {{0x212B}, {0xC5}, {'A', 0x30A}},
        {{0x1E0A, 0x323}, {0x1E0C, 0x307}, {'D', 0x323, 0x307}},
        {{'D', 0x307, 0x323}, {0x1E0C, 0x307}, {'D', 0x323, 0x307}},
        {{0x1E69}, {0x1E69}, {'s', 0x323, 0x307}},
        {{'s', 0x307, 0x323}, {0x1E69}, {'s', 0x323, 0x307}},
        {{'a', 0x301, 0x301}, {0xE1, 0x301}, {'a', 0x301, 0x301}},
        {{'a', 0x302, 0x301}, {0x1EA5}, {'a', 0x302, 0x301}},
        {{'a', 0x301, 0x302}, {0xE1, 0x302}, {'a', 0x301, 0x302}},
        {{0x301, 'e'}, {0x301, 'e'}, {0x301, 'e'}},
        {{0x344}, {0x308, 0x301}, {0x308, 0x301}},
        {{0x958}, {0x915, 0x93C}, {0x915, 0x93C}},
        {{0x1FA7}, {0x1FA7}, {0x3C9, 0x314, 0x342, 0x345}},
        {{0xAC00}, {0xAC00}, {0x1100, 0x1161}},
        {{0xD55C}, {0xD55C}, {0x1112, 0x1161, 0x11AB}},
        {{0xD558, 0x11AB}, {0xD55C}, {0x1112, 0x1161, 0x11AB}},
        {{0xD55C, 0x11AB}, {0xD55C, 0x11AB}, {0x1112, 0x1161, 0x11AB, 0x11AB}},
        {{0xD558, 0x11A7}, {0xD558, 0x11A7}, {0x1112, 0x1161, 0x11A7}},
        {{0xF900}, {0x8C48}, {0x8C48}},
        {{0x2F801}, {0x4E38}, {0x4E38}},
        {{0x1D15E}, {0x1D157, 0x1D165}, {0x1D157, 0x1D165}},
        {{0x1109A}, {0x1109A}, {0x11099, 0x110BA}},
        {{0xFB01}, {0xFB01}, {0xFB01}}, /* only compatible */
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        EXPECT(becomes(unicode_compose, rows[i].source, rows[i].composed), "row %zu", i);
        EXPECT(becomes(unicode_compose, rows[i].decomposed, rows[i].composed), "row %zu", i);
        EXPECT(becomes(unicode_decompose, rows[i].source, rows[i].decomposed), "row %zu", i);
        EXPECT(becomes(unicode_decompose, rows[i].composed, rows[i].decomposed), "row %zu", i);
    }
}

static void forms_without_case(void)
{
    static const struct {
        sample source, folded;
    } rows[] = {
        {{'A', 'z', '_', '0'}, {'a', 'z', '_', '0'}},
        {{0xC9}, {0xE9}},
        {{'E', 0x301}, {0xE9}},
        {{0xDF}, {'s', 's'}},
        {{0x1E9E}, {'s', 's'}},
        {{0x130}, {'i', 0x307}}, /* in every locale */
        {{0x131}, {0x131}},
        {{0x3A3}, {0x3C3}},
        {{0x3C2}, {0x3C3}},
        {{0x212A}, {'k'}},
        {{0x1C5}, {'d', 0x17E}},
        {{0x13A0}, {0x13A0}}, /* Cherokee is folded to its capitals */
        {{0xAB70}, {0x13A0}},
        {{0xFF21}, {'a'}},
        {{0xFB01}, {'f', 'i'}},
        {{0x1D400}, {'a'}},
        {{0xFF76, 0xFF9E}, {0x30AC}},
        {{0x314E, 0x314F, 0x3134}, {0xD558, 0x1102}},
        {{'a', 0xAD, 'b', 0x200D, 0xFE0F, 0xE0100}, {'a', 'b'}},
        {{0x3B1, 0x345, 0x301}, {0x3AC, 0x3B9}}, /* in either order of the marks */
        {{0x3B1, 0x301, 0x345}, {0x3AC, 0x3B9}},
        {{0x1E900}, {0x1E922}},
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        EXPECT(becomes(fold, rows[i].source, rows[i].folded), "row %zu", i);
}

static void skeletons(void)
{
    static const struct {
        sample source, skeleton;
    } rows[] = {
        {{'A', 'b', 'l'}, {'A', 'b', 'l'}},
        {{'I', '1', '|'}, {'l', 'l', 'l'}},
        {{'0'}, {'O'}},
        {{'m'}, {'r', 'n'}},
        {{0x410, 0x435, 0x455}, {'A', 'e', 's'}},
        {{0xE9}, {'e', 0x301}},
        {{0xFF41}, {'a'}},
        {{0x2217}, {'*'}},
        {{0x2D0}, {':'}},
        {{0x903}, {':'}},
        {{0x1F600}, {0x1F600}},
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        EXPECT(becomes(unicode_skeleton, rows[i].source, rows[i].skeleton), "row %zu", i);
}

/* Applies a form to one character, and again to what came out. */
static bool is_final(bool (*form)(struct unicode_text *), uint32_t character, size_t most)
{
    sample once = {character};
    struct unicode_text text = {once, 1, LENGTH_MAX};
    bool made = form(&text) && text.count <= most;
    once[text.count] = 0;
    return made && becomes(form, once, once);
}

static void forms_are_final(void)
{
    for (uint32_t character = 1; character <= LAST_CHARACTER; character++) {
        if (!is_final(unicode_decompose, character, UNICODE_DECOMPOSED_MAX) ||
            !is_final(unicode_compose, character, UNICODE_DECOMPOSED_MAX) ||
            !is_final(unicode_caseless, character, UNICODE_CASELESS_MAX) ||
            !is_final(unicode_skeleton, character, LENGTH_MAX))
            EXPECT(false, "U+%04X", character);
    }
}

static void stays_within_room(void)
{
    uint32_t room[5] = {0x1FA7, 0x1FA7, 0, 0, 0xABCD};
    struct unicode_text text = {room, 1, 4};
    CU_ASSERT_TRUE(unicode_decompose(&text) && text.count == 4);
    CU_ASSERT_EQUAL(room[4], 0xABCD);
    room[0] = 0x1FA7;
    text = (struct unicode_text){room, 1, 3};
    CU_ASSERT_FALSE(unicode_decompose(&text));
    room[0] = 0xFDFA;
    room[3] = 0x1234;
    text = (struct unicode_text){room, 1, 3};
    CU_ASSERT_FALSE(unicode_caseless(&text));
    CU_ASSERT_EQUAL(room[3], 0x1234);
    text = (struct unicode_text){room, 0, 0};
    CU_ASSERT_TRUE(unicode_compose(&text) && unicode_caseless(&text) && unicode_skeleton(&text));
}

static void properties_are_known(void)
{
    enum { DEFINED = UNICODE_DEFINED, LETTER = DEFINED | UNICODE_WORD | UNICODE_LETTER };
    enum { MARK = DEFINED | UNICODE_WORD | UNICODE_MARK, THIN = MARK | UNICODE_NONSPACING };
    static const struct {
        uint32_t character;
        unsigned properties;
    } rows[] = {
        {0, DEFINED},
        {'A', LETTER},
        {'7', LETTER},
        {'_', DEFINED | UNICODE_WORD},
        {'-', DEFINED},
        {':', DEFINED},
        {0xE9, LETTER},
        {0x301, THIN},
        {0x903, MARK},
        {0x17D2, THIN | UNICODE_STACKER},
        {0x2D7F, THIN | UNICODE_STACKER},
        {0x378, 0},
        {0x640, DEFINED},
        {0xAD, DEFINED | UNICODE_IGNORED},
        {0x3164, DEFINED | UNICODE_IGNORED},
        {0xFE0F, DEFINED | UNICODE_IGNORED},
        {0xE000, 0},
        {0xD800, 0},
        {0xFFFF, 0},
        {0x13441, DEFINED},
        {0x16FE4, DEFINED},
        {0x1D159, DEFINED},
        {0x1F600, DEFINED | UNICODE_EMOJI},
        {0x1F3FD, DEFINED},
        {0x1F1E9, DEFINED},
        {0x2795, DEFINED},
        {0x2764, DEFINED},
        {0x4E00, LETTER},
        {0x10FFFF, 0},
        {0x110000, 0},
        {UINT32_MAX, 0},
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        EXPECT(unicode_properties(rows[i].character) == rows[i].properties, "U+%04X: %X",
               rows[i].character, unicode_properties(rows[i].character));
    CU_ASSERT_EQUAL(unicode_combining_class('a'), 0);
    CU_ASSERT_EQUAL(unicode_combining_class(0x301), 230);
    CU_ASSERT_EQUAL(unicode_combining_class(0x345), 240);
    CU_ASSERT_EQUAL(unicode_combining_class(0x94D), 9);
    CU_ASSERT_EQUAL(unicode_combining_class(UINT32_MAX), 0);
}

static const struct test tests[] = {
    {"texts are composed and decomposed, their marks in order", canonical_forms},
    {"texts lose their case and other ways of writing the same", forms_without_case},
    {"what looks alike has one skeleton", skeletons},
    {"each form of each character stays as it is", forms_are_final},
    {"no form writes where there is no room", stays_within_room},
    {"the properties that names are made of are known", properties_are_known},
};

void add_unicode_suite(void)
{
    SUITE_ADD("unicode", tests);
}
