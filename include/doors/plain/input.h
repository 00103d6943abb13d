/*
 * input: tells commands from messages. The rule of slashes stands here alone: a line that begins
 * with '/' is a command, and a line that begins with "//" is a message from the second slash on.
 */
#ifndef DOORS_PLAIN_INPUT_H
#define DOORS_PLAIN_INPUT_H

#include <stdbool.h>
#include <stddef.h>

struct input {
    bool is_command;
    const char *text; /* stripped of blanks and of the escaping slash */
    size_t length;
};

/* Returns what a line is. The text is valid as long as the line. */
struct input input_read(const char *line, size_t length);

#endif
