#include "suites.h"

#include "base/buffer.h"
#include "base/text.h"

#include <CUnit/CUnit.h>
#include <stdlib.h>
#include <string.h>

#define ROWS(table) (sizeof table / sizeof *table)

/* The replacement character, as text_clean() writes it. */
#define FFFD "\xEF\xBF\xBD"

enum { LAST_CHARACTER = 0x10FFFF };

static bool is_surrogate(uint32_t character)
{
    return character >= 0xD800 && character <= 0xDFFF;
}

/*
 * Whether some character's UTF-8 has exactly these bytes, said without looking at bits: by the
 * table "UTF8-octets" in RFC 3629, section 4.
 */
static bool in_rfc_table(const unsigned char *bytes, size_t length)
{
    static const struct {
        size_t length;
        unsigned char low[4], high[4];
    } rows[] = {
        {1, {0x00}, {0x7F}},
        {2, {0xC2, 0x80}, {0xDF, 0xBF}},
        {3, {0xE0, 0xA0, 0x80}, {0xE0, 0xBF, 0xBF}},
        {3, {0xE1, 0x80, 0x80}, {0xEC, 0xBF, 0xBF}},
        {3, {0xED, 0x80, 0x80}, {0xED, 0x9F, 0xBF}},
        {3, {0xEE, 0x80, 0x80}, {0xEF, 0xBF, 0xBF}},
        {4, {0xF0, 0x90, 0x80, 0x80}, {0xF0, 0xBF, 0xBF, 0xBF}},
        {4, {0xF1, 0x80, 0x80, 0x80}, {0xF3, 0xBF, 0xBF, 0xBF}},
        {4, {0xF4, 0x80, 0x80, 0x80}, {0xF4, 0x8F, 0xBF, 0xBF}},
    };
    for (size_t row = 0; row < ROWS(rows); row++) {
        bool fits = rows[row].length == length;
        for (size_t i = 0; i < length && fits; i++)
            fits = bytes[i] >= rows[row].low[i] && bytes[i] <= rows[row].high[i];
        if (fits)
            return true;
    }
    return false;
}

/* Whether bytes are the beginning of some character: they can be completed by some of these. */
static bool begins_character(const unsigned char *bytes, size_t length)
{
    static const unsigned char samples[] = {0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF};
    if (in_rfc_table(bytes, length))
        return true;
    if (length >= 4)
        return false;
    unsigned char longer[4];
    memcpy(longer, bytes, length);
    for (size_t i = 0; i < sizeof samples; i++) {
        longer[length] = samples[i];
        if (begins_character(longer, length + 1))
            return true;
    }
    return false;
}

/* How many bytes text_decode() must take of ill-formed bytes: the maximal subpart. */
static size_t maximal_subpart(const unsigned char *bytes, size_t length)
{
    size_t most = 1;
    for (size_t i = 1; i <= length && i < 4; i++)
        if (begins_character(bytes, i))
            most = i;
    return most;
}

static void every_character_both_ways(void)
{
    for (uint32_t character = 0; character <= LAST_CHARACTER; character++) {
        char bytes[TEXT_CHARACTER_BYTES_MAX];
        uint32_t decoded = 0;
        if (is_surrogate(character))
            continue;
        size_t size = text_encode(character, bytes);
        size_t expected = character < 0x80      ? 1
                          : character < 0x800   ? 2
                          : character < 0x10000 ? 3
                                                : 4;
        size_t taken = text_decode(bytes, size, &decoded);
        bool right = size == expected && in_rfc_table((const unsigned char *)bytes, size) &&
                     taken == size && decoded == character;
        if (!right && !EXPECT(false, "U+%04X: %zu bytes, then U+%04X", character, size, decoded))
            break;
    }
}

/* Checks one text: a character exactly when the RFC's table says so, else a maximal subpart. */
static bool decodes_as_told(const unsigned char *bytes, size_t length)
{
    uint32_t character = 0;
    size_t taken = text_decode((const char *)bytes, length, &character);
    for (size_t size = 1; size <= length && size <= 4; size++)
        if (in_rfc_table(bytes, size))
            return taken == size && character != TEXT_INVALID;
    return character == TEXT_INVALID && taken == maximal_subpart(bytes, length);
}

