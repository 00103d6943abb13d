/*
 * reload: what SIGHUP does: reads the options and the files that they name again, and has those
 * hold that can change while the server runs. A configuration file with a mistake changes nothing.
 * Everything is told in the log.
 */
#ifndef RELOAD_H
#define RELOAD_H

#include "doors/plain/plain.h"
#include "net/server.h"
#include "options/command_line.h"
#include "options/options.h"
#include "store/store.h"
#include "tls/tls.h"

#include <stdbool.h>

/* Who runs by the options. The owner fills in the pointers, and calls reload_free() at the end. */
struct reload {
    const struct command_line *line;
    const struct options *started; /* those that the server started with */
    struct options now;            /* those that were read last; at first none */
    /*
     * By option (option_row_index()): whether what was read last could not be taken, as with a file
     * that cannot be read, and the value that holds instead, as text.
     */
    bool stays[OPTIONS_MAX];
    struct buffer held[OPTIONS_MAX];
    struct plain *door;
    struct store *store; /* or NULL, as the next */
    struct tls *tls;
};

/*
 * Does so, and changes the limits. For the accepting thread, with no lock held. May wait for the
 * disk.
 */
void reload_run(struct reload *reload, struct server_limits *limits);

/* Frees what it has read. */
void reload_free(struct reload *reload);

#endif
