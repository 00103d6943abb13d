#include "base/platform.h"

#include "base/clock.h"
#include "base/meter.h"
#include "net/hosts.h"

#include <errno.h>
#include <netinet/in.h>
#include <search.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { NETWORK_BYTES = 8, IPV4_BYTES = 4, IPV4_IN_IPV6 = 12 /* offset of a mapped IPv4 address */ };

/* The part of an address that all addresses of a host share. */
struct key {
    int family;
    uint32_t scope; /* 0 but for link-local networks */
    unsigned char network[NETWORK_BYTES];
};

#define VISIT_NANOSECONDS (CLOCK_SECOND / HOST_VISITS_PER_SECOND)

struct host {
    unsigned connections;
    struct key key;
    struct meter visits;
    struct host *next; /* in the list of candidates for removal */
    bool listed;       /* is in that list */
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

/*
 * Removes hosts that have no connection and whose visits no longer count, at most two in a call,
 * and those that have been without a connection for the longest time first.
 */
static void forget_some(struct hosts *hosts, int64_t now)
{
    for (int i = 0; i < 2 && hosts->first != NULL; i++) {
        struct host *host = hosts->first;
        if (host->connections == 0 && host->visits.used_until > now)
            return;
        hosts->first = host->next;
        if (hosts->first == NULL)
            hosts->last = NULL;
        host->next = NULL;
        host->listed = false;
        if (host->connections == 0) {
            tdelete(host, &hosts->tree, compare);
            free(host);
        }
    }
}

struct host *hosts_enter(struct hosts *hosts, const struct sockaddr_storage *address,
                         unsigned limit, int64_t now)
{
    forget_some(hosts, now);
    struct host *fresh = create(address);
    struct host **found = fresh != NULL ? tsearch(fresh, &hosts->tree, compare) : NULL;
    struct host *host = found != NULL ? *found : NULL;
    if (host != fresh)
        free(fresh);
    if (host == NULL) {
        errno = ENOMEM;
        return NULL;
    }
    if (limit > 0 && host->connections >= limit) {
        errno = EAGAIN;
        return NULL;
    }
    host->connections++;
    return host;
}

void hosts_leave(struct hosts *hosts, struct host *host, int64_t now)
{
    if (host_debt(host, now) < HOST_DEBT_MAX)
        meter_charge(&host->visits, VISIT_NANOSECONDS, now);
    if (--host->connections > 0 || host->listed)
        return;
    if (hosts->last != NULL)
        hosts->last->next = host;
    else
        hosts->first = host;
    hosts->last = host;
    host->listed = true;
}

void hosts_clear(struct hosts *hosts)
{
    while (hosts->first != NULL)
        forget_some(hosts, CLOCK_NEVER);
}

int64_t host_debt(const struct host *host, int64_t now)
{
    return meter_debt(&host->visits, HOST_VISITS_BURST * VISIT_NANOSECONDS, now);
}
