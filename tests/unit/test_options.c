#include "suites.h"
#include "capture.h"
#include "base/platform.h"
#include "scratch_file.h"

#include "base/clock.h"
#include "cluster/node.h"
#include "net/door.h"
#include "net/socket_path.h"
#include "options/option_start.h"
#include "options/scheme.h"
#include "store/store.h"

#include <CUnit/CUnit.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>

#define ROWS(table) (sizeof table / sizeof *table)

enum { ARGUMENTS_MAX = 12, ARGUMENT_SIZE = 128 };

/* A command line, what was read out of it, and what was said about it. */
struct reading {
    char arguments[ARGUMENTS_MAX][ARGUMENT_SIZE];
    char *argv[ARGUMENTS_MAX + 1];
    struct options options;
    struct command_line line;
    enum option_start result;
    char *out, *err;
};

/* Reads a command line of arguments between single blanks; an empty one is written as ''. */
static void read_line(struct reading *reading, const char *line)
{
    int argc = 0;
    strcpy(reading->arguments[argc++], "./some/other-name");
    while (*line != '\0' && argc < ARGUMENTS_MAX) {
        size_t length = strcspn(line, " ");
        char *argument = reading->arguments[argc++];
        bool empty = length == 2 && strncmp(line, "''", 2) == 0;
        memcpy(argument, line, length);
        argument[empty ? 0 : length] = '\0';
        line += line[length] == ' ' ? length + 1 : length;
    }
    for (int i = 0; i < argc; i++)
        reading->argv[i] = reading->arguments[i];
    reading->argv[argc] = NULL;
    struct capture out, err;
    optind = 0; /* from the very beginning: some keep their place in the last command line */
    capture_begin(&out, STDOUT_FILENO);
    capture_begin(&err, STDERR_FILENO);
    reading->result =
        option_start_read(&reading->options, &reading->line, argc, reading->argv, "1.0");
    reading->err = capture_end(&err);
    reading->out = capture_end(&out);
    CU_ASSERT_TRUE_FATAL(reading->err != NULL && reading->out != NULL);
}

static void forget(struct reading *reading)
{
    options_free(&reading->options);
    command_line_free(&reading->line);
    free(reading->out);
    free(reading->err);
}

static void defaults(void)
{
    struct reading reading;
    read_line(&reading, "");
    const struct options *options = &reading.options;
    CU_ASSERT_EQUAL(reading.result, OPTION_START_RUN);
    CU_ASSERT_EQUAL_FATAL(options->addresses.count, 1);
    CU_ASSERT_STRING_EQUAL(options->addresses.items[0].server.address, "127.0.0.1:8888");
    CU_ASSERT_EQUAL(options->idle_timeout, 300 * CLOCK_SECOND);
    CU_ASSERT_EQUAL(options->telnet_idle, 0);
    CU_ASSERT_EQUAL(options->login_timeout, 60 * CLOCK_SECOND);
    CU_ASSERT_EQUAL(options->max_clients, 0);
    CU_ASSERT_EQUAL(options->max_per_host, 0);
    CU_ASSERT_EQUAL(options->max_line, 4096);
    CU_ASSERT_EQUAL(options->rate, 0);
    CU_ASSERT_EQUAL(options->sendq, 1048576);
    CU_ASSERT_EQUAL(options->drain_timeout, 3 * CLOCK_SECOND);
    CU_ASSERT_EQUAL(options->presence_limit, 256);
    CU_ASSERT_EQUAL(options->grace, 5 * CLOCK_SECOND);
    CU_ASSERT_PTR_NULL(options->log_path);
    CU_ASSERT_PTR_NULL(options->data_path);
    CU_ASSERT_EQUAL(options->retain_days, 90);
    CU_ASSERT_FALSE(options->quiet);
    CU_ASSERT_TRUE(options->welcome);
    CU_ASSERT_STRING_EQUAL(reading.out, "");
    CU_ASSERT_STRING_EQUAL(reading.err, "");
    forget(&reading);
}

/* The options that take a number: where it goes, and what is allowed. */
enum measure { WHOLE, SECONDS, FRACTION };

