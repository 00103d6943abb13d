/* The TLS of the tests' clients in a build without OpenSSL: there is none. */
#include "tls_client.h"

#include <errno.h>

bool tls_client_is_available(void)
{
    return false;
}

struct tls_client *tls_client_create(int socket, bool old)
{
    (void)socket;
    (void)old;
    errno = ENOSYS;
    return NULL;
}

/* The rest is never called, as there is none to call it with. */

enum tls_client_progress tls_client_shake(struct tls_client *tls)
{
    (void)tls;
    return TLS_CLIENT_FAILED;
}

ssize_t tls_client_send(struct tls_client *tls, const void *bytes, size_t length)
{
    (void)tls;
    (void)bytes;
    (void)length;
    errno = ENOSYS;
    return -1;
}

ssize_t tls_client_receive(struct tls_client *tls, void *bytes, size_t size)
{
    (void)tls;
    (void)bytes;
    (void)size;
    errno = ENOSYS;
    return -1;
}

bool tls_client_flush(struct tls_client *tls)
{
    (void)tls;
    return true;
}

bool tls_client_holds_input(const struct tls_client *tls)
{
    (void)tls;
    return false;
}

void tls_client_finish(struct tls_client *tls)
{
    (void)tls;
}

void tls_client_change_keys(struct tls_client *tls)
{
    (void)tls;
}

void tls_client_break_off(struct tls_client *tls, const void *bytes, size_t length, unsigned part)
{
    (void)tls;
    (void)bytes;
    (void)length;
    (void)part;
}

void tls_client_free(struct tls_client *tls)
{
    (void)tls;
}
