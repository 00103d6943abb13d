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
    int64_t since; /* when it fell behind, as of clock_now() */
    bool given_up; /* cut off: nobody waits for it any more */
};

struct backlog {
    struct lock lock; /* guards all entries that are in it */
    struct condition clear;
    struct backlog_entry entries; /* head of a ring */
    size_t awaited;               /* entries that are not given up */
};

/* Makes an empty backlog. Returns 0 or an errno. */
int backlog_init(struct backlog *backlog);

/* The backlog must be empty. */
void backlog_destroy(struct backlog *backlog);

/* A reader has fallen behind. The conn must live until backlog_leave(). Takes the backlog lock. */
void backlog_enter(struct backlog *backlog, struct backlog_entry *entry, struct conn *conn);

/* The reader has caught up, or is gone. Takes the backlog lock. */
void backlog_leave(struct backlog *backlog, struct backlog_entry *entry);

/* Whether there is nobody to wait for at this moment. Takes the backlog lock. */
bool backlog_is_clear(struct backlog *backlog);

/*
 * Waits until nobody is behind, for at most `timeout` nanoseconds; then everyone who was behind
 * all that time is cut off with CONN_TOO_SLOW. Hold no lock.
 */
void backlog_wait(struct backlog *backlog, int64_t timeout);

#endif
