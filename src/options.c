#include "base/platform.h"

#include "base/clock.h"
#include "base/number.h"
#include "chat/name.h"
#include "cluster/node.h"
#include "cluster/wire.h"
#include "doors/machine/machine.h"
#include "doors/plain/plain.h"
#include "net/listener.h"
#include "options.h"
#include "store/store.h"
#include "version.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM         "partyline"
#define DEFAULT_ADDRESS "127.0.0.1:8888"

enum {
    SECONDS_MAX = 365 * 24 * 60 * 60, /* a year */
    GRACE_SECONDS_MAX = 60 * 60,
    CLIENTS_MAX = 1000000,
    LINE_BYTES_MAX = 1024 * 1024,
    RATE_MAX = 1000000,
    SENDQ_BYTES_MIN = 16 * 1024,
    SENDQ_BYTES_MAX = 1024 * 1024 * 1024,
    RETAIN_DAYS_MAX = 36500
};

/* getopt_long() returns this, plus the index in the table, for an option without a letter. */
enum { FIRST_LONG_ONLY = 256 };

enum kind {
    ADDRESS,        /* may be given several times */
    TELNET_ADDRESS, /* so may this and the next; the doors are others */
    MACHINE_ADDRESS,
    WHOLE,   /* a number, into a uint64_t */
    SECONDS, /* whole seconds, into nanoseconds */
    SPAN,    /* seconds with a fraction, into nanoseconds */
    PATH,
    WORD,  /* any text but the empty one */
    DATA,  /* the path of the data file */
    NAME,  /* a name; may be given several times */
    SET,   /* a flag that sets a bool */
    CLEAR, /* a flag that clears a bool */
    VERSION,
    HELP
};

/* All about an option is in its row: how it is parsed, its limits, its help. */
struct option_row {
    char letter; /* or 0 */
    const char *name;
    const char *argument; /* its name in the help; NULL: none */
    enum kind kind;
    size_t offset; /* into struct options */
    uint64_t low, high;
    const char *unit; /* its name in an error message */
    const char *help;
};

#define AT(member) offsetof(struct options, member)

