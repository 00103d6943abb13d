/*
 * A sink: where a module puts the bytes it makes, without knowing what becomes of them.
 *
 * It is not a stream: nothing can be read back, and nothing is reported. A sink that cannot take
 * bytes (out of memory, over a limit) remembers that by itself.
 */
#ifndef EDIT_SINK_H
#define EDIT_SINK_H

#include <stddef.h>

struct sink {
    /*
     * Takes a copy of the bytes; called many times for one piece of output, so it should only
     * append.
     */
    void (*write)(void *context, const char *bytes, size_t length);
    void *context;
};

/* Writes length bytes; writes of nothing are not passed on. */
void sink_write(const struct sink *sink, const char *bytes, size_t length);

/* Writes a string without its terminating NUL. */
void sink_text(const struct sink *sink, const char *text);

#endif
