/*
 * options: the settings of partyline, as its command line and its configuration file give them
 * (options/option_reading.h). They are values; whoever runs by them is told of them elsewhere.
 */
#ifndef OPTIONS_OPTIONS_H
#define OPTIONS_OPTIONS_H

#include "base/buffer.h"
#include "net/server.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    OPTIONS_MAX = 64, /* how many there may be */
    EXIT_USAGE = 2 /* the exit status of a server that does not run with these, also another time */
};

/* An address, and where it comes from. */
struct option_address {
    struct server_address server;
    const char *name; /* of the option; NULL: it is a socket of a service manager */
    unsigned line;    /* in the configuration file; 0: it is not from there */
};

/* Several addresses, and several names. */
struct option_addresses {
    struct option_address *items;
    size_t count;
};

struct option_names {
    const char **items;
    size_t count;
};

struct options {
    const char *config_path; /* NULL: none */
    bool check_config;       /* check what is given, and do nothing else */
    struct option_addresses addresses;
    struct option_addresses metrics; /* where figures are served */
    int64_t idle_timeout;            /* nanoseconds; 0: never */
    int64_t telnet_idle;             /* nanoseconds; 0: never */
    int64_t login_timeout;           /* nanoseconds; 0: never */
    uint64_t max_clients;            /* 0: as many as descriptors allow */
    uint64_t max_per_host;           /* 0: no limit */
    uint64_t max_line;               /* bytes */
    uint64_t rate;                   /* lines a second; 0: no limit */
    uint64_t sendq;                  /* bytes */
    int64_t drain_timeout;           /* nanoseconds */
    uint64_t presence_limit;
    uint64_t history; /* lines of each room in memory */
    uint64_t max_rooms;
    uint64_t rooms_per_client;
    int64_t grace;             /* nanoseconds */
    const char *user;          /* who the server becomes once it listens; NULL: who starts it */
    const char *folder;        /* what is its root then; path; NULL: the system's */
    const char *log_path;      /* NULL: none */
    const char *motd_path;     /* NULL: none */
    const char *password_path; /* NULL: none */
    const char *data_path;     /* NULL: none */
    uint64_t retain_days;      /* 0: for ever */
    const char *cluster;       /* addresses of NATS servers; NULL: there is one machine */
    const char *cluster_name;
    const char *cluster_credentials; /* path; NULL: none */
    const char *machine;             /* name of this one in the cluster; NULL: the host's */
    const char *import_path;         /* of a data file to be brought into it; NULL: none */
    int64_t link_timeout;            /* nanoseconds */
    uint64_t snapshot_every;         /* messages of the cluster */
    uint64_t stream_size;            /* mebibytes */
    const char *tls_certificate;     /* paths; NULL: none */
    const char *tls_key;
    const char *tls_client_authorities;
    bool quiet;
    struct option_names operators; /* names that keep order once they are registered */
    bool lockdown;
    bool welcome;

    /* Where they come from. */
    bool given[OPTIONS_MAX];     /* whether the command line has each option's row */
    unsigned lines[OPTIONS_MAX]; /* of each option's row, in the configuration file; 0: not there */
    struct buffer text;          /* of that file: what strings point to */
};

/* Makes options that nobody has changed. */
void options_init(struct options *options);

/* Frees what they hold. Strings of the command line are not theirs. */
void options_free(struct options *options);

#endif
