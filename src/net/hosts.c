#include "base/platform.h"

#include "base/clock.h"
#include "base/meter.h"
#include "net/address_prefix.h"
#include "net/hosts.h"

#include <errno.h>
#include <netinet/in.h>
#include <search.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* What all connections of a host share. */
struct key {
    struct address_prefix network;
    uint32_t scope; /* 0 but for link-local networks */
};

#define VISIT_NANOSECONDS (CLOCK_SECOND / HOST_VISITS_PER_SECOND)

struct host {
    unsigned connections;
    struct key key;
    struct meter visits;
    struct host *next; /* in the list of candidates for removal */
    bool listed;       /* is in that list */
};

static struct key make_key(const struct sockaddr_storage *address)
{
    struct address_prefix whole = address_prefix_of(address);
    struct key key = {.network = address_prefix_host(&whole)};
    if (address->ss_family == AF_INET6) {
        struct sockaddr_in6 ipv6;
        memcpy(&ipv6, address, sizeof ipv6);
        if (IN6_IS_ADDR_LINKLOCAL(&ipv6.sin6_addr))
            key.scope = ipv6.sin6_scope_id;
    }
    return key;
}

static int compare(const void *left, const void *right)
{
    const struct key *a = &((const struct host *)left)->key;
    const struct key *b = &((const struct host *)right)->key;
    if (a->scope != b->scope)
        return a->scope < b->scope ? -1 : 1;
    return address_prefix_compare(&a->network, &b->network);
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
