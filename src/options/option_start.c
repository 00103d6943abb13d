#include "base/platform.h"

#include "options/option_help.h"
#include "options/option_start.h"

#include <stdio.h>

#define PROGRAM "partyline"

/* A fault of a file begins with its place, as tools expect that. */
void option_start_print(void *context, const struct option_fault *fault)
{
    char text[OPTION_FAULT_SIZE];
    (void)context;
    fprintf(stderr, "%s%s\n", fault->file == NULL ? PROGRAM ": " : "",
            option_fault_write(fault, text));
}

/* Prints a fault, and notes in *context whether one was on the command line. */
static void print_and_note(void *context, const struct option_fault *fault)
{
    bool *on_line = context;
    option_start_print(NULL, fault);
    *on_line = *on_line || (fault->file == NULL && fault->name != NULL);
}

static enum option_start mistaken(bool on_line)
{
    if (on_line)
        fprintf(stderr, "Try '" PROGRAM " --help'.\n");
    return OPTION_START_MISTAKEN;
}

enum option_start option_start_read(struct options *options, struct command_line *line, int argc,
                                    char **argv, const char *version)
{
    bool on_line = false;
    char fault[INHERITED_FAULT_SIZE];
    options_init(options);
    if (!command_line_read(line, argc, argv))
        return mistaken(true);
    if (command_line_find(line, OPTION_HELP) != NULL) {
        option_help_print();
        return OPTION_START_DONE;
    }
    if (command_line_find(line, OPTION_VERSION) != NULL) {
        option_help_print_version(version);
        return OPTION_START_DONE;
    }
    if (!inherited_take(&line->sockets, fault)) {
        option_start_print(NULL, &(struct option_fault){.cause = fault});
        return OPTION_START_MISTAKEN;
    }
    return option_reading_run(options, line, print_and_note, &on_line) ? OPTION_START_RUN
                                                                       : mistaken(on_line);
}
