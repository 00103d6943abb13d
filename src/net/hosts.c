#include "base/platform.h"

#include "net/hosts.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

struct host {
    unsigned connections;
    char *address;
};

static int compare(const void *left, const void *right)
{
    return strcmp(((const struct host *)left)->address, ((const struct host *)right)->address);
}

static struct host *create(const char *address)
{
    struct host *host = malloc(sizeof *host);
    char *copy = malloc(strlen(address) + 1);
    if (host == NULL || copy == NULL) {
        free(host);
        free(copy);
        return NULL;
    }
    *host = (struct host){.address = strcpy(copy, address)};
    return host;
}

static void destroy(struct host *host)
{
    free(host->address);
    free(host);
}

struct host *hosts_enter(struct hosts *hosts, const char *address, unsigned limit)
{
    struct host *fresh = create(address);
    struct host **found = fresh != NULL ? tsearch(fresh, &hosts->tree, compare) : NULL;
    struct host *host = found != NULL ? *found : NULL;
    if (host != fresh)
        destroy(fresh);
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
    destroy(host);
}
