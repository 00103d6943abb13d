/* options: the settings of partyline, from its command line. */
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
    int64_t telnet_idle;   /* nanoseconds; 0: never */
    int64_t login_timeout; /* nanoseconds; 0: never */
    uint64_t max_clients;  /* 0: as many as descriptors allow */
    uint64_t max_per_host; /* 0: no limit */
    uint64_t max_line;     /* bytes */
    uint64_t rate;         /* lines a second; 0: no limit */
    uint64_t sendq;        /* bytes */
    int64_t drain_timeout; /* nanoseconds */
    uint64_t presence_limit;
    uint64_t history; /* lines of each room in memory */
    uint64_t max_rooms;
    uint64_t rooms_per_client;
    int64_t grace;             /* nanoseconds */
    const char *log_path;      /* NULL: none */
    const char *motd_path;     /* NULL: none */
    const char *password_path; /* NULL: none */
    const char *data_path;     /* NULL: none */
    uint64_t retain_days;      /* 0: for ever */
    const char *cluster;       /* addresses of NATS servers; NULL: there is one machine */
    const char *cluster_name;
    const char *cluster_credentials; /* path; NULL: none */
    const char *machine;             /* name of this one in the cluster; NULL: the host's */
    int64_t link_timeout;            /* nanoseconds */
    bool quiet;
    const char **operators; /* names that keep order once they are registered */
    size_t operator_count;
    bool lockdown;
    bool welcome;
};

enum options_result {
    OPTIONS_RUN,     /* the options are valid */
    OPTIONS_DONE,    /* --help or --version was given, and answered on stdout */
    OPTIONS_MISTAKEN /* the options are not valid; the reason is on stderr */
};

/*
 * Parses the command line into `options`. Strings in `options` belong to argv. Prints to stdout or
 * stderr as the result says.
 */
enum options_result options_parse(struct options *options, int argc, char **argv);

/* Frees what options_parse() has allocated, whatever it returned. */
void options_free(struct options *options);

#endif
