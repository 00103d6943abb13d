/* option_files: whether the files that options name are what the server could begin with. */
#ifndef OPTIONS_OPTION_FILES_H
#define OPTIONS_OPTION_FILES_H

#include "options/option_reading.h"
#include "options/options.h"

#include <stdbool.h>

/*
 * Reads the files, or sees whether they could be opened, and leaves them as they are. Reports each
 * that cannot be used, and then returns false. May wait for the disk.
 */
bool option_files_check(const struct options *options, option_report *report, void *context);

#endif
