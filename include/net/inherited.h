/*
 * inherited: listening sockets that a service manager has opened for the program, by the protocol
 * of sd_listen_fds(3): $LISTEN_FDS of them, from descriptor 3 on, for the process $LISTEN_PID, with
 * names in $LISTEN_FDNAMES. The manager keeps them open, so that whoever connects while the program
 * restarts waits.
 */
#ifndef NET_INHERITED_H
#define NET_INHERITED_H

#include <stdbool.h>
#include <stddef.h>

enum { INHERITED_MAX = 64, INHERITED_FAULT_SIZE = 512 };

struct inherited {
    struct inherited_socket {
        int fd;           /* never 0 */
        const char *name; /* "": it has none */
    } sockets[INHERITED_MAX];
    size_t count;
    char *names; /* what the names point to */
};

/*
 * Takes the sockets, before anything else opens a descriptor: each is checked to be a stream socket
 * of IPv4, IPv6 or unix that listens, and made non-blocking and close-on-exec. Removes the
 * variables from the environment. Without the variables, or with another process's, there are none.
 *
 * Returns false, with the cause as a clause in `fault`, if something else was handed over.
 * inherited_free() frees the result in any case; the sockets stay open.
 */
bool inherited_take(struct inherited *inherited, char fault[INHERITED_FAULT_SIZE]);

void inherited_free(struct inherited *inherited);

#endif
