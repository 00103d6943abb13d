/*
 * notify: tells the service manager that started the program how it does, in the protocol of
 * sd_notify(3): one datagram for each message, to the unix socket that $NOTIFY_SOCKET names. It is
 * what Type=notify and WatchdogSec= of a systemd unit ask for. Without the variable nothing is
 * done, and every function may be called all the same.
 *
 * Nothing here waits. When the manager's queue is full, the last state is kept and sent by
 * notify_serve() later. For one thread; takes no lock.
 */
#ifndef NET_NOTIFY_H
#define NET_NOTIFY_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct notify {
    int fd; /* -1: nobody is told anything */
    struct sockaddr_un address;
    socklen_t length;
    const char *owed; /* a state that the manager's queue had no place for, or NULL */
    int64_t retry;    /* when it is sent again */
    int64_t interval; /* nanoseconds between two signs of life; 0: none are wanted */
    int64_t due;      /* when the next one is; CLOCK_NEVER until the program is ready */
};

/*
 * Reads $NOTIFY_SOCKET (a path, or '@' and an abstract name), $WATCHDOG_USEC and $WATCHDOG_PID, and
 * opens a socket if the first one is set. Returns 0 or an errno; after an error nobody is told
 * anything.
 */
int notify_open(struct notify *notify);

/*
 * READY=1: the program serves, or has reloaded. From the first time on signs of life are due.
 * Returns 0, also when it is to be sent again later, or an errno.
 */
int notify_ready(struct notify *notify);

/* RELOADING=1, with the time as MONOTONIC_USEC. notify_ready() follows. */
void notify_reloading(struct notify *notify);

/* STOPPING=1: the program has begun to end. */
void notify_stopping(struct notify *notify);

/* When notify_serve() wants to be called; CLOCK_NEVER: not at all. */
int64_t notify_deadline(const struct notify *notify);

/*
 * Sends what is due: an owed state, and WATCHDOG=1 at half of $WATCHDOG_USEC. So whoever calls it
 * is what the watchdog watches.
 */
void notify_serve(struct notify *notify);

/* Closes the socket. */
void notify_close(struct notify *notify);

#endif
