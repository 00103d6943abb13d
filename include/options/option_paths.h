/*
 * option_paths: whether one file is given for two purposes. A log that is written into the data
 * file, or into the message of the day, is found out too late.
 */
#ifndef OPTIONS_OPTION_PATHS_H
#define OPTIONS_OPTION_PATHS_H

#include "options/option_value.h"
#include "options/options.h"

/*
 * Looks for two options with one file, of which the server writes at least one: --log or --data.
 * Returns the name of one of them, with the cause as a clause; NULL if there are none. Files are
 * the same if their paths are, if both are there and are one file, or if they have one name in one
 * folder. What is below --chroot is looked for there. Opens nothing.
 */
const char *option_paths_find_clash(const struct options *options, char cause[OPTION_CAUSE_SIZE]);

/*
 * Writes the path, as it is seen before --chroot, of a file that is opened behind it; it is cut off
 * if it is too long. Returns its place.
 */
const char *option_paths_below(const struct options *options, const char *path,
                               char below[OPTION_CAUSE_SIZE]);

#endif
