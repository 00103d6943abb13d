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

/* Who runs by the options. The owner fills this in; options_free() frees `now`. */
struct reload {
    const struct command_line *line;
    const struct options *started; /* those that the server started with */
    struct options now;            /* those that were read last; at first none */
    bool log_stays;                /* the log could not be moved to where they say, */
    bool operators_stay;           /* or the operators be changed: to be tried again */
    struct plain *door;
    struct store *store; /* or NULL, as the next */
    struct tls *tls;
};

/*
 * Does so, and changes the limits. For the accepting thread, with no lock held. May wait for the
 * disk.
 */
void reload_run(struct reload *reload, struct server_limits *limits);

#endif
