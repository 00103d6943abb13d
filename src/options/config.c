#include "base/platform.h"

#include "base/file.h"
#include "options/config.h"

#include <errno.h>
#include <string.h>

int config_load(const char *path, struct buffer *text)
{
    struct file_content content;
    int error = file_read(path, CONFIG_BYTES_MAX, &content);
    if (error != 0)
        return error;
    if (!buffer_append(&content.bytes, "", 1)) {
        buffer_free(&content.bytes);
        return ENOMEM;
    }
    *text = content.bytes;
    return 0;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static bool is_of_name(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '-';
}

static bool is_control(char byte)
{
    unsigned char value = (unsigned char)byte;
    return (value < ' ' && byte != '\t') || value == 0x7f;
}

/* Returns what is wrong with the bytes of a line, or NULL. */
static const char *find_fault(const char *line, size_t length)
{
    if (length > CONFIG_LINE_BYTES_MAX)
        return "the line is longer than 4096 bytes";
    if (memchr(line, '\0', length) != NULL)
        return "the line has a NUL byte; this is no text";
    for (size_t i = 0; i < length; i++)
        if (is_control(line[i]))
            return "the line has a control character";
    return NULL;
}

/* Returns what is wrong with what stands at the end of a name, or NULL. */
static const char *find_name_fault(const char *name, const char *end)
{
    const char *behind = end;
    while (is_blank(*behind))
        behind++;
    if (*behind == '=')
        return "a line is 'name value', without '='";
    if (*end != '\0' && !is_blank(*end))
        return "a name is of a-z, 0-9 and '-', with a blank behind it";
    return end > name ? NULL : "a name is missing";
}

/* Reads a line without its end, behind which a byte can be written. */
static void parse_line(char *line, size_t length, unsigned number,
                       const struct config_reader *reader)
{
    const char *fault = find_fault(line, length);
    if (fault != NULL) {
        reader->fault(reader->context, number, NULL, fault);
        return;
    }
    while (length > 0 && is_blank(line[length - 1]))
        length--;
    line[length] = '\0';
    while (is_blank(*line))
        line++;
    if (*line == '\0' || *line == '#')
        return;
    char *end = line;
    while (is_of_name(*end))
        end++;
    fault = find_name_fault(line, end);
    if (fault != NULL) {
        line[strcspn(line, " \t=")] = '\0';
        reader->fault(reader->context, number, *line != '\0' ? line : NULL, fault);
        return;
    }
    char *value = *end != '\0' ? end + 1 : NULL;
    *end = '\0';
    while (value != NULL && is_blank(*value))
        value++;
    reader->setting(reader->context, number, line, value);
}

void config_parse(char *text, size_t length, const struct config_reader *reader)
{
    static const char mark[] = "\xef\xbb\xbf";
    char *end = text + length;
    unsigned number = 1;
    if (length >= sizeof mark - 1 && memcmp(text, mark, sizeof mark - 1) == 0)
        text += sizeof mark - 1;
    while (text < end) {
        char *line_end = memchr(text, '\n', (size_t)(end - text));
        char *next = line_end != NULL ? line_end + 1 : end;
        if (line_end == NULL)
            line_end = end;
        if (line_end > text && line_end[-1] == '\r')
            line_end--;
        parse_line(text, (size_t)(line_end - text), number++, reader);
        text = next;
    }
}
