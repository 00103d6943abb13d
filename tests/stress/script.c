/* script: the names and lines of all clients, as a pure function of the seed. */
#include "script.h"

#include "chance.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define OBSERVER_NAME "observer"
#define PRIVATE_MARK  "[private] "

/*
 * Well below the server's default limit for a line, 4096 bytes: blanks, a command and telnet bytes
 * are added.
 */
enum { LONGEST_FILLER_BYTES = 3900 };

/* Separate streams of one seed, so that a kind is independent of a text. */
enum { STREAM_KIND = 1, STREAM_TEXT = 2, STREAM_LETTER = 3 };

static void line_add(struct script_line *line, const char *text)
{
    size_t length = strlen(text);

    assert(line->length + length <= sizeof line->bytes);
    memcpy(line->bytes + line->length, text, length);
    line->length += length;
}

static void line_add_name(struct script_line *line, uint32_t serial, uint32_t number)
{
    char name[SCRIPT_NAME_BYTES];

    script_name(serial, number, name);
    line_add(line, name);
}

static void line_add_number(struct script_line *line, uint32_t number)
{
    char digits[16];

    snprintf(digits, sizeof digits, "%u", (unsigned)number);
    line_add(line, digits);
}

/* Most lines are short, as people's are; a few fill many segments. */
static size_t filler_length(struct chance *chance)
{
    if (chance_one_in(chance, 48)) {
        return chance_below(chance, LONGEST_FILLER_BYTES);
    }
    return chance_below(chance, chance_one_in(chance, 8) ? 400 : 60);
}

/*
 * Appends a text that neither begins nor ends with a blank. Its glyphs have every length of UTF-8,
 * and some have a meaning at the start of a line.
 */
static void line_add_filler(struct script_line *line, struct chance *chance)
{
    static const char *const glyphs[] = {
        "a",
        "e",
        "i",
        "o",
        "n",
        "t",
        "Z",
        "7",
        " ",
        " ",
        "\t",
        ":",
        "*",
        "/",
        "[",
        "%s",
        "\xc3\xa9",
        "\xe6\xbc\xa2",
        "\xd0\xb6",
        "\xe2\x82\xac",
        "\xf0\x9f\x98\x80",
    };
    const uint32_t glyph_count = sizeof glyphs / sizeof glyphs[0];
    size_t end = line->length + filler_length(chance);

    while (line->length < end) {
        line_add(line, glyphs[chance_below(chance, glyph_count)]);
    }
    line_add(line, ".");
}

/*
 * Appends the text of a talk or emote. The numbers at its beginning are for a person who reads a
 * violation; the whole text is compared.
 */
static void line_add_text(struct script_line *line, uint64_t seed, uint32_t serial, uint32_t number)
{
    struct chance chance = chance_stream(seed ^ STREAM_TEXT, serial, number);

    line_add(line, "#");
    line_add_number(line, serial);
    line_add(line, ".");
    line_add_number(line, number);
    line_add(line, " ");
    line_add_filler(line, &chance);
}

/* Some talk begins with a slash, which must be typed twice. */
static bool talk_has_slash(uint32_t serial, uint32_t number)
{
    return (serial + number) % 13 == 0;
}

enum script_kind script_kind(uint64_t seed, uint32_t serial, uint32_t number)
{
    struct chance chance = chance_stream(seed ^ STREAM_KIND, serial, number);
    uint32_t draw = chance_below(&chance, 20);

    if (draw == 0) {
        return SCRIPT_RENAME;
    }
    return draw < 4 ? SCRIPT_EMOTE : SCRIPT_TALK;
}

void script_name(uint32_t serial, uint32_t number, char name[SCRIPT_NAME_BYTES])
{
    static const char *const stems[] = {
        "ann",          "Zo\xc3\xab", "bob-",         "\xc5\x81ukasz",
        "\xe6\x9d\x8e", "x_y",        "\xce\xa9mega", "d'Arc",
    };
    const uint32_t stem_count = sizeof stems / sizeof stems[0];

    if (serial == SCRIPT_OBSERVER) {
        snprintf(name, SCRIPT_NAME_BYTES, "%s", OBSERVER_NAME);
        return;
    }
    snprintf(name, SCRIPT_NAME_BYTES, "%s%u.%u", stems[serial % stem_count], (unsigned)serial,
             (unsigned)number);
}

/*
 * Reads the decimal number that ends just before *end, and moves *end to its first digit. Returns
 * false when there is none, or it has more digits than any number of a script.
 */
