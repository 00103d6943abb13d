#include "base/platform.h"

#include "base/lock.h"
#include "net/attempts.h"

#include <errno.h>
#include <search.h>
#include <stddef.h>
#include <stdlib.h>

struct host {
    struct address_prefix network; /* the first member, since a key is compared with a host */
    unsigned failures;
    int64_t failed_at;
    int64_t free_at; /* when the next attempt may be looked at */
    struct host *previous, *next;
};

struct attempts {
    struct lock lock;
    void *tree;                /* tsearch(3), of hosts */
    struct host *first, *last; /* the same, in the order of their last failures */
    size_t count;
    unsigned free_failures;
};

int attempts_create(struct attempts **result, unsigned free_failures)
{
    struct attempts *attempts = calloc(1, sizeof *attempts);
    if (attempts == NULL)
        return ENOMEM;
    int error = lock_init(&attempts->lock, LOCK_RANK_ATTEMPTS, "attempts");
    if (error != 0) {
        free(attempts);
        return error;
    }
    attempts->free_failures = free_failures;
    *result = attempts;
    return 0;
}

static int compare(const void *left, const void *right)
{
    return address_prefix_compare(left, right);
}

static void unlink_host(struct attempts *attempts, struct host *host)
{
    *(host->previous != NULL ? &host->previous->next : &attempts->first) = host->next;
    *(host->next != NULL ? &host->next->previous : &attempts->last) = host->previous;
}

static void append_host(struct attempts *attempts, struct host *host)
{
    host->previous = attempts->last;
    host->next = NULL;
    *(attempts->last != NULL ? &attempts->last->next : &attempts->first) = host;
    attempts->last = host;
}

static void forget(struct attempts *attempts, struct host *host)
{
    tdelete(host, &attempts->tree, compare);
    unlink_host(attempts, host);
    attempts->count--;
    free(host);
}

void attempts_destroy(struct attempts *attempts)
{
    while (attempts->first != NULL)
        forget(attempts, attempts->first);
    lock_destroy(&attempts->lock);
    free(attempts);
}

/* The functions from here on, up to attempts_begin(), want the lock held. */

static struct host *find(struct attempts *attempts, const struct address_prefix *network)
{
    struct host *const *found = tfind(network, &attempts->tree, compare);
    return found != NULL ? *found : NULL;
}

/* Forgets hosts that have not failed for a while, a few at a time. */
static void forget_some(struct attempts *attempts, int64_t now)
{
    for (int i = 0; i < 2 && attempts->first != NULL; i++)
        if (now - attempts->first->failed_at >= ATTEMPTS_FORGOTTEN ||
            attempts->count > ATTEMPTS_HOSTS_MAX)
            forget(attempts, attempts->first);
}

/* How far the attempts of a host are apart. */
static int64_t distance(const struct attempts *attempts, const struct host *host)
{
    int64_t seconds = 1;
    if (host->failures <= attempts->free_failures)
        return 0;
    for (unsigned i = attempts->free_failures + 1;
         i < host->failures && seconds * CLOCK_SECOND < ATTEMPTS_WAIT_MAX; i++)
        seconds *= 2;
    return seconds * CLOCK_SECOND < ATTEMPTS_WAIT_MAX ? seconds * CLOCK_SECOND : ATTEMPTS_WAIT_MAX;
}

static struct host *add(struct attempts *attempts, const struct address_prefix *network)
{
    struct host *host = calloc(1, sizeof *host);
    if (host == NULL)
        return NULL;
    host->network = *network;
    if (tsearch(host, &attempts->tree, compare) == NULL) {
        free(host);
        return NULL;
    }
    append_host(attempts, host);
    attempts->count++;
    return host;
}

static void fail(struct attempts *attempts, const struct address_prefix *network, int64_t now)
{
    struct host *host = find(attempts, network);
    if (host == NULL)
        host = add(attempts, network);
    if (host == NULL)
        return;
    host->failures++;
    host->failed_at = now;
    if (host->free_at < now + distance(attempts, host))
        host->free_at = now + distance(attempts, host);
    unlink_host(attempts, host);
    append_host(attempts, host);
}

bool attempts_begin(struct attempts *attempts, const struct address_prefix *address, int64_t now,
                    struct attempt *attempt)
{
    bool begun = true;
    *attempt = (struct attempt){.host = address_prefix_host(address)};
    lock_take(&attempts->lock);
    forget_some(attempts, now);
    struct host *host = find(attempts, &attempt->host);
    if (host != NULL) {
        int64_t start = host->free_at > now ? host->free_at : now;
        begun = start - now <= ATTEMPTS_WAIT_MAX;
        attempt->wait = start - now;
        attempt->reserved = distance(attempts, host);
        if (begun)
            host->free_at = start + attempt->reserved;
    }
    lock_release(&attempts->lock);
    return begun;
}

/* What was reserved for an attempt that was right is given back to those who come later. */
void attempts_end(struct attempts *attempts, const struct attempt *attempt, bool right, int64_t now)
{
    if (attempt->host.family == ADDRESS_NONE)
        return;
    lock_take(&attempts->lock);
    struct host *host = right ? find(attempts, &attempt->host) : NULL;
    if (host != NULL)
        host->free_at -= attempt->reserved;
    if (!right)
        fail(attempts, &attempt->host, now);
    forget_some(attempts, now);
    lock_release(&attempts->lock);
}