static const struct option_row rows[] = {
    {'l', "listen", "ADDRESS", ADDRESS, 0, 0, 0, "",
     LISTENER_FORMS " (" DEFAULT_ADDRESS "); repeatable"},
    {0, "telnet", "ADDRESS", TELNET_ADDRESS, 0, 0, 0, "",
     "the same, for people at a terminal: their lines are edited here; repeatable"},
    {0, "machine", "ADDRESS", MACHINE_ADDRESS, 0, 0, 0, "",
     "the same, for programs: they are sent JSON; repeatable"},
    {'t', "idle-timeout", "SECONDS", SECONDS, AT(idle_timeout), 0, SECONDS_MAX,
     "a whole number of seconds", "disconnect who sends no line for so long (300; 0: never)"},
    {0, "telnet-idle", "SECONDS", SECONDS, AT(telnet_idle), 0, SECONDS_MAX,
     "a whole number of seconds", "the same at a terminal, for who presses no key (0: never)"},
    {0, "login-timeout", "SECONDS", SECONDS, AT(login_timeout), 0, SECONDS_MAX,
     "a whole number of seconds", "the same at the prompt for a name (60; 0: never)"},
    {'m', "max-clients", "N", WHOLE, AT(max_clients), 1, CLIENTS_MAX, "a number of clients",
     "connections at once (as many as descriptors allow)"},
    {0, "max-per-host", "N", WHOLE, AT(max_per_host), 0, CLIENTS_MAX, "a number of clients",
     "connections at once from one address or IPv6 /64 (0: no limit)"},
    {0, "max-line", "BYTES", WHOLE, AT(max_line), 1, LINE_BYTES_MAX, "a number of bytes",
     "the longest line, without its end (4096)"},
    {0, "rate", "N", WHOLE, AT(rate), 0, RATE_MAX, "a number of lines a second",
     "lines a second from one client, over a burst of 4 N (0: no limit)"},
    {0, "sendq", "BYTES", WHOLE, AT(sendq), SENDQ_BYTES_MIN, SENDQ_BYTES_MAX, "a number of bytes",
     "undelivered output that one client may have (1048576)"},
    {0, "drain-timeout", "SECONDS", SPAN, AT(drain_timeout), 0, SECONDS_MAX, "a number of seconds",
     "how long floods wait for who reads nothing (3; fractions allowed)"},
    {0, "history", "LINES", WHOLE, AT(history), 0, 100000, "a number of lines",
     "of each room that are kept in memory (default 1000)"},
    {0, "max-rooms", "N", WHOLE, AT(max_rooms), 1, 1000000, "a number of rooms",
     "rooms at a time (default 1000)"},
    {0, "rooms-per-client", "N", WHOLE, AT(rooms_per_client), 1, 100, "a number of rooms",
     "rooms that one client may be in (default 20)"},
    {0, "presence-limit", "N", WHOLE, AT(presence_limit), 0, CLIENTS_MAX, "a number of clients",
     "in a room with more, comings and goings are summed up (256; 0: never)"},
    {0, "grace", "SECONDS", SPAN, AT(grace), 0, GRACE_SECONDS_MAX, "a number of seconds",
     "how long stopping may take (5; fractions allowed)"},
    {0, "log", "FILE", PATH, AT(log_path), 0, 0, "", "log to this file as well"},
    {0, "motd", "FILE", PATH, AT(motd_path), 0, 0, "",
     "show this file's lines to whoever comes in"},
    {0, "password-file", "FILE", PATH, AT(password_path), 0, 0, "",
     "ask everybody for the password in this file's first line"},
    {0, "data", "FILE", DATA, AT(data_path), 0, 0, "",
     "keep what is said, rooms, accounts and bans in this SQLite file"},
    {0, "retain", "DAYS", WHOLE, AT(retain_days), 0, RETAIN_DAYS_MAX, "a number of days",
     "how long --data keeps what was said (90; 0: for ever)"},
    {0, "operator", "NAME", NAME, 0, 0, 0, "",
     "who registers this name keeps order (needs --data); repeatable"},
    {0, "lockdown", NULL, SET, AT(lockdown), 0, 0, "",
     "let in only registered names (needs --data)"},
    {0, "cluster", "SERVERS", WORD, AT(cluster), 0, 0, "",
     "be one chat with other machines, by these NATS servers (nats://HOST:PORT,...)"},
    {0, "cluster-name", "NAME", WORD, AT(cluster_name), 0, 0, "",
     "the name of that chat at the servers (partyline)"},
    {0, "cluster-creds", "FILE", PATH, AT(cluster_credentials), 0, 0, "",
     "the credentials file for these servers"},
    {0, "node", "NAME", WORD, AT(machine), 0, 0, "",
     "the name of this machine in the cluster (the host's name)"},
    {0, "link-timeout", "SECONDS", SPAN, AT(link_timeout), 0, SECONDS_MAX, "a number of seconds",
     "how long lines wait when the other machines cannot be reached (10)"},
    {'q', "quiet", NULL, SET, AT(quiet), 0, 0, "",
     "no messages on the console, only who comes and goes"},
    {0, "no-welcome", NULL, CLEAR, AT(welcome), 0, 0, "", "no welcome line"},
    {'V', "version", NULL, VERSION, 0, 0, 0, "", "print the version"},
    {'h', "help", NULL, HELP, 0, 0, 0, "", "print this help"},
};

enum { ROW_COUNT = sizeof rows / sizeof *rows };

static void print_help(void)
{
    printf("Usage: " PROGRAM " [OPTIONS]\n"
           "A chat server that anyone can telnet into.\n\n");
    for (size_t i = 0; i < ROW_COUNT; i++) {
        char left[40];
        char letter[4] = "   ";
        if (rows[i].letter != 0)
            snprintf(letter, sizeof letter, "-%c,", rows[i].letter);
        snprintf(left, sizeof left, "%s --%s%s%s", letter, rows[i].name,
                 rows[i].argument != NULL ? " " : "",
                 rows[i].argument != NULL ? rows[i].argument : "");
        printf("  %-28s %s\n", left, rows[i].help);
    }
}

static void print_version(void)
{
    char store[STORE_FEATURES_SIZE];
    char cluster[NODE_FEATURES_SIZE];
    printf(PROGRAM " " VERSION_STRING " (%s; %s)\n", store_features(store), node_features(cluster));
}

static bool add_address(struct options *options, const char *option, const char *address,
                        const struct door *door)
{
    if (!listener_address_is_valid(address)) {
        fprintf(stderr, PROGRAM ": --%s: '%s' is not " LISTENER_FORMS "\n", option, address);
        return false;
    }
    struct server_address *addresses =
        realloc(options->addresses, (options->address_count + 1) * sizeof *addresses);
    if (addresses == NULL) {
        fprintf(stderr, PROGRAM ": out of memory\n");
        return false;
    }
    options->addresses = addresses;
    options->addresses[options->address_count++] = (struct server_address){address, door};
    return true;
}

