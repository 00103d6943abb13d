#include "base/platform.h"

#include "base/lock.h"
#include "net/attempts.h"

#include <errno.h>
#include <search.h>
#include <stddef.h>
#include <stdlib.h>

struct host {
    struct address_prefix network; /* the first member, since a key is compared with a host */
    unsigned failures;             /* 0: its first attempt is being looked at */
    int64_t failed_at;             /* or when that one began */
    int64_t free_at;               /* when the next attempt may be looked at */
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

/* The functions from here on, up to attempts_begin(), want the lock held; so does give_back(). */

static struct host *find(struct attempts *attempts, const struct address_prefix *network)
{
    struct host *const *found = tfind(network, &attempts->tree, compare);
    return found != NULL ? *found : NULL;
}

/* Forgets a host whose first attempt has not failed. */
static void forgive(struct attempts *attempts, const struct address_prefix *network)
{
    struct host *host = find(attempts, network);
    if (host != NULL && host->failures == 0)
        forget(attempts, host);
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

static struct host *add(struct attempts *attempts, const struct address_prefix *network,
                        int64_t now)
{
    struct host *host = calloc(1, sizeof *host);
    if (host == NULL)
        return NULL;
    host->network = *network;
    host->failed_at = now;
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
        host = add(attempts, network, now);
    if (host == NULL)
        return;
    host->failures++;
    host->failed_at = now;
    if (host->free_at < now + distance(attempts, host))
        host->free_at = now + distance(attempts, host);
    unlink_host(attempts, host);
    append_host(attempts, host);
}

/* Reserves the next moment of a host that has failed. */
static enum attempts_verdict reserve(const struct attempts *attempts, struct host *host,
                                     int64_t now, struct attempt *attempt)
{
    int64_t start = host->free_at > now ? host->free_at : now;
    if (start - now > ATTEMPTS_WAIT_MAX)
        return ATTEMPTS_TOO_MANY;
    attempt->wait = start - now;
    attempt->reserved = distance(attempts, host);
    host->free_at = start + attempt->reserved;
    return ATTEMPTS_BEGUN;
}

enum attempts_verdict attempts_begin(struct attempts *attempts,
                                     const struct address_prefix *address, int64_t now,
                                     struct attempt *attempt)
{
    enum attempts_verdict verdict = ATTEMPTS_BEGUN;
    *attempt = (struct attempt){.host = address_prefix_host(address)};
    if (attempt->host.family == ADDRESS_NONE)
        return verdict;
    lock_take(&attempts->lock);
    forget_some(attempts, now);
    struct host *host = find(attempts, &attempt->host);
    if (host == NULL)
        add(attempts, &attempt->host, now);
    else if (host->failures == 0)
        verdict = ATTEMPTS_LATER;
    else
        verdict = reserve(attempts, host, now, attempt);
    lock_release(&attempts->lock);
    return verdict;
}

void attempts_drop(struct attempts *attempts, const struct attempt *attempt)
{
    lock_take(&attempts->lock);
    if (attempt->reserved == 0)
        forgive(attempts, &attempt->host);
    lock_release(&attempts->lock);
}

/* What was reserved for an attempt that was right is given back to those who come later. */
static void give_back(struct attempts *attempts, const struct attempt *attempt)
{
    struct host *host = find(attempts, &attempt->host);
    if (host != NULL)
        host->free_at -= attempt->reserved;
}

void attempts_end(struct attempts *attempts, const struct attempt *attempt, bool right, int64_t now)
{
    if (attempt->host.family == ADDRESS_NONE)
        return;
    lock_take(&attempts->lock);
    if (!right)
        fail(attempts, &attempt->host, now);
    else if (attempt->reserved == 0)
        forgive(attempts, &attempt->host);
    else
        give_back(attempts, attempt);
    forget_some(attempts, now);
    lock_release(&attempts->lock);
}
