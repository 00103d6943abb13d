/*
 * servers: the list of nats-servers, as --cluster is given it: "nats://10.0.0.1:4222,
 * tls://user:password@[::1]:4222". Every build checks it, also one without libnats.
 */
#ifndef CLUSTER_SERVERS_H
#define CLUSTER_SERVERS_H

#include <stdbool.h>

enum { SERVERS_MAX = 16, SERVERS_FAULT_SIZE = 512 };

/*
 * Whether a text is a list of 1 to SERVERS_MAX servers with commas between them, each
 * [SCHEME://][USER[:PASSWORD]@]HOST[:PORT][/...], with blanks around it or not: the scheme is nats
 * or tls, an IPv6 address has brackets, a port is from 1 to 65535. If it is none, `fault` is the
 * cause as a clause. That has the scheme and the host of the wrong server, or, if there is an '@'
 * anywhere, only its place in the list: nothing in it is of a password.
 */
bool servers_check(const char *list, char fault[SERVERS_FAULT_SIZE]);

#endif
