/*
 * guest: a user, and the other end of its connection. Nobody else holds the connection, so that it
 * lives as long as the user.
 */
#ifndef TESTS_UNIT_GUEST_H
#define TESTS_UNIT_GUEST_H

#include "peer.h"

#include "chat/user.h"

#include <CUnit/CUnit.h>

struct guest {
    struct user *user;
    struct peer peer; /* without a conn */
};

/* A user with such a connection; send_bytes as for peer_connect(). */
static inline void guest_connect(struct guest *guest, const struct format *format, size_t sendq,
                                 struct flusher *flusher, int send_bytes)
{
    int ends[2];
    const struct user_view view = {.format = format, .elsewhere = format};
    CU_ASSERT_TRUE_FATAL(peer_connect(ends, send_bytes));
    guest->peer = (struct peer){.fd = ends[1]};
    struct link *link = link_create(ends[0], "guest");
    CU_ASSERT_PTR_NOT_NULL_FATAL(link);
    struct outbox *outbox = outbox_create(link, sendq, flusher);
    CU_ASSERT_PTR_NOT_NULL_FATAL(outbox);
    guest->user = user_create(outbox, &view);
    CU_ASSERT_PTR_NOT_NULL_FATAL(guest->user);
    outbox_release(outbox);
    link_release(link);
}

/* A user whose socket takes everything. */
static inline void guest_come(struct guest *guest, const struct format *format)
{
    guest_connect(guest, format, 1024 * 1024, NULL, 0);
}

/* A user whose socket is full soon, and who may have `sendq` bytes pending. */
static inline void guest_come_slowly(struct guest *guest, const struct format *format, size_t sendq,
                                     struct flusher *flusher)
{
    guest_connect(guest, format, sendq, flusher, PEER_SMALL_BYTES);
}

/* Lets go of the user and of the other end. */
static inline void guest_leave(struct guest *guest)
{
    user_release(guest->user);
    peer_hang_up(&guest->peer);
}

static inline unsigned guest_references(const struct guest *guest)
{
    return atomic_load(&guest->user->references);
}

/* Keeps something to be sent along with the next bytes. */
static inline void guest_is_owed(const struct guest *guest, const char *text)
{
    text_queue(guest->user->outbox, text, strlen(text));
}

/* Whether exactly this has come, and nothing behind it. */
static inline bool guest_has_got(const struct guest *guest, const char *expected)
{
    return peer_gets(&guest->peer, expected) && peer_has_nothing(&guest->peer);
}

/* Why the connection has ended, or LINK_OPEN. */
static inline enum link_reason guest_end(const struct guest *guest)
{
    return link_reason(outbox_link(guest->user->outbox));
}

#endif
