/*
 * buffer: bytes that are appended at the end and consumed from the front. An empty buffer owns
 * no memory, so that thousands of idle clients cost nothing.
 *
 * A buffer belongs to one thread or is guarded by its owner's lock. All zero is an empty buffer.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *memory;
    size_t capacity;
    size_t start; /* the first byte not consumed */
    size_t end;   /* behind the last byte */
};

/* The first of buffer_length() bytes; good until the buffer is next changed. */
static inline const char *buffer_bytes(const struct buffer *buffer)
{
    return buffer->memory == NULL ? "" : buffer->memory + buffer->start;
}

static inline size_t buffer_length(const struct buffer *buffer)
{
    return buffer->end - buffer->start;
}

/*
 * Makes place for at least `length` bytes behind the end and returns where they go; tell
 * buffer_commit() how many were written. NULL, with the buffer as it was, when memory is out.
 */
char *buffer_reserve(struct buffer *buffer, size_t length);

/* `length` bytes, at most what buffer_reserve() was asked for, were written behind the end. */
void buffer_commit(struct buffer *buffer, size_t length);

/* Appends a copy. Returns false, with the buffer as it was, when memory is out. */
bool buffer_append(struct buffer *buffer, const void *bytes, size_t length);

/* Appends a string without its NUL. Returns as buffer_append() does. */
bool buffer_append_string(struct buffer *buffer, const char *string);

/* Appends text made as printf() makes it. Returns as buffer_append() does. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
bool buffer_format(struct buffer *buffer, const char *format, ...);

/* Takes back the last bytes, so that `length` remain; length is at most buffer_length(). */
void buffer_truncate(struct buffer *buffer, size_t length);

/* Drops `length` bytes, at most buffer_length(), from the front. Keeps the memory. */
void buffer_consume(struct buffer *buffer, size_t length);

/* Gives back memory that is not needed for the bytes held; all of it when there are none. */
void buffer_shrink(struct buffer *buffer);

/* Frees the memory; the buffer is then empty and may be used again. */
void buffer_free(struct buffer *buffer);

#endif
