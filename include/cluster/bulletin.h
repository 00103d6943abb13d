/*
 * bulletin: what a machine of a cluster tells all others of the moment: it is neither stored nor
 * answered nor sent again, and what is lost is made good by the next one. It goes over the
 * nats-servers, by the subject NAME.bulletin.NODE. What the bytes mean is not its business.
 *
 * It is built where libnats is. Its threads are a few of the library's; one of them calls the
 * hearer. No lock is held across a call of the hearer or of the library.
 */
#ifndef CLUSTER_BULLETIN_H
#define CLUSTER_BULLETIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    BULLETIN_NAME_MAX = 64, /* bytes of the cluster's name; cluster/post_config.h tells which */
    BULLETIN_FAULT_SIZE = 256
};

struct bulletin;

struct bulletin_config {
    const char *servers;     /* as in connection_config */
    const char *name;        /* of the cluster */
    const char *credentials; /* or NULL */
    uint64_t node;           /* this machine */
};

/* Called with what any machine tells, this one too, one call at a time. It must not wait. */
typedef void bulletin_hearer(void *context, const void *bytes, size_t length);

/*
 * Connects, and hears what is told from then on. Tries until `deadline` (clock_now()) while no
 * server can be reached. Returns NULL with a sentence without its end in `fault`. Waits: no lock
 * may be held.
 */
struct bulletin *bulletin_open(const struct bulletin_config *config, bulletin_hearer *hearer,
                               void *context, int64_t deadline, char fault[BULLETIN_FAULT_SIZE]);

/* Tells all machines. Without a link it is lost. For one thread at a time. Hold no lock. */
void bulletin_publish(struct bulletin *bulletin, const void *bytes, size_t length);

/* Whether the library has given its connection up, or it was stopped. Hold no lock. */
bool bulletin_is_over(const struct bulletin *bulletin);

/* Ends the connection: the hearer is not called any more when it returns. Hold no lock. */
void bulletin_stop(struct bulletin *bulletin);

/* Frees a bulletin that has been stopped, and that no thread uses any more. NULL is none. */
void bulletin_free(struct bulletin *bulletin);

#endif
