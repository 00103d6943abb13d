/*
 * connection: a connection to one of a cluster's nats-servers. When it ends, the library makes
 * another one by itself, with another server if need be. A server that falls silent is taken for
 * dead after 1 to 1.5 s.
 *
 * It is built where libnats is. No function here takes a lock.
 */
#ifndef CLUSTER_CONNECTION_H
#define CLUSTER_CONNECTION_H

#include "base/clock.h"

#include <nats/nats.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    CONNECTION_SERVER_BYTES = 1048576, /* what a server must take as its max_payload */
    CONNECTION_FAULT_SIZE = 256
};

/* How long a start waits for a server's answer before it leaves it (connection_leave_silent()). */
#define CONNECTION_SILENCE_AT_START (6 * CLOCK_SECOND)

struct connection_config {
    /*
     * "nats://HOST:PORT[,nats://HOST:PORT...]". With "tls://" there is no connection without TLS to
     * any of them; then the certificate must be for HOST, from an authority that OpenSSL trusts
     * (SSL_CERT_FILE).
     */
    const char *servers;
    const char *credentials; /* path of a file (cluster/credentials); NULL: none */
    /*
     * Called on a thread of the library: when another connection was made, and when there will be
     * no more, as the last call. That is so when it was closed, or when the library gives it up:
     * after one server has refused the credentials twice, or without memory or a thread for it.
     */
    void (*reconnected)(natsConnection *nats, void *context);
    void (*closed)(natsConnection *nats, void *context);
    void *context;
};

/*
 * Connects. Tries until `deadline` (clock_now()), at most for 10 s, while no server can be reached;
 * wrong credentials and lists are told at once, certificates when three handshakes have failed.
 * Returns NULL with a sentence without its end in `fault`. Waits: no lock may be held. The caller
 * closes and destroys what is returned.
 */
natsConnection *connection_open(const struct connection_config *config, int64_t deadline,
                                char fault[CONNECTION_FAULT_SIZE]);

/* Whether the server takes messages of CONNECTION_SERVER_BYTES; tells if it does not. */
bool connection_check_size(natsConnection *nats, char fault[CONNECTION_FAULT_SIZE]);

/* Whether it is connected now. */
bool connection_is_up(natsConnection *nats);

/*
 * Leaves the server for another one, in the background, if nothing has come from it for `most`
 * (nanoseconds) though there is a connection: it may be cut off from the others. Where there is no
 * other one, it comes back to the same. `*silent` is since when nothing has come (clock_now()); it
 * is set to now where there is no connection, and when a server is left.
 */
void connection_leave_silent(natsConnection *nats, int64_t *silent, int64_t most);

/* Writes "WHAT: CAUSE", with what the library says of the last call of this thread. */
void connection_tell(char fault[CONNECTION_FAULT_SIZE], const char *what, natsStatus status);

#endif
