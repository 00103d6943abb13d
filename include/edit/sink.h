/*
 * A sink: a function to which a module writes its output, without knowing where it goes.
 *
 * Nothing can be read back, and no error is reported. A sink that cannot take bytes (out of memory,
 * over a limit) remembers that by itself.
 */
#ifndef EDIT_SINK_H
#define EDIT_SINK_H

#include <stddef.h>

struct sink {
    /*
     * Takes a copy of the bytes. Called many times for one piece of output, so it should only
     * append.
     */
    void (*write)(void *context, const char *bytes, size_t length);
    void *context;
};

/* Writes length bytes; does nothing if length is 0. */
void sink_write(const struct sink *sink, const char *bytes, size_t length);

/* Writes a string without its terminating NUL. */
void sink_text(const struct sink *sink, const char *text);

#endif
