/* import: brings the accounts of a data file into a cluster, instead of serving. */
#ifndef IMPORT_H
#define IMPORT_H

#include "options/options.h"

/*
 * Does so as the options say, tells on stdout what it did, and on stderr what it did not. Returns
 * the status of the program: EXIT_SUCCESS if all accounts were brought.
 */
int import_run(const struct options *options);

#endif
