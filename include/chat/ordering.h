/*
 * ordering: what puts the changes that users make on several machines into one order. The cluster
 * registers itself here (cluster/node); a chat on one machine has none.
 *
 * Who wants to change something awaits its turn. Then each other machine makes the same change at
 * the same place of the order, from what it has been told (chat/replica.h), and here nothing else
 * of the order happens until the turn ends. So whether a name is free, or a room lets somebody in,
 * has the same answer everywhere. A turn is for what is quick: who has published ends it, and does
 * not wait for deliveries meanwhile, but for those without which names would be confused
 * (chat/partings.h).
 *
 * A user who is on another machine (user_is_remote()) has had its turn there: for it nothing is
 * awaited.
 */
#ifndef CHAT_ORDERING_H
#define CHAT_ORDERING_H

#include "chat/change.h"
#include "chat/user.h"

#include <stddef.h>
#include <stdint.h>

struct ordering;

/* How long a user waits while the other machines cannot be reached. */
enum ordering_patience {
    ORDERING_PATIENT, /* as long as they are told to wait, and then it is not changed */
    /* Until it is changed: what cannot be left undone. A user who leaves has a struct user_delay.
     */
    ORDERING_ENDLESS
};

/* A machine of the cluster, as operators are told of it. */
struct ordering_machine {
    const char *name; /* of a remote machine, as its users have it; valid as long as the ordering */
    bool is_own;      /* it is this one */
    int64_t since;    /* clock_utc() of its beginning, by its own clock; 0: not known */
    int64_t silent;   /* milliseconds since it was heard */
    int64_t off;      /* milliseconds that its clock was ahead of this machine's then */
    uint64_t behind;  /* messages of the stream that it had not made when it last told so */
};

struct ordering_functions {
    int (*await)(struct ordering *ordering, const struct user *user, const struct change *change,
                 enum ordering_patience patience, uint64_t *place);
    void (*end)(struct ordering *ordering);
    void (*hurry)(struct ordering *ordering);
    int (*send)(struct ordering *ordering, const struct user *to, const struct change *change);
    int (*ask)(struct ordering *ordering, const struct user *user, const struct change *change,
               struct address_prefix *host);
    bool (*list)(struct ordering *ordering, size_t index, struct ordering_machine *machine);
};

struct ordering {
    const struct ordering_functions *functions;
    uint64_t identity; /* of the order: another one has another */
    uint64_t place;    /* of the change that is being made; for whoever makes it */
};

/*
 * Awaits the turn of a change that a user makes, and stores its place in the order, unless that is
 * NULL: a number that no other change has, above those before. Returns 0, and ordering_end() must
 * follow; or, with nothing changed on any machine, ETIMEDOUT as the others cannot be reached,
 * ECANCELED as the server stops, ESTALE as the user has left in the eyes of the other machines,
 * which have not heard of this one for too long (session_come_in_anew()), ENOMEM. EINPROGRESS is as
 * ESTALE, but it may be changed all the same. Without an
 * ordering it returns 0 at once, and the place is 0. Hold no lock. For the user's own thread.
 */
int ordering_await(struct ordering *ordering, const struct user *user, const struct change *change,
                   enum ordering_patience patience, uint64_t *place);

/* The same for what a user does most: it comes into the chat, at a place, with the rank it has; */
int ordering_await_entering(struct ordering *ordering, const struct user *user, const char *name,
                            enum ordering_patience patience, uint64_t *place);

/* joins or creates a room, with a key (NULL: none); */
int ordering_await_joining(struct ordering *ordering, const struct user *user, const char *room,
                           const char *key);

/*
 * leaves a room, or the chat (NULL); made to leave `by` somebody, if that is not
 * NULL. What cannot be left undone has ORDERING_ENDLESS;
 */
int ordering_await_leaving(struct ordering *ordering, const struct user *user, const char *room,
                           const char *by, enum ordering_patience patience);

/*
 * is registered or an operator from now on, or is not any more; what it has proved cannot be left
 * undone. Who has not come in yet tells it with its coming in: for it nothing is awaited;
 */
int ordering_await_login(struct ordering *ordering, const struct user *user, enum change_rank rank);

/* takes another name; */
int ordering_await_renaming(struct ordering *ordering, const struct user *user, const char *name);

/* is away, `text` telling why, or is back; */
int ordering_await_away(struct ordering *ordering, const struct user *user, bool is_away,
                        struct words text);

/* keeps a room, or has one go that is kept; */
int ordering_await_keeping(struct ordering *ordering, const struct user *user, const char *room,
                           bool keeps);

/* says something in a room, and gets its place, unless that is NULL. */
int ordering_await_talk(struct ordering *ordering, const struct user *user, const char *room,
                        const struct batch *said, uint64_t *place);

/*
 * Memory is out for a change whose turn it is: where other machines make it, too, it is not left
 * undone. Waits a little, and returns true: it is to be tried again. Returns false on one machine.
 */
bool ordering_await_memory(const struct ordering *ordering);

/*
 * Ends the turn of the calling thread, if it has one. Takes the cluster's lock, and may be called
 * with any lock of the chat held.
 */
static inline void ordering_end(struct ordering *ordering)
{
    if (ordering != NULL)
        ordering->functions->end(ordering);
}

/*
 * The server stops: from now on who would wait for machines that cannot be reached gives up with
 * ECANCELED, also what cannot be left undone.
 */
static inline void ordering_hurry(struct ordering *ordering)
{
    if (ordering != NULL)
        ordering->functions->hurry(ordering);
}

/*
 * Has the machine of a remote user do what concerns that user alone: give it a private message or a
 * request for the floor, or have it leave. Waits until that is done. Returns 0; EAGAIN if the
 * message can wait, and is to, as its reader is behind: ask again within FLOW_TICK; ESRCH if the
 * user is not there any more; EHOSTUNREACH if its machine cannot be reached, and it was not done;
 * ETIMEDOUT, or ECANCELED as the server stops, if nobody knows whether it was, or will be; ENOMEM.
 * Hold no lock.
 */
static inline int ordering_send(struct ordering *ordering, const struct user *to,
                                const struct change *change)
{
    return ordering->functions->send(ordering, to, change);
}

/*
 * Stores what a host is counted as that a user comes from (user_host()); if it is remote, asks its
 * machine, and waits for the answer. Returns 0, with ADDRESS_NONE as well for who has left; or an
 * errno as ordering_send(), with ADDRESS_NONE. Hold no lock.
 */
int ordering_ask_host(struct ordering *ordering, const struct user *user,
                      struct address_prefix *host);

/*
 * Stores what is known of the machine with an index from 0, among those that are there. Returns
 * false if there are not so many, or without an ordering. Takes the cluster's lock.
 */
static inline bool ordering_list(struct ordering *ordering, size_t index,
                                 struct ordering_machine *machine)
{
    return ordering != NULL && ordering->functions->list(ordering, index, machine);
}

#endif
