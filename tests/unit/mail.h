/*
 * mail: an outbox that can be looked into, and the flusher that serves it. It sends to the socket
 * of a conn, whose own outbox is idle.
 */
#ifndef TESTS_UNIT_MAIL_H
#define TESTS_UNIT_MAIL_H

#include "peer.h"

#include "base/lock.h"
#include "net/outbox.h"
#include "net/flusher.h"

#include <CUnit/CUnit.h>

struct mail {
    struct flusher *flusher;
    struct peer peer;
    struct outbox outbox;
};

/* Of `limit` bytes; send_bytes as for peer_connect(). */
static inline void mail_open(struct mail *mail, size_t limit, int send_bytes)
{
    CU_ASSERT_EQUAL_FATAL(flusher_start(&mail->flusher), 0);
    struct conn_config config = {.max_line = 100, .sendq = limit, .flusher = mail->flusher};
    CU_ASSERT_TRUE_FATAL(peer_open(&mail->peer, &config, send_bytes));
    CU_ASSERT_EQUAL_FATAL(outbox_init(&mail->outbox, mail->peer.conn, limit, mail->flusher), 0);
}

/* For peer_eventually(): whether the flusher is done with the outbox. */
static inline bool mail_is_flushed(void *context)
{
    struct outbox *outbox = context;
    lock_take(&outbox->lock);
    bool flushed = !outbox->flushing;
    lock_release(&outbox->lock);
    return flushed;
}

static inline void mail_close(struct mail *mail)
{
    link_kill(conn_link(mail->peer.conn), LINK_CLOSED);
    outbox_close(&mail->outbox);
    CU_ASSERT_TRUE(peer_eventually(mail_is_flushed, &mail->outbox));
    flusher_stop(mail->flusher);
    outbox_destroy(&mail->outbox);
    peer_close(&mail->peer);
}

#endif