static const struct numeric {
    const char *name;
    size_t offset;
    enum measure measure;
    uint64_t low, high;
    const char *with; /* what it needs; NULL: nothing */
} numerics[] = {
    {"idle-timeout", offsetof(struct options, idle_timeout), SECONDS, 0, 31536000, NULL},
    {"telnet-idle", offsetof(struct options, telnet_idle), SECONDS, 0, 31536000, NULL},
    {"login-timeout", offsetof(struct options, login_timeout), SECONDS, 0, 31536000, NULL},
    {"max-clients", offsetof(struct options, max_clients), WHOLE, 1, 1000000, NULL},
    {"max-per-host", offsetof(struct options, max_per_host), WHOLE, 0, 1000000, NULL},
    {"max-line", offsetof(struct options, max_line), WHOLE, 1, 1048576, NULL},
    {"rate", offsetof(struct options, rate), WHOLE, 0, 1000000, NULL},
    {"sendq", offsetof(struct options, sendq), WHOLE, 16384, 1073741824, NULL},
    {"drain-timeout", offsetof(struct options, drain_timeout), FRACTION, 0, 31536000, NULL},
    {"presence-limit", offsetof(struct options, presence_limit), WHOLE, 0, 1000000, NULL},
    {"grace", offsetof(struct options, grace), FRACTION, 0, 3600, NULL},
    {"retain", offsetof(struct options, retain_days), WHOLE, 0, 36500, " --data /tmp/d"},
};

/* The value of an option as it was taken, in the unit in which it was given. */
static uint64_t taken(const struct options *options, const struct numeric *numeric)
{
    const char *place = (const char *)options + numeric->offset;
    uint64_t number;
    int64_t nanoseconds;
    memcpy(&number, place, sizeof number);
    memcpy(&nanoseconds, place, sizeof nanoseconds);
    return numeric->measure == WHOLE ? number : (uint64_t)(nanoseconds / CLOCK_SECOND);
}

static void numbers_within_range(void)
{
    for (size_t i = 0; i < ROWS(numerics); i++) {
        const struct numeric *numeric = &numerics[i];
        const uint64_t values[] = {numeric->low, numeric->low + 1, numeric->high - 1,
                                   numeric->high};
        for (size_t j = 0; j < ROWS(values); j++) {
            char line[ARGUMENT_SIZE];
            struct reading reading;
            if (numeric->with != NULL && !store_is_available())
                continue;
            snprintf(line, sizeof line, "--%s %" PRIu64 "%s", numeric->name, values[j],
                     numeric->with != NULL ? numeric->with : "");
            read_line(&reading, line);
            EXPECT(reading.result == OPTION_START_RUN &&
                       taken(&reading.options, numeric) == values[j],
                   "%s: %d, %s", line, (int)reading.result, reading.err);
            forget(&reading);
        }
    }
}

/* Reads one option with a bad value; the complaint must name all that helps to mend it. */
static void check_refusal(const struct numeric *numeric, const char *value)
{
    char line[2 * ARGUMENT_SIZE];
    char name[ARGUMENT_SIZE];
    char quoted[ARGUMENT_SIZE];
    char low[32];
    char high[32];
    struct reading reading;
    const char *shown = strcmp(value, "''") == 0 ? "" : value;
    snprintf(line, sizeof line, "--%s %s", numeric->name, value);
    snprintf(name, sizeof name, "--%s", numeric->name);
    snprintf(quoted, sizeof quoted, "'%s'", shown);
    snprintf(low, sizeof low, "%" PRIu64, numeric->low);
    snprintf(high, sizeof high, "%" PRIu64, numeric->high);
    read_line(&reading, line);
    EXPECT(reading.result == OPTION_START_MISTAKEN, "%s: %d", line, (int)reading.result);
    EXPECT(strncmp(reading.err, "partyline: ", 11) == 0 && strstr(reading.err, name) != NULL &&
               strstr(reading.err, quoted) != NULL && strstr(reading.err, low) != NULL &&
               strstr(reading.err, high) != NULL,
           "%s: '%s'", line, reading.err);
    EXPECT(*reading.out == '\0', "%s: '%s' on stdout", line, reading.out);
    forget(&reading);
}

