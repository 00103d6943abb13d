/*
 * tls_filter: the TLS of one connection, as a filter (net/filter.h). It is built where OpenSSL is.
 */
#ifndef TLS_TLS_FILTER_H
#define TLS_TLS_FILTER_H

#include "base/tally.h"
#include "net/filter.h"

#include <openssl/ssl.h>

/* Handshakes that are over. */
struct tls_handshakes {
    struct tally v1_2, v1_3; /* done, by the version */
    struct tally resumed;    /* of these */
    struct tally failed;
};

/*
 * Makes one for a socket, which it does not own. Takes no reference to the context but OpenSSL's.
 * `handshakes` counts its handshake, and must live until that is over.
 */
struct filter *tls_filter_create(SSL_CTX *context, int fd, struct tls_handshakes *handshakes);

/* Writes "WHAT: CAUSE" with what OpenSSL says of the last call of this thread. */
void tls_filter_tell(char *fault, size_t size, const char *what);

#endif
