/*
 * server_figures: what a server has counted of its connections since its start (base/metric.h).
 * Connections to addresses apart (net/entrance.h) are not in any of these.
 */
#ifndef NET_SERVER_FIGURES_H
#define NET_SERVER_FIGURES_H

#include "base/metric.h"

#include <stdint.h>

struct server_figures {
    struct metric_series present;  /* connections, by what is spoken at their addresses */
    struct metric_series accepted; /* the same, ever */
    struct metric_series refused;  /* by net/refusal.h */
    struct metric_series closed;   /* by net/link.h's reasons; "refused": turned away by a thread */
    uint64_t max;                  /* connections at a time */
    uint64_t received, sent;       /* bytes of text, within TLS */
    uint64_t lines;                /* received */
    uint64_t behind, near_limit;   /* readers (net/outbox.h) */
    uint64_t pending;              /* bytes of output that sockets do not take yet */
};

/* The owner is a struct server (net/server.h). */
extern const struct metric_table server_metrics;

#endif