static void numbers_out_of_range(void)
{
    for (size_t i = 0; i < ROWS(numerics); i++) {
        char value[32];
        snprintf(value, sizeof value, "%" PRIu64, numerics[i].high + 1);
        check_refusal(&numerics[i], value);
        if (numerics[i].low > 0) {
            snprintf(value, sizeof value, "%" PRIu64, numerics[i].low - 1);
            check_refusal(&numerics[i], value);
        }
        check_refusal(&numerics[i], "99999999999999999999999999");
        check_refusal(&numerics[i], "18446744073709551617");
    }
}

static void numbers_that_are_none(void)
{
    static const char *const values[] = {"''",     "x",      "-1",  "+1", "1k",
                                         "20000s", "0x7000", "1e4", "1,5"};
    for (size_t i = 0; i < ROWS(numerics); i++) {
        for (size_t j = 0; j < ROWS(values); j++)
            check_refusal(&numerics[i], values[j]);
        if (numerics[i].measure != FRACTION)
            check_refusal(&numerics[i], "20000.5");
    }
}

static void fractions_of_seconds(void)
{
    struct reading reading;
    read_line(&reading, "--drain-timeout 0.25 --grace .5");
    CU_ASSERT_EQUAL(reading.result, OPTION_START_RUN);
    CU_ASSERT_EQUAL(reading.options.drain_timeout, 250 * CLOCK_MILLISECOND);
    CU_ASSERT_EQUAL(reading.options.grace, 500 * CLOCK_MILLISECOND);
    forget(&reading);
}

static void addresses_in_order(void)
{
    struct reading reading;
    read_line(&reading, "-l 8888 --listen [::1]:7000 --listen=unix:/tmp/x -l*:1 --telnet 23");
    CU_ASSERT_EQUAL(reading.result, OPTION_START_RUN);
    CU_ASSERT_EQUAL_FATAL(reading.options.addresses.count, 5);
    CU_ASSERT_STRING_EQUAL(reading.options.addresses.items[0].server.address, "8888");
    CU_ASSERT_STRING_EQUAL(reading.options.addresses.items[1].server.address, "[::1]:7000");
    CU_ASSERT_STRING_EQUAL(reading.options.addresses.items[2].server.address, "unix:/tmp/x");
    CU_ASSERT_STRING_EQUAL(reading.options.addresses.items[3].server.address, "*:1");
    CU_ASSERT_STRING_EQUAL(reading.options.addresses.items[4].server.address, "23");
    for (size_t i = 0; i < 5; i++)
        CU_ASSERT_EQUAL(reading.options.addresses.items[i].server.entrance.door->telnet, i == 4);
    forget(&reading);
}

/* The address behind the scheme, and what is spoken there. */
static void schemes(void)
{
    static const struct {
        const char *given, *address, *spoken;
    } rows[] = {
        {"8888", "8888", "lines"},
        {"lines://8888", "8888", "lines"},
        {"telnet://[::1]:23", "[::1]:23", "telnet"},
        {"machine://unix:/tmp/x", "unix:/tmp/x", "machine"},
        {"lines+proxy://127.0.0.1:8888", "127.0.0.1:8888", "lines+proxy"},
        {"lines+tls+proxy://1", "1", "lines+tls+proxy"},
        {"telnet+proxy+tls://1", "1", "telnet+tls+proxy"},
        {"unix:/a://b", "unix:/a://b", NULL},
        {"tls://8888", NULL, NULL},
        {"Lines://8888", NULL, NULL},
        {"lines+://8888", NULL, NULL},
        {"lines+tls+tls://8888", NULL, NULL},
        {"lines+gzip://8888", NULL, NULL},
        {"lines:tls://8888", NULL, NULL},
        {"://8888", NULL, NULL},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct entrance entrance;
        char name[ENTRANCE_NAME_SIZE];
        const char *address = "";
        bool split = scheme_split(rows[i].given, &entrance, &address);
        if (rows[i].spoken == NULL) {
            EXPECT(!split, "%s: taken", rows[i].given);
            continue;
        }
        EXPECT(split && strcmp(address, rows[i].address) == 0 &&
                   strcmp(entrance_name(&entrance, name), rows[i].spoken) == 0,
               "%s: '%s'", rows[i].given, address);
    }
}