static bool complain(const struct option_row *row, const char *value)
{
    fprintf(stderr, PROGRAM ": --%s: '%s' is not %s from %llu to %llu\n", row->name, value,
            row->unit, (unsigned long long)row->low, (unsigned long long)row->high);
    return false;
}

static bool take_path(void *place, const struct option_row *row, const char *value)
{
    if (*value == '\0') {
        fprintf(stderr, PROGRAM ": --%s: the path is empty\n", row->name);
        return false;
    }
    *(const char **)place = value;
    return true;
}

static bool take_word(void *place, const struct option_row *row, const char *value)
{
    if (*value == '\0') {
        fprintf(stderr, PROGRAM ": --%s: the value is empty\n", row->name);
        return false;
    }
    *(const char **)place = value;
    return true;
}

static bool add_operator(struct options *options, const struct option_row *row, const char *name)
{
    const char *fault = name_fault(name, strlen(name));
    if (fault != NULL) {
        fprintf(stderr, PROGRAM ": --%s: '%s' is no name: %s\n", row->name, name, fault);
        return false;
    }
    const char **operators =
        realloc(options->operators, (options->operator_count + 1) * sizeof *operators);
    if (operators == NULL) {
        fprintf(stderr, PROGRAM ": out of memory\n");
        return false;
    }
    options->operators = operators;
    options->operators[options->operator_count++] = name;
    return true;
}

/* Complains of options that mean nothing without accounts. */
static bool check_accounts(const struct options *options)
{
    const char *option = options->operator_count > 0 ? "operator" : "lockdown";
    if (options->data_path != NULL || (options->operator_count == 0 && !options->lockdown))
        return true;
    fprintf(stderr,
            PROGRAM ": --%s: names are registered only with --data FILE, which is missing\n",
            option);
    return false;
}

/* Complains of options that do not go with --cluster. */
static bool check_cluster(const struct options *options)
{
    if (options->cluster == NULL)
        return true;
    if (options->machine != NULL && !wire_is_node_name(words_of(options->machine)))
        fprintf(stderr, PROGRAM ": --node: '%s' is not 1 to %d of A-Z a-z 0-9 . - _\n",
                options->machine, NODE_NAME_MAX);
    else if (options->max_line > NODE_LINE_BYTES_MAX)
        fprintf(stderr, PROGRAM ": --max-line: with --cluster it is %d at most\n",
                NODE_LINE_BYTES_MAX);
    else if (options->data_path != NULL)
        fprintf(stderr, PROGRAM ": --data and --cluster do not go together\n");
    else
        return true;
    return false;
}

static bool check_store(const struct option_row *row)
{
    if (!store_is_available())
        fprintf(stderr,
                PROGRAM
                ": --%s: this build lacks SQLite; install it (Debian: libsqlite3-dev"
                " libcrypt-dev; Fedora: sqlite-devel libxcrypt-devel; Alpine: sqlite-dev) with"
                " pkg-config, and build again\n",
                row->name);
    return store_is_available();
}

/* Stores the value of one option. */
static bool take(struct options *options, const struct option_row *row, const char *value)
{
    void *place = (char *)options + row->offset;
    uint64_t number;
    switch (row->kind) {
    case ADDRESS:
        return add_address(options, row->name, value, &plain_door);
    case TELNET_ADDRESS:
        return add_address(options, row->name, value, &plain_telnet_door);
    case MACHINE_ADDRESS:
        return add_address(options, row->name, value, &machine_door);
    case WHOLE:
        return number_parse(value, row->low, row->high, place) || complain(row, value);
    case SECONDS:
        if (!number_parse(value, row->low, row->high, &number))
            return complain(row, value);
        *(int64_t *)place = (int64_t)number * CLOCK_SECOND;
        return true;
    case SPAN:
        return number_parse_seconds(value, row->high, place) || complain(row, value);
    case PATH:
        return take_path(place, row, value);
    case WORD:
        return take_word(place, row, value);
    case DATA:
        return check_store(row) && take_path(place, row, value);
    case NAME:
        return add_operator(options, row, value);
    case SET:
    case CLEAR:
        *(bool *)place = row->kind == SET;
        return true;
    case VERSION:
    case HELP:
        break;
    }
    return true;
}

