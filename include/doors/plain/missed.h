/* missed: tells a registered caller how much was said while it was not here. */
#ifndef DOORS_PLAIN_MISSED_H
#define DOORS_PLAIN_MISSED_H

#include "doors/plain/caller.h"

#include <stdbool.h>

/*
 * Tells how many lines there are, and how many of them name the caller. Returns whether there are
 * any; if there are none, or that cannot be found out, that is replied only with `always`. May wait
 * for a disk.
 */
bool missed_tell(struct caller *caller, bool always);

#endif
