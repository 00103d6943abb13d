/* admission: asks whoever comes for the server's password (--password-file), before the name. */
#ifndef DOORS_PLAIN_ADMISSION_H
#define DOORS_PLAIN_ADMISSION_H

#include "doors/plain/caller.h"

#include <stdbool.h>

/*
 * Returns whether the caller may go on: there is no password, or the caller has given it. If not,
 * the conversation ends, and the caller knows why. Waits between attempts (net/attempts.h).
 */
bool admission_pass(struct caller *caller);

#endif
