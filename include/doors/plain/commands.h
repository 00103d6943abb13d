/* commands: the lines that begin with a slash, and their answers. */
#ifndef DOORS_PLAIN_COMMANDS_H
#define DOORS_PLAIN_COMMANDS_H

#include "doors/plain/caller.h"

#include <stddef.h>

/*
 * Executes a line that begins with '/' and has no blanks at its ends. What was said before it must
 * have been published. A mistake is answered with one line. For a client whose outbox has failed,
 * only commands with an effect on others are executed. For the caller's own thread, with no lock
 * held; may wait.
 */
void command_obey(struct caller *caller, const char *line, size_t length);

/*
 * Returns the name of the i-th command, with its slash; NULL behind the last one. Those for
 * operators are missing.
 */
const char *command_name(size_t i);

/*
 * Returns how many bytes of a line, as for command_obey(), may be seen: all, unless the arguments
 * are passwords.
 */
size_t command_shown(const char *line, size_t length);

#endif
