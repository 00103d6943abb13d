/* tls_client: TLS on a socket of a client. OpenSSL reads from memory and writes to memory here. */
#include "tls_client.h"

#include <errno.h>
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <sys/socket.h>

enum { PIECE_BYTES = 16384 }; /* most that is read from the socket at once */

struct tls_client {
    SSL *ssl;
    BIO *in, *out; /* what has come, and what is to be sent; the SSL owns them */
    int socket;
};

static SSL_CTX *context;

bool tls_client_is_available(void)
{
    return true;
}

static bool make_context(void)
{
    if (context == NULL) {
        context = SSL_CTX_new(TLS_client_method());
    }
    if (context != NULL) {
        SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    }
    return context != NULL;
}

struct tls_client *tls_client_create(int socket, bool old)
{
    struct tls_client *tls = make_context() ? calloc(1, sizeof *tls) : NULL;

    if (tls == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    tls->socket = socket;
    tls->ssl = SSL_new(context);
    tls->in = BIO_new(BIO_s_mem());
    tls->out = BIO_new(BIO_s_mem());
    if (tls->ssl == NULL || tls->in == NULL || tls->out == NULL) {
        BIO_free(tls->in);
        BIO_free(tls->out);
        SSL_free(tls->ssl);
        free(tls);
        errno = ENOMEM;
        return NULL;
    }
    SSL_set_bio(tls->ssl, tls->in, tls->out);
    SSL_set_connect_state(tls->ssl);
    if (old) {
        SSL_set_max_proto_version(tls->ssl, TLS1_2_VERSION);
    }
    return tls;
}

/* Sends so many bytes of what waits. Returns whether the socket has taken all of them. */
static bool send_some(struct tls_client *tls, size_t most)
{
    char *bytes;
    char dropped[1024];
    long length = BIO_get_mem_data(tls->out, &bytes);
    size_t wanted = length > 0 && (size_t)length < most ? (size_t)length : most;
    ssize_t sent = length > 0 ? send(tls->socket, bytes, wanted, MSG_DONTWAIT | MSG_NOSIGNAL) : 0;

    for (ssize_t left = sent; left > 0;) {
        int some = left < (ssize_t)sizeof dropped ? (int)left : (int)sizeof dropped;

        left -= BIO_read(tls->out, dropped, some);
    }
    return sent == length;
}

bool tls_client_flush(struct tls_client *tls)
{
    return send_some(tls, SIZE_MAX);
}

/* Gives OpenSSL what has come, at most so many bytes. Returns as recv() does. */
static ssize_t fetch(struct tls_client *tls, size_t most)
{
    char bytes[PIECE_BYTES];
    ssize_t received =
        recv(tls->socket, bytes, most < sizeof bytes ? most : sizeof bytes, MSG_DONTWAIT);

    if (received > 0 && BIO_write(tls->in, bytes, (int)received) != received) {
        errno = ENOMEM;
        return -1;
    }
    return received;
}

static bool error_passes(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

enum tls_client_progress tls_client_shake(struct tls_client *tls)
{
    for (;;) {
        int result;
        ssize_t received;

        ERR_clear_error();
        result = SSL_connect(tls->ssl);
        if (!tls_client_flush(tls)) {
            return TLS_CLIENT_WANTS_OUTPUT;
        }
        if (result == 1) {
            return TLS_CLIENT_DONE;
        }
        if (SSL_get_error(tls->ssl, result) != SSL_ERROR_WANT_READ) {
            errno = EPROTO;
            return TLS_CLIENT_FAILED;
        }
        received = fetch(tls, PIECE_BYTES);
        if (received < 0 && error_passes()) {
            return TLS_CLIENT_WANTS_INPUT;
        }
        if (received <= 0) {
            errno = received == 0 ? ECONNABORTED : errno;
            return TLS_CLIENT_FAILED;
        }
    }
}

ssize_t tls_client_send(struct tls_client *tls, const void *bytes, size_t length)
{
    int sent;

    if (!tls_client_flush(tls)) {
        errno = EAGAIN;
        return -1;
    }
    ERR_clear_error();
    sent = SSL_write(tls->ssl, bytes, length < PIECE_BYTES ? (int)length : PIECE_BYTES);
    tls_client_flush(tls);
    if (sent <= 0) {
        errno = EPROTO;
        return -1;
    }
    return sent;
}

/* Receives what is in one record. Returns as tls_client_receive() does. */
static ssize_t receive_some(struct tls_client *tls, char *bytes, size_t size)
{
    for (;;) {
        int received;
        ssize_t fetched;

        ERR_clear_error();
        received = SSL_read(tls->ssl, bytes, size < INT_MAX ? (int)size : INT_MAX);
        tls_client_flush(tls);
        if (received > 0) {
            return received;
        }
        switch (SSL_get_error(tls->ssl, received)) {
        case SSL_ERROR_WANT_READ:
            break;
        case SSL_ERROR_ZERO_RETURN:
            return 0;
        default:
            errno = EPROTO;
            return -1;
        }
        fetched = fetch(tls, size);
        if (fetched <= 0) {
            errno = fetched == 0 ? ECONNABORTED : errno;
            return -1;
        }
    }
}

ssize_t tls_client_receive(struct tls_client *tls, void *bytes, size_t size)
{
    size_t all = 0;

    while (all < size) {
        ssize_t received = receive_some(tls, (char *)bytes + all, size - all);

        if (received <= 0) {
            return all > 0 ? (ssize_t)all : received;
        }
        all += (size_t)received;
    }
    return (ssize_t)all;
}

bool tls_client_holds_input(const struct tls_client *tls)
{
    return SSL_pending(tls->ssl) > 0 || BIO_pending(tls->in) > 0;
}

void tls_client_finish(struct tls_client *tls)
{
    ERR_clear_error();
    SSL_shutdown(tls->ssl);
    tls_client_flush(tls);
}

void tls_client_change_keys(struct tls_client *tls)
{
    ERR_clear_error();
    if (SSL_version(tls->ssl) >= TLS1_3_VERSION) {
        SSL_key_update(tls->ssl, SSL_KEY_UPDATE_REQUESTED);
        SSL_do_handshake(tls->ssl);
    }
}

void tls_client_break_off(struct tls_client *tls, const void *bytes, size_t length, unsigned part)
{
    char *waiting;

    ERR_clear_error();
    if (length > 0 && SSL_is_init_finished(tls->ssl)) {
        SSL_write(tls->ssl, bytes, length < PIECE_BYTES ? (int)length : PIECE_BYTES);
    }
    send_some(tls, (size_t)BIO_get_mem_data(tls->out, &waiting) * part / 256);
}

void tls_client_free(struct tls_client *tls)
{
    if (tls != NULL) {
        SSL_free(tls->ssl);
        free(tls);
    }
    ERR_clear_error();
}
