/*
 * options: what partyline is told on its command line.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "net/server.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct options {
    struct server_address *addresses; /* at least one */
    size_t address_count;
    int64_t idle_timeout;  /* nanoseconds; 0: never */
    int64_t login_timeout; /* nanoseconds; 0: never */
    uint64_t max_clients;  /* 0: as many as descriptors allow */
    uint64_t max_per_host; /* 0: no limit */
    uint64_t max_line;     /* bytes */
    uint64_t rate;         /* lines a second; 0: no limit */
    uint64_t sendq;        /* bytes */
    int64_t drain_timeout; /* nanoseconds */
    uint64_t presence_limit;
    int64_t grace;        /* nanoseconds */
    const char *log_path; /* NULL: none */
    bool quiet;
    bool welcome;
};

enum options_result {
    OPTIONS_RUN,     /* all is well */
    OPTIONS_DONE,    /* --help or --version was asked for, and answered on stdout */
    OPTIONS_MISTAKEN /* something is wrong, and said on stderr */
};

/* Reads the command line; strings in `options` stay argv's. */
enum options_result options_parse(struct options *options, int argc, char **argv);

/* Frees what options_parse() made, whatever it returned. */
void options_free(struct options *options);

#endif
