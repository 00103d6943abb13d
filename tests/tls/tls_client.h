/*
 * tls_client: TLS on a socket of a client of the tests, which trusts any server. Where OpenSSL is
 * absent, no_tls_client.c stands in for it, and there is none.
 *
 * No function waits, if the socket does not block. SIGPIPE must be ignored.
 */
#ifndef TESTS_TLS_CLIENT_H
#define TESTS_TLS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum tls_client_progress {
    TLS_CLIENT_DONE,
    TLS_CLIENT_WANTS_INPUT,
    TLS_CLIENT_WANTS_OUTPUT,
    TLS_CLIENT_FAILED
};

struct tls_client;

bool tls_client_is_available(void);

/*
 * Makes one for a socket, which stays the caller's; `old`: it speaks TLS 1.2, no later version.
 * Returns NULL when memory is out.
 */
struct tls_client *tls_client_create(int socket, bool old);

/* Begins the handshake, or goes on with it, until it is done or has failed. */
enum tls_client_progress tls_client_shake(struct tls_client *tls);

/*
 * As send() and recv(). What was taken to be sent may wait here for the socket. receive() returns 0
 * only if the server has said that nothing more comes; if the connection has ended without that,
 * the error is ECONNABORTED.
 */
ssize_t tls_client_send(struct tls_client *tls, const void *bytes, size_t length);
ssize_t tls_client_receive(struct tls_client *tls, void *bytes, size_t size);

/* Sends what waits, as far as the socket takes it. Returns whether nothing waits any more. */
bool tls_client_flush(struct tls_client *tls);

/* Whether receive() has something to give which the socket does not show. */
bool tls_client_holds_input(const struct tls_client *tls);

/* Tells the server that nothing more is sent; that may wait for the socket, too. */
void tls_client_finish(struct tls_client *tls);

/* Takes new keys, and wants the server to do so; not with TLS 1.2. That is sent with the rest. */
void tls_client_change_keys(struct tls_client *tls);

/*
 * Sends only so many 256ths of what waits and of the bytes: in the middle of a record, that is.
 * Nothing may be sent after it.
 */
void tls_client_break_off(struct tls_client *tls, const void *bytes, size_t length, unsigned part);

/* NULL is none. */
void tls_client_free(struct tls_client *tls);

#endif
