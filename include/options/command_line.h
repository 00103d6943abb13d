/*
 * command_line: what the program is given when it starts: which options the command line has, in
 * which order, and the sockets of a service manager. What a value means is not looked at.
 */
#ifndef OPTIONS_COMMAND_LINE_H
#define OPTIONS_COMMAND_LINE_H

#include "net/inherited.h"
#include "options/option_row.h"

#include <stdbool.h>
#include <stddef.h>

struct command_line {
    struct command_line_item {
        const struct option_row *row;
        const char *value; /* belongs to argv; NULL for an option without an argument */
    } * items;
    size_t count;
    struct inherited sockets;
};

/*
 * Reads the command line, and permutes argv; leaves the sockets out. Returns false, with the reason
 * on stderr, if it is none. command_line_free() frees the result in any case.
 */
bool command_line_read(struct command_line *line, int argc, char **argv);

/* Returns the first row on it that has this life, or NULL. */
const struct option_row *command_line_find(const struct command_line *line, enum option_life life);

void command_line_free(struct command_line *line);

#endif
