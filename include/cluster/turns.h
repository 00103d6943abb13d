/*
 * turns: the changes that users of this machine want to make, in the order in which they go to the
 * other machines, and the turns that they get when they have come around (chat/ordering.h).
 *
 * A change waits until it is taken into a message. Until then it can be given up; from then on it
 * cannot, as the message may be in the stream without this machine's knowledge: its user waits
 * until that is known. So a user who is told that something was not done is told the truth.
 *
 * One thread takes changes into messages (turns_take()). Another one gives the turns, in the same
 * order (turns_give()), and waits for the end of each.
 */
#ifndef CLUSTER_TURNS_H
#define CLUSTER_TURNS_H

#include "base/buffer.h"
#include "base/lock.h"
#include "chat/ordering.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TURNS_MOST = 1024 }; /* changes in a message */

struct turn;

struct turns {
    struct ordering ordering; /* first: its functions are given a pointer to it */
    int64_t patience;         /* nanoseconds that a user waits for what can be given up */
    /*
     * Sends what concerns a remote user alone, as ordering_send(). For CHANGE_HOST stores the
     * answer in *host, which is NULL otherwise.
     */
    int (*send)(void *context, const struct user *to, const struct change *change,
                struct address_prefix *host);
    void (*hurried)(void *context); /* the server stops; NULL: nobody is told */
    bool (*list)(void *context, size_t index, struct ordering_machine *machine);
    void *context;

    struct lock lock;                    /* guards the rest */
    struct condition work;               /* there is something to be taken, or the turns stop */
    struct condition over;               /* a turn has ended */
    struct turn *first, *last;           /* that wait */
    struct turn *first_sent, *last_sent; /* that are in messages */
    struct turn *held;                   /* that has not ended; NULL: none */
    uint64_t stale;                      /* changes of users whose ids are below are void */
    bool linked;                         /* messages can be sent, */
    bool refused;                        /* but are not taken, */
    unsigned voids;                      /* how often turns_void() was called */
    bool paused;                         /* and no changes are taken into them for now */
    bool hurrying;                       /* whoever waits while they cannot gives up, */
    bool stopping;                       /* or in any case */
};

/* Initializes turns without changes. `send`, `list` and `context` are still to be set. Returns an
 * errno. */
int turns_init(struct turns *turns, int64_t patience);

/* Frees what they hold. No thread may use them any more. */
void turns_destroy(struct turns *turns);

/*
 * Waits until a change is there and messages can be sent, and appends changes to a message that was
 * begun (wire_begin()), and has that number. Returns how many; 0 if the turns stop, when memory is
 * out, or at `deadline` (clock_now()).
 */
size_t turns_take(struct turns *turns, struct buffer *message, uint64_t number, int64_t deadline);

/*
 * A message with this number has come: those before it, if they have not, are lost. Their changes
 * wait for another message, before all others.
 */
void turns_take_back(struct turns *turns, uint64_t number);

/*
 * Gives the next turn of those that were taken, for a change at that place of the order, and waits
 * until it has ended. Does nothing if none was taken: the change is forged.
 */
void turns_give(struct turns *turns, uint64_t place);

/*
 * Makes all changes void that are in messages, and those of users whose ids are below `below`, also
 * of such that come later: await() returns ESTALE, and for those that are in messages `sent`:
 * EINPROGRESS if they may come about all the same. No change is taken into a message until
 * turns_resume(). Returns how often it has been called.
 */
unsigned turns_void(struct turns *turns, uint64_t below, int sent);

/* Lets changes be taken again, unless turns_void() was called since it returned `voids`. */
void turns_resume(struct turns *turns, unsigned voids);
bool turns_are_paused(struct turns *turns);

/* Tells whether messages can be sent, and whether the one that is under way is refused. */
void turns_set_linked(struct turns *turns, bool linked);
void turns_set_refused(struct turns *turns, bool refused);

/* Whether users may do what they do without their turns, as the server stops. */
bool turns_are_hurried(struct turns *turns);

/* Has all users that wait go on with ECANCELED, and all that come. */
void turns_stop(struct turns *turns);

#endif