/* What may follow two bytes and matters: the edges of what the table allows. */
static bool decodes_with_followers(unsigned char bytes[4])
{
    static const unsigned char edges[] = {0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0,
                                          0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xFF};
    bool begun = begins_character(bytes, 2) && !in_rfc_table(bytes, 2);
    /* Where nothing has begun, nothing that follows counts; some will do. */
    size_t step = begun ? 1 : 37;
    for (size_t i = 0; i < sizeof edges * sizeof edges; i += step) {
        bytes[2] = edges[i / sizeof edges];
        bytes[3] = edges[i % sizeof edges];
        if (!decodes_as_told(bytes, 3) || !decodes_as_told(bytes, 4))
            return false;
    }
    return true;
}

static void every_sequence(void)
{
    unsigned char bytes[4];
    for (unsigned first = 0; first < 256; first++) {
        bytes[0] = (unsigned char)first;
        EXPECT(decodes_as_told(bytes, 1), "%02X", first);
        for (unsigned second = 0; second < 256; second++) {
            bytes[1] = (unsigned char)second;
            EXPECT(decodes_as_told(bytes, 2) && decodes_with_followers(bytes), "%02X %02X", first,
                   second);
        }
    }
}

static void known_sequences(void)
{
    static const struct {
        const char *bytes;
        size_t length, taken;
        uint32_t character;
    } rows[] = {
        {"A", 1, 1, 'A'},
        {"\0", 1, 1, 0},
        {"\xC3\xA9", 2, 2, 0xE9},
        {"\xE2\x82\xAC", 3, 3, 0x20AC},
        {"\xF0\x9F\x98\x80", 4, 4, 0x1F600},
        {"\xF4\x8F\xBF\xBF", 4, 4, 0x10FFFF},
        {"\xEE\x80\x80", 3, 3, 0xE000},
        {"\xED\x9F\xBF", 3, 3, 0xD7FF},
        /* Overlong forms. */
        {"\xC0\x80", 2, 1, TEXT_INVALID},
        {"\xC1\xBF", 2, 1, TEXT_INVALID},
        {"\xE0\x80\xAF", 3, 1, TEXT_INVALID},
        {"\xE0\x9F\xBF", 3, 1, TEXT_INVALID},
        {"\xF0\x80\x80\x80", 4, 1, TEXT_INVALID},
        {"\xF0\x8F\xBF\xBF", 4, 1, TEXT_INVALID},
        {"\xF8\x88\x80\x80\x80", 5, 1, TEXT_INVALID},
        /* Surrogates. */
        {"\xED\xA0\x80", 3, 1, TEXT_INVALID},
        {"\xED\xBF\xBF", 3, 1, TEXT_INVALID},
        /* Beyond U+10FFFF. */
        {"\xF4\x90\x80\x80", 4, 1, TEXT_INVALID},
        {"\xF5\x80\x80\x80", 4, 1, TEXT_INVALID},
        {"\xFE", 1, 1, TEXT_INVALID},
        {"\xFF", 1, 1, TEXT_INVALID},
        /* Cut short. */
        {"\xC3", 1, 1, TEXT_INVALID},
        {"\xE2\x82", 2, 2, TEXT_INVALID},
        {"\xE2", 1, 1, TEXT_INVALID},
        {"\xF0\x9F\x98", 3, 3, TEXT_INVALID},
        {"\xF0\x9F", 2, 2, TEXT_INVALID},
        {"\xF0", 1, 1, TEXT_INVALID},
        {"\xF0\x9F\x98"
         "A",
         4, 3, TEXT_INVALID},
        {"\xE2\x82\xE2\x82\xAC", 5, 2, TEXT_INVALID},
        {"\x80", 1, 1, TEXT_INVALID},
        {"\xBF\xBF", 2, 1, TEXT_INVALID},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint32_t character = 0;
        size_t taken = text_decode(rows[i].bytes, rows[i].length, &character);
        EXPECT(taken == rows[i].taken && character == rows[i].character,
               "row %zu: %zu bytes, U+%04X", i, taken, character);
    }
}

