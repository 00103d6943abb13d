#include "base/platform.h"

#include "tls/tls_filter.h"
#include "tls/tls_socket.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A record without text may be one that changes the keys, which is as much work as a request
 * (net/throttle.c), in some 27 bytes.
 */
enum { RECORD_COST = 1024 };

struct tls_filter {
    struct filter filter; /* first: functions are given a pointer to it */
    struct tls_socket socket;
    size_t owed; /* bytes that OpenSSL has taken, and of which the socket has not taken all */
    SSL *ssl;
    struct tls_handshakes *handshakes;
    bool failed; /* OpenSSL must not be called again after a fatal error, SSL_get_error(3) */
};

static struct tls_filter *self(struct filter *filter)
{
    return (struct tls_filter *)(void *)filter;
}

/*
 * Faults.
 */

void tls_filter_tell(char *fault, size_t size, const char *what)
{
    unsigned long code = ERR_peek_error();
    const char *cause = code == 0 ? NULL : ERR_reason_error_string(code);
    if (code != 0 && ERR_SYSTEM_ERROR(code))
        cause = strerror(ERR_GET_REASON(code));
    snprintf(fault, size, "%s%s%s", what, cause != NULL ? ": " : "", cause != NULL ? cause : "");
    ERR_clear_error();
}

/*
 * Returns -1 with the errno for a call that failed: EAGAIN if it may be tried again, otherwise the
 * connection has ended. 0: the peer has said that nothing more comes.
 */
static int explain(struct tls_filter *tls, int result)
{
    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        errno = EAGAIN;
        return -1;
    default:
        tls->failed = true;
        result = ERR_GET_REASON(ERR_peek_error()) == ERR_R_MALLOC_FAILURE ? ENOMEM : ECONNRESET;
        ERR_clear_error();
        errno = result;
        return -1;
    }
}

/*
 * The functions of the filter.
 */

/* Why OpenSSL cannot go on with the handshake. `error`: the errno that it left. */
static void tell_why(int error, char fault[FILTER_FAULT_SIZE])
{
    if (ERR_peek_error() != 0)
        tls_filter_tell(fault, FILTER_FAULT_SIZE, "OpenSSL");
    else
        snprintf(fault, FILTER_FAULT_SIZE, "%s",
                 error != 0 ? strerror(error) : "the client has closed the connection");
}

static enum filter_progress go_on_shaking(struct tls_filter *tls, char fault[FILTER_FAULT_SIZE])
{
    ERR_clear_error();
    errno = 0;
    tls_socket_begin(&tls->socket);
    int result = SSL_accept(tls->ssl);
    int error = errno;
    bool sent = tls_socket_flush(&tls->socket);
    if (tls->socket.broken != 0) {
        tls->failed = true;
        snprintf(fault, FILTER_FAULT_SIZE, "%s", strerror(tls->socket.broken));
        return FILTER_FAILED;
    }
    if (result != 1 && SSL_get_error(tls->ssl, result) != SSL_ERROR_WANT_READ) {
        tls->failed = true;
        tell_why(error, fault);
        return FILTER_FAILED;
    }
    if (!sent)
        return FILTER_WANTS_OUTPUT;
    return result == 1 ? FILTER_DONE : FILTER_WANTS_INPUT;
}

static void count_handshake(struct tls_filter *tls, enum filter_progress progress)
{
    struct tls_handshakes *handshakes = tls->handshakes;
    if (progress == FILTER_FAILED) {
        tally_add(&handshakes->failed, 1);
        return;
    }
    bool old = SSL_version(tls->ssl) == TLS1_2_VERSION;
    tally_add(old ? &handshakes->v1_2 : &handshakes->v1_3, 1);
    if (SSL_session_reused(tls->ssl))
        tally_add(&handshakes->resumed, 1);
}

static enum filter_progress shake(struct filter *filter, char fault[FILTER_FAULT_SIZE])
{
    struct tls_filter *tls = self(filter);
    enum filter_progress progress = go_on_shaking(tls, fault);
    if (progress == FILTER_DONE || progress == FILTER_FAILED)
        count_handshake(tls, progress);
    return progress;
}

static int limited(size_t length)
{
    return length > INT_MAX ? INT_MAX : (int)length;
}

