/*
 * option_reading: makes options of the command line, of the configuration file that it names, and
 * of the sockets that came with it, which are addresses besides all others.
 * The command line wins: what it says of an option, the file does not say; of those that repeat,
 * too, and addresses are one matter, whatever option gives them. The file is checked nevertheless.
 */
#ifndef OPTIONS_OPTION_READING_H
#define OPTIONS_OPTION_READING_H

#include "options/command_line.h"
#include "options/options.h"
#include "options/option_value.h"

#include <stdbool.h>

/* Something that is wrong. */
struct option_fault {
    const char *file; /* where it stands; NULL: on the command line */
    unsigned line;    /* there; 0: it is about the file */
    const char *name; /* of the option, or NULL: without a file, it is about the sockets */
    const char *cause;
};

typedef void option_report(void *context, const struct option_fault *fault);

/* Of a fault as a line. */
enum { OPTION_FAULT_SIZE = OPTION_CAUSE_SIZE + 1024 };

/*
 * Reads the options. Returns false, with every fault of the file reported, or the first of the
 * command line, if there is one. options_free() frees the result in any case. Opens no file but the
 * configuration.
 */
bool option_reading_run(struct options *options, const struct command_line *line,
                        option_report *report, void *context);

/*
 * Makes the fault of an option that has been read: `cause` is a clause, which it points to as it
 * does to the options.
 */
struct option_fault option_reading_blame(const struct options *options, const char *name,
                                         const char *cause);

/*
 * Writes "FILE:LINE: NAME: CAUSE", without its LF; on the command line "--NAME: CAUSE", or the
 * cause alone. Returns its place.
 */
const char *option_fault_write(const struct option_fault *fault, char text[OPTION_FAULT_SIZE]);

#endif