/* Bytes behind the end must not be looked at: each text is a block of its own here. */
static void stays_within_length(void)
{
    static const char smile[] = "\xF0\x9F\x98\x80";
    for (size_t length = 1; length <= 4; length++) {
        uint32_t character;
        char *bytes = malloc(length);
        CU_ASSERT_PTR_NOT_NULL_FATAL(bytes);
        memcpy(bytes, smile, length);
        CU_ASSERT_EQUAL(text_decode(bytes, length, &character), length);
        CU_ASSERT_EQUAL(character == TEXT_INVALID, length < 4);
        free(bytes);
    }
}

/* White_Space of Unicode's PropList.txt, one by one. */
static void blanks_are_white_space(void)
{
    static const uint32_t blanks[] = {
        0x09,   0x0A,   0x0B,   0x0C,   0x0D,   0x20,   0x85,   0xA0,   0x1680,
        0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008,
        0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
    };
    size_t next = 0;
    for (uint32_t character = 0; character <= LAST_CHARACTER; character++) {
        bool blank = next < ROWS(blanks) && blanks[next] == character;
        if (blank)
            next++;
        if (text_is_blank(character) != blank)
            EXPECT(false, "U+%04X", character);
    }
    CU_ASSERT_FALSE(text_is_blank(TEXT_INVALID));
}

static void controls_are_c0_del_c1(void)
{
    for (uint32_t character = 0; character <= LAST_CHARACTER; character++) {
        bool control =
            character < 0x20 || character == 0x7F || (character >= 0x80 && character <= 0x9F);
        if (text_is_control(character) != control)
            EXPECT(false, "U+%04X", character);
    }
    CU_ASSERT_FALSE(text_is_control(TEXT_INVALID));
}

static void invisible_characters(void)
{
    static const uint32_t unseen[] = {
        0xAD,    0x34F,   0x61C,   0x115F,  0x1160,  0x17B4,  0x17B5,  0x180B,  0x180D,
        0x180E,  0x180F,  0x200B,  0x200C,  0x200D,  0x200E,  0x200F,  0x202A,  0x202E,
        0x2060,  0x2064,  0x2065,  0x2066,  0x2069,  0x206F,  0x2800,  0x3164,  0xFE00,
        0xFE0F,  0xFEFF,  0xFFA0,  0xFFF0,  0xFFF8,  0xFFF9,  0xFFFB,  0x1BCA0, 0x1BCA3,
        0x1D173, 0x1D17A, 0xE0000, 0xE0001, 0xE0020, 0xE007F, 0xE0100, 0xE01EF, 0xE0FFF,
    };
    static const uint32_t seen[] = {
        'A',    ' ',     0xAC,    0xAE,    0x301,   0x34E,   0x350,   0x61B,    0x1161,
        0x180A, 0x2010,  0x2070,  0x27FF,  0x2801,  0x3163,  0xFE10,  0xFFA1,   0xFFFC,
        0xFFFD, 0x1F600, 0x1BCA4, 0x1D172, 0x1D17B, 0xDFFFF, 0xE1000, 0x10FFFF,
    };
    for (size_t i = 0; i < ROWS(unseen); i++)
        EXPECT(text_is_invisible(unseen[i]), "U+%04X", unseen[i]);
    for (size_t i = 0; i < ROWS(seen); i++)
        EXPECT(!text_is_invisible(seen[i]), "U+%04X", seen[i]);
    CU_ASSERT_FALSE(text_is_invisible(TEXT_INVALID));
}

/*
 * Whether text_clean() appends exactly `expected` for a text, behind what is there already, and
 * text_is_clean() tells whether that is the text.
 */
static bool cleans_to(const char *text, size_t length, const char *expected, size_t expected_length)
{
    struct buffer out = {0};
    bool right = buffer_append_string(&out, "before") && text_clean(&out, text, length) &&
                 buffer_length(&out) == 6 + expected_length &&
                 strncmp(buffer_bytes(&out), "before", 6) == 0 &&
                 memcmp(buffer_bytes(&out) + 6, expected, expected_length) == 0;
    bool unchanged =
        length == expected_length && (length == 0 || memcmp(text, expected, length) == 0);
    buffer_free(&out);
    return right && text_is_clean(text, length) == unchanged;
}

