#include "base/platform.h"

#include "net/hosts.h"

#include <errno.h>
#include <netinet/in.h>
#include <search.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { NETWORK_BYTES = 8, IPV4_BYTES = 4, IPV4_IN_IPV6 = 12 /* where a mapped one begins */ };

/* What the addresses of one host have in common. */
struct key {
    int family;
    uint32_t scope; /* 0 but for link-local networks */
    unsigned char network[NETWORK_BYTES];
};

struct host {
    unsigned connections;
    struct key key;
};

static struct key make_ipv4(const void *address)
{
    struct key key = {.family = AF_INET};
    memcpy(key.network, address, IPV4_BYTES);
    return key;
}

static struct key make_key(const struct sockaddr_storage *address)
{
    if (address->ss_family == AF_INET) {
        struct sockaddr_in ipv4;
        memcpy(&ipv4, address, sizeof ipv4);
        return make_ipv4(&ipv4.sin_addr);
    }
    struct key key = {.family = address->ss_family};
    if (address->ss_family == AF_INET6) {
        struct sockaddr_in6 ipv6;
        memcpy(&ipv6, address, sizeof ipv6);
        if (IN6_IS_ADDR_V4MAPPED(&ipv6.sin6_addr))
            return make_ipv4(ipv6.sin6_addr.s6_addr + IPV4_IN_IPV6);
        if (IN6_IS_ADDR_LINKLOCAL(&ipv6.sin6_addr))
            key.scope = ipv6.sin6_scope_id;
        memcpy(key.network, ipv6.sin6_addr.s6_addr, NETWORK_BYTES);
    }
    return key;
}

static int compare(const void *left, const void *right)
{
    const struct key *a = &((const struct host *)left)->key;
    const struct key *b = &((const struct host *)right)->key;
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    if (a->scope != b->scope)
        return a->scope < b->scope ? -1 : 1;
    return memcmp(a->network, b->network, NETWORK_BYTES);
}

static struct host *create(const struct sockaddr_storage *address)
{
    struct host *host = malloc(sizeof *host);
    if (host != NULL)
        *host = (struct host){.key = make_key(address)};
    return host;
}

struct host *hosts_enter(struct hosts *hosts, const struct sockaddr_storage *address,
                         unsigned limit)
{
    struct host *fresh = create(address);
    struct host **found = fresh != NULL ? tsearch(fresh, &hosts->tree, compare) : NULL;
    struct host *host = found != NULL ? *found : NULL;
    if (host != fresh)
        free(fresh);
    if (host == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    if (host->connections >= limit) {
        errno = EAGAIN;
        return NULL;
    }
    host->connections++;
    return host;
}

void hosts_leave(struct hosts *hosts, struct host *host)
{
    if (--host->connections > 0)
        return;
    tdelete(host, &hosts->tree, compare);
    free(host);
}
