/* option_value: the value of one option: read from text into options, and written as text. */
#ifndef OPTIONS_OPTION_VALUE_H
#define OPTIONS_OPTION_VALUE_H

#include "options/option_row.h"
#include "options/options.h"

#include <stdbool.h>

/* Of a clause that tells why something is not taken, with the value in it. */
enum { OPTION_CAUSE_SIZE = 5 * 1024 };

/*
 * Reads `value`, which must outlive the options, as the value of an option; an option without an
 * argument has none (NULL). One that repeats is added. Returns false, with the options unchanged
 * and the cause as a clause, if it is not taken.
 */
bool option_value_read(struct options *options, const struct option_row *row, const char *value,
                       char cause[OPTION_CAUSE_SIZE]);

/* Adds an address. Returns false, with the cause as a clause, if this build cannot serve it. */
bool option_value_add_address(struct option_addresses *addresses,
                              const struct option_address *address, char cause[OPTION_CAUSE_SIZE]);

/*
 * Appends the value as people read it; the same text means the same value. Addresses are all that
 * there are, whatever option gave them; what has no value is "none". Returns false when memory is
 * out.
 */
bool option_value_write(const struct options *options, const struct option_row *row,
                        struct buffer *out);

#endif
