#include "base/platform.h"

#include "base/text.h"
#include "base/unicode.h"

#include <string.h>

struct range {
    uint32_t first, last;
};

/* White_Space=yes, PropList.txt of Unicode 15. */
static const struct range blanks[] = {
    {0x0009, 0x000D}, {0x0020, 0x0020}, {0x0085, 0x0085}, {0x00A0, 0x00A0}, {0x1680, 0x1680},
    {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
};

/* Invisible, but not Default_Ignorable: the blank braille pattern and annotation marks. */
static const struct range unseen[] = {{0x2800, 0x2800}, {0xFFF9, 0xFFFB}};

/* Line and paragraph separators, bidirectional embeddings and overrides, then isolates. */
static const struct range unwelcome[] = {
    {0x2028, 0x202E},
    {0x2066, 0x2069},
};

static bool in_ranges(uint32_t character, const struct range *ranges, size_t count)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (character > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && character >= ranges[low].first;
}

#define IN_RANGES(character, ranges) in_ranges(character, ranges, sizeof ranges / sizeof *ranges)

size_t text_decode(const char *bytes, size_t length, uint32_t *character)
{
    const unsigned char *byte = (const unsigned char *)bytes;
    unsigned char lead = byte[0];
    if (lead < 0x80) {
        *character = lead;
        return 1;
    }
    /* RFC 3629, section 4: the first byte says how many follow and what the second may be. */
    size_t following = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    unsigned char second_low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char second_high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    *character = TEXT_INVALID;
    if (lead < 0xC2 || lead > 0xF4)
        return 1;
    uint32_t value = lead & (0x3FU >> following);
    for (size_t i = 1; i <= following; i++) {
        if (i >= length)
            return i;
        unsigned char low = i == 1 ? second_low : 0x80;
        unsigned char high = i == 1 ? second_high : 0xBF;
        if (byte[i] < low || byte[i] > high)
            return i;
        value = value << 6 | (byte[i] & 0x3FU);
    }
    *character = value;
    return following + 1;
}

size_t text_encode(uint32_t character, char bytes[TEXT_CHARACTER_BYTES_MAX])
{
    if (character < 0x80) {
        bytes[0] = (char)character;
        return 1;
    }
    size_t following = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xC0, 0xE0, 0xF0};
    for (size_t i = following; i > 0; i--) {
        bytes[i] = (char)(0x80 | (character & 0x3F));
        character >>= 6;
    }
    bytes[0] = (char)(leads[following] | character);
    return following + 1;
}

bool text_is_blank(uint32_t character)
{
    return IN_RANGES(character, blanks);
}

bool text_is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7F && character < 0xA0);
}

bool text_is_invisible(uint32_t character)
{
    return (unicode_properties(character) & UNICODE_IGNORED) != 0 || IN_RANGES(character, unseen);
}

uint32_t text_lower(uint32_t character)
{
    return character >= 'A' && character <= 'Z' ? character + ('a' - 'A') : character;
}

/*
 * Escape sequences (ECMA-48, ECMA-35).
 */

enum { BELL = 7, ESCAPE = 27, CONTROL_SEQUENCE_BEGIN = 2 };

/* Returns how many bytes from `at` on are between `low` and `high`. */
static size_t count_between(const char *bytes, size_t length, size_t at, char low, char high)
{
    size_t count = 0;
    while (at + count < length && bytes[at + count] >= low && bytes[at + count] <= high)
        count++;
    return count;
}

/* ESC [: parameters, intermediate bytes and a final one; or ESC [ [ and a letter (Linux's F1). */
static size_t measure_control_sequence(const char *bytes, size_t length)
{
    size_t at = CONTROL_SEQUENCE_BEGIN;
    if (at < length && bytes[at] == '[')
        return at + 1 + (count_between(bytes, length, at + 1, 'A', 'E') > 0);
    at += count_between(bytes, length, at, '0', '?');
    at += count_between(bytes, length, at, ' ', '/');
    return at + (count_between(bytes, length, at, '@', '~') > 0);
}

/* ESC ], ESC P and the like: up to BEL or ESC \. Without that end it is no sequence. */
static size_t measure_control_string(const char *bytes, size_t length)
{
    for (size_t at = 2; at < length; at++) {
        if (bytes[at] == BELL)
            return at + 1;
        if (bytes[at] == ESCAPE)
            return at + 1 < length && bytes[at + 1] == '\\' ? at + 2 : 1;
    }
    return 1;
}

/* Returns the length of the escape sequence that begins here, with ESC; 1: it is none. */
static size_t measure_escape(const char *bytes, size_t length)
{
    static const char keys[] = "ABCDFHMPQRS"; /* arrows, end, home, enter, F1 to F4 */
    switch (length > 1 ? bytes[1] : '\0') {
    case '[':
        return measure_control_sequence(bytes, length);
    case 'O':
        return length > 2 && strchr(keys, bytes[2]) != NULL && bytes[2] != '\0' ? 3 : 1;
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
        return measure_control_string(bytes, length);
    case '(':
    case ')':
    case '%': /* a character set */
        return count_between(bytes, length, 2, '0', '~') > 0 ? 3 : 1;
    default:
        return 1;
    }
}

