/*
 * user: a person or a program, as others see it: an id, a name, and an outbox. Users are
 * reference-counted, as a batch may still be in delivery to one that is leaving.
 *
 * A remote user is connected to another machine of a cluster. It has no outbox, and is sent
 * nothing here: its own machine does that. What is said of a user's own thread holds for the one
 * that makes the changes of other machines (chat/replica.h).
 */
#ifndef CHAT_USER_H
#define CHAT_USER_H

#include "chat/change.h"
#include "chat/flow.h"
#include "chat/format.h"
#include "chat/ignore_list.h"
#include "chat/looks.h"
#include "chat/message.h"
#include "chat/name.h"
#include "chat/verdict.h"
#include "net/address_prefix.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { USER_AWAY_MAX = 200, USER_AWAY_SIZE = USER_AWAY_MAX + 1 }; /* bytes; with the NUL */

/* Why a user is to come in anew (chat/replica.h). */
enum user_eviction {
    USER_STAYS,
    USER_UNHEARD, /* the other machines have not heard of this one for too long */
    USER_UNTRUE   /* what this machine knew of users is not true any more; their ids are others */
};

struct encoding;
struct member;
struct outbox;
struct screen;

/*
 * How messages look on a user's own screen. Most look the same to all users that have the same
 * settings, and are rendered once for all of them; a message that names the user is rendered for
 * that user alone. The functions are called with the outbox lock held, on any thread; they take no
 * lock but the directory's. Those that append whole lines return false when memory is out.
 */
struct user_look {
    /*
     * Returns the format of messages that do not name the user, by the user's current settings;
     * with `elsewhere`, of messages of a room that is not its current one.
     */
    const struct format *(*format)(void *context, bool elsewhere);

    /* Whether a message names the user. */
    bool (*is_named)(void *context, const struct message *message);

    /* Appends a message, of the current room or from elsewhere, as it looks to this user. */
    bool (*dress)(void *context, const struct message *message, bool elsewhere, struct buffer *out);

    /* Appends the lines that must come before a message of that date in the shared format. */
    bool (*begin)(void *context, int date, struct buffer *out);
};

/* The format for peers with a certain encoding of text, which are programs (net/encoding.h). */
struct user_format {
    const struct encoding *encoding;
    const struct format *format;
};

/* How messages are rendered for a user, as its door decides. */
struct user_view {
    const struct format *format;    /* shared by all users that have it */
    const struct format *elsewhere; /* the same, for rooms that are not the user's current one */
    const struct user_format *programs; /* NULL: none has another one */
    const struct user_look *look;
    void *context; /* for the look */
};

/*
 * What is done when a user who leaves is kept waiting by other machines that cannot be reached: by
 * its own thread, once. It must be quick, as its turn may have come.
 */
struct user_delay {
    void (*begins)(void *context); /* NULL: nothing */
    void *context;
};

/* What only a user has that is connected to this machine. */
struct user_local {
    /*
     * What it does not want to be sent. Changed by user_set_ignored() on the user's own thread,
     * which may read the list without a lock; others hold the outbox lock. Whether it is NULL may
     * be looked up without the lock.
     */
    struct ignore_list *_Atomic ignored;

    struct user_view view;       /* constant */
    struct user_delay delay;     /* of its own thread */
    struct verdict_box verdicts; /* that its own thread has not executed yet */
    atomic_int evicted;          /* enum user_eviction: it is to come in anew, and does not know */

    /* Who takes its place, and how far that is; chat/succession.h. */
    atomic_int succession;
    struct user *_Atomic heir; /* holds a reference; NULL: nobody */

    /* Who has sent it a private message last. Guarded by the directory lock, as its name. */
    uint64_t correspondent; /* its id; 0: nobody */
    char correspondent_name[NAME_SIZE];
    char name[NAME_SIZE];

    struct flow_reader reader; /* for private floods; guarded by the flow lock, as the next */
    int64_t let_in;            /* flow_wait_for() */
    atomic_bool told_unlinked; /* it was told that the link is down, and not that it is back */
    atomic_bool unstored;      /* of what it has said something is not, since it was told so */
};

struct user {
    const char *machine; /* where it is remote, the name of its machine */
    atomic_uint references;
    atomic_bool registered;  /* its name is registered, and it has given the password */
    atomic_bool is_operator; /* it keeps order; only who is registered does */
    atomic_uint last_line;   /* when the last line came, in seconds of the monotonic clock */

    /*
     * Guarded by the directory lock. The user's own thread, which alone renames it, may read the
     * names and memberships without the lock.
     */
    bool listed; /* others can find it */
    uint64_t id; /* unique, and constant once it is added to the directory; 0 before */
    char *name;  /* a block of its own if it is remote, as there may be many of them */
    struct name_looks looks;
    struct member *members; /* its memberships, in ascending order of the rooms' numbers */
    char *away;             /* "" or why it is away; NULL: it is not; chat/away.h */

    struct flow_pace pace; /* of its messages; belongs to its own thread */

