/*
 * option_start: the options when the program starts: what is wrong with them is printed on stderr,
 * and a question for help is answered.
 */
#ifndef OPTIONS_OPTION_START_H
#define OPTIONS_OPTION_START_H

#include "options/command_line.h"
#include "options/option_reading.h"
#include "options/options.h"

enum option_start {
    OPTION_START_RUN,     /* the options are valid */
    OPTION_START_DONE,    /* --help or --version was given, and answered on stdout */
    OPTION_START_MISTAKEN /* the options are not valid; the reason is on stderr */
};

/*
 * Reads the command line, and the configuration file if there is one, and takes the sockets of a
 * service manager (net/inherited.h): nothing else may have opened a descriptor yet. The caller
 * frees both in any case. Strings in `options` belong to argv or to them. `version` is the
 * program's.
 */
enum option_start option_start_read(struct options *options, struct command_line *line, int argc,
                                    char **argv, const char *version);

/* Prints a fault on stderr. An option_report; it needs no context. */
void option_start_print(void *context, const struct option_fault *fault);

#endif
