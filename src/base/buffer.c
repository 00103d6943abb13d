#include "base/platform.h"

#include "base/buffer.h"
#include "base/secret.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUFFER_FIRST_BYTES = 256 };

char *buffer_reserve(struct buffer *buffer, size_t reserved)
{
    size_t length = buffer_length(buffer);
    if (buffer->capacity - buffer->end >= reserved && buffer->memory != NULL)
        return buffer->memory + buffer->end;
    /*
     * Bytes move to the front only if at least as many were consumed: each byte consumed pays for
     * one that is moved.
     */
    if (buffer->capacity - length >= reserved && buffer->start >= length &&
        buffer->memory != NULL) {
        memmove(buffer->memory, buffer->memory + buffer->start, length);
        secret_wipe(buffer->memory + buffer->start, length);
        buffer->start = 0;
        buffer->end = length;
        return buffer->memory + length;
    }
    if (reserved > SIZE_MAX / 2 - length)
        return NULL;
    size_t capacity = buffer->capacity < BUFFER_FIRST_BYTES ? BUFFER_FIRST_BYTES : buffer->capacity;
    while (capacity < length + reserved)
        capacity *= 2;
    char *memory = malloc(capacity);
    if (memory == NULL)
        return NULL;
    if (length > 0) {
        memcpy(memory, buffer->memory + buffer->start, length);
        secret_wipe(buffer->memory + buffer->start, length);
    }
    free(buffer->memory);
    *buffer = (struct buffer){memory, capacity, 0, length};
    return memory + length;
}

void buffer_commit(struct buffer *buffer, size_t length)
{
    assert(length <= buffer->capacity - buffer->end);
    buffer->end += length;
}

bool buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
    if (length == 0)
        return true;
    char *room = buffer_reserve(buffer, length);
    if (room == NULL)
        return false;
    memcpy(room, bytes, length);
    buffer_commit(buffer, length);
    return true;
}

bool buffer_append_string(struct buffer *buffer, const char *string)
{
    return buffer_append(buffer, string, strlen(string));
}

bool buffer_append_number(struct buffer *buffer, unsigned number)
{
    char digits[3 * sizeof number]; /* a byte has no more than three */
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    return buffer_append(buffer, digits + first, sizeof digits - first);
}

bool buffer_format(struct buffer *buffer, const char *format, ...)
{
    /*
     * The text mostly fits into the spare bytes; if it does not, the first call returns its length.
     */
    size_t spare = buffer->memory != NULL ? buffer->capacity - buffer->end : 0;
    char *place = spare > 0 ? buffer->memory + buffer->end : NULL;
    va_list arguments;
    va_start(arguments, format);
    int printed = vsnprintf(place, spare, format, arguments);
    va_end(arguments);
    assert(printed >= 0);
    size_t length = (size_t)printed;
    if (length >= spare) {
        place = buffer_reserve(buffer, length + 1);
        if (place == NULL)
            return false;
        va_start(arguments, format);
        vsnprintf(place, length + 1, format, arguments);
        va_end(arguments);
    }
    buffer_commit(buffer, length);
    return true;
}

void buffer_truncate(struct buffer *buffer, size_t length)
{
    assert(length <= buffer_length(buffer));
    buffer->end = buffer->start + length;
}

void buffer_consume(struct buffer *buffer, size_t length)
{
    assert(length <= buffer_length(buffer));
    buffer->start += length;
    if (buffer->start == buffer->end)
        buffer->start = buffer->end = 0;
}

void buffer_shrink(struct buffer *buffer)
{
    size_t length = buffer_length(buffer);
    if (length == 0) {
        buffer_free(buffer);
        return;
    }
    if (buffer->capacity <= BUFFER_FIRST_BYTES || buffer->capacity < 2 * length)
        return;
    struct buffer tight = {0};
    if (!buffer_append(&tight, buffer_bytes(buffer), length))
        return;
    secret_wipe(buffer->memory + buffer->start, length);
    free(buffer->memory);
    *buffer = tight;
}

void buffer_scrub(struct buffer *buffer)
{
    if (buffer->memory == NULL)
        return;
    secret_wipe(buffer->memory, buffer->start);
    secret_wipe(buffer->memory + buffer->end, buffer->capacity - buffer->end);
}

void buffer_wipe(struct buffer *buffer)
{
    if (buffer->memory != NULL)
        secret_wipe(buffer->memory, buffer->capacity);
    buffer_free(buffer);
}

void buffer_free(struct buffer *buffer)
{
    free(buffer->memory);
    *buffer = (struct buffer){0};
}
