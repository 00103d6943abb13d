/*
 * lingering: the sockets of clients that were turned away. Closing a socket with unread input makes
 * the kernel reset the connection, and the refusal could be lost on its way. So the accepting
 * thread first reads the input of each to its end, for a short time.
 */
#ifndef NET_LINGERING_H
#define NET_LINGERING_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

enum { LINGERING_MAX = 8 }; /* sockets at a time; one more closes the oldest */

struct lingering {
    size_t count;
    struct {
        int fd;
        int64_t deadline;   /* as of clock_now() */
    } items[LINGERING_MAX]; /* oldest first */
};

/*
 * Takes ownership of a socket whose client was told why. It is sent nothing more and is closed in
 * time.
 */
void lingering_add(struct lingering *lingering, int fd);

/* Writes the entries for poll() to `polled`, at most LINGERING_MAX. Returns how many. */
size_t lingering_fill(const struct lingering *lingering, struct pollfd *polled);

/* The deadline of the oldest socket, as of clock_now(); CLOCK_NEVER if there is none. */
int64_t lingering_deadline(const struct lingering *lingering);

/*
 * Reads from the sockets that poll() found readable, and closes those that have ended or whose time
 * is over. `polled` must be as lingering_fill() wrote it, with no socket added since. Returns how
 * many entries of `polled` were used.
 */
size_t lingering_serve(struct lingering *lingering, const struct pollfd *polled);

/* Closes all sockets. */
void lingering_close(struct lingering *lingering);

#endif
