/* option_files: whether the files that options name are what the server could begin with. */
#ifndef OPTIONS_OPTION_FILES_H
#define OPTIONS_OPTION_FILES_H

#include "options/option_reading.h"
#include "options/options.h"
#include "tls/tls_config.h"

#include <stdbool.h>

/*
 * Reads the files, or sees whether they could be opened, and leaves them as they are. Reports each
 * that cannot be used, and then returns false; also doubts of those that can. May wait for the
 * disk.
 */
bool option_files_check(const struct options *options, option_report *report, void *context);

/* Reports what reading the files of TLS has told, faults and doubts, each of its option. */
void option_files_tell_of_tls(const struct options *options, const struct tls_reading *reading,
                              option_report *report, void *context);

#endif
