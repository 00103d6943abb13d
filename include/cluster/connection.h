/*
 * connection: a connection to one of a cluster's nats-servers. When it ends, the library makes
 * another one by itself, with another server if need be. A server that falls silent is taken for
 * dead after 1 to 1.5 s.
 *
 * It is built where libnats is. No function here takes a lock.
 */
#ifndef CLUSTER_CONNECTION_H
#define CLUSTER_CONNECTION_H

#include <nats/nats.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    CONNECTION_SERVER_BYTES = 1048576, /* what a server must take as its max_payload */
    CONNECTION_FAULT_SIZE = 256
};

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
     * no more, as the last call.
     */
    void (*reconnected)(natsConnection *nats, void *context);
    void (*closed)(natsConnection *nats, void *context);
    void *context;
};

/*
 * Connects. Tries until `deadline` (clock_now()), at most for 10 s, while no server can be reached;
 * wrong credentials, certificates and lists are told at once. Returns NULL with a sentence without
 * its end in `fault`. Waits: no lock may be held. The caller closes and destroys what is returned.
 */
natsConnection *connection_open(const struct connection_config *config, int64_t deadline,
                                char fault[CONNECTION_FAULT_SIZE]);

/* Whether the server takes messages of CONNECTION_SERVER_BYTES; tells if it does not. */
bool connection_check_size(natsConnection *nats, char fault[CONNECTION_FAULT_SIZE]);

/* Whether it is connected now. */
bool connection_is_up(natsConnection *nats);

/*
 * Leaves the server for another one, in the background: it runs, but it seems to be cut off from
 * the others. Where there is no other one, it comes back to the same.
 */
void connection_leave(natsConnection *nats);

/*
 * Whether it has ended for good: it was closed; or the library has given it up, as it does when
 * servers refuse the credentials twice, or there is no thread or no memory for another one.
 */
bool connection_is_over(natsConnection *nats);

/* Writes "WHAT: CAUSE", with what the library says of the last call of this thread. */
void connection_tell(char fault[CONNECTION_FAULT_SIZE], const char *what, natsStatus status);

#endif
