#include "base/platform.h"

#include "base/json.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

/* Whether a value that is appended now is not the first one of its line, object or array. */
static bool follows_value(const struct buffer *out)
{
    size_t length = buffer_length(out);
    return length > 0 && strchr("{[:\n", buffer_bytes(out)[length - 1]) == NULL;
}

/* Appends what stands before a value: the comma, and the name of the member. */
static bool begin_value(struct buffer *out, const char *key)
{
    return (!follows_value(out) || buffer_append(out, ",", 1)) &&
           (key == NULL || buffer_format(out, "\"%s\":", key));
}

static bool open_with(struct buffer *out, const char *key, const char *bracket)
{
    return begin_value(out, key) && buffer_append_string(out, bracket);
}

bool json_begin_line(struct buffer *out)
{
    return buffer_append(out, "{", 1);
}

bool json_end_line(struct buffer *out)
{
    return buffer_append(out, "}\n", 2);
}

bool json_open_array(struct buffer *out, const char *key)
{
    return open_with(out, key, "[");
}

bool json_close_array(struct buffer *out)
{
    return buffer_append(out, "]", 1);
}

bool json_open_object(struct buffer *out, const char *key)
{
    return open_with(out, key, "{");
}

bool json_close_object(struct buffer *out)
{
    return buffer_append(out, "}", 1);
}

bool json_number(struct buffer *out, const char *key, uint64_t number)
{
    return begin_value(out, key) && buffer_format(out, "%" PRIu64, number);
}

bool json_boolean(struct buffer *out, const char *key, bool value)
{
    return open_with(out, key, value ? "true" : "false");
}

/*
 * Strings.
 */

/* Whether a character stands in a string as it is (RFC 8259, section 7, is content with less). */
static bool is_plain(uint32_t character)
{
    return character != '"' && character != '\\' && character != TEXT_INVALID &&
           !text_is_control(character);
}

/* Appends what stands for a character that does not stand for itself. */
static bool append_escape(struct buffer *out, uint32_t character)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* characters, and what is behind \ */
    if (character == TEXT_INVALID)
        return buffer_append_string(out, "\xEF\xBF\xBD");
    for (const char *pair = letters; *pair != '\0'; pair += 2)
        if ((unsigned char)*pair == character)
            return buffer_format(out, "\\%c", pair[1]);
    return buffer_format(out, "\\u%04" PRIx32, character);
}

bool json_string(struct buffer *out, const char *key, const char *bytes, size_t length)
{
    bool whole = open_with(out, key, "\"");
    size_t done = 0; /* what is before it was appended */
    size_t at = 0;
    while (at < length && whole) {
        uint32_t character;
        size_t size = text_decode(bytes + at, length - at, &character);
        if (!is_plain(character)) {
            whole = buffer_append(out, bytes + done, at - done) && append_escape(out, character);
            done = at + size;
        }
        at += size;
    }
    return whole && buffer_append(out, bytes + done, length - done) && buffer_append(out, "\"", 1);
}
