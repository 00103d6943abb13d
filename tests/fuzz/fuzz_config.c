/*
 * fuzz_config: whatever is in a configuration file, the lines that it tells are in order and within
 * the text, its names and values are what the grammar says, and a file that is written of them
 * tells the same.
 */
#include "base/platform.h"

#include "base/buffer.h"
#include "options/config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void expect(bool holds)
{
    if (!holds)
        abort();
}

struct hearing {
    const char *begin, *end; /* of the text */
    unsigned line;           /* of what was told last */
    size_t faults;
    struct buffer file; /* a file of what was told */
};

static void write(struct buffer *out, const char *text)
{
    expect(buffer_append_string(out, text));
}

static void hear_line(struct hearing *hearing, unsigned line)
{
    expect(line > hearing->line);
    for (unsigned missing = line - hearing->line; missing > 1; missing--)
        write(&hearing->file, "\n");
    hearing->line = line;
}

static void expect_inside(const struct hearing *hearing, const char *text)
{
    expect(text >= hearing->begin && text + strlen(text) <= hearing->end);
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static void hear_setting(void *context, unsigned line, const char *name, const char *value)
{
    struct hearing *hearing = context;
    hear_line(hearing, line);
    expect_inside(hearing, name);
    expect(*name != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0');
    write(&hearing->file, name);
    if (value != NULL) {
        expect_inside(hearing, value);
        expect(*value != '\0' && *value != '=' && strlen(value) <= CONFIG_LINE_BYTES_MAX);
        expect(!is_blank(*value) && !is_blank(value[strlen(value) - 1]));
        expect(strpbrk(value, "\r\n\x1b\x7f") == NULL);
        write(&hearing->file, " ");
        write(&hearing->file, value);
    }
    write(&hearing->file, "\n");
}

static void hear_fault(void *context, unsigned line, const char *word, const char *cause)
{
    struct hearing *hearing = context;
    hear_line(hearing, line);
    expect(*cause != '\0');
    if (word != NULL) {
        expect_inside(hearing, word);
        expect(*word != '\0' && strpbrk(word, " \t=\r\n\x1b\x7f") == NULL);
    }
    write(&hearing->file, "=\n");
    hearing->faults++;
}

/* Reads a copy of bytes in memory of their own, so that a sanitizer sees what is beyond them. */
static void hear(struct hearing *hearing, const void *bytes, size_t size)
{
    const struct config_reader reader = {hear_setting, hear_fault, hearing};
    char *text = malloc(size + 1);
    expect(text != NULL);
    memcpy(text, bytes, size);
    *hearing = (struct hearing){.begin = text, .end = text + size};
    config_parse(text, size, &reader);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hearing first, second;
    hear(&first, data, size);
    hear(&second, buffer_bytes(&first.file), buffer_length(&first.file));
    expect(second.line == first.line && second.faults == first.faults);
    expect(buffer_length(&second.file) == buffer_length(&first.file) &&
           memcmp(buffer_bytes(&second.file), buffer_bytes(&first.file),
                  buffer_length(&first.file)) == 0);
    buffer_free(&first.file);
    buffer_free(&second.file);
    return 0;
}
