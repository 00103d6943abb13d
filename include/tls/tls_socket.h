/*
 * tls_socket: a socket as OpenSSL sees it, a BIO of our own: OpenSSL's would wait, as the socket is
 * blocking. It takes all that OpenSSL writes: what the socket does not take is kept here. OpenSSL
 * thus never has a record that is half sent, with which it fails when it is to answer a peer that
 * takes new keys. It is built where OpenSSL is.
 */
#ifndef TLS_TLS_SOCKET_H
#define TLS_TLS_SOCKET_H

#include "base/buffer.h"

#include <openssl/bio.h>
#include <stdbool.h>
#include <stddef.h>

struct tls_socket {
    int fd;
    int broken;           /* the errno with which the socket takes no more; 0: it may */
    size_t budget;        /* bytes that the socket may still give, */
    unsigned reads;       /* and how often; */
    unsigned gave;        /* how often it has */
    struct buffer unsent; /* what the socket has not taken; no memory when empty */
};

/* Makes what all BIOs share, unless it is there. Returns 0 or ENOMEM. For one thread. */
int tls_socket_prepare(void);

/* Returns its BIO, or NULL without memory. Whatever it is given to owns the BIO. */
BIO *tls_socket_bio(struct tls_socket *socket);

/*
 * To be called before OpenSSL is. What one call takes from the socket has a limit, in bytes and in
 * records: OpenSSL reads on as long as there are records without text, and others wait for this
 * peer's outbox meanwhile.
 */
void tls_socket_begin(struct tls_socket *socket);

/* How many bytes OpenSSL has taken since. */
size_t tls_socket_taken(const struct tls_socket *socket);

/* How many records that were; fewer, if one came in pieces. */
unsigned tls_socket_records(const struct tls_socket *socket);

/* Sends what is unsent, without waiting. Returns whether nothing is any more. */
bool tls_socket_flush(struct tls_socket *socket);

#endif
