/*
 * notify: reports the program's state to the service manager that started it, by the protocol of
 * sd_notify(3): each message is one datagram to the unix socket that $NOTIFY_SOCKET names. Units
 * with Type=notify or WatchdogSec= of systemd need it. Without the variable every function may be
 * called and does nothing.
 *
 * No function waits. When the manager's queue is full, the last state is kept, and notify_serve()
 * sends it later. For one thread; takes no lock.
 */
#ifndef NET_NOTIFY_H
#define NET_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { NOTIFY_STATUS_SIZE = 80 };

struct notify {
    int fd; /* -1: reports nothing */
    struct sockaddr_un address;
    socklen_t length;
    const char *owed; /* a state that did not fit into the manager's queue, or NULL */
    int64_t retry;    /* when it is sent again */
    int64_t interval; /* nanoseconds between two watchdog messages; 0: none */
    int64_t due;      /* when the next one is due; CLOCK_NEVER until the program is ready */
    char status[NOTIFY_STATUS_SIZE]; /* what was told last */
};

/*
 * Reads $NOTIFY_SOCKET (a path, or '@' and an abstract name), $WATCHDOG_USEC and $WATCHDOG_PID, and
 * opens a socket if the first one is set. Returns 0 or an errno; after an error nothing is
 * reported.
 */
int notify_open(struct notify *notify);

/*
 * Sends READY=1: the program serves, or has reloaded. The first call starts the watchdog messages.
 * Returns 0, also when the state is kept for later, or an errno.
 */
int notify_ready(struct notify *notify);

/* Sends RELOADING=1, with the time as MONOTONIC_USEC. notify_ready() must follow. */
void notify_reloading(struct notify *notify);

/* Sends STOPPING=1: the program has begun to end. */
void notify_stopping(struct notify *notify);

/* Whether there is a manager that is told anything. */
bool notify_is_open(const struct notify *notify);

/*
 * Sends STATUS=, a line for people about what goes on, if it is another one than before. One that
 * does not fit into the manager's queue is forgotten: the next call with it sends it.
 */
void notify_status(struct notify *notify, const char *status);

/* When notify_serve() must be called next; CLOCK_NEVER: not needed. */
int64_t notify_deadline(const struct notify *notify);

/*
 * Sends what is due: a state that was kept, and WATCHDOG=1 every half of $WATCHDOG_USEC. The
 * watchdog therefore watches the thread that calls this.
 */
void notify_serve(struct notify *notify);

/* Closes the socket. */
void notify_close(struct notify *notify);

#endif
