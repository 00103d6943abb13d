/* option_check: whether options go together. What a single one may be is its row's matter. */
#ifndef OPTIONS_OPTION_CHECK_H
#define OPTIONS_OPTION_CHECK_H

#include "options/options.h"

#include <stdbool.h>

/* Is told of the option of this name, and of the cause as a clause. */
typedef void option_complain(void *context, const char *name, const char *cause);

/*
 * Checks options as a whole. Complains of everything that is missing, or there in vain, and then
 * returns false.
 */
bool option_check(const struct options *options, option_complain *complain, void *context);

#endif
