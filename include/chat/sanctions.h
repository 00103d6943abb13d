/*
 * sanctions: the bans and mutes of a server, in memory. Each is on a name, and on all names that
 * look like it, or on a range of addresses; it has an end or holds until it is lifted. What follows
 * from one is decided by those who ask for it: this module disconnects nobody.
 *
 * All functions but sanctions_create() and sanctions_destroy() may be called by any thread, and
 * take the sanctions lock. A moment is one of clock_utc(), in milliseconds; `now` is the present
 * one. A sanction whose end has come no longer holds: it is not found, not listed and dropped in
 * time. While there is none of a kind, a search for one takes no lock and costs nothing.
 */
#ifndef CHAT_SANCTIONS_H
#define CHAT_SANCTIONS_H

#include "chat/name.h"
#include "net/address_prefix.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SANCTIONS_MAX = 4096,           /* of both kinds: each is compared with each newcomer */
    SANCTION_REASON_BYTES_MAX = 200 /* a line with it fits three rows of a terminal */
};

enum sanction_kind { SANCTION_BAN, SANCTION_MUTE };

struct sanction {
    uint64_t
        number; /* in the order in which they were imposed, from 1; set by sanctions_impose() */
    enum sanction_kind kind;
    struct address_prefix range; /* no address: it is on the name */
    char name[NAME_SIZE];        /* "": it is on the range */
    char author[NAME_SIZE];
    char reason[SANCTION_REASON_BYTES_MAX + 1]; /* clean text; "": none */
    int64_t end;                                /* 0: for ever */
};

/* Sets the reason: cleans the text, and cuts it off if need be. Returns false when memory is out.
 */
bool sanction_set_reason(struct sanction *sanction, const char *text, size_t length);

struct sanctions;

/* Makes an empty set. Returns 0, or an errno. */
int sanctions_create(struct sanctions **result);

/* Frees the set, which no thread may use any more. */
void sanctions_destroy(struct sanctions *sanctions);

/* Removes all of them, of which the observer is not told. */
void sanctions_clear(struct sanctions *sanctions);

/*
 * An observer of changes, for whoever keeps them in a file. A sanction that replaces another one is
 * told as the other's lifting before it; one whose end comes is not told. It is called with the
 * sanctions lock held, so that the changes are told in their order: it must not wait, and may take
 * only locks of a higher rank. The sanction is valid during the call.
 */
enum sanction_change { SANCTION_IMPOSED, SANCTION_LIFTED };
typedef void sanctions_observer(void *context, enum sanction_change change,
                                const struct sanction *sanction);

/*
 * Sets the observer, or with NULL none. Who loads sanctions at the start imposes them first, in
 * their order, and observes then.
 */
void sanctions_observe(struct sanctions *sanctions, sanctions_observer *observer, void *context);

/*
 * Imposes a copy of a sanction. It replaces those of its kind on the same range, or on names that
 * look like its name. Returns 0; EINVAL if its end has come; ENOSPC if there are SANCTIONS_MAX;
 * ENOMEM.
 */
int sanctions_impose(struct sanctions *sanctions, const struct sanction *sanction, int64_t now);

/*
 * Lift those on names that look like a name, or those on exactly this range. Return how many held;
 * the first copies the name that was kept to `lifted`, which may be NULL: of several the one that
 * name_means(); "" if there was none.
 */
size_t sanctions_lift_name(struct sanctions *sanctions, enum sanction_kind kind, const char *name,
                           int64_t now, char lifted[NAME_SIZE]);
size_t sanctions_lift_range(struct sanctions *sanctions, enum sanction_kind kind,
                            const struct address_prefix *range, int64_t now);

/* Whether there may be one of a kind. Takes no lock: for whoever asks often, and first. */
bool sanctions_has_any(struct sanctions *sanctions, enum sanction_kind kind);

/*
 * Find the one that holds for a name or an address; of several the one that ends last. Return
 * whether there is one, and copy it to *found, which may be NULL.
 */
bool sanctions_find_name(struct sanctions *sanctions, enum sanction_kind kind, const char *name,
                         int64_t now, struct sanction *found);
bool sanctions_find_address(struct sanctions *sanctions, enum sanction_kind kind,
                            const struct address_prefix *address, int64_t now,
                            struct sanction *found);

/*
 * For a list: copies the first one of a kind whose number is above `after` to *next. Returns false
 * if there is none. A list that is made piece by piece holds no lock in between.
 */
bool sanctions_next(struct sanctions *sanctions, enum sanction_kind kind, uint64_t after,
                    int64_t now, struct sanction *next);

#endif
