/*
 * lingering: clients that were told that there is no place for them. Closing a socket with unread
 * input makes the kernel reset the connection, and what it was told might be lost on its way; so
 * each is read to its end first, for a short time, by the thread that accepts.
 */
#ifndef NET_LINGERING_H
#define NET_LINGERING_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

enum { LINGERING_MAX = 8 }; /* at once; beyond that the oldest has had its time */

struct lingering {
    size_t count;
    struct {
        int fd;
        int64_t deadline;   /* as of clock_now() */
    } items[LINGERING_MAX]; /* the oldest first */
};

/* Takes a socket that has been told why; it gets nothing more, and is closed in time. */
void lingering_add(struct lingering *lingering, int fd);

/* Writes what poll() should look at, at most LINGERING_MAX; returns how many that are. */
size_t lingering_fill(const struct lingering *lingering, struct pollfd *polled);

/* When the oldest has had its time; CLOCK_NEVER if there is none. */
int64_t lingering_deadline(const struct lingering *lingering);

/*
 * Reads from those that poll() found readable, and closes who has ended or had its time.
 * `polled` is as lingering_fill() left it, and nobody was added since. Returns how many of its
 * entries were these.
 */
size_t lingering_serve(struct lingering *lingering, const struct pollfd *polled);

/* Closes all. */
void lingering_close(struct lingering *lingering);

#endif
