#include "base/platform.h"

#include "base/file.h"
#include "doors/plain/spelling.h"
#include "options/config.h"
#include "options/option_check.h"
#include "options/option_reading.h"
#include "options/option_socket.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_NAME_SIZE = 64 }; /* of a name that may be meant */

struct reading {
    struct options *options;
    option_report *report;
    void *context;
    bool failed;
};

/*
 * Faults.
 */

static void fail(struct reading *reading, const struct option_fault *fault)
{
    reading->report(reading->context, fault);
    reading->failed = true;
}

/* Reports a fault at a line of the file. `name` may be NULL. */
static void fail_at(struct reading *reading, unsigned line, const char *name, const char *cause)
{
    fail(reading, &(struct option_fault){reading->options->config_path, line, name, cause});
}

struct option_fault option_reading_blame(const struct options *options, const char *name,
                                         const char *cause)
{
    unsigned line = options->lines[option_row_index(option_row_find(name))];
    return (struct option_fault){line != 0 ? options->config_path : NULL, line, name, cause};
}

const char *option_fault_write(const struct option_fault *fault, char text[OPTION_FAULT_SIZE])
{
    char line[16] = "";
    const char *name = fault->name != NULL ? fault->name : "";
    if (fault->line != 0)
        snprintf(line, sizeof line, ":%u", fault->line);
    if (fault->file != NULL)
        snprintf(text, OPTION_FAULT_SIZE, "%s%s: %s%s%s", fault->file, line, name,
                 *name != '\0' ? ": " : "", fault->cause);
    else
        snprintf(text, OPTION_FAULT_SIZE, "%s%s%s%s", *name != '\0' ? "--" : "", name,
                 *name != '\0' ? ": " : "", fault->cause);
    return text;
}

static void complain(void *context, const char *name, const char *cause)
{
    struct reading *reading = context;
    struct option_fault fault = option_reading_blame(reading->options, name, cause);
    fail(reading, &fault);
}

/*
 * The command line.
 */

static void read_line(struct reading *reading, const struct command_line *line)
{
    char cause[OPTION_CAUSE_SIZE];
    for (size_t i = 0; i < line->count && !reading->failed; i++) {
        const struct option_row *row = line->items[i].row;
        reading->options->given[option_row_index(row)] = true;
        if (!option_value_read(reading->options, row, line->items[i].value, cause))
            fail(reading, &(struct option_fault){.name = row->name, .cause = cause});
    }
}

/* Whether the command line has the option, or another one for the same. */
static bool is_given(const struct reading *reading, const struct option_row *row)
{
    const struct option_row *other;
    for (size_t i = 0; (other = option_row_at(i)) != NULL; i++)
        if (reading->options->given[i] && other->place == row->place)
            return true;
    return false;
}

/*
 * The file.
 */

/* As spelling_nearest() wants it. */
static const char *known_name(size_t index)
{
    const struct option_row *row = option_row_at(index);
    return row != NULL ? row->name : NULL;
}

static void fail_for_name(struct reading *reading, unsigned line, const char *name)
{
    char cause[128];
    const char *nearest = spelling_nearest(name, strlen(name), known_name);
    snprintf(cause, sizeof cause, nearest != NULL ? "no such option; %s may be meant" : "%s",
             nearest != NULL ? nearest : "no such option; --help names them");
    fail_at(reading, line, name, cause);
}

/* Returns why an option cannot stand in a line, or NULL. */
static const char *find_fault(const struct reading *reading, const struct option_row *row,
                              const char *value, char cause[OPTION_CAUSE_SIZE])
{
    unsigned before = reading->options->lines[option_row_index(row)];
    if (!option_row_is_for_files(row))
        return "it stands on the command line only";
    if (before != 0 && !option_row_repeats(row)) {
        snprintf(cause, OPTION_CAUSE_SIZE, "it stands in line %u already", before);
        return cause;
    }
    if (row->argument == NULL && value != NULL)
        return "it takes no value; without this line it is off";
    if (row->argument != NULL && value == NULL) {
        snprintf(cause, OPTION_CAUSE_SIZE, "the value is missing (%s %s)", row->name,
                 row->argument);
        return cause;
    }
    return NULL;
}

