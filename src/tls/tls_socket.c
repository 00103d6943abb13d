#include "base/platform.h"

#include "tls/tls_socket.h"

#include <errno.h>
#include <sys/socket.h>

enum {
    BUDGET_BYTES = 32 * 1024,
    BUDGET_READS = 16, /* two for each record */
    /*
     * A record, which OpenSSL is not asked to follow by another one, and so many answers to new
     * keys that whoever takes more, and does not read, means no good.
     */
    UNSENT_BYTES = 64 * 1024
};

static bool passes(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOBUFS;
}

/* Returns how many bytes the socket took. */
static size_t send_now(struct tls_socket *socket, const char *bytes, size_t length)
{
    ssize_t sent = send(socket->fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && !passes(errno))
        socket->broken = errno;
    return sent > 0 ? (size_t)sent : 0;
}

static void keep(struct tls_socket *socket, const char *bytes, size_t length)
{
    if (buffer_length(&socket->unsent) + length > UNSENT_BYTES)
        socket->broken = ECONNRESET;
    else if (!buffer_append(&socket->unsent, bytes, length))
        socket->broken = ENOMEM;
}

bool tls_socket_flush(struct tls_socket *socket)
{
    size_t length = buffer_length(&socket->unsent);
    if (length == 0)
        return true;
    buffer_consume(&socket->unsent, send_now(socket, buffer_bytes(&socket->unsent), length));
    if (buffer_length(&socket->unsent) > 0)
        return false;
    buffer_free(&socket->unsent);
    return true;
}

void tls_socket_begin(struct tls_socket *socket)
{
    socket->budget = BUDGET_BYTES;
    socket->reads = BUDGET_READS;
    socket->gave %= 2; /* a record that has begun is told of when it has ended */
}

size_t tls_socket_taken(const struct tls_socket *socket)
{
    return BUDGET_BYTES - socket->budget;
}

unsigned tls_socket_records(const struct tls_socket *socket)
{
    return socket->gave / 2;
}

/*
 * The functions of the BIO.
 */

/*
 * That the socket takes no more is kept from OpenSSL, which would not read any more what the peer
 * has sent before.
 */
static int bio_write(BIO *bio, const char *bytes, int length)
{
    struct tls_socket *socket = BIO_get_data(bio);
    size_t size = length > 0 ? (size_t)length : 0;
    size_t sent = 0;
    BIO_clear_retry_flags(bio);
    if (socket->broken == 0 && buffer_length(&socket->unsent) == 0)
        sent = send_now(socket, bytes, size);
    if (socket->broken == 0 && sent < size)
        keep(socket, bytes + sent, size - sent);
    return length;
}

static int bio_read(BIO *bio, char *bytes, int size)
{
    struct tls_socket *socket = BIO_get_data(bio);
    BIO_clear_retry_flags(bio);
    if (socket->budget == 0 || socket->reads == 0) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t most = (size_t)size < socket->budget ? (size_t)size : socket->budget;
    ssize_t received = recv(socket->fd, bytes, most, MSG_DONTWAIT);
    socket->reads--;
    if (received > 0) {
        socket->budget -= (size_t)received;
        socket->gave++;
    }
    if (received < 0 && passes(errno))
        BIO_set_retry_read(bio);
    else if (received == 0)
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return (int)received;
}

static long bio_ctrl(BIO *bio, int command, long number, void *pointer)
{
    (void)number;
    (void)pointer;
    if (command == BIO_CTRL_EOF)
        return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return command == BIO_CTRL_FLUSH;
}

static BIO_METHOD *method;

int tls_socket_prepare(void)
{
    if (method == NULL)
        method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (method == NULL)
        return ENOMEM;
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_ctrl(method, bio_ctrl);
    return 0;
}

BIO *tls_socket_bio(struct tls_socket *socket)
{
    BIO *bio = BIO_new(method);
    if (bio != NULL) {
        BIO_set_data(bio, socket);
        BIO_set_init(bio, 1);
    }
    return bio;
}
