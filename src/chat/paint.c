#include "base/platform.h"

#include "base/text.h"
#include "base/utf8.h"
#include "chat/chat.h"
#include "chat/paint.h"

#include <string.h>
#include <time.h>

#define RESET "\033[0m"
#define DIM   "\033[2m"
#define BOLD  "\033[1m"
#define BELL  "\a"

static const char notice_mark[] = "*** ";
static const char private_mark[] = "[private] ";
static const char action_mark[] = "* ";

/*
 * Colours that can be read on black and on white: yellow is lost on one, blue on the other. A
 * terminal of eight colours has them.
 */
static const char *const name_colors[] = {
    "\033[31m",   "\033[32m",   "\033[35m",   "\033[36m",
    "\033[1;31m", "\033[1;32m", "\033[1;35m", "\033[1;36m",
};

/* A name has the same colour in everybody's eyes, whatever its case (FNV-1a). */
static const char *color_of(const char *name, size_t length)
{
    char plain[NAME_SIZE];
    char folded[NAME_FOLDED_SIZE];
    uint32_t hash = 2166136261U;
    if (length >= sizeof plain)
        length = sizeof plain - 1;
    memcpy(plain, name, length);
    plain[length] = '\0';
    name_fold(plain, folded);
    for (const char *byte = folded; *byte != '\0'; byte++)
        hash = (hash ^ (unsigned char)*byte) * 16777619U;
    return name_colors[hash % (sizeof name_colors / sizeof *name_colors)];
}

static bool begins_with(const char *line, size_t length, const char *mark)
{
    return length >= strlen(mark) && memcmp(line, mark, strlen(mark)) == 0;
}

static bool put(const struct paint *paint, const char *color, struct buffer *out)
{
    return !paint->color || buffer_append_string(out, color);
}

/* The minute, in the server's zone. */
static bool put_time(const struct paint *paint, struct buffer *out)
{
    char text[8];
    struct tm local;
    time_t now = time(NULL);
    if (!paint->time || localtime_r(&now, &local) == NULL)
        return true;
    strftime(text, sizeof text, "%H:%M ", &local);
    return put(paint, DIM, out) && buffer_append_string(out, text) && put(paint, RESET, out);
}

static bool put_name(const struct paint *paint, const char *name, size_t length, struct buffer *out)
{
    return put(paint, color_of(name, length), out) && buffer_append(out, name, length) &&
           put(paint, RESET, out);
}

/* The character that ends before or begins at a place, so that "Al" is not found in "Alice". */
static bool is_word_at(const char *text, size_t length)
{
    uint32_t character;
    if (length == 0)
        return false;
    text_decode(text, length, &character);
    return character >= 0x80 ? !text_is_blank(character)
                             : (character >= '0' && character <= '9') || character == '_' ||
                                   (character >= 'a' && character <= 'z') ||
                                   (character >= 'A' && character <= 'Z');
}

static bool is_word_before(const char *text, size_t offset)
{
    size_t start = offset > 0 ? utf8_previous(text, offset) : 0;
    return is_word_at(text + start, offset - start);
}

/* Whether a text names the person, as a word of its own. */
static bool mentions(const struct paint *paint, const char *text, size_t length)
{
    size_t size;
    if (*paint->name == '\0')
        return false;
    for (size_t at = 0; at < length; at += size) {
        uint32_t character;
        size = text_decode(text + at, length - at, &character);
        size_t matched =
            is_word_before(text, at) ? 0 : name_match(paint->name, text + at, length - at);
        if (matched > 0 && !is_word_at(text + at + matched, length - at - matched))
            return true;
    }
    return false;
}

static bool put_in(const struct paint *paint, const char *style, const char *text, size_t length,
                   struct buffer *out)
{
    return put(paint, style, out) && buffer_append(out, text, length) && put(paint, RESET, out);
}

/* Something that somebody said or did: `name` long the name behind `skip` bytes. */
static bool put_speech(const struct paint *paint, const char *line, size_t length, size_t skip,
                       size_t name, struct buffer *out)
{
    const char *rest = line + skip + name;
    size_t rest_length = length - skip - name;
    bool mentioned = mentions(paint, rest, rest_length);
    return buffer_append(out, line, skip) && put_name(paint, line + skip, name, out) &&
           put_in(paint, mentioned ? BOLD : "", rest, rest_length, out) &&
           (!mentioned || !paint->bell || buffer_append_string(out, BELL));
}

static size_t word_length(const char *line, size_t length)
{
    const char *blank = memchr(line, ' ', length);
    return blank != NULL ? (size_t)(blank - line) : length;
}

/* What the server says about itself. */
static bool is_notice(const char *line, size_t length)
{
    static const char idle[] = CHAT_IDLE_LINE;
    bool timed_out = length == strlen(idle) - 1 && memcmp(line, idle, length) == 0;
    return timed_out || begins_with(line, length, notice_mark);
}

static bool put_line(const struct paint *paint, const char *line, size_t length, struct buffer *out)
{
    if (is_notice(line, length))
        return put_in(paint, DIM, line, length, out);
    if (begins_with(line, length, private_mark))
        return put_in(paint, BOLD, line, length, out) &&
               (!paint->bell || buffer_append_string(out, BELL));
    if (begins_with(line, length, action_mark)) {
        size_t skip = strlen(action_mark);
        return put_speech(paint, line, length, skip, word_length(line + skip, length - skip), out);
    }
    size_t name = word_length(line, length);
    if (name == 0 || line[name - 1] != ':')
        return buffer_append(out, line, length);
    return put_speech(paint, line, length, 0, name - 1, out);
}

bool paint_line(const struct paint *paint, const char *line, size_t length, struct buffer *out)
{
    bool ended = length > 0 && line[length - 1] == '\n';
    return put_time(paint, out) && put_line(paint, line, length - ended, out) &&
           buffer_append(out, "\n", 1);
}

bool paint_own(const struct paint *paint, const char *text, size_t length, struct buffer *out)
{
    return put_time(paint, out) && put_name(paint, paint->name, strlen(paint->name), out) &&
           buffer_append_string(out, ": ") && buffer_append(out, text, length) &&
           buffer_append(out, "\n", 1);
}

bool paint_prompt(const struct paint *paint, struct buffer *out)
{
    return put_name(paint, paint->name, strlen(paint->name), out) &&
           buffer_append_string(out, "> ");
}
