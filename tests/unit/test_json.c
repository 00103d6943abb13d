#include "suites.h"

#include "base/json.h"
#include "base/text.h"

#include <CUnit/CUnit.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Whether a buffer holds exactly this. Frees it. */
static bool holds(struct buffer *out, const char *expected)
{
    bool same = buffer_length(out) == strlen(expected) &&
                memcmp(buffer_bytes(out), expected, strlen(expected)) == 0;
    EXPECT(same, "it is %.*s", (int)buffer_length(out), buffer_bytes(out));
    buffer_free(out);
    return same;
}

static void values_are_separated(void)
{
    struct buffer out = {0};
    CU_ASSERT_TRUE(
        json_begin_line(&out) && json_string(&out, "type", "x", 1) && json_number(&out, "n", 0) &&
        json_open_array(&out, "none") && json_close_array(&out) && json_open_array(&out, "list") &&
        json_open_object(&out, NULL) && json_boolean(&out, "yes", true) &&
        json_close_object(&out) && json_open_object(&out, NULL) && json_close_object(&out) &&
        json_string(&out, NULL, "", 0) && json_number(&out, NULL, UINT64_MAX) &&
        json_close_array(&out) && json_boolean(&out, "no", false) && json_end_line(&out) &&
        json_begin_line(&out) && json_number(&out, "n", 7) && json_end_line(&out));
    holds(&out, "{\"type\":\"x\",\"n\":0,\"none\":[],\"list\":[{\"yes\":true},{},\"\","
                "18446744073709551615],\"no\":false}\n{\"n\":7}\n");
}

/* A text that ends like something that no comma follows is a value all the same. */
static void a_text_is_no_punctuation(void)
{
    static const char *const texts[] = {"{", "[", ":", "\n", "\"", "\\", ",", "}"};
    static const char *const written[] = {"{", "[", ":", "\\n", "\\\"", "\\\\", ",", "}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buffer out = {0};
        struct buffer expected = {0};
        CU_ASSERT_TRUE(json_begin_line(&out) && json_string(&out, "a", texts[i], 1) &&
                       json_string(&out, "b", texts[i], 1) && json_end_line(&out));
        CU_ASSERT_TRUE(
            buffer_format(&expected, "{\"a\":\"%s\",\"b\":\"%s\"}\n", written[i], written[i]) &&
            buffer_append(&expected, "", 1));
        holds(&out, buffer_bytes(&expected));
        buffer_free(&expected);
    }
}

/* What a strict reader makes of four hexadecimal digits; -1 if they are none. */
static long read_digits(const char *digits, size_t length)
{
    char copy[5] = "";
    if (length < 4 || strspn(memcpy(copy, digits, 4), "0123456789abcdefABCDEF") != 4)
        return -1;
    return strtol(copy, NULL, 16);
}

/*
 * A strict reader of what stands between the quotes of a string (RFC 8259, section 7). Appends what
 * it means; returns false if it is no such thing.
 */
static bool read_string(const char *bytes, size_t length, struct buffer *out)
{
    static const char letters[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    for (size_t at = 0; at < length;) {
        uint32_t character;
        char encoded[TEXT_CHARACTER_BYTES_MAX];
        at += text_decode(bytes + at, length - at, &character);
        if (character == TEXT_INVALID || character == '"' || text_is_control(character))
            return false;
        if (character == '\\' && at < length && bytes[at] == 'u') {
            long number = read_digits(bytes + at + 1, length - at - 1);
            if (number < 0 || (number >= 0xD800 && number < 0xE000))
                return false;
            character = (uint32_t)number;
            at += 5;
        } else if (character == '\\') {
            const char *pair = letters;
            while (*pair != '\0' && (at == length || *pair != bytes[at]))
                pair += 2;
            if (*pair == '\0')
                return false;
            character = (unsigned char)pair[1];
            at++;
        }
        if (!buffer_append(out, encoded, text_encode(character, encoded)))
            return false;
    }
    return true;
}

/* Whether a text is written as a string that means `meant`. */
static bool means(const char *text, size_t length, const char *meant, size_t meant_length)
{
    struct buffer out = {0};
    struct buffer read = {0};
    bool right = json_string(&out, NULL, text, length) && buffer_length(&out) >= 2 &&
                 buffer_bytes(&out)[0] == '"' && buffer_bytes(&out)[buffer_length(&out) - 1] == '"';
    right = right && read_string(buffer_bytes(&out) + 1, buffer_length(&out) - 2, &read) &&
            buffer_length(&read) == meant_length &&
            memcmp(buffer_bytes(&read), meant, meant_length) == 0;
    buffer_free(&out);
    buffer_free(&read);
    return right;
}

static void each_character_comes_back(void)
{
    struct buffer all = {0};
    for (uint32_t character = 0; character <= 0x10FFFF; character++) {
        char text[TEXT_CHARACTER_BYTES_MAX];
        if (character >= 0xD800 && character < 0xE000)
            continue;
        size_t length = text_encode(character, text);
        if (!means(text, length, text, length))
            EXPECT(false, "U+%04" PRIX32 " does not come back", character);
        CU_ASSERT_TRUE_FATAL(buffer_append(&all, text, length));
    }
    size_t length = buffer_length(&all);
    CU_ASSERT_TRUE(means(buffer_bytes(&all), length, buffer_bytes(&all), length));
    buffer_free(&all);
}

static void what_is_no_utf8_is_replaced(void)
{
#define NONE "\xEF\xBF\xBD"
    static const struct {
        const char *text, *meant;
    } rows[] = {
        {"\xFF", NONE},
        {"a\x80z", "a" NONE "z"},
        {"\xC0\xAF", NONE NONE},
        {"\xE2\x82", NONE},
        {"\xE2\x82\"", NONE "\""},
        {"\xED\xA0\x80", NONE NONE NONE},
        {"\xF0\x9F\x98", NONE},
        {"\xF4\x90\x80\x80", NONE NONE NONE NONE},
        {"\\\xC3\\", "\\" NONE "\\"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        EXPECT(means(rows[i].text, strlen(rows[i].text), rows[i].meant, strlen(rows[i].meant)),
               "row %zu", i);
}

/* Nobody's terminal obeys what is in such a line, and no line ends in its middle. */
static void control_characters_are_escaped(void)
{
    struct buffer out = {0};
    static const char text[] = "\0\x1B[2J\n\r\t\b\f\x7F\xC2\x9B/";
    CU_ASSERT_TRUE(json_string(&out, NULL, text, sizeof text - 1));
    holds(&out, "\"\\u0000\\u001b[2J\\n\\r\\t\\b\\f\\u007f\\u009b/\"");
    CU_ASSERT_TRUE(json_string(&out, "a", "\xE2\x80\xA8\xE2\x80\xA9", 6));
    holds(&out, "\"a\":\"\xE2\x80\xA8\xE2\x80\xA9\"");
}

void add_json_suite(void)
{
    static const struct test tests[] = {
        {"values are separated, and only values", values_are_separated},
        {"a text that ends like punctuation is a value", a_text_is_no_punctuation},
        {"a strict reader gets each character back", each_character_comes_back},
        {"what is no UTF-8 is written as U+FFFD", what_is_no_utf8_is_replaced},
        {"control characters are escaped, and no others", control_characters_are_escaped},
    };
    SUITE_ADD("json", tests);
}
