/*
 * refused: clients that were told that there is no place for them. Closing a socket with unread
 * input makes the kernel reset the connection, and what it was told might be lost on its way; so
 * each is read to its end first, for a short time, by the thread that accepts.
 */
#ifndef NET_REFUSED_H
#define NET_REFUSED_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

enum { REFUSED_MAX = 8 }; /* at once; beyond that the oldest has had its time */

struct refused {
    size_t count;
    struct {
        int fd;
        int64_t deadline; /* as of clock_now() */
    } items[REFUSED_MAX]; /* the oldest first */
};

/* Takes a socket that has been told why; it gets nothing more, and is closed in time. */
void refused_add(struct refused *refused, int fd);

/* Writes what poll() should look at, at most REFUSED_MAX; returns how many that are. */
size_t refused_fill(const struct refused *refused, struct pollfd *polled);

/* When the oldest has had its time; CLOCK_NEVER if there is none. */
int64_t refused_deadline(const struct refused *refused);

/*
 * Reads from those that poll() found readable, and closes who has ended or had its time.
 * `polled` is as refused_fill() left it, and nobody was added since. Returns how many of its
 * entries were these.
 */
size_t refused_serve(struct refused *refused, const struct pollfd *polled);

/* Closes all. */
void refused_close(struct refused *refused);

#endif