static void wrong_scheme(void)
{
    struct reading reading;
    read_line(&reading, "--listen gopher://8888");
    EXPECT(reading.result == OPTION_START_MISTAKEN && strstr(reading.err, "--listen") != NULL &&
               strstr(reading.err, "'gopher://8888'") != NULL &&
               strstr(reading.err, SCHEME_FORMS) != NULL,
           "%d, '%s'", (int)reading.result, reading.err);
    forget(&reading);
}

static void malformed_addresses(void)
{
    static const char *const addresses[] = {"''",        "host",  "host:",     ":8888", "::1:8888",
                                            "[::1]",     "8888x", "65536",     "-1",    "*",
                                            "host:port", "unix:", "host:80:80"};
    for (size_t i = 0; i < ROWS(addresses); i++) {
        char line[ARGUMENT_SIZE];
        char quoted[ARGUMENT_SIZE];
        struct reading reading;
        bool empty = strcmp(addresses[i], "''") == 0;
        snprintf(line, sizeof line, "-l 8888 --listen %s", addresses[i]);
        snprintf(quoted, sizeof quoted, "'%s'", empty ? "" : addresses[i]);
        read_line(&reading, line);
        EXPECT(reading.result == OPTION_START_MISTAKEN && strstr(reading.err, "--listen") != NULL &&
                   strstr(reading.err, quoted) != NULL && strstr(reading.err, "PORT") != NULL,
               "%s: %d, '%s'", line, (int)reading.result, reading.err);
        forget(&reading);
    }
}

/* Reads a command line: whether it is told of that option, in these words; NULL: of none. */
static void check_addresses(const char *line, const char *words)
{
    struct reading reading;
    read_line(&reading, line);
    EXPECT(words == NULL
               ? reading.result == OPTION_START_RUN
               : reading.result == OPTION_START_MISTAKEN && strstr(reading.err, words) != NULL,
           "%s: %d, '%s'", line, (int)reading.result, reading.err);
    forget(&reading);
}

static void one_address_twice(void)
{
    check_addresses("-l 8888 -l 8888", "partyline: --listen: '8888' is given already, as '8888'");
    check_addresses("-l lines://8888 --telnet 127.0.0.1:8888",
                    "--telnet: '127.0.0.1:8888' is given already, as '8888'");
    check_addresses("--machine [::1]:1 --metrics [::1]:01", "--metrics: '[::1]:01' is given");
    check_addresses("--metrics *:1 --machine *:1", "--machine: '*:1' is given already");
    check_addresses("-l Host:1 -l host:1", "--listen: 'host:1' is given already, as 'Host:1'");
    check_addresses("--metrics 127.0.0.1:8888", "--listen: '127.0.0.1:8888' is given already");
    check_addresses("-l unix:/x --telnet unix:/x", "--telnet: 'unix:/x' is given already");
    check_addresses("-l 0 -l 0 --telnet 127.0.0.1:0 --metrics 0", NULL);
    check_addresses("-l 1 -l [::1]:1 --telnet 127.0.0.2:1 --metrics host:1", NULL);
    check_addresses("-l 0.0.0.0:1 -l [::]:1", NULL);
    check_addresses("-l 8888 --metrics 8889", NULL);
    check_addresses("-l unix:/x -l unix:/y --metrics unix:x", NULL);
}

/* What fits into an address of the system is taken, and a byte more is not. */
static void long_paths(void)
{
    char line[ARGUMENT_SIZE + 16] = "--telnet unix:/";
    size_t start = strlen(line) - 1;
    memset(line + start + 1, 'x', SOCKET_PATH_MAX - 1);
    line[start + SOCKET_PATH_MAX] = '\0';
    check_addresses(line, NULL);
    strcat(line, "x");
    check_addresses(line, "is too long: the path of a unix socket has ");
    check_addresses(line, "partyline: --telnet: 'unix:/x");
}

