/*
 * buffer: bytes that are appended at the end and consumed from the front. An empty buffer needs no
 * memory (buffer_shrink(), buffer_free()), so idle clients cost none.
 *
 * A buffer belongs to one thread or is guarded by its owner's lock. An all-zero buffer is empty.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *memory;
    size_t capacity;
    size_t start; /* offset of the first byte that is not consumed */
    size_t end;   /* offset behind the last byte */
};

/* Returns a pointer to buffer_length() bytes, valid until the buffer is next changed. */
static inline const char *buffer_bytes(const struct buffer *buffer)
{
    return buffer->memory == NULL ? "" : buffer->memory + buffer->start;
}

static inline size_t buffer_length(const struct buffer *buffer)
{
    return buffer->end - buffer->start;
}

/*
 * Makes room for at least `length` bytes behind the end, and returns a pointer to it. The caller
 * writes there and calls buffer_commit(). Returns NULL, with the buffer unchanged, when memory is
 * out.
 */
char *buffer_reserve(struct buffer *buffer, size_t length);

/*
 * Adds `length` bytes, which were written where buffer_reserve() said and are at most as many as it
 * was asked for.
 */
void buffer_commit(struct buffer *buffer, size_t length);

/*
 * Appends a copy of `length` bytes. Returns false, with the buffer unchanged, when memory is out.
 */
bool buffer_append(struct buffer *buffer, const void *bytes, size_t length);

/* Appends a string without its NUL. Returns as buffer_append() does. */
bool buffer_append_string(struct buffer *buffer, const char *string);

/*
 * Appends a number in decimal digits. Returns as buffer_append() does. For where printf(), and so
 * buffer_format(), would take too much of a stack.
 */
bool buffer_append_number(struct buffer *buffer, unsigned number);

/* Appends text formatted as by printf(), without a NUL. Returns as buffer_append() does. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
bool buffer_format(struct buffer *buffer, const char *format, ...);

/* Removes bytes at the end, so that `length`, at most buffer_length(), remain. Keeps the memory. */
void buffer_truncate(struct buffer *buffer, size_t length);

/* Removes `length` bytes, at most buffer_length(), from the front. Keeps the memory. */
void buffer_consume(struct buffer *buffer, size_t length);

/*
 * Frees memory that the bytes held do not need: all of it when there are none. If memory is out,
 * the buffer stays as it is.
 */
void buffer_shrink(struct buffer *buffer);

/*
 * Overwrites what is left in the memory of bytes that are not held any more, for a buffer of
 * secrets. Bytes that move to other memory leave nothing behind anyway.
 */
void buffer_scrub(struct buffer *buffer);

/* Frees the memory; the buffer is then empty and may be used again. */
void buffer_free(struct buffer *buffer);

/* The same, and overwrites it before. */
void buffer_wipe(struct buffer *buffer);

#endif
