/*
 * user: a person or a program, as the others see it: an id, a name, and a way to reach it. Users
 * are reference-counted, because a batch may still be on its way to one who is leaving.
 */
#ifndef CHAT_USER_H
#define CHAT_USER_H

#include "chat/flow.h"
#include "chat/format.h"
#include "chat/message.h"
#include "chat/name.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct outbox;

/* How what a user is sent reads: its door says so. */
struct user_view {
    const struct format *format; /* shared by all who have it */
    /*
     * Appends a message as it looks on a screen of the user's own, in whole lines. Called with the
     * outbox lock held, on any thread; takes no lock but the directory's. Returns false when memory
     * is out.
     */
    bool (*dress)(void *context, const struct message *message, struct buffer *out);
    void *context;
};

struct user {
    struct outbox *outbox; /* holds a reference */
    struct user_view view; /* does not change */
    atomic_uint references;
    atomic_uint last_line; /* when a line came last: seconds of the monotonic clock */

    /* Guarded by the lock of the directory it is in. Its own thread, which alone renames it, may
       read its names without. */
    uint64_t id; /* never anybody else's; does not change once it is in a directory, 0 before */
    char name[NAME_SIZE];
    uint64_t looks[NAME_VIEWS]; /* the name's name_hash() in each view */
    bool listed;                /* others find it */
    uint64_t correspondent;     /* id of who last sent a private message; 0: nobody */
    char correspondent_name[NAME_SIZE];

    struct flow_pace pace;     /* of what it says; its own thread's */
    struct flow_reader reader; /* for private floods; guarded by the flow */
};

/*
 * Makes a user with one reference, and with one more for `outbox`. What the view refers to must
 * live until the user has left all rooms and the directory. NULL when memory is out.
 */
struct user *user_create(struct outbox *outbox, const struct user_view *view);

/* One more reference, or one less; the last one frees it and lets go of the outbox. */
void user_acquire(struct user *user);
void user_release(struct user *user);

/*
 * A message that is for one user alone, and its text as the user's format has it: rendered with no
 * lock held, and kept for the outbox_flush() that must follow. Rendering fails when memory is out;
 * with `unless_behind`, keeping does nothing, and returns false, while the user's reader is behind.
 * The second takes the outbox lock. Neither waits.
 */
bool user_render(const struct user *user, const struct message *message, struct buffer *text);
bool user_queue(struct user *user, const struct message *message, const struct buffer *text,
                bool unless_behind);

/* Notes that a line came just now. */
void user_touch(struct user *user);

/* Whole seconds since the last line. */
unsigned user_idle_seconds(const struct user *user);

#endif
