#include "base/platform.h"

#include "net/address_prefix.h"
#include "net/peer_name.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>

enum { HOST_SIZE = 64, PORT_SIZE = 8 };

_Static_assert((int)HOST_SIZE >= (int)ADDRESS_PREFIX_SIZE, "a host is an address");

void peer_name_write(const struct sockaddr_storage *address, char name[PEER_NAME_SIZE])
{
    char host[HOST_SIZE] = "unknown";
    char port[PORT_SIZE] = "0";
    bool is_ipv6 = address->ss_family == AF_INET6;
    if (address->ss_family == AF_UNIX) {
        snprintf(name, PEER_NAME_SIZE, "unix");
        return;
    }
    getnameinfo((const struct sockaddr *)address,
                is_ipv6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in), host,
                sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
    /* A socket for both families, as systemd opens it, maps IPv4 into IPv6. */
    struct address_prefix bare = address_prefix_of(address);
    if (is_ipv6 && bare.family == ADDRESS_IPV4) {
        address_prefix_format(&bare, host);
        is_ipv6 = false;
    }
    snprintf(name, PEER_NAME_SIZE, is_ipv6 ? "[%s]:%s" : "%s:%s", host, port);
}
