#include "base/platform.h"

#include "doors/plain/spelling.h"
#include "options/command_line.h"
#include "options/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM "partyline"

/* getopt_long() returns this, plus the index in the table, for an option without a letter. */
enum { FIRST_LONG_ONLY = 256 };

/*
 * Makes the short options for getopt_long(): `letters`, each with a ':' behind it if it takes a
 * value.
 */
static void describe(struct option longs[OPTIONS_MAX + 1], char letters[2 * OPTIONS_MAX + 1])
{
    const struct option_row *row;
    size_t i;
    for (i = 0; (row = option_row_at(i)) != NULL; i++) {
        bool value = row->argument != NULL;
        longs[i] = (struct option){.name = row->name,
                                   .has_arg = value ? required_argument : no_argument,
                                   .val = FIRST_LONG_ONLY + (int)i};
        if (row->letter != 0) {
            *letters++ = row->letter;
            if (value)
                *letters++ = ':';
        }
    }
    longs[i] = (struct option){0};
    *letters = '\0';
}

/*
 * Returns the row of a code that getopt_long() returned or left in optopt; NULL if there is none.
 */
static const struct option_row *find_row(int code)
{
    const struct option_row *row;
    if (code >= FIRST_LONG_ONLY)
        return option_row_at((size_t)code - FIRST_LONG_ONLY);
    for (size_t i = 0; (row = option_row_at(i)) != NULL; i++)
        if (row->letter != 0 && row->letter == code)
            return row;
    return NULL;
}

/* As spelling_nearest() wants it. */
static const char *known_name(size_t index)
{
    const struct option_row *row = option_row_at(index);
    return row != NULL ? row->name : NULL;
}

/* Counts the options whose names begin so; prints them, if that is wanted, with commas between. */
static size_t count_beginning(const char *name, size_t length, bool print)
{
    const struct option_row *row;
    size_t count = 0;
    for (size_t i = 0; (row = option_row_at(i)) != NULL; i++) {
        if (strncmp(row->name, name, length) != 0)
            continue;
        if (print)
            fprintf(stderr, "%s --%s", count > 0 ? "," : "", row->name);
        count++;
    }
    return count;
}

/* Prints that an argument is no option, and which may be meant. */
static void complain_of_name(const char *argument)
{
    bool is_long = strncmp(argument, "--", 2) == 0;
    const char *name = argument + (is_long ? 2 : 0);
    size_t length = strcspn(name, "=");
    const char *nearest = is_long ? spelling_nearest(name, length, known_name) : NULL;
    if (is_long && count_beginning(name, length, false) > 1) {
        fprintf(stderr, PROGRAM ": '%s' is the beginning of several options:", argument);
        count_beginning(name, length, true);
        fprintf(stderr, "\n");
    } else {
        fprintf(stderr, PROGRAM ": '%s' is not an option%s%s%s\n", argument,
                nearest != NULL ? "; --" : "", nearest != NULL ? nearest : "",
                nearest != NULL ? " may be meant" : "");
    }
}

/*
 * Prints which option getopt_long() refused. Its own message would begin with argv[0], and differs
 * among systems. It leaves the refused option in optopt, or 0 for an unknown long option, which is
 * then the argument in front of optind.
 */
static void complain(const char *argument)
{
    const struct option_row *row = optopt != 0 ? find_row(optopt) : NULL;
    if (row != NULL && row->argument != NULL)
        fprintf(stderr, PROGRAM ": --%s %s: the value is missing\n", row->name, row->argument);
    else if (row != NULL)
        fprintf(stderr, PROGRAM ": --%s takes no value\n", row->name);
    else if (optopt != 0)
        fprintf(stderr, PROGRAM ": '-%c' is not an option\n", optopt);
    else
        complain_of_name(argument);
}

static bool add(struct command_line *line, const struct option_row *row, const char *value)
{
    struct command_line_item *items = realloc(line->items, (line->count + 1) * sizeof *items);
    if (items == NULL) {
        fprintf(stderr, PROGRAM ": out of memory\n");
        return false;
    }
    line->items = items;
    line->items[line->count++] = (struct command_line_item){row, value};
    return true;
}

bool command_line_read(struct command_line *line, int argc, char **argv)
{
    struct option longs[OPTIONS_MAX + 1];
    char letters[2 * OPTIONS_MAX + 1];
    int code;
    *line = (struct command_line){.count = 0};
    describe(longs, letters);
    opterr = 0;
    while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        const struct option_row *row = find_row(code);
        if (row == NULL) {
            complain(argv[optind - 1]);
            return false;
        }
        if (!add(line, row, row->argument != NULL ? optarg : NULL))
            return false;
        if (row->life == OPTION_HELP || row->life == OPTION_VERSION)
            return true; /* whoever asks for help is not told of mistakes behind that */
    }
    if (optind < argc)
        fprintf(stderr, PROGRAM ": '%s' is not an option\n", argv[optind]);
    return optind == argc;
}

const struct option_row *command_line_find(const struct command_line *line, enum option_life life)
{
    for (size_t i = 0; i < line->count; i++)
        if (line->items[i].row->life == life)
            return line->items[i].row;
    return NULL;
}

void command_line_free(struct command_line *line)
{
    free(line->items);
    inherited_free(&line->sockets);
    *line = (struct command_line){.count = 0};
}