/*
 * Makes the short options for getopt_long(): `letters`, each with a ':' behind it if it takes a
 * value.
 */
static void describe(struct option longs[ROW_COUNT + 1], char letters[2 * ROW_COUNT + 1])
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        bool value = rows[i].argument != NULL;
        longs[i] = (struct option){.name = rows[i].name,
                                   .has_arg = value ? required_argument : no_argument,
                                   .val = FIRST_LONG_ONLY + (int)i};
        if (rows[i].letter != 0) {
            *letters++ = rows[i].letter;
            if (value)
                *letters++ = ':';
        }
    }
    longs[ROW_COUNT] = (struct option){0};
    *letters = '\0';
}

/*
 * Returns the row of a code that getopt_long() returned or left in optopt; NULL if there is none.
 */
static const struct option_row *find_row(int code)
{
    if (code >= FIRST_LONG_ONLY && code < FIRST_LONG_ONLY + ROW_COUNT)
        return &rows[code - FIRST_LONG_ONLY];
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].letter != 0 && rows[i].letter == code)
            return &rows[i];
    return NULL;
}

/* Whether the long option `argument` is the beginning of several names. */
static bool is_ambiguous(const char *argument)
{
    const char *name = argument + strlen("--");
    size_t length = strcspn(name, "=");
    size_t count = 0;
    for (size_t i = 0; i < ROW_COUNT; i++)
        count += strncmp(rows[i].name, name, length) == 0;
    return count > 1;
}

/*
 * Prints which option getopt_long() refused. Its own message would begin with argv[0], and differs
 * among systems. It leaves the refused option in optopt, or 0 for an unknown long option, which is
 * then the argument in front of optind.
 */
static void complain_of_syntax(const char *argument)
{
    const struct option_row *row = optopt != 0 ? find_row(optopt) : NULL;
    if (row != NULL && row->argument != NULL)
        fprintf(stderr, PROGRAM ": --%s %s: the value is missing\n", row->name, row->argument);
    else if (row != NULL)
        fprintf(stderr, PROGRAM ": --%s takes no value\n", row->name);
    else if (optopt != 0)
        fprintf(stderr, PROGRAM ": '-%c' is not an option\n", optopt);
    else if (is_ambiguous(argument))
        fprintf(stderr, PROGRAM ": '%s' is the beginning of several options\n", argument);
    else
        fprintf(stderr, PROGRAM ": '%s' is not an option\n", argument);
}

static enum options_result mistaken(void)
{
    fprintf(stderr, "Try '" PROGRAM " --help'.\n");
    return OPTIONS_MISTAKEN;
}

enum options_result options_parse(struct options *options, int argc, char **argv)
{
    struct option longs[ROW_COUNT + 1];
    char letters[2 * ROW_COUNT + 1];
    *options = (struct options){.idle_timeout = 300 * CLOCK_SECOND,
                                .login_timeout = 60 * CLOCK_SECOND,
                                .max_line = 4096,
                                .sendq = 1024 * 1024,
                                .drain_timeout = 3 * CLOCK_SECOND,
                                .presence_limit = 256,
                                .history = 1000,
                                .max_rooms = 1000,
                                .rooms_per_client = 20,
                                .grace = 5 * CLOCK_SECOND,
                                .retain_days = 90,
                                .cluster_name = "partyline",
                                .link_timeout = 10 * CLOCK_SECOND,
                                .welcome = true};
    describe(longs, letters);
    opterr = 0;
    int code;
    while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        const struct option_row *row = find_row(code);
        if (row == NULL) {
            complain_of_syntax(argv[optind - 1]);
            return mistaken();
        }
        if (row->kind == HELP || row->kind == VERSION) {
            row->kind == HELP ? print_help() : print_version();
            return OPTIONS_DONE;
        }
        if (!take(options, row, optarg))
            return mistaken();
    }
    if (optind < argc) {
        fprintf(stderr, PROGRAM ": '%s' is not an option\n", argv[optind]);
        return mistaken();
    }
    if (!check_accounts(options) || !check_cluster(options))
        return mistaken();
    if (options->address_count == 0 &&
        !add_address(options, "listen", DEFAULT_ADDRESS, &plain_door))
        return OPTIONS_MISTAKEN;
    return OPTIONS_RUN;
}

void options_free(struct options *options)
{
    free(options->addresses);
    free(options->operators);
}
