/* option_help: what the program tells of itself on stdout. */
#ifndef OPTIONS_OPTION_HELP_H
#define OPTIONS_OPTION_HELP_H

/* Prints what each option is for. */
void option_help_print(void);

/* Prints this version, and what the build has. */
void option_help_print_version(const char *version);

#endif
