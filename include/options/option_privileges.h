/* option_privileges: what --user and --chroot have the server give up. */
#ifndef OPTIONS_OPTION_PRIVILEGES_H
#define OPTIONS_OPTION_PRIVILEGES_H

#include "base/privileges.h"
#include "options/option_reading.h"
#include "options/options.h"

#include <stdbool.h>

/*
 * Finds out what is to be given up. Reports an option that this process cannot follow, and then
 * returns false. May wait for the user database.
 */
bool option_privileges_find(struct privileges *privileges, const struct options *options,
                            option_report *report, void *context);

#endif