    /* A delivery wants the outbox, and what is first of the next one. */
    struct outbox *outbox;     /* holds a reference; NULL: it is remote */
    struct user_local local[]; /* one, or none if it is remote */
};

/*
 * Creates a user with one reference. Takes a reference to `outbox`. What the view points to must
 * live until the user has left all rooms and the directory. Returns NULL when memory is out.
 */
struct user *user_create(struct outbox *outbox, const struct user_view *view);

/*
 * Creates a remote user with one reference. `machine` is the name of the machine that it is
 * connected to, and must outlive it. Returns NULL when memory is out.
 */
struct user *user_create_remote(const char *machine);

/* Whether a user is connected to another machine. Constant. */
static inline bool user_is_remote(const struct user *user)
{
    return user->outbox == NULL;
}

/* Returns where a user comes from, for the log: the address of its peer, or its machine. */
const char *user_peer(const struct user *user);

/*
 * Returns what a host is counted as that a user comes from (net/address_prefix.h), and whether its
 * address is in a range. Of a remote user it is not known: ADDRESS_NONE, and false.
 */
struct address_prefix user_host(const struct user *user);
bool user_is_on(const struct user *user, const struct address_prefix *range);

/* Take and release a reference. The last release frees the user, and releases the outbox. */
void user_acquire(struct user *user);
void user_release(struct user *user);

/*
 * Returns the format of messages for the user while its peer has this encoding; with `elsewhere`,
 * of messages of a room that is not its current one. Format and encoding change together: the
 * outbox, which checks the encoding when it sends, checks the format with it.
 */
static inline const struct format *user_format(const struct user *user,
                                               const struct encoding *encoding, bool elsewhere)
{
    const struct user_view *view = &user->local->view;
    if (encoding != NULL && view->programs != NULL && view->programs->encoding == encoding)
        return view->programs->format;
    return elsewhere ? view->elsewhere : view->format;
}

/*
 * Whether there is something that the user, which is not remote, does not want to be sent. Takes no
 * lock: read the outbox's mode before, which is another one after a change.
 */
static inline bool user_ignores_some(const struct user *user)
{
    return atomic_load_explicit(&user->local->ignored, memory_order_relaxed) != NULL;
}

/* Returns what the user does not want to be sent. For its own thread, or with the outbox lock. */
static inline const struct ignore_list *user_ignored(const struct user *user)
{
    return atomic_load_explicit(&user->local->ignored, memory_order_relaxed);
}

/*
 * Sets what the user does not want to be sent: from now on nothing of that is kept for it. Takes
 * over the list, and frees the former one. For the user's own thread. Takes the outbox lock.
 */
void user_set_ignored(struct user *user, struct ignore_list *list);

/* Whether the user wants to be sent a message; a remote one does here. Takes the outbox lock. */
bool user_wants(const struct user *user, const struct message *message);

/* A message rendered for one user, which is freed with buffer_free(&text.bytes). */
struct user_text {
    bool elsewhere; /* to be set: the message is of a room that is not the current one */
    bool answer;    /* to be set: the user has asked for it, and pays for it (net/throttle.h) */
    const struct format *format;
    struct buffer bytes;
};

/*
 * Send a message to one user alone, in two steps that never wait. To a remote user they send
 * nothing, and return true. user_render() makes the text in
 * the user's format; it takes no lock, and returns false when memory is out. user_queue() keeps the
 * text, or the message as the user's screen has it, for the outbox_flush() that must follow; if the
 * user has changed its format meanwhile, it renders the text anew. With `unless_behind` it keeps
 * nothing, and returns false, while the user's reader is behind. It takes the outbox lock.
 */
bool user_render(const struct user *user, const struct message *message, struct user_text *text);
bool user_queue(struct user *user, const struct message *message, struct user_text *text,
                bool unless_behind);

/* Does all of that. Returns false, with nothing sent, when memory is out. Hold no lock. */
bool user_send(struct user *user, const struct message *message);

/* Sends what is queued for a user, as outbox_flush(). */
void user_flush(struct user *user);

/*
 * Shows a message on the screen of the user's outbox as it looks to that user. Must be called with
 * the outbox lock held. Returns false when memory is out.
 */
bool user_show(const struct user *user, const struct message *message, bool elsewhere,
               struct screen *screen, struct buffer *out);

/* Whether the user's name is registered, and its person has proved to own it. */
static inline bool user_is_registered(const struct user *user)
{
    return atomic_load_explicit(&user->registered, memory_order_relaxed);
}

/* Whether the user keeps order. */
static inline bool user_is_operator(const struct user *user)
{
    return atomic_load_explicit(&user->is_operator, memory_order_relaxed);
}

/* Sets both. For the user's own thread, or before others know the user. */
void user_set_rank(struct user *user, enum change_rank rank);

/* Returns what the user is. */
enum change_rank user_rank(const struct user *user);

/* Records that a line came now. */
void user_touch(struct user *user);

/* Returns the whole seconds since the last line. */
unsigned user_idle_seconds(const struct user *user);

#endif