static void short_forms_and_flags(void)
{
    struct reading reading;
    read_line(&reading, "-q -t 7 -m 9 --no-welcome --log /tmp/l");
    CU_ASSERT_EQUAL(reading.result, OPTION_START_RUN);
    CU_ASSERT_TRUE(reading.options.quiet);
    CU_ASSERT_FALSE(reading.options.welcome);
    CU_ASSERT_EQUAL(reading.options.idle_timeout, 7 * CLOCK_SECOND);
    CU_ASSERT_EQUAL(reading.options.max_clients, 9);
    CU_ASSERT_STRING_EQUAL(reading.options.log_path, "/tmp/l");
    forget(&reading);
    read_line(&reading, "--quiet --idle-timeout=8 --idle-timeout 9");
    CU_ASSERT_EQUAL(reading.result, OPTION_START_RUN);
    CU_ASSERT_TRUE(reading.options.quiet);
    CU_ASSERT_TRUE(reading.options.welcome);
    CU_ASSERT_EQUAL(reading.options.idle_timeout, 9 * CLOCK_SECOND);
    forget(&reading);
}

static void other_mistakes(void)
{
    static const struct {
        const char *line, *complaint;
    } rows[] = {
        {"--frobnicate", "'--frobnicate' is not an option"},
        {"--frobnicate=7", "'--frobnicate=7' is not an option"},
        {"--lisen", "'--lisen' is not an option; --listen may be meant"},
        {"--lisen=7", "'--lisen=7' is not an option; --listen may be meant"},
        {"--max", "'--max' is the beginning of several options: --max-clients, --max-per-host, "
                  "--max-line, --max-rooms"},
        {"--max-=7", "'--max-=7' is the beginning of several options: --max-clients, "
                     "--max-per-host, --max-line, --max-rooms"},
        {"-z", "'-z' is not an option"},
        {"-qz", "'-z' is not an option"},
        {"-zq", "'-z' is not an option"},
        {"-?", "'-?' is not an option"},
        {"-:", "'-:' is not an option"},
        {"stray", "'stray' is not an option"},
        {"-q stray", "'stray' is not an option"},
        {"stray --frobnicate", "'--frobnicate' is not an option"},
        {"-- -q", "'-q' is not an option"},
        {"--max-line", "--max-line BYTES: the value is missing"},
        {"--max-l", "--max-line BYTES: the value is missing"},
        {"-t", "--idle-timeout SECONDS: the value is missing"},
        {"-qt", "--idle-timeout SECONDS: the value is missing"},
        {"--log", "--log FILE: the value is missing"},
        {"--log ''", "--log: the path is empty"},
        {"--quiet=yes", "--quiet takes no value"},
        {"--qui=", "--quiet takes no value"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct reading reading;
        char wanted[2 * ARGUMENT_SIZE];
        snprintf(wanted, sizeof wanted, "partyline: %s\nTry 'partyline --help'.\n",
                 rows[i].complaint);
        read_line(&reading, rows[i].line);
        EXPECT(reading.result == OPTION_START_MISTAKEN && strcmp(reading.err, wanted) == 0 &&
                   *reading.out == '\0',
               "%s: %d, '%s'", rows[i].line, (int)reading.result, reading.err);
        forget(&reading);
    }
}

static void help_names_every_option(void)
{
    static const char *const lines[] = {"--help", "-h", "-q --help"};
    static const char *const others[] = {"--listen",  "-l,",     "-t,", "-m,",    "--log ",
                                         "--data",    "--quiet", "-q,", "--help", "--no-welcome",
                                         "--version", "-V,",     "-h,", "Usage: "};
    for (size_t i = 0; i < ROWS(lines); i++) {
        struct reading reading;
        read_line(&reading, lines[i]);
        CU_ASSERT_EQUAL(reading.result, OPTION_START_DONE);
        CU_ASSERT_STRING_EQUAL(reading.err, "");
        for (size_t j = 0; j < ROWS(numerics); j++)
            EXPECT(strstr(reading.out, numerics[j].name) != NULL, "%s", numerics[j].name);
        for (size_t j = 0; j < ROWS(others); j++)
            EXPECT(strstr(reading.out, others[j]) != NULL, "%s", others[j]);
        forget(&reading);
    }
}

static void data_wants_sqlite(void)
{
    struct reading reading;
    read_line(&reading, "--data /tmp/d");
    if (store_is_available()) {
        CU_ASSERT_EQUAL(reading.result, OPTION_START_RUN);
        CU_ASSERT_STRING_EQUAL(reading.options.data_path, "/tmp/d");
    } else {
        CU_ASSERT_EQUAL(reading.result, OPTION_START_MISTAKEN);
        CU_ASSERT_PTR_NOT_NULL(strstr(reading.err, "--data: this build lacks SQLite"));
    }
    forget(&reading);
}

static void cluster_wants_nats(void)
{
    struct reading reading;
    read_line(&reading, "--check-config --cluster nats://127.0.0.1:1");
    if (node_is_available()) {
        CU_ASSERT_EQUAL(reading.result, OPTION_START_RUN);
        CU_ASSERT_STRING_EQUAL(reading.options.cluster, "nats://127.0.0.1:1");
    } else {
        CU_ASSERT_EQUAL(reading.result, OPTION_START_MISTAKEN);
        CU_ASSERT_PTR_NOT_NULL(strstr(reading.err, "--cluster: this build lacks NATS"));
    }
    forget(&reading);
    read_line(&reading, "--cluster nats://127.0.0.1:0");
    CU_ASSERT_EQUAL(reading.result, OPTION_START_MISTAKEN);
    CU_ASSERT_PTR_NOT_NULL(strstr(reading.err, "server 1 of the list"));
    forget(&reading);
}

static void version_is_one_line(void)
{
    char features[STORE_FEATURES_SIZE];
    store_features(features);
    static const char *const lines[] = {"--version", "-V"};
    for (size_t i = 0; i < ROWS(lines); i++) {
        struct reading reading;
        read_line(&reading, lines[i]);
        CU_ASSERT_EQUAL(reading.result, OPTION_START_DONE);
        CU_ASSERT_EQUAL(strncmp(reading.out, "partyline ", 10), 0);
        CU_ASSERT_PTR_NOT_NULL(strstr(reading.out, features));
        CU_ASSERT_PTR_EQUAL(strchr(reading.out, '\n'), reading.out + strlen(reading.out) - 1);
        CU_ASSERT_STRING_EQUAL(reading.err, "");
        forget(&reading);
    }
}

/* Reads a file of this text beside a command line. */
static void read_with_file(struct reading *reading, const char *text, const char *line)
{
    char arguments[2 * ARGUMENT_SIZE];
    struct scratch_file file = scratch_file_make(text);
    snprintf(arguments, sizeof arguments, "--config %s%s%s", file.path, *line != '\0' ? " " : "",
             line);
    read_line(reading, arguments);
    scratch_file_remove(&file);
}

static void a_file_has_options(void)
{
    struct reading reading;
    read_with_file(&reading,
                   "listen *:1\nquiet\n# rate 1\nrate 2\ntelnet 2\nmotd a b\ndrain-timeout .5", "");
    const struct options *options = &reading.options;
    CU_ASSERT_EQUAL(reading.result, OPTION_START_RUN);
    CU_ASSERT_EQUAL_FATAL(options->addresses.count, 2);
    CU_ASSERT_STRING_EQUAL(options->addresses.items[0].server.address, "*:1");
    CU_ASSERT_TRUE(options->addresses.items[1].server.entrance.door->telnet);
    CU_ASSERT_TRUE(options->quiet);
    CU_ASSERT_EQUAL(options->rate, 2);
    CU_ASSERT_STRING_EQUAL(options->motd_path, "a b");
    CU_ASSERT_EQUAL(options->drain_timeout, 500 * CLOCK_MILLISECOND);
    CU_ASSERT_STRING_EQUAL(reading.err, "");
    forget(&reading);
}

static void the_command_line_wins(void)
{
    struct reading reading;
    read_with_file(&reading, "listen *:1\ntelnet 2\nrate 2\nmax-clients 3\n",
                   "--machine 9 --rate 0");
    CU_ASSERT_EQUAL(reading.result, OPTION_START_RUN);
    CU_ASSERT_EQUAL_FATAL(reading.options.addresses.count, 1);
    CU_ASSERT_STRING_EQUAL(reading.options.addresses.items[0].server.address, "9");
    CU_ASSERT_EQUAL(reading.options.rate, 0);
    CU_ASSERT_EQUAL(reading.options.max_clients, 3);
    forget(&reading);
    read_with_file(&reading, "rate x\n", "--rate 5");
    CU_ASSERT_EQUAL(reading.result, OPTION_START_MISTAKEN);
    CU_ASSERT_PTR_NOT_NULL(strstr(reading.err, ":1: rate: 'x' is not"));
    forget(&reading);
    /* What is wrong with both is said of the one that counts. */
    read_with_file(&reading, "operator Al\n", "--operator Bo");
    CU_ASSERT_EQUAL(reading.result, OPTION_START_MISTAKEN);
    CU_ASSERT_EQUAL(strncmp(reading.err, "partyline: --operator: ", 23), 0);
    forget(&reading);
}

/* Takes a value as if it were on the command line. */
static void put(struct options *options, const char *name, const char *value)
{
    char cause[OPTION_CAUSE_SIZE];
    CU_ASSERT_TRUE(option_value_read(options, option_row_find(name), value, cause));
}

static void values_are_written(void)
{
    static const struct {
        const char *name, *value, *before, *behind;
    } rows[] = {
        {"rate", "7", "0", "7"},
        {"idle-timeout", "7", "300", "7"},
        {"drain-timeout", "0.250", "3", "0.25"},
        {"grace", "10", "5", "10"},
        {"motd", "a b", "none", "a b"},
        {"cluster-name", "x", "partyline", "x"},
        {"quiet", NULL, "off", "on"},
        {"no-welcome", NULL, "off", "on"},
        {"operator", "Al", "none", "Al"},
        {"operator", "Bo", "Al", "Al, Bo"},
        {"max-clients", "7", "none", "7"},
        {"metrics", "9464", "none", "9464"},
        {"metrics", "unix:/x", "9464", "9464, unix:/x"},
        {"listen", "8888", "none", "lines://8888"},
        {"telnet", "*:23", "lines://8888", "lines://8888, telnet://*:23"},
        {"machine", "unix:/y", "lines://8888, telnet://*:23",
         "lines://8888, telnet://*:23, machine://unix:/y"},
    };
    struct options options;
    options_init(&options);
    for (size_t i = 0; i < ROWS(rows); i++) {
        const struct option_row *row = option_row_find(rows[i].name);
        struct buffer text = {0};
        CU_ASSERT_TRUE(option_value_write(&options, row, &text) && buffer_append(&text, "|", 1));
        put(&options, rows[i].name, rows[i].value);
        CU_ASSERT_TRUE(option_value_write(&options, row, &text) && buffer_append(&text, "", 1));
        size_t length = strlen(rows[i].before);
        EXPECT(strncmp(buffer_bytes(&text), rows[i].before, length) == 0 &&
                   strcmp(buffer_bytes(&text) + length + 1, rows[i].behind) == 0,
               "%s: '%s'", rows[i].name, buffer_bytes(&text));
        buffer_free(&text);
    }
    options_free(&options);
}

/* Reads a command line with SQLite: how it ends, and whether it is told of that option first. */
static void check_clash(const char *line, const char *blamed)
{
    struct reading reading;
    char words[ARGUMENT_SIZE];
    read_line(&reading, line);
    snprintf(words, sizeof words, "partyline: --%s: it is the file of --", blamed);
    EXPECT(*blamed == '\0' ? reading.result == OPTION_START_RUN
                           : reading.result == OPTION_START_MISTAKEN &&
                                 strncmp(reading.err, words, strlen(words)) == 0,
           "%s: %d, '%s'", line, (int)reading.result, reading.err);
    forget(&reading);
}

static void one_file_for_two(void)
{
    check_clash("--log /tmp/none --motd /tmp/none", "log");
    check_clash("--log /tmp/none --motd /tmp/other", "");
    check_clash("--log /tmp/../tmp --motd /tmp", "log");
    check_clash("--password-file /tmp/none --motd /tmp/none", "");
    check_clash("--chroot /r --log /tmp/none --motd /tmp/none", "");
    check_clash("--chroot /r/ --log /none --motd /r/none", "log");
    if (!store_is_available())
        return;
    check_clash("--log /tmp/none --data /tmp/none", "log");
    check_clash("--log /tmp/../tmp/none --data /tmp/none", "log");
    check_clash("--log ./none --data none", "log");
    check_clash("--log /tmp/none --data /none", "");
    check_clash("--log /tmp/none --data /tmp/nowhere/none", "");
    if (!node_is_available())
        return;
    check_clash("--data /tmp/none --cluster-creds /tmp/none --cluster a", "data");
    check_clash("--data /tmp/none --cluster-import /tmp/none --cluster a", "");
}

static void options_without_effect(void)
{
    static const struct {
        const char *line, *complaint;
    } rows[] = {
        {"--cluster-name a", "--cluster-name: it needs --cluster SERVERS"},
        {"--cluster-creds a", "--cluster-creds: it needs --cluster SERVERS"},
        {"--node a", "--node: it needs --cluster SERVERS"},
        {"--link-timeout 10", "--link-timeout: it needs --cluster SERVERS"},
        {"--snapshot-every 5000", "--snapshot-every: it needs --cluster SERVERS"},
        {"--stream-size 1024", "--stream-size: it needs --cluster SERVERS"},
        {"--retain 90", "--retain: it needs --data FILE"},
        {"--retain 90 --cluster a", "--retain: it needs --data FILE"},
        {"--cluster a --node a --cluster-name a --link-timeout 10", NULL},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct reading reading;
        if (strstr(rows[i].line, "--cluster a") != NULL && !node_is_available())
            continue;
        read_line(&reading, rows[i].line);
        EXPECT(rows[i].complaint == NULL ? reading.result == OPTION_START_RUN
                                         : reading.result == OPTION_START_MISTAKEN &&
                                               strstr(reading.err, rows[i].complaint) != NULL,
               "%s: %d, '%s'", rows[i].line, (int)reading.result, reading.err);
        forget(&reading);
    }
}

/* A row says all: what it lacks would be missed only in an error, or in the help. */
static void rows_are_whole(void)
{
    const struct option_row *row;
    for (size_t i = 0; (row = option_row_at(i)) != NULL; i++) {
        bool flag = row->kind == OPTION_SET || row->kind == OPTION_CLEAR;
        EXPECT(option_row_find(row->name) == row && option_row_index(row) == i, "%s", row->name);
        EXPECT((row->argument == NULL) == flag, "%s: its argument", row->name);
        EXPECT((row->kind == OPTION_WHOLE) == (row->unit != NULL), "%s: its unit", row->name);
        EXPECT(row->kind != OPTION_WHOLE || row->high > row->low, "%s: its range", row->name);
        EXPECT(row->wants == NULL || option_row_find(row->wants) != NULL, "%s: what it wants",
               row->name);
        EXPECT(row->help != NULL && *row->help != '\0', "%s: its help", row->name);
    }
}

static const struct test tests[] = {
    {"a configuration file has options, too", a_file_has_options},
    {"the command line wins, and the file is checked nevertheless", the_command_line_wins},
    {"values are written as they are read", values_are_written},
    {"one file for two options, of which one is written, is refused", one_file_for_two},
    {"an option that would have no effect is refused, also with its default",
     options_without_effect},
    {"each row of the table says all about its option", rows_are_whole},
    {"without options everything is as documented", defaults},
    {"each option takes both ends of its range", numbers_within_range},
    {"each option refuses what is outside, and names itself, the value and the range",
     numbers_out_of_range},
    {"each option refuses what is no number, with the same message", numbers_that_are_none},
    {"spans take fractions of a second", fractions_of_seconds},
    {"addresses are kept in the order given, and replace the default", addresses_in_order},
    {"a scheme in front of an address says what is spoken there", schemes},
    {"another scheme is refused, and those that there are are named", wrong_scheme},
    {"a malformed address is refused, and the forms are named", malformed_addresses},
    {"an address that is given twice is refused", one_address_twice},
    {"a path that no unix socket can have is refused", long_paths},
    {"letters and flags work, and the last of two values counts", short_forms_and_flags},
    {"other mistakes are named, whatever the program is called, with a hint to the help",
     other_mistakes},
    {"the help names every option", help_names_every_option},
    {"--data is taken where there is SQLite, and refused with the reason where not",
     data_wants_sqlite},
    {"--cluster is taken where there is NATS, and refused with the reason where not",
     cluster_wants_nats},
    {"the version is one line", version_is_one_line},
};

void add_options_suite(void)
{
    SUITE_ADD("options", tests);
}