static bool number_before(const char *token, size_t *end, uint32_t *number)
{
    uint32_t value = 0;
    uint32_t weight = 1;
    size_t digits = 0;

    while (*end > 0 && token[*end - 1] >= '0' && token[*end - 1] <= '9' && digits < 9) {
        *end -= 1;
        value += (uint32_t)(token[*end] - '0') * weight;
        weight *= 10;
        digits++;
    }
    *number = value;
    return digits > 0;
}

bool script_owner(const char *token, size_t length, uint32_t *serial, uint32_t *number)
{
    char name[SCRIPT_NAME_BYTES];
    size_t end = length;

    if (length == strlen(OBSERVER_NAME) && memcmp(token, OBSERVER_NAME, length) == 0) {
        *serial = SCRIPT_OBSERVER;
        *number = 0;
        return true;
    }
    if (!number_before(token, &end, number) || end == 0 || token[--end] != '.' ||
        !number_before(token, &end, serial) || *serial == SCRIPT_OBSERVER) {
        return false;
    }
    script_name(*serial, *number, name);
    return strlen(name) == length && memcmp(name, token, length) == 0;
}

void script_spoken(uint64_t seed, uint32_t serial, uint32_t number, struct script_line *line)
{
    line->length = 0;
    switch (script_kind(seed, serial, number)) {
    case SCRIPT_RENAME:
        line_add(line, "/nick ");
        line_add_name(line, serial, number);
        return;
    case SCRIPT_EMOTE:
        line_add(line, "/me ");
        break;
    case SCRIPT_TALK:
        if (talk_has_slash(serial, number)) {
            line_add(line, "//");
        }
        break;
    }
    line_add_text(line, seed, serial, number);
}

void script_heard(uint64_t seed, uint32_t serial, uint32_t name, uint32_t number,
                  struct script_line *line)
{
    line->length = 0;
    switch (script_kind(seed, serial, number)) {
    case SCRIPT_RENAME:
        line_add(line, "*** ");
        line_add_name(line, serial, name);
        line_add(line, " is now known as ");
        line_add_name(line, serial, number);
        line_add(line, " ***");
        return;
    case SCRIPT_EMOTE:
        line_add(line, "* ");
        line_add_name(line, serial, name);
        line_add(line, " ");
        break;
    case SCRIPT_TALK:
        line_add_name(line, serial, name);
        line_add(line, ": ");
        if (talk_has_slash(serial, number)) {
            line_add(line, "/");
        }
        break;
    }
    line_add_text(line, seed, serial, number);
}

static void line_notice(struct script_line *line, uint32_t serial, uint32_t name, const char *event)
{
    line->length = 0;
    line_add(line, "*** ");
    line_add_name(line, serial, name);
    line_add(line, event);
}

void script_joined(uint32_t serial, uint32_t name, struct script_line *line)
{
    line_notice(line, serial, name, " has joined the chat ***");
}

void script_left(uint32_t serial, uint32_t name, struct script_line *line)
{
    line_notice(line, serial, name, " has left the chat ***");
}

static void line_add_letter(struct script_line *line, uint64_t seed,
                            const struct script_letter *letter)
{
    struct chance chance = chance_stream(seed ^ STREAM_LETTER, letter->index, letter->from);

    line_add(line, "@");
    line_add_number(line, letter->index);
    line_add(line, " for ");
    line_add_number(line, letter->to);
    line_add(line, " ");
    line_add_filler(line, &chance);
}

void script_letter_spoken(uint64_t seed, const struct script_letter *letter,
                          struct script_line *line)
{
    line->length = 0;
    line_add(line, "/msg ");
    line_add_name(line, letter->to, letter->to_name);
    line_add(line, " ");
    line_add_letter(line, seed, letter);
}

void script_letter_heard(uint64_t seed, const struct script_letter *letter,
                         struct script_line *line)
{
    line->length = 0;
    line_add(line, PRIVATE_MARK);
    line_add_name(line, letter->from, letter->from_name);
    line_add(line, ": ");
    line_add_letter(line, seed, letter);
}

bool script_letter_index(const char *bytes, size_t length, uint32_t *index)
{
    const char *mark = memchr(bytes, '@', length);
    size_t first, end;

    if (length < strlen(PRIVATE_MARK) || memcmp(bytes, PRIVATE_MARK, strlen(PRIVATE_MARK)) != 0 ||
        mark == NULL) {
        return false;
    }
    first = end = (size_t)(mark - bytes) + 1;
    while (end < length && bytes[end] >= '0' && bytes[end] <= '9') {
        end++;
    }
    return number_before(bytes, &end, index) && end == first;
}

bool script_line_is(const struct script_line *line, const char *bytes, size_t length)
{
    return line->length == length && memcmp(line->bytes, bytes, length) == 0;
}