/* Reads a value that does not count, to see whether it is one. */
static bool try_value(const struct option_row *row, const char *value,
                      char cause[OPTION_CAUSE_SIZE])
{
    struct options options;
    options_init(&options);
    bool taken = option_value_read(&options, row, value, cause);
    options_free(&options);
    return taken;
}

/* Keeps where an option was read; each address keeps that as well. */
static void note_line(struct options *options, const struct option_row *row, unsigned line)
{
    struct option_addresses *lists[] = {&options->addresses, &options->metrics};
    options->lines[option_row_index(row)] = line;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if ((char *)options + row->place == (char *)lists[i])
            lists[i]->items[lists[i]->count - 1].line = line;
}

static void read_setting(void *context, unsigned line, const char *name, const char *value)
{
    struct reading *reading = context;
    char cause[OPTION_CAUSE_SIZE];
    const struct option_row *row = option_row_find(name);
    if (row == NULL) {
        fail_for_name(reading, line, name);
        return;
    }
    const char *fault = find_fault(reading, row, value, cause);
    bool given = is_given(reading, row);
    if (fault == NULL && !(given ? try_value(row, value, cause)
                                 : option_value_read(reading->options, row, value, cause)))
        fault = cause;
    if (fault != NULL)
        fail_at(reading, line, name, fault);
    else if (!given)
        note_line(reading->options, row, line);
}

/* A capital letter and a '_' are the usual mistakes: the name without them may be known. */
static void refuse_line(void *context, unsigned line, const char *word, const char *cause)
{
    char text[256];
    char name[OPTION_NAME_SIZE] = "";
    for (size_t i = 0; word != NULL && word[i] != '\0' && i < sizeof name - 1; i++)
        name[i] = word[i] == '_' ? '-' : word[i];
    const char *nearest = *name != '\0' ? spelling_nearest(name, strlen(name), known_name) : NULL;
    if (nearest != NULL && strcmp(nearest, word) == 0)
        nearest = NULL; /* it is not the name that is wrong */
    snprintf(text, sizeof text, "%s%s%s%s", cause, nearest != NULL ? "; " : "",
             nearest != NULL ? nearest : "", nearest != NULL ? " may be meant" : "");
    fail_at(context, line, word, text);
}

static void read_file(struct reading *reading)
{
    struct options *options = reading->options;
    const struct config_reader reader = {
        .setting = read_setting, .fault = refuse_line, .context = reading};
    char cause[FILE_CAUSE_SIZE + 32];
    char why[FILE_CAUSE_SIZE];
    int error = config_load(options->config_path, &options->text);
    if (error != 0) {
        snprintf(cause, sizeof cause, "cannot read it: %s",
                 file_explain(error, CONFIG_BYTES_MAX, why));
        fail_at(reading, 0, NULL, cause);
        return;
    }
    config_parse(options->text.memory, buffer_length(&options->text) - 1, &reader);
}

static void add_sockets(struct reading *reading, const struct command_line *line)
{
    char cause[OPTION_CAUSE_SIZE];
    if (!option_socket_add(reading->options, &line->sockets, cause))
        fail(reading, &(struct option_fault){.cause = cause});
}

static bool listen_as_usual(struct reading *reading)
{
    char cause[OPTION_CAUSE_SIZE];
    const struct option_row *row = option_row_find("listen");
    if (!option_value_read(reading->options, row, OPTION_DEFAULT_ADDRESS, cause))
        fail(reading, &(struct option_fault){.name = row->name, .cause = cause});
    return !reading->failed;
}

bool option_reading_run(struct options *options, const struct command_line *line,
                        option_report *report, void *context)
{
    struct reading reading = {.options = options, .report = report, .context = context};
    options_init(options);
    read_line(&reading, line);
    if (!reading.failed)
        add_sockets(&reading, line);
    if (!reading.failed && options->config_path != NULL)
        read_file(&reading);
    if (reading.failed || !option_check(options, complain, &reading))
        return false;
    if (options->tls_key == NULL)
        options->tls_key = options->tls_certificate;
    return options->addresses.count > 0 || listen_as_usual(&reading);
}