bool text_has_escapes(const char *bytes, size_t length)
{
    const char *end = bytes + length;
    const char *escape = bytes;
    while (escape < end && (escape = memchr(escape, ESCAPE, (size_t)(end - escape))) != NULL) {
        if (measure_escape(escape, (size_t)(end - escape)) > 1)
            return true;
        escape++;
    }
    return false;
}

static bool is_plain(unsigned char byte)
{
    return (byte >= 0x20 && byte < 0x7F) || byte == '\t';
}

/*
 * Whether all of eight bytes are from 0x20 to 0x7E. They are tested as one word, as most text is
 * plain ASCII.
 */
static bool are_plain(const char *bytes)
{
    static const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t eight;
    memcpy(&eight, bytes, sizeof eight);
    return ((eight | (eight - 0x20 * each) | (eight + each)) & 0x80 * each) == 0;
}

/* Returns how many bytes at the beginning are plain ASCII, which needs no decoding. */
static size_t count_plain(const char *bytes, size_t length)
{
    size_t count = 0;
    while (length - count >= sizeof(uint64_t) && are_plain(bytes + count))
        count += sizeof(uint64_t);
    while (count < length && is_plain((unsigned char)bytes[count]))
        count++;
    return count;
}

size_t text_cut(const char *bytes, size_t length, size_t most)
{
    size_t kept = 0;
    while (kept < length) {
        uint32_t character;
        size_t size = text_decode(bytes + kept, length - kept, &character);
        if (kept + size > most)
            break;
        kept += size;
    }
    return kept;
}

/* Whether a valid character is taken out of text. ESC, a control character, takes others along. */
static bool is_unwelcome(uint32_t character)
{
    return text_is_control(character) || IN_RANGES(character, unwelcome);
}

bool text_is_clean(const char *bytes, size_t length)
{
    for (size_t at = count_plain(bytes, length); at < length;
         at += count_plain(bytes + at, length - at)) {
        uint32_t character;
        at += text_decode(bytes + at, length - at, &character);
        if (character == TEXT_INVALID || is_unwelcome(character))
            return false;
    }
    return true;
}

bool text_clean(struct buffer *out, const char *bytes, size_t length)
{
    static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */
    size_t before = buffer_length(out);
    while (length > 0) {
        size_t taken = count_plain(bytes, length);
        bool kept = buffer_append(out, bytes, taken);
        if (kept && taken < length) {
            uint32_t character;
            const char *rest = bytes + taken;
            size_t size = text_decode(rest, length - taken, &character);
            if (character == TEXT_INVALID)
                kept = buffer_append(out, replacement, strlen(replacement));
            else if (character == ESCAPE)
                size = measure_escape(rest, length - taken);
            else if (!is_unwelcome(character))
                kept = buffer_append(out, rest, size);
            taken += size;
        }
        if (!kept) {
            buffer_truncate(out, before);
            return false;
        }
        bytes += taken;
        length -= taken;
    }
    return true;
}

/* Returns the offset of the last character of length > 0 bytes, if that character is valid. */
static size_t last_character(const char *bytes, size_t length)
{
    size_t start = length - 1;
    while (start > 0 && ((unsigned char)bytes[start] & 0xC0) == 0x80)
        start--;
    return start;
}

void text_strip(const char **bytes, size_t *length)
{
    uint32_t character;
    while (*length > 0) {
        size_t size = text_decode(*bytes, *length, &character);
        if (!text_is_blank(character))
            break;
        *bytes += size;
        *length -= size;
    }
    while (*length > 0) {
        size_t start = last_character(*bytes, *length);
        size_t size = text_decode(*bytes + start, *length - start, &character);
        if (start + size != *length || !text_is_blank(character))
            break;
        *length = start;
    }
}

/* Cleans before it strips: a character that is removed may stand between the text and blanks. */
bool text_tidy(struct buffer *out, const char *bytes, size_t length)
{
    size_t before = buffer_length(out);
    if (!text_clean(out, bytes, length))
        return false;
    size_t whole = buffer_length(out) - before;
    size_t kept = whole;
    if (whole == 0)
        return true;
    char *clean = out->memory + out->start + before;
    const char *stripped = clean;
    text_strip(&stripped, &kept);
    if (stripped > clean)
        memmove(clean, stripped, kept);
    buffer_truncate(out, before + kept);
    return true;
}

void text_make_ascii(struct buffer *text, size_t from)
{
    size_t kept = from;
    if (buffer_length(text) == from)
        return;
    char *place = text->memory + text->start + from;
    const char *bytes = place;
    const char *end = bytes + buffer_length(text) - from;
    while (bytes < end) {
        uint32_t character;
        size_t size = text_decode(bytes, (size_t)(end - bytes), &character);
        *place++ = character < 0x80 ? *bytes : '?';
        bytes += size;
        kept++;
    }
    buffer_truncate(text, kept);
}

size_t text_count_lines(const char *bytes, size_t length)
{
    size_t lines = 0;
    const char *end = bytes + length;
    while (bytes < end && (bytes = memchr(bytes, '\n', (size_t)(end - bytes))) != NULL) {
        lines++;
        bytes++;
    }
    return lines;
}
