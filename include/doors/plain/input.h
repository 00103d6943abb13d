/*
 * input: what a line that somebody typed is. The rule of slashes is written here alone: a line that
 * begins with '/' is a command, and one that begins with "//" says what follows the first.
 */
#ifndef DOORS_PLAIN_INPUT_H
#define DOORS_PLAIN_INPUT_H

#include <stdbool.h>
#include <stddef.h>

struct input {
    bool is_command;
    const char *text; /* of the line: without blanks at its ends, and without the escaping slash */
    size_t length;
};

/* Tells what a line is. What it returns is as good as the line. */
struct input input_read(const char *line, size_t length);

#endif
