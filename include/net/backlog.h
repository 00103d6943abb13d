/*
 * backlog: the readers of one audience that have fallen behind, and the senders who wait for
 * them. It is what keeps both promises at once: nothing is lost for a reader who is merely slow,
 * and nobody waits longer than the drain timeout for one who has stopped.
 */
#ifndef NET_BACKLOG_H
#define NET_BACKLOG_H

#include "base/lock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;

/* A reader's place in a backlog; part of its outbox. All zero: in none. */
struct backlog_entry {
    struct backlog_entry *previous, *next;
    struct conn *conn;
    int64_t progress; /* when it was found full, or took something since, as of clock_now() */
    int64_t since;    /* when it fell behind, if it is */
    bool behind;      /* senders wait for it */
};

struct backlog {
    struct lock lock; /* guards all entries that are in it */
    struct condition clear;
    struct backlog_entry entries; /* head of a ring: every reader whose socket is full */
    size_t awaited;               /* those of them that are behind */
    int64_t hurried_until;        /* before this time a wait is short: there was a long one */
};

/* Makes an empty backlog. Returns 0 or an errno. */
int backlog_init(struct backlog *backlog);

/* The backlog must be empty. */
void backlog_destroy(struct backlog *backlog);

/* A reader's socket is full. The conn must live until backlog_leave(). Takes the backlog lock. */
void backlog_enter(struct backlog *backlog, struct backlog_entry *entry, struct conn *conn);

/*
 * The reader has taken something, if `progress`, and is behind now, or is not: if it is, those who
 * send wait for it. Takes the backlog lock.
 */
void backlog_note(struct backlog *backlog, struct backlog_entry *entry, bool progress, bool behind);

/* The reader has taken everything, or is gone. Takes the backlog lock. */
void backlog_leave(struct backlog *backlog, struct backlog_entry *entry);

/* Whether there is nobody to wait for at this moment. Takes the backlog lock. */
bool backlog_is_clear(struct backlog *backlog);

/*
 * Waits until nobody is behind, for at most `timeout` nanoseconds. Then everyone whose socket was
 * full and who took nothing all that time is cut off with CONN_TOO_SLOW, behind or not yet: so
 * those who stopped reading together cost one wait together. Who takes something, but so little
 * that it is still behind, is cut off too. Those who stopped a moment later must not cost the same
 * again: for four times the timeout after a wait that ended so, a wait is a quarter as long. Hold
 * no lock.
 */
void backlog_wait(struct backlog *backlog, int64_t timeout);

#endif
