/*
 * user: a person or a program, as others see it: an id, a name, and an outbox. Users are
 * reference-counted, as a batch may still be in delivery to one that is leaving.
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

/* How messages are rendered for a user, as its door decides. */
struct user_view {
    const struct format *format; /* shared by all users that have it */
    /*
     * Appends a message as it looks on the user's own screen, in whole lines. Called with the
     * outbox lock held, on any thread; takes no lock but the directory's. Returns false when memory
     * is out.
     */
    bool (*dress)(void *context, const struct message *message, struct buffer *out);
    void *context;
};

struct user {
    struct outbox *outbox; /* holds a reference */
    struct user_view view; /* constant */
    atomic_uint references;
    atomic_uint last_line; /* when the last line came, in seconds of the monotonic clock */

    /*
     * Guarded by the directory lock. The user's own thread, which alone renames it, may read the
     * names without the lock.
     */
    uint64_t id; /* unique, and constant once it is added to the directory; 0 before */
    char name[NAME_SIZE];
    uint64_t looks[NAME_VIEWS]; /* name_hash() of the name in each view */
    bool listed;                /* others can find it */
    uint64_t correspondent;     /* id of the user that last sent it a private message; 0: none */
    char correspondent_name[NAME_SIZE];

    struct flow_pace pace;     /* of its messages; belongs to its own thread */
    struct flow_reader reader; /* for private floods; guarded by the flow lock */
};

/*
 * Creates a user with one reference. Takes a reference to `outbox`. What the view points to must
 * live until the user has left all rooms and the directory. Returns NULL when memory is out.
 */
struct user *user_create(struct outbox *outbox, const struct user_view *view);

/* Take and release a reference. The last release frees the user, and releases the outbox. */
void user_acquire(struct user *user);
void user_release(struct user *user);

/*
 * Send a message to one user alone, in two steps that never wait. user_render() appends the message
 * to `text` in the user's format; it takes no lock, and returns false when memory is out.
 * user_queue() keeps the text, or the message as the user's screen has it, for the outbox_flush()
 * that must follow. With `unless_behind` it keeps nothing, and returns false, while the user's
 * reader is behind. It takes the outbox lock.
 */
bool user_render(const struct user *user, const struct message *message, struct buffer *text);
bool user_queue(struct user *user, const struct message *message, const struct buffer *text,
                bool unless_behind);

/* Records that a line came now. */
void user_touch(struct user *user);

/* Returns the whole seconds since the last line. */
unsigned user_idle_seconds(const struct user *user);

#endif
