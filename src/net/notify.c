#include "base/platform.h"

#include "base/clock.h"
#include "base/number.h"
#include "net/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MICROSECOND INT64_C(1000) /* nanoseconds */

/* How long to wait before sending again when the manager's queue was full. */
#define RETRY_INTERVAL (100 * CLOCK_MILLISECOND)

/* A shorter interval would keep the caller busy, and no manager needs one. */
#define WATCHDOG_INTERVAL_MIN CLOCK_MILLISECOND

static int set_address(struct notify *notify, const char *name)
{
    size_t length = strlen(name);
    bool abstract = name[0] == '@';
    size_t size = abstract ? length : length + 1; /* a path is sent with its NUL */
    if (!abstract && name[0] != '/')
        return EAFNOSUPPORT;
    if (size > sizeof notify->address.sun_path)
        return ENAMETOOLONG;
    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, name, size);
    if (abstract)
        notify->address.sun_path[0] = '\0';
    notify->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    return 0;
}

/* Returns the interval of $WATCHDOG_USEC for this process in nanoseconds; 0: none. */
static int64_t read_watchdog(void)
{
    const char *span = getenv("WATCHDOG_USEC");
    const char *process = getenv("WATCHDOG_PID");
    uint64_t microseconds;
    uint64_t id;
    if (span == NULL || !number_parse(span, 1, INT64_MAX / MICROSECOND, &microseconds))
        return 0;
    if (process != NULL &&
        !(number_parse(process, 1, INT_MAX, &id) && (intmax_t)id == (intmax_t)getpid()))
        return 0;
    return (int64_t)microseconds * MICROSECOND;
}

int notify_open(struct notify *notify)
{
    *notify = (struct notify){.fd = -1, .retry = CLOCK_NEVER, .due = CLOCK_NEVER};
    const char *name = getenv("NOTIFY_SOCKET");
    if (name == NULL || *name == '\0')
        return 0;
    int error = set_address(notify, name);
    if (error != 0)
        return error;
    notify->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (notify->fd < 0)
        return errno;
    fcntl(notify->fd, F_SETFD, FD_CLOEXEC);
    int64_t watchdog = read_watchdog();
    if (watchdog != 0)
        notify->interval =
            watchdog / 2 > WATCHDOG_INTERVAL_MIN ? watchdog / 2 : WATCHDOG_INTERVAL_MIN;
    return 0;
}

/* Sends one message. Returns 0 or an errno. */
static int send_message(const struct notify *notify, const char *message)
{
    if (notify->fd < 0)
        return 0;
    /* By name each time, since a manager that restarts may create its socket anew. */
    ssize_t sent = sendto(notify->fd, message, strlen(message), MSG_DONTWAIT | MSG_NOSIGNAL,
                          (const struct sockaddr *)&notify->address, notify->length);
    return sent < 0 ? errno : 0;
}

/* Whether an error says that the manager's queue is full. */
static bool is_full(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS;
}

/* Sends a state, or keeps it for later in the place of an earlier one. */
static int send_state(struct notify *notify, const char *state)
{
    int error = send_message(notify, state);
    bool full = is_full(error);
    notify->owed = full ? state : NULL;
    notify->retry = full ? clock_now() + RETRY_INTERVAL : CLOCK_NEVER;
    return full ? 0 : error;
}

int notify_ready(struct notify *notify)
{
    if (notify->interval != 0 && notify->due == CLOCK_NEVER)
        notify->due = clock_now() + notify->interval;
    return send_state(notify, "READY=1");
}

void notify_reloading(struct notify *notify)
{
    char message[64];
    snprintf(message, sizeof message, "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
             clock_now() / MICROSECOND);
    /* Not kept when the queue is full: READY=1 follows and suffices. */
    (void)send_message(notify, message);
}

void notify_stopping(struct notify *notify)
{
    (void)send_state(notify, "STOPPING=1");
}

bool notify_is_open(const struct notify *notify)
{
    return notify->fd >= 0;
}

void notify_status(struct notify *notify, const char *status)
{
    char line[NOTIFY_STATUS_SIZE];
    char message[sizeof "STATUS=" + NOTIFY_STATUS_SIZE];
    snprintf(line, sizeof line, "%s", status);
    if (strcmp(notify->status, line) == 0)
        return;
    snprintf(message, sizeof message, "STATUS=%s", line);
    if (send_message(notify, message) == 0)
        memcpy(notify->status, line, sizeof line);
}

int64_t notify_deadline(const struct notify *notify)
{
    return notify->retry < notify->due ? notify->retry : notify->due;
}

void notify_serve(struct notify *notify)
{
    int64_t now = clock_now();
    if (now >= notify->retry)
        (void)send_state(notify, notify->owed);
    if (now < notify->due)
        return;
    bool full = is_full(send_message(notify, "WATCHDOG=1"));
    notify->due =
        now + (full && RETRY_INTERVAL < notify->interval ? RETRY_INTERVAL : notify->interval);
}

void notify_close(struct notify *notify)
{
    if (notify->fd >= 0)
        close(notify->fd);
    notify->fd = -1;
}
