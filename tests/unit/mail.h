/*
 * mail: an outbox made of one end of a socket pair, and the flusher that serves it.
 */
#ifndef TESTS_UNIT_MAIL_H
#define TESTS_UNIT_MAIL_H

#include "peer.h"

#include "net/flusher.h"
#include "net/link.h"
#include "net/outbox.h"

#include <CUnit/CUnit.h>

struct mail {
    struct flusher *flusher; /* NULL: it is somebody else's */
    struct link *link;
    struct peer peer; /* the other end; it has no conn */
    struct outbox *outbox;
};

/* Of `limit` bytes; send_bytes as for peer_connect(). */
static inline void mail_open_for(struct mail *mail, struct flusher *flusher, size_t limit,
                                 int send_bytes)
{
    int ends[2];
    CU_ASSERT_TRUE_FATAL(peer_connect(ends, send_bytes));
    *mail = (struct mail){.peer = {.conn_fd = ends[0], .fd = ends[1]}};
    mail->link = link_create(ends[0], "peer");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mail->link);
    mail->outbox = outbox_create(mail->link, limit, flusher);
    CU_ASSERT_PTR_NOT_NULL_FATAL(mail->outbox);
}

static inline void mail_open(struct mail *mail, size_t limit, int send_bytes)
{
    struct flusher *flusher;
    CU_ASSERT_EQUAL_FATAL(flusher_start(&flusher), 0);
    mail_open_for(mail, flusher, limit, send_bytes);
    mail->flusher = flusher;
}

/* For peer_eventually(): whether the flusher is done with the outbox. */
static inline bool mail_is_flushed(void *outbox)
{
    return !outbox_status(outbox).flushing;
}

static inline void mail_close(struct mail *mail)
{
    link_kill(mail->link, LINK_CLOSED);
    outbox_close(mail->outbox);
    if (mail->flusher != NULL)
        flusher_stop(mail->flusher);
    outbox_release(mail->outbox);
    link_release(mail->link);
    peer_hang_up(&mail->peer);
}

#endif
