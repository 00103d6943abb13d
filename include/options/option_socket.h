/*
 * option_socket: what is spoken at the sockets that a service manager has opened. The name of such
 * a socket is the scheme of its clients.
 */
#ifndef OPTIONS_OPTION_SOCKET_H
#define OPTIONS_OPTION_SOCKET_H

#include "net/inherited.h"
#include "options/option_value.h"
#include "options/options.h"

#include <stdbool.h>

/*
 * Adds the sockets to the addresses of the options. One without a name, or with that of its unit
 * ("chat.socket"), is for lines. Returns false, with the cause as a clause, for a name that is no
 * scheme. `inherited` must outlive the options.
 */
bool option_socket_add(struct options *options, const struct inherited *inherited,
                       char cause[OPTION_CAUSE_SIZE]);

#endif