static ssize_t receive(struct filter *filter, void *bytes, size_t size, size_t *overhead)
{
    struct tls_filter *tls = self(filter);
    *overhead = 0;
    if (tls->failed) {
        errno = ECONNRESET;
        return -1;
    }
    ERR_clear_error();
    tls_socket_begin(&tls->socket);
    int received = SSL_read(tls->ssl, bytes, limited(size));
    size_t text = received > 0 ? (size_t)received : 0;
    size_t taken = tls_socket_taken(&tls->socket);
    unsigned records = tls_socket_records(&tls->socket);
    *overhead = taken > text ? taken - text : 0;
    if (records > (text > 0))
        *overhead += (records - (text > 0)) * (size_t)RECORD_COST;
    return received > 0 ? received : explain(tls, received);
}

/* Sends what is unsent. Returns whether all of it is sent; errno tells why not. */
static bool settle(struct tls_filter *tls)
{
    bool sent = tls_socket_flush(&tls->socket);
    errno = tls->socket.broken != 0 ? tls->socket.broken : EAGAIN;
    return sent && tls->socket.broken == 0;
}

/*
 * OpenSSL takes the bytes of one record. They are said to be sent when the socket has taken all of
 * the record; until then the caller comes again with them.
 */
static ssize_t send_bytes(struct filter *filter, const void *bytes, size_t length)
{
    struct tls_filter *tls = self(filter);
    if (tls->failed) {
        errno = ECONNRESET;
        return -1;
    }
    if (!settle(tls))
        return -1;
    if (tls->owed == 0) {
        ERR_clear_error();
        tls_socket_begin(&tls->socket);
        int taken = SSL_write(tls->ssl, bytes, limited(length));
        if (taken <= 0) {
            if (explain(tls, taken) == 0)
                errno = ECONNRESET; /* nothing more is sent after close_notify */
            return -1;
        }
        tls->owed = (size_t)taken;
        if (!settle(tls))
            return -1;
    }
    size_t sent = tls->owed;
    tls->owed = 0;
    return (ssize_t)sent;
}

static bool finish(struct filter *filter)
{
    struct tls_filter *tls = self(filter);
    if (tls->failed || tls->socket.broken != 0)
        return true;
    ERR_clear_error();
    if ((SSL_get_shutdown(tls->ssl) & SSL_SENT_SHUTDOWN) == 0)
        SSL_shutdown(tls->ssl);
    ERR_clear_error();
    return settle(tls) || tls->socket.broken != 0;
}

/* The common name of the certificate's subject, if somebody vouches for it. */
static void identify(const struct filter *filter, char identity[FILTER_IDENTITY_SIZE])
{
    const struct tls_filter *tls = (const struct tls_filter *)(const void *)filter;
    X509 *certificate = SSL_get0_peer_certificate(tls->ssl);
    *identity = '\0';
    if (certificate == NULL || SSL_get_verify_result(tls->ssl) != X509_V_OK)
        return;
    X509_NAME *subject = X509_get_subject_name(certificate);
    int place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
    if (place < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, place) >= 0)
        return; /* none, or several */
    unsigned char *text = NULL;
    int length =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place)));
    if (length > 0 && length < FILTER_IDENTITY_SIZE && memchr(text, '\0', (size_t)length) == NULL) {
        memcpy(identity, text, (size_t)length);
        identity[length] = '\0';
    }
    OPENSSL_free(text);
}

static void free_filter(struct filter *filter)
{
    struct tls_filter *tls = self(filter);
    SSL_free(tls->ssl);
    buffer_free(&tls->socket.unsent);
    free(tls);
}

static const struct filter_functions functions = {shake,  receive,  send_bytes,
                                                  finish, identify, free_filter};

struct filter *tls_filter_create(SSL_CTX *context, int fd, struct tls_handshakes *handshakes)
{
    struct tls_filter *tls = malloc(sizeof *tls);
    if (tls == NULL)
        return NULL;
    *tls = (struct tls_filter){.filter = {&functions},
                               .socket = {.fd = fd},
                               .ssl = SSL_new(context),
                               .handshakes = handshakes};
    BIO *bio = tls->ssl != NULL ? tls_socket_bio(&tls->socket) : NULL;
    if (bio == NULL) {
        SSL_free(tls->ssl);
        free(tls);
        ERR_clear_error();
        return NULL;
    }
    SSL_set_bio(tls->ssl, bio, bio);
    SSL_set_accept_state(tls->ssl);
    return &tls->filter;
}
