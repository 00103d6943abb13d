#include "base/platform.h"

#include "edit/paste.h"

#include <string.h>

void paste_init(struct paste *paste, size_t limit)
{
    memset(paste, 0, sizeof(*paste));
    paste->limit = limit;
}

void paste_begin(struct paste *paste)
{
    paste->begin = buffer_length(&paste->text);
    paste->fault = PASTE_WHOLE;
}

static void fail(struct paste *paste, enum paste_fault fault)
{
    paste->fault = fault;
    buffer_truncate(&paste->text, paste->begin);
    buffer_shrink(&paste->text);
}

void paste_add(struct paste *paste, const char *text, size_t length)
{
    if (paste->fault != PASTE_WHOLE)
        return;
    if (length > paste->limit - buffer_length(&paste->text))
        fail(paste, PASTE_TOO_LONG);
    else if (!buffer_append(&paste->text, text, length))
        fail(paste, PASTE_NO_MEMORY);
}

enum paste_fault paste_end(struct paste *paste)
{
    enum paste_fault fault = paste->fault;

    paste->fault = PASTE_WHOLE;
    return fault;
}

const char *paste_text(const struct paste *paste, size_t *length)
{
    *length = buffer_length(&paste->text);
    return buffer_bytes(&paste->text);
}

size_t paste_lines(const struct paste *paste)
{
    const char *text = buffer_bytes(&paste->text);
    size_t length = buffer_length(&paste->text);
    size_t lines = 0;

    while (length > 0) {
        const char *end = memchr(text, '\n', length);
        size_t used = end != NULL ? (size_t)(end - text) + 1 : length;

        lines++;
        text += used;
        length -= used;
    }
    return lines;
}

void paste_consume(struct paste *paste, size_t length)
{
    buffer_consume(&paste->text, length);
    if (buffer_length(&paste->text) == 0)
        paste_drop(paste);
}

void paste_drop(struct paste *paste)
{
    buffer_free(&paste->text);
    paste->begin = 0;
}
