/*
 * client: a person (or program) in a room, as the others see them: a name, a way to reach them.
 * Reference-counted, because a snapshot may hold one who is just leaving.
 */
#ifndef CHAT_CLIENT_H
#define CHAT_CLIENT_H

#include "chat/flow.h"
#include "chat/name.h"

#include <stdatomic.h>
#include <stdint.h>

struct outbox;

struct client {
    struct outbox *outbox; /* what it is sent; holds a reference */
    atomic_uint references;
    atomic_uint last_line; /* when a line came last: seconds of the monotonic clock */

    /* Guarded by the lock of the registry it is in. Its own thread, which alone renames it, may
       read its names without. */
    uint64_t id; /* never anybody else's, 0 before the first registry */
    char name[NAME_SIZE];
    uint64_t looks[NAME_VIEWS]; /* the name's name_hash() in each view */
    uint64_t correspondent;     /* id of who last sent a private message; 0: nobody */
    char correspondent_name[NAME_SIZE];

    /* Guarded by the room's order lock; see round.h. */
    uint64_t joined_at;   /* the room's position behind the join */
    uint64_t spoke_in[2]; /* the last even and the last odd round that it spoke in */

    struct flow_pace pace;     /* of what it says; its own thread's */
    struct flow_reader reader; /* guarded by the room's flow */
};

/* Makes a client with one reference, and with one more for `outbox`. NULL when memory is out. */
struct client *client_create(struct outbox *outbox);

/* One more reference, or one less; the last one frees it and lets go of the outbox. */
void client_acquire(struct client *client);
void client_release(struct client *client);

/* Notes that a line came just now. */
void client_touch(struct client *client);

/* Whole seconds since the last line. */
unsigned client_idle_seconds(const struct client *client);

#endif
