#include "base/platform.h"

#include "net/link.h"
#include "net/signals.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct link {
    int fd;
    atomic_uint references;
    atomic_int reason; /* enum link_reason */
    atomic_bool called;
    atomic_bool attended; /* the thread may be nudged, */
    atomic_uint nudging;  /* but not any more once it is not attended and this is 0 */
    pthread_t thread;
    struct address_prefix address;
    char peer[LINK_PEER_SIZE];
};

struct link *link_create(int fd, const char *peer)
{
    struct link *link = malloc(sizeof *link);
    if (link == NULL)
        return NULL;
    link->fd = fd;
    atomic_init(&link->references, 1);
    atomic_init(&link->reason, LINK_OPEN);
    atomic_init(&link->called, false);
    atomic_init(&link->attended, false);
    atomic_init(&link->nudging, 0);
    link->address = (struct address_prefix){.family = ADDRESS_NONE};
    link_set_peer(link, peer);
    return link;
}

void link_set_peer(struct link *link, const char *peer)
{
    snprintf(link->peer, sizeof link->peer, "%s", peer);
}

void link_acquire(struct link *link)
{
    atomic_fetch_add_explicit(&link->references, 1, memory_order_relaxed);
}

void link_release(struct link *link)
{
    /*
     * The thread that frees the link must see every write made by threads that released it before.
     */
    if (atomic_fetch_sub_explicit(&link->references, 1, memory_order_acq_rel) != 1)
        return;
    if (link->fd >= 0)
        close(link->fd);
    free(link);
}

int link_give_back(struct link *link)
{
    int fd = link->fd;
    link->fd = -1;
    link_release(link);
    return fd;
}

int link_fd(const struct link *link)
{
    return link->fd;
}

const char *link_peer(const struct link *link)
{
    return link->peer;
}

void link_set_address(struct link *link, const struct address_prefix *address)
{
    link->address = *address;
}

const struct address_prefix *link_address(const struct link *link)
{
    return &link->address;
}

enum link_reason link_reason(const struct link *link)
{
    return (enum link_reason)atomic_load(&link->reason);
}

const char *link_reason_word(enum link_reason reason)
{
    static const char *const words[LINK_REASONS] = {[LINK_OPEN] = "quit",
                                                    [LINK_CLOSED] = "closed",
                                                    [LINK_RESET] = "reset",
                                                    [LINK_IDLE] = "idle",
                                                    [LINK_SILENT] = "no-answer",
                                                    [LINK_TOO_SLOW] = "too-slow",
                                                    [LINK_OUT_OF_MEMORY] = "memory",
                                                    [LINK_KICKED] = "kicked",
                                                    [LINK_REPLACED] = "replaced",
                                                    [LINK_NAME_TAKEN] = "name-taken",
                                                    [LINK_SHUTTING_DOWN] = "shutdown"};
    return words[reason];
}

bool link_end(struct link *link, enum link_reason reason)
{
    int open = LINK_OPEN;
    return atomic_compare_exchange_strong(&link->reason, &open, (int)reason);
}

void link_kill(struct link *link, enum link_reason reason)
{
    link_end(link, reason);
    shutdown(link->fd, SHUT_RDWR);
}

void link_attend(struct link *link)
{
    link->thread = pthread_self();
    atomic_store(&link->attended, true);
}

/* A nudge takes no longer than its system call. */
void link_leave(struct link *link)
{
    atomic_store(&link->attended, false);
    while (atomic_load(&link->nudging) > 0)
        sched_yield();
}

bool link_nudge(struct link *link)
{
    atomic_fetch_add(&link->nudging, 1);
    bool attended = atomic_load(&link->attended);
    if (attended)
        signals_nudge(link->thread);
    atomic_fetch_sub(&link->nudging, 1);
    return attended;
}

void link_call(struct link *link)
{
    atomic_store(&link->called, true);
}

/* Most times there is none, and a load costs less than an exchange. */
bool link_take_call(struct link *link)
{
    return atomic_load(&link->called) && atomic_exchange(&link->called, false);
}