/* The characters that text_clean() takes out, said again. */
static bool is_taken_out(uint32_t character)
{
    bool control = character < 0x20 || (character >= 0x7F && character <= 0x9F);
    bool separator = character == 0x2028 || character == 0x2029;
    bool bidirectional = (character >= 0x202A && character <= 0x202E) ||
                         (character >= 0x2066 && character <= 0x2069);
    return (control && character != '\t') || separator || bidirectional;
}

static void cleans_every_character(void)
{
    for (uint32_t character = 0; character <= LAST_CHARACTER; character++) {
        char text[2 + TEXT_CHARACTER_BYTES_MAX] = "<";
        if (is_surrogate(character))
            continue;
        size_t length = 1 + text_encode(character, text + 1);
        text[length++] = '>';
        bool right = is_taken_out(character) ? cleans_to(text, length, "<>", 2)
                                             : cleans_to(text, length, text, length);
        if (!right)
            EXPECT(false, "U+%04X", character);
        /* All are read alike beyond what matters; a sample will do. */
        if (character > 0x30FF)
            character += 0x60;
    }
}

static void cleans_invalid_bytes(void)
{
    static const struct {
        const char *text, *clean;
    } rows[] = {
        {"", ""},
        {"plain", "plain"},
        {"tab\there", "tab\there"},
        {"\x1B[2J\x1B[H", ""},
        {"ab\x1B[D\x1B[Dxy", "abxy"},
        {"\x1B[1;31mred\x1B[0m", "red"},
        {"\x1B[?2004h\x1B[0 qx", "x"},
        {"\x1B[[A\x1B[[Fx", "Fx"},
        {"\x1BOA\x1BOPx", "x"},
        {"\x1BOh well", "Oh well"},
        {"\x1BO", "O"},
        {"\x1B]0;title\ax\x1B]0;title\x1B\\y\x1BPq\x1B\\z", "xyz"},
        {"\x1B]0;no end", "]0;no end"},
        {"\x1BPerhaps\x1Bnot\a", "Perhapsnot"},
        {"\x1B(B\x1B[mx\x1B%Gy", "xy"},
        {"\x1B( B", "( B"},
        {"\x1Bword \x1B\x1B[Dx \x1B", "word x "},
        {"\x1B[31", ""},
        {"\x1B[31\xC3\xA4", "\xC3\xA4"},
        {"\x1B[31\nx", "x"},
        {"\xC2\x9B"
         "31m",
         "31m"},
        {"\x9B"
         "31m",
         FFFD "31m"},
        {"bell\a back\b cr\r lf\n nel\xC2\x85.", "bell back cr lf nel."},
        {"del\x7F", "del"},
        {"a\xFFz", "a" FFFD "z"},
        {"\xC0\xAF", FFFD FFFD},
        {"\xE0\x80\xAF", FFFD FFFD FFFD},
        {"\xED\xA0\x80", FFFD FFFD FFFD},
        {"\xF4\x90\x80\x80", FFFD FFFD FFFD FFFD},
        {"\xE2\x82", FFFD},
        {"\xF0\x9F\x98", FFFD},
        {"\xF0\x9F\x98"
         "A",
         FFFD "A"},
        {"\xF0\x9F\x98\xF0\x9F\x98\x80", FFFD "\xF0\x9F\x98\x80"},
        {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF"
         "A",
         FFFD FFFD FFFD FFFD "A"},
        {"\x41\xC0\xAF\x41\xF4\x80\x80\x41", "A" FFFD FFFD "A" FFFD "A"},
        {"\xE2\x80\xAE"
         "evil",
         "evil"},
        {"\xE2\x81\xA6x\xE2\x81\xA9", "x"},
        {"a\xE2\x80\xA8"
         "b\xE2\x80\xA9"
         "c",
         "abc"},
        {"\xE2\x80\x8F\xD7\x90", "\xE2\x80\x8F\xD7\x90"},
        {"\xEF\xBB\xBF"
         "bom",
         "\xEF\xBB\xBF"
         "bom"},
        {"\xE2\x80\x8D", "\xE2\x80\x8D"},
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        EXPECT(cleans_to(rows[i].text, strlen(rows[i].text), rows[i].clean, strlen(rows[i].clean)),
               "row %zu", i);
    CU_ASSERT_TRUE(cleans_to("a\0b", 3, "ab", 2));
}

/* Chance bytes, with the bytes that matter more often than others. */
static size_t chance_text(unsigned *chance, char *text, size_t most)
{
    static const unsigned char pieces[] = {0x1B, 0x80, 0x85, 0x9B, 0xA8, 0xAE, 0xC2, 0xE2,
                                           0xF0, 0x9F, 0xED, 0xA0, 0xFF, 0x00, 0x0A, 0x0D};
    *chance = *chance * 1103515245U + 12345U;
    size_t length = (*chance >> 16) % (most + 1);
    for (size_t i = 0; i < length; i++) {
        *chance = *chance * 1103515245U + 12345U;
        unsigned byte = *chance >> 16;
        text[i] = (char)(byte & 0x100 ? byte & 0xFF : pieces[byte % sizeof pieces]);
    }
    return length;
}

static bool is_clean(const char *bytes, size_t length)
{
    while (length > 0) {
        uint32_t character;
        size_t size = text_decode(bytes, length, &character);
        if (character == TEXT_INVALID || is_taken_out(character))
            return false;
        bytes += size;
        length -= size;
    }
    return true;
}

static void clean_is_clean(void)
{
    unsigned chance = 7;
    for (int i = 0; i < 20000; i++) {
        char text[64];
        size_t length = chance_text(&chance, text, sizeof text);
        struct buffer once = {0};
        CU_ASSERT_TRUE(text_clean(&once, text, length));
        bool right = buffer_length(&once) <= 3 * length &&
                     is_clean(buffer_bytes(&once), buffer_length(&once)) &&
                     cleans_to(buffer_bytes(&once), buffer_length(&once), buffer_bytes(&once),
                               buffer_length(&once));
        EXPECT(right, "text %d", i);
        buffer_free(&once);
    }
}

static void tells_escape_sequences(void)
{
    static const struct {
        const char *text;
        bool has;
    } rows[] = {
        {"", false},          {"plain", false},     {"\x1B", false},        {"\x1Bword", false},
        {"a\x1B[D", true},    {"\x1BOA", true},     {"\x1BOh", false},      {"\x1B]0;t\ax", true},
        {"\x1B]0;tx", false}, {"\x1B\x1B[A", true}, {"x\x1Bx\x1B(B", true},
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        EXPECT(text_has_escapes(rows[i].text, strlen(rows[i].text)) == rows[i].has, "row %zu", i);
}

static void strips_both_ends(void)
{
    static const struct {
        const char *text, *stripped;
    } rows[] = {
        {"", ""},
        {" ", ""},
        {" \t\r\n\v\f ", ""},
        {"word", "word"},
        {"  two words \t", "two words"},
        {"\xC2\xA0x\xC2\x85", "x"},
        {"\xE3\x80\x80\xE6\xBC\xA2\xE5\xAD\x97\xE3\x80\x80", "\xE6\xBC\xA2\xE5\xAD\x97"},
        {"\xE2\x80\xA8x\xE2\x80\xA9", "x"},
        {" \xF0\x9F\x98\x80 ", "\xF0\x9F\x98\x80"},
        /* What is no character is no blank, whatever its bytes have in common with one. */
        {" \xA0 ", "\xA0"},
        {"\x80\x80", "\x80\x80"},
        {"x\x85", "x\x85"},
        {"x\xC2\xA0\x80", "x\xC2\xA0\x80"},
        {"x\xE3\x80", "x\xE3\x80"},
        {"\xE3\x80 x", "\xE3\x80 x"},
        {"x \xE3\x80\x80 ", "x"},
        {"\xE2\x80\x8B x \xE2\x80\x8B", "\xE2\x80\x8B x \xE2\x80\x8B"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *bytes = rows[i].text;
        size_t length = strlen(bytes);
        text_strip(&bytes, &length);
        EXPECT(length == strlen(rows[i].stripped) && memcmp(bytes, rows[i].stripped, length) == 0,
               "row %zu: %zu bytes left", i, length);
    }
}

static void strip_stays_within(void)
{
    unsigned chance = 11;
    for (int i = 0; i < 20000; i++) {
        static const char ends[] = " \t\xC2\xA0\xE3\x80\x80\x85";
        char text[40];
        size_t length = chance_text(&chance, text, sizeof text);
        for (size_t j = 0; j < length; j++)
            if ((chance >> (j % 16)) % 2 == 0)
                text[j] = ends[(chance + j) % (sizeof ends - 1)];
        char *block = malloc(length + 1);
        CU_ASSERT_PTR_NOT_NULL_FATAL(block);
        memmove(block, text, length);
        const char *bytes = block;
        size_t left = length;
        text_strip(&bytes, &left);
        CU_ASSERT_TRUE(bytes >= block && bytes + left <= block + length);
        const char *again = bytes;
        size_t again_left = left;
        text_strip(&again, &again_left);
        EXPECT(again == bytes && again_left == left, "text %d is stripped further", i);
        free(block);
    }
}

static void lower_case_is_that_of_ascii(void)
{
    for (uint32_t character = 0; character <= LAST_CHARACTER; character++) {
        bool capital = character >= 'A' && character <= 'Z';
        if (text_lower(character) != character + (capital ? 'a' - 'A' : 0))
            EXPECT(false, "U+%04X", character);
    }
}

static void cut_between_characters(void)
{
    static const struct {
        const char *text;
        size_t most, kept;
    } rows[] = {
        {"abc", 5, 3},
        {"abc", 3, 3},
        {"abc", 2, 2},
        {"abc", 0, 0},
        {"", 0, 0},
        {"", 3, 0},
        {"a\xC3\xA9", 3, 3},
        {"a\xC3\xA9", 2, 1},
        {"a\xC3\xA9", 1, 1},
        {"\xC3\xA9", 1, 0},
        {"\xE2\x82\xAC\xE2\x82\xAC", 6, 6},
        {"\xE2\x82\xAC\xE2\x82\xAC", 5, 3},
        {"\xE2\x82\xAC\xE2\x82\xAC", 4, 3},
        {"\xE2\x82\xAC\xE2\x82\xAC", 3, 3},
        {"\xF0\x9F\x98\x80x", 4, 4},
        {"\xF0\x9F\x98\x80x", 3, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t length = strlen(rows[i].text);
        char *block = malloc(length + 1); /* of its exact length, for the sanitizer */
        CU_ASSERT_PTR_NOT_NULL_FATAL(block);
        memcpy(block + 1, rows[i].text, length);
        size_t kept = text_cut(block + 1, length, rows[i].most);
        EXPECT(kept == rows[i].kept, "row %zu keeps %zu", i, kept);
        free(block);
    }
}

static const struct test tests[] = {
    {"every character is written and read back, in the shortest form", every_character_both_ways},
    {"RFC 3629's table, and no other bytes, are characters", every_sequence},
    {"overlong forms, surrogates, too large and cut characters are refused", known_sequences},
    {"nothing behind the given length is looked at", stays_within_length},
    {"blanks are Unicode's White_Space", blanks_are_white_space},
    {"controls are C0, DEL and C1", controls_are_c0_del_c1},
    {"characters that show nothing are known", invisible_characters},
    {"cleaning takes out what moves a cursor or fakes a line, and nothing else",
     cleans_every_character},
    {"invalid bytes become one U+FFFD a maximal subpart", cleans_invalid_bytes},
    {"cleaned text is valid, cleaned for good, and at most three times as long", clean_is_clean},
    {"an escape sequence is told from an Escape before a word", tells_escape_sequences},
    {"blanks of every width go from both ends, and nothing else", strips_both_ends},
    {"stripping stays within the text and leaves no blank at an end", strip_stays_within},
    {"a text is cut off between two characters", cut_between_characters},
    {"the words of commands are compared without regard to case", lower_case_is_that_of_ascii},
};

void add_text_suite(void)
{
    SUITE_ADD("text", tests);
}
