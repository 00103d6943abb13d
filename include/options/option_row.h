/*
 * option_row: the table of options. All about an option is in its row: its name, how its value is
 * read, its limits, where it goes, whether it can change while the server runs, and its help.
 */
#ifndef OPTIONS_OPTION_ROW_H
#define OPTIONS_OPTION_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPTION_DEFAULT_ADDRESS "127.0.0.1:8888"

enum option_kind {
    OPTION_ADDRESS,         /* with a scheme; may be given several times, as the next three */
    OPTION_TELNET_ADDRESS,  /* without one: the option says what is spoken */
    OPTION_MACHINE_ADDRESS, /* the same */
    OPTION_METRICS_ADDRESS, /* the same */
    OPTION_WHOLE,           /* a number, into a uint64_t */
    OPTION_SECONDS,         /* whole seconds, into nanoseconds */
    OPTION_SPAN,            /* seconds with a fraction, into nanoseconds */
    OPTION_PATH,
    OPTION_WORD,    /* any text but the empty one */
    OPTION_SERVERS, /* a list of nats-servers */
    OPTION_STREAM,  /* the name of a cluster */
    OPTION_DATA,    /* the path of the data file */
    OPTION_TLS,     /* the path of a file for TLS */
    OPTION_NAME,    /* a name; may be given several times */
    OPTION_SET,     /* a flag that sets a bool */
    OPTION_CLEAR    /* a flag that clears a bool */
};

/* When an option can change. */
enum option_life {
    OPTION_RESTART,      /* only when the server starts */
    OPTION_LIVE,         /* also on SIGHUP */
    OPTION_LIVE_ALONE,   /* also on SIGHUP, but for a machine of a cluster, which has told others */
    OPTION_COMMAND_LINE, /* the configuration file cannot have it */
    OPTION_HELP,         /* the same; the program does nothing else, as for the next */
    OPTION_VERSION
};

/* What an option means nothing without. While it is not there, the option takes a restart. */
enum option_need { OPTION_NEEDS_NOTHING, OPTION_NEEDS_ACCOUNTS, OPTION_NEEDS_TLS };

struct option_row {
    char letter; /* or 0 */
    const char *name;
    const char *argument; /* its name in the help; NULL: none */
    enum option_kind kind;
    enum option_life life;
    enum option_need needs;
    const char *wants; /* the option without which this one is refused; NULL: none */
    bool written;      /* its value is the path of a file that the server writes */
    bool secret;       /* its value may have a password, and is not logged */
    size_t place;      /* into struct options */
    uint64_t low, high;
    const char *unit; /* of a number: its name in an error message */
    const char *help;
};

/* Returns the row at `index`, from 0 on; NULL behind the last one. */
const struct option_row *option_row_at(size_t index);

/* The index of a row of the table. */
size_t option_row_index(const struct option_row *row);

/* Returns the row of this name, or NULL. */
const struct option_row *option_row_find(const char *name);

/* Whether a configuration file may have the option. Others have no value, or none that changes. */
bool option_row_is_for_files(const struct option_row *row);

/* Whether the option may be given several times, and each time adds to a list. */
bool option_row_repeats(const struct option_row *row);

#endif
