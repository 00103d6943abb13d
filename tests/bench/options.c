/* The command line of the load generator; see options.h. */
#include "options.h"

#include "../tls/tls_client.h"
#include "message.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: load --port PORT --dialect party|irc|raw|ncat [OPTIONS]\n"
    "Fills a chat server's one room, lets some talk, and counts what reaches the others.\n"
    "\n"
    "The server\n"
    "  --host ADDRESS      IPv4 address (127.0.0.1)\n"
    "  --port PORT[,PORT...]  of one, or of several that are one chat: clients take turns\n"
    "  --tls               the clients speak TLS\n"
    "  --terminal-port PORT  where listeners connect as terminals with half a line typed\n"
    "  --pid PID[,PID...]  its process: its processor time and memory are measured\n"
    "  --beside PID[,PID...]  what works for it: its processor time is measured by itself\n"
    "  --dialect NAME      party, irc, raw (the bare servers) or ncat (ncat --chat)\n"
    "The room\n"
    "  --clients N         how many are in it (100)\n"
    "  --talkers N         of whom talk at a pace (0)\n"
    "  --flooders N        of whom talk as fast as they can (0)\n"
    "  --pasters N         of whom say much at once, and then nothing (0)\n"
    "  --askers N          of whom ask the server things, and read the answers (0)\n"
    "  --slow N            of whom read slowly, but steadily (0)\n"
    "  --stalled N         of whom stop reading during the flood (0)\n"
    "  --rooms N           over which all are spread, each with a talker or more; 0: one (0)\n"
    "  --initial LETTER    with which their names and those of these rooms begin (u)\n"
    "  --sources N         loopback addresses to connect from (4)\n"
    "The talk\n"
    "  --pace LINES        a second, all talkers together (100)\n"
    "  --seconds S         for how long (5)\n"
    "  --warmup S          the same beforehand, not measured (1)\n"
    "  --lines N           the whole flood; 0: as long as the others talk (0)\n"
    "  --unfinished        the flood need not arrive whole\n"
    "  --size BYTES        of one line, LF included (100)\n"
    "  --stall-at PART     of the flood at which the stalled stop reading (0.25)\n"
    "  --paste BYTES       of one paster (3000000)\n"
    "  --churn N           clients a second that come in and leave again (0)\n"
    "  --stall-every S     seconds from one newcomer that stops reading to the next; 0: none (0)\n"
    "The others\n"
    "  --slow-rate BYTES   a second that a slow reader reads (100000)\n"
    "  --lazy MS-MS        all but the talkers are read at such random intervals only\n"
    "  --ask COMMANDS      between bars; @ is the name of the last client (/help)\n"
    "  --ask-rate N        a second from each asker; 0: as fast as they can (100)\n"
    "Coming in\n"
    "  --window N          connections under way at once; 0: all (200)\n"
    "  --all-arrivals      fail unless everyone sees every later client come in\n"
    "Waiting\n"
    "  --quiet S           without a byte: quiet enough to measure (0.3)\n"
    "  --settle S          how long to wait for that (30)\n"
    "  --patience S        without a delivery: the rest is lost (10)\n"
    "\n"
    "Prints one line of key=value pairs on standard output and one for people on standard error.\n"
    "Exit status: 0 everything arrived in one order, 1 it did not, 2 it could not be tried.\n";

enum {
    OPTION_HOST = 1000,
    OPTION_PORT,
    OPTION_TERMINAL_PORT,
    OPTION_PID,
    OPTION_BESIDE,
    OPTION_DIALECT,
    OPTION_CLIENTS,
    OPTION_TALKERS,
    OPTION_FLOODERS,
    OPTION_PASTERS,
    OPTION_PASTE,
    OPTION_ASKERS,
    OPTION_ASK,
    OPTION_ASK_RATE,
    OPTION_SLOW,
    OPTION_SLOW_RATE,
    OPTION_LAZY,
    OPTION_STALLED,
    OPTION_STALL_EVERY,
    OPTION_ROOMS,
    OPTION_INITIAL,
    OPTION_SOURCES,
    OPTION_PACE,
    OPTION_SECONDS,
    OPTION_WARMUP,
    OPTION_LINES,
    OPTION_UNFINISHED,
    OPTION_SIZE,
    OPTION_STALL_AT,
    OPTION_CHURN,
    OPTION_WINDOW,
    OPTION_ALL_ARRIVALS,
    OPTION_TLS,
    OPTION_QUIET,
    OPTION_SETTLE,
    OPTION_PATIENCE
};

