/*
 * commands: the lines that begin with a slash.
 */
#ifndef DOORS_PLAIN_COMMANDS_H
#define DOORS_PLAIN_COMMANDS_H

#include "doors/plain/caller.h"

#include <stddef.h>

/*
 * Obeys a line that begins with '/', without blanks at its ends; what was said before it has
 * been published. Mistakes are answered with one line. For a client to whom nothing goes out any
 * more only those are obeyed that say something to others.
 */
void command_obey(struct caller *caller, const char *line, size_t length);

/* The name of the i-th command, with its slash; NULL behind the last. */
const char *command_name(size_t i);

#endif