static const struct option names[] = {
    {"host", required_argument, NULL, OPTION_HOST},
    {"port", required_argument, NULL, OPTION_PORT},
    {"tls", no_argument, NULL, OPTION_TLS},
    {"terminal-port", required_argument, NULL, OPTION_TERMINAL_PORT},
    {"pid", required_argument, NULL, OPTION_PID},
    {"beside", required_argument, NULL, OPTION_BESIDE},
    {"dialect", required_argument, NULL, OPTION_DIALECT},
    {"clients", required_argument, NULL, OPTION_CLIENTS},
    {"talkers", required_argument, NULL, OPTION_TALKERS},
    {"flooders", required_argument, NULL, OPTION_FLOODERS},
    {"pasters", required_argument, NULL, OPTION_PASTERS},
    {"paste", required_argument, NULL, OPTION_PASTE},
    {"askers", required_argument, NULL, OPTION_ASKERS},
    {"ask", required_argument, NULL, OPTION_ASK},
    {"ask-rate", required_argument, NULL, OPTION_ASK_RATE},
    {"slow", required_argument, NULL, OPTION_SLOW},
    {"slow-rate", required_argument, NULL, OPTION_SLOW_RATE},
    {"lazy", required_argument, NULL, OPTION_LAZY},
    {"stalled", required_argument, NULL, OPTION_STALLED},
    {"stall-every", required_argument, NULL, OPTION_STALL_EVERY},
    {"rooms", required_argument, NULL, OPTION_ROOMS},
    {"initial", required_argument, NULL, OPTION_INITIAL},
    {"sources", required_argument, NULL, OPTION_SOURCES},
    {"pace", required_argument, NULL, OPTION_PACE},
    {"seconds", required_argument, NULL, OPTION_SECONDS},
    {"warmup", required_argument, NULL, OPTION_WARMUP},
    {"lines", required_argument, NULL, OPTION_LINES},
    {"unfinished", no_argument, NULL, OPTION_UNFINISHED},
    {"size", required_argument, NULL, OPTION_SIZE},
    {"stall-at", required_argument, NULL, OPTION_STALL_AT},
    {"churn", required_argument, NULL, OPTION_CHURN},
    {"window", required_argument, NULL, OPTION_WINDOW},
    {"all-arrivals", no_argument, NULL, OPTION_ALL_ARRIVALS},
    {"quiet", required_argument, NULL, OPTION_QUIET},
    {"settle", required_argument, NULL, OPTION_SETTLE},
    {"patience", required_argument, NULL, OPTION_PATIENCE},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

_Noreturn static void refuse(const char *option, const char *value, const char *wanted)
{
    fprintf(stderr, "load: --%s %s: must be %s\n", option, value, wanted);
    exit(2);
}

static double number_read(const char *option, const char *value, double least, double most)
{
    char *end;
    char wanted[64];
    double number;

    errno = 0;
    number = strtod(value, &end);
    if (errno == 0 && end != value && *end == '\0' && number >= least && number <= most)
        return number;
    snprintf(wanted, sizeof wanted, "a number from %g to %g", least, most);
    refuse(option, value, wanted);
}

static uint32_t count_read(const char *option, const char *value, double least, double most)
{
    double number = number_read(option, value, least, most);

    if (number != floor(number))
        refuse(option, value, "a whole number");
    return (uint32_t)number;
}

/* Reads numbers with commas between them, from 1 to `most`. Returns how many. */
static uint32_t list_read(const char *option, char *list, double most, uint32_t *numbers)
{
    uint32_t count = 0;
    char *rest = NULL;

    for (char *one = strtok_r(list, ",", &rest); one != NULL; one = strtok_r(NULL, ",", &rest)) {
        if (count == OPTIONS_SERVERS_MAX)
            refuse(option, one, "one of fewer numbers");
        numbers[count++] = count_read(option, one, 1, most);
    }
    if (count == 0)
        refuse(option, list, "a list of numbers");
    return count;
}

static void read_pids(struct options_pids *pids, const char *name)
{
    uint32_t numbers[OPTIONS_SERVERS_MAX];

    pids->count = list_read(name, optarg, INT32_MAX, numbers);
    for (uint32_t i = 0; i < pids->count; i++)
        pids->pids[i] = (pid_t)numbers[i];
}

/* Returns false if the option is none of those that take a list of numbers. */
static bool read_list(struct options *options, int option, const char *name)
{
    uint32_t numbers[OPTIONS_SERVERS_MAX];

    switch (option) {
    case OPTION_PORT:
        options->servers = list_read(name, optarg, 65535, numbers);
        for (uint32_t i = 0; i < options->servers; i++)
            options->ports[i] = (uint16_t)numbers[i];
        return true;
    case OPTION_PID:
        read_pids(&options->pids, name);
        return true;
    case OPTION_BESIDE:
        read_pids(&options->beside, name);
        return true;
    default:
        return false;
    }
}

/* Reads "LEAST-MOST", milliseconds. */
static void read_lazy(struct options *options, const char *value)
{
    if (sscanf(value, "%lf-%lf", &options->lazy_least_ms, &options->lazy_most_ms) != 2 ||
        !(options->lazy_least_ms > 0) || !(options->lazy_most_ms >= options->lazy_least_ms) ||
        options->lazy_most_ms > 60000)
        refuse("lazy", value, "two numbers of milliseconds with a - between them");
}

/* Returns false if the option is none of those for the load of other members. */
static bool read_others(struct options *options, int option, const char *name)
{
    switch (option) {
    case OPTION_PASTERS:
        options->pasters = count_read(name, optarg, 0, 1000000);
        return true;
    case OPTION_PASTE:
        options->paste = count_read(name, optarg, 1, 1e9);
        return true;
    case OPTION_ASKERS:
        options->askers = count_read(name, optarg, 0, 1000000);
        return true;
    case OPTION_ASK_RATE:
        options->ask_rate = number_read(name, optarg, 0, 1e6);
        return true;
    case OPTION_SLOW:
        options->slow = count_read(name, optarg, 0, 1000000);
        return true;
    case OPTION_SLOW_RATE:
        options->slow_rate = number_read(name, optarg, 1000, 1e9);
        return true;
    case OPTION_STALL_EVERY:
        options->stall_every = number_read(name, optarg, 0, 3600);
        return true;
    default:
        return false;
    }
}

/* Returns false if the option is none of those that take a number. */
static bool read_number(struct options *options, int option, const char *name)
{
    switch (option) {
    case OPTION_TERMINAL_PORT:
        options->terminal_port = (uint16_t)count_read(name, optarg, 1, 65535);
        return true;
    case OPTION_CLIENTS:
        options->clients = count_read(name, optarg, 1, 1000000);
        return true;
    case OPTION_TALKERS:
        options->talkers = count_read(name, optarg, 0, 1000000);
        return true;
    case OPTION_FLOODERS:
        options->flooders = count_read(name, optarg, 0, 1000000);
        return true;
    case OPTION_STALLED:
        options->stalled = count_read(name, optarg, 0, 1000000);
        return true;
    case OPTION_ROOMS:
        options->rooms = count_read(name, optarg, 0, 1000000);
        return true;
    case OPTION_SOURCES:
        options->sources = count_read(name, optarg, 1, 250);
        return true;
    case OPTION_PACE:
        options->pace = number_read(name, optarg, 0.01, 1e6);
        return true;
    case OPTION_SECONDS:
        options->seconds = number_read(name, optarg, 0, 3600);
        return true;
    case OPTION_WARMUP:
        options->warmup = number_read(name, optarg, 0, 3600);
        return true;
    case OPTION_LINES:
        options->lines = count_read(name, optarg, 0, 1e9);
        return true;
    case OPTION_SIZE:
        options->size = count_read(name, optarg, MESSAGE_MIN_BYTES + 1, MESSAGE_MAX_BYTES + 1);
        return true;
    case OPTION_STALL_AT:
        options->stall_at = number_read(name, optarg, 0, 1);
        return true;
    case OPTION_CHURN:
        options->churn = number_read(name, optarg, 0, 10000);
        return true;
    case OPTION_WINDOW:
        options->window = count_read(name, optarg, 0, 1000000);
        return true;
    case OPTION_QUIET:
        options->quiet = number_read(name, optarg, 0, 60);
        return true;
    case OPTION_SETTLE:
        options->settle = number_read(name, optarg, 0, 3600);
        return true;
    case OPTION_PATIENCE:
        options->patience = number_read(name, optarg, 0.1, 3600);
        return true;
    default:
        return read_others(options, option, name);
    }
}

static void check_together(const struct options *options)
{
    if (options->servers == 0 || options->dialect == NULL) {
        fprintf(stderr, "load: --port and --dialect are needed; see --help\n");
        exit(2);
    }
    if ((uint64_t)options->talkers + options->flooders + options->askers + options->slow +
            options->stalled >=
        options->clients) {
        fprintf(stderr,
                "load: --clients %u: must be more than all who do something else "
                "together, since one has to listen to it all\n",
                options->clients);
        exit(2);
    }
    if (options->rooms > 0 &&
        (options->dialect->move == NULL || options->unfinished || options->stalled > 0 ||
         options->churn > 0 || options->stall_every > 0 ||
         options->talkers + options->flooders + options->rooms > options->clients)) {
        fprintf(stderr,
                "load: --rooms %u: this server has no rooms, or somebody stalls, or comes "
                "and goes, or some room has nobody who only listens\n",
                options->rooms);
        exit(2);
    }
    if (options->churn > 0 && options->stall_every > 0) {
        fprintf(stderr, "load: --churn and --stall-every: only one of them\n");
        exit(2);
    }
    if (options->flooders > options->pasters && options->lines == 0 && options->talkers == 0) {
        fprintf(stderr, "load: --lines 0: a flood without end needs talkers that end it\n");
        exit(2);
    }
}

void options_read(struct options *options, int argc, char **argv)
{
    int option;
    int which = 0;

    *options = (struct options){
        .host = "127.0.0.1",
        .clients = 100,
        .initial = 'u',
        .sources = 4,
        .pace = 100,
        .seconds = 5,
        .warmup = 1,
        .size = 100,
        .paste = 3000000,
        .slow_rate = 100000,
        .ask = "/help",
        .ask_rate = 100,
        .stall_at = 0.25,
        .window = 200,
        .quiet = 0.3,
        .settle = 30,
        .patience = 10,
    };
    while ((option = getopt_long(argc, argv, "h", names, &which)) != -1) {
        if (option == 'h') {
            fputs(help, stdout);
            exit(0);
        } else if (option == OPTION_HOST) {
            options->host = optarg;
        } else if (option == OPTION_DIALECT) {
            options->dialect = dialect_find(optarg);
            if (options->dialect == NULL)
                refuse("dialect", optarg, "party, irc, raw or ncat");
        } else if (option == OPTION_ASK) {
            options->ask = optarg;
        } else if (option == OPTION_INITIAL) {
            if (optarg[0] < 'a' || optarg[0] > 'z' || optarg[1] != '\0')
                refuse("initial", optarg, "a letter from a to z");
            options->initial = optarg[0];
        } else if (option == OPTION_LAZY) {
            read_lazy(options, optarg);
        } else if (option == OPTION_TLS) {
            options->tls = true;
        } else if (option == OPTION_UNFINISHED) {
            options->unfinished = true;
        } else if (option == OPTION_ALL_ARRIVALS) {
            options->all_arrivals = true;
        } else if (!read_list(options, option, names[which].name) &&
                   !read_number(options, option, names[which].name)) {
            fputs("load: see --help\n", stderr);
            exit(2);
        }
    }
    if (optind < argc) {
        fprintf(stderr, "load: %s: nothing is expected beside the options\n", argv[optind]);
        exit(2);
    }
    if (options->tls && !tls_client_is_available()) {
        fputs("load: --tls: this build lacks OpenSSL\n", stderr);
        exit(2);
    }
    options->flooders += options->pasters;
    check_together(options);
}
