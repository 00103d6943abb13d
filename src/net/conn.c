#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "net/conn.h"
#include "net/intake.h"
#include "net/outbox.h"
#include "net/throttle.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
    SIP_BYTES = 1024,      /* what a waiting thread has ready on its stack: a line or a few */
    GULP_BYTES = 64 * 1024 /* and what it reads at once from a peer that sends more than that */
};

/* How long a conn that ends has at least to take what it is owed, and how long it may go on. */
#define FINISH_NANOSECONDS CLOCK_SECOND

struct conn {
    struct link *link;     /* holds a reference */
    struct outbox *outbox; /* holds a reference */
    struct intake intake;
    struct throttle throttle; /* of what the client asks for */
    uint64_t received;        /* bytes ever read */
    uint64_t late_bytes;      /* of them since the line that is waited for was late */
    int64_t finish;           /* nanoseconds to take what it is owed at the end */
    int64_t timeout;          /* nanoseconds for a line; 0: for ever */
    int64_t deadline;         /* for the line that is waited for; 0: its clock has not started */
    int64_t warning;          /* nanoseconds before the deadline, when it is warned; 0: never */
    int64_t receive_timeout;  /* what SO_RCVTIMEO is set to, or CLOCK_NEVER */
    uint64_t ends;            /* line ends that the clock has started anew for */
    bool expects_telnet;      /* on the listener it came by */
    bool warned;              /* of the deadline for this line */
    bool warning_due;         /* that is the next event, unless a line is */
    bool prompting;           /* a prompt has not been answered yet */
    bool gulping;             /* the last read brought all that it could: there is more */
    bool input_ended;         /* the peer has closed its side */
};

struct conn *conn_create(int fd, const char *peer, const struct conn_config *config)
{
    struct conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL)
        return NULL;
    conn->link = link_create(fd, peer);
    if (conn->link == NULL)
        goto no_link;
    conn->timeout = config->timeout;
    conn->finish = config->finish > FINISH_NANOSECONDS ? config->finish : FINISH_NANOSECONDS;
    conn->receive_timeout = CLOCK_NEVER;
    conn->expects_telnet = config->telnet;
    conn->outbox = outbox_create(conn->link, config->sendq, config->flusher);
    if (conn->outbox == NULL)
        goto no_outbox;
    intake_init(&conn->intake, conn->outbox, config->max_line);
    throttle_init(&conn->throttle, conn->outbox, config->debt);
    return conn;
no_outbox:
    link_give_back(conn->link);
no_link:
    free(conn);
    return NULL;
}

void conn_destroy(struct conn *conn)
{
    intake_free(&conn->intake);
    outbox_release(conn->outbox);
    link_release(conn->link);
    free(conn);
}

int conn_give_back(struct conn *conn)
{
    struct link *link = conn->link;
    link_acquire(link);
    conn_destroy(conn);
    return link_give_back(link);
}

struct outbox *conn_outbox(const struct conn *conn)
{
    return conn->outbox;
}

struct link *conn_link(const struct conn *conn)
{
    return conn->link;
}

/*
 * Lines in.
 */

/* The clock of the next line starts when it is waited for. */
static void stop_clock(struct conn *conn)
{
    conn->deadline = 0;
    conn->late_bytes = 0;
    conn->warned = conn->warning_due = false;
}

void conn_set_timeout(struct conn *conn, int64_t timeout)
{
    conn->timeout = timeout;
    stop_clock(conn);
}

void conn_set_warning(struct conn *conn, int64_t warning)
{
    conn->warning = warning;
}

/* Whether a recv() that failed with that error may be tried again. */
static bool may_pass(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static void input_failed(struct conn *conn, ssize_t received)
{
    /* A reset that a sender came upon first looks like an ordinary end from here. */
    if (received == 0 && outbox_error(conn->outbox) != OUTBOX_RESET)
        conn->input_ended = true;
    else
        link_end(conn->link, LINK_RESET);
}

/* Whether no more input comes: the peer has closed its side, or said so (telnet's EOF). */
static bool input_is_over(const struct conn *conn)
{
    return conn->input_ended || conn->intake.ended;
}

/*
 * How long the line may still take before it is late or, unless that was said, about to be; its
 * clock starts here. At most 0: it is.
 */
static int64_t time_left(struct conn *conn)
{
    int64_t warning = conn->warned ? 0 : conn->warning;
    if (conn->timeout == 0)
        return CLOCK_NEVER;
    if (conn->deadline != 0)
        return conn->deadline - clock_now() - warning;
    conn->deadline = clock_now() + conn->timeout;
    return conn->timeout - warning;
}

/* When the line is not late yet, but about to be, and that has not been said: says it now. */
static bool warn(struct conn *conn)
{
    if (conn->warning == 0 || conn->warned)
        return false;
    conn->warned = true;
    conn->warning_due = clock_now() < conn->deadline;
    return conn->warning_due;
}

/* Set only when it changed, which it does not for a client that sends whole lines. */
static void set_receive_timeout(struct conn *conn, int64_t nanoseconds)
{
    if (nanoseconds == conn->receive_timeout)
        return;
    conn->receive_timeout = nanoseconds;
    int64_t microseconds = nanoseconds == CLOCK_NEVER ? 0 : (nanoseconds + 999) / 1000;
    struct timeval span = {.tv_sec = (time_t)(microseconds / 1000000),
                           .tv_usec = (suseconds_t)(microseconds % 1000000)};
    setsockopt(link_fd(conn->link), SOL_SOCKET, SO_RCVTIMEO, &span, sizeof span);
}

/* Reads much at once, without waiting, from a peer that has more to say. */
static bool gulp(struct conn *conn)
{
    char *room = intake_room(&conn->intake, GULP_BYTES);
    ssize_t received =
        room != NULL ? recv(link_fd(conn->link), room, GULP_BYTES, MSG_DONTWAIT) : -1;
    if (received > 0) {
        conn->received += (uint64_t)received;
        if (!intake_take_from_room(&conn->intake, room, (size_t)received))
            link_end(conn->link, LINK_OUT_OF_MEMORY);
        return true;
    }
    if (room != NULL && received < 0 && !may_pass(errno))
        input_failed(conn, received); /* the kernel says this once */
    conn->gulping = false;
    intake_relax(&conn->intake);
    return false;
}

/*
 * Waits for bytes with nothing in hand but a small place on the stack, or with MSG_DONTWAIT takes
 * what has come. Returns whether there was anything, be it the end.
 */
static bool sip(struct conn *conn, int flags)
{
    char bytes[SIP_BYTES];
    ssize_t received = recv(link_fd(conn->link), bytes, sizeof bytes, flags);
    bool nothing = received < 0 && may_pass(errno);
    if (received > 0) {
        conn->received += (uint64_t)received;
        if (!intake_take(&conn->intake, bytes, (size_t)received))
            link_end(conn->link, LINK_OUT_OF_MEMORY);
        conn->gulping = received == SIP_BYTES;
    } else if (!nothing) {
        input_failed(conn, received);
    }
    return !nothing;
}

/*
 * The line is late. What has come counts all the same: this thread may not have run for a while,
 * or it made the client wait. But not for ever: bytes that make no line do not count.
 */
static void receive_late(struct conn *conn)
{
    uint64_t before = conn->received;
    bool came = (conn->gulping && gulp(conn)) || sip(conn, MSG_DONTWAIT);
    conn->late_bytes += conn->received - before;
    if (!came || conn->late_bytes > conn->intake.reader.max_line + GULP_BYTES)
        link_end(conn->link, LINK_IDLE);
}

/* Gets more input, or finds out why there is none. */
static void receive(struct conn *conn)
{
    int64_t left = time_left(conn);
    int64_t patience = intake_patience_left(&conn->intake);
    if (patience <= 0)
        intake_withdraw(&conn->intake);
    else if (patience < left)
        left = patience;
    if (left <= 0) {
        if (!warn(conn))
            receive_late(conn);
    } else if (!conn->gulping || !gulp(conn)) {
        intake_relax(&conn->intake);
        set_receive_timeout(conn, left);
        sip(conn, 0);
    }
}

static void prompt_answered(struct conn *conn)
{
    if (!conn->prompting)
        return;
    conn->prompting = false;
    outbox_prompt_answered(conn->outbox);
}

/* What the next line amounts to, if it has come. */
static bool next_line(struct conn *conn, struct line *line, enum conn_event *event)
{
    enum intake_result result = intake_next(&conn->intake, line);
    if (intake_line_ends(&conn->intake) != conn->ends)
        stop_clock(conn);
    conn->ends = intake_line_ends(&conn->intake);
    switch (result) {
    case INTAKE_NOTHING:
        if (conn->intake.failed)
            link_end(conn->link, LINK_OUT_OF_MEMORY);
        return false;
    case INTAKE_LINE:
        *event = CONN_LINE;
        break;
    case INTAKE_TOO_LONG:
        *event = CONN_LINE_TOO_LONG;
        break;
    case INTAKE_LEAVE:
        *event = CONN_LEFT;
        break;
    }
    prompt_answered(conn);
    return true;
}

bool conn_charge(struct conn *conn)
{
    return throttle_charge_request(&conn->throttle);
}

bool conn_catch_up(struct conn *conn)
{
    return throttle_catch_up(&conn->throttle, conn->timeout);
}

/* What the client asked for is in order before it is read on. */
static void pay(struct conn *conn)
{
    throttle_charge(&conn->throttle, intake_take_cost(&conn->intake));
    throttle_wait(&conn->throttle, conn->timeout);
}

static bool take_warning(struct conn *conn)
{
    bool due = conn->warning_due;
    conn->warning_due = false;
    return due;
}

enum conn_event conn_read_line(struct conn *conn, struct line *line)
{
    enum conn_event event = CONN_ENDED;
    lock_assert_none_held();
    for (pay(conn); link_reason(conn->link) == LINK_OPEN; pay(conn)) {
        if (next_line(conn, line, &event))
            return event;
        if (!intake_is_empty(&conn->intake))
            continue; /* some keys were typed, and there are more */
        if (take_warning(conn))
            return CONN_IDLE_SOON;
        if (!input_is_over(conn))
            receive(conn);
        else if (intake_rest(&conn->intake, line))
            return CONN_UNFINISHED_LINE;
        else
            link_end(conn->link, LINK_CLOSED);
    }
    return CONN_ENDED;
}

bool conn_line_waiting(struct conn *conn)
{
    if (!intake_has_next(&conn->intake))
        return false;
    throttle_charge(&conn->throttle, intake_take_cost(&conn->intake));
    return throttle_ends(&conn->throttle) == 0;
}

void conn_pause(struct conn *conn, int64_t nanoseconds)
{
    lock_assert_none_held();
    /* Asking for no event still reports a socket that was shut down, or that the peer closed. */
    int64_t deadline = clock_now() + nanoseconds;
    struct pollfd hung_up = {.fd = link_fd(conn->link), .events = 0};
    poll(&hung_up, 1, clock_poll_timeout(deadline));
    if (link_reason(conn->link) == LINK_OPEN)
        clock_sleep_until(deadline);
}

void conn_prompt(struct conn *conn, const char *prompt)
{
    intake_renew_prompt(&conn->intake);
    outbox_prompt(conn->outbox, prompt);
    conn->prompting = !intake_has_terminal(&conn->intake);
}

/*
 * The terminal.
 */

void conn_set_face(struct conn *conn, const struct terminal_face *face)
{
    intake_set_face(&conn->intake, face);
}

bool conn_expects_telnet(const struct conn *conn)
{
    return conn->expects_telnet;
}

bool conn_negotiate(struct conn *conn)
{
    struct intake *intake = &conn->intake;
    lock_assert_none_held();
    if (!intake_take_behind(intake))
        link_end(conn->link, LINK_OUT_OF_MEMORY);
    if (intake_has_terminal(intake))
        return true; /* it has asked for it by itself */
    intake_offer(intake);
    while (intake->offering && !input_is_over(conn) && intake_held(intake) < GULP_BYTES &&
           throttle_is_clear(&conn->throttle) && link_reason(conn->link) == LINK_OPEN) {
        int64_t left = intake_patience_left(intake);
        if (left <= 0)
            break;
        set_receive_timeout(conn, left);
        sip(conn, 0);
    }
    if (!intake_has_terminal(intake))
        intake_withdraw(intake);
    return intake_has_terminal(intake);
}

void conn_leave_terminal(struct conn *conn)
{
    intake_withdraw(&conn->intake);
}

bool conn_has_terminal(const struct conn *conn)
{
    return intake_has_terminal(&conn->intake);
}

void conn_change_face(struct conn *conn, void (*change)(void *context, const void *what),
                      void *context, const void *what)
{
    intake_change_face(&conn->intake, change, context, what);
}

/*
 * The end.
 */

/*
 * Closing a socket with unread input makes the kernel reset the connection, which can destroy
 * the last lines on their way to the peer. So the input is read to its end first, for a while.
 */
static void read_to_end(struct conn *conn, int64_t deadline)
{
    char bytes[SIP_BYTES];
    struct pollfd readable = {.fd = link_fd(conn->link), .events = POLLIN};
    while (clock_now() < deadline) {
        int ready = poll(&readable, 1, clock_poll_timeout(deadline));
        ssize_t received =
            ready > 0 ? recv(link_fd(conn->link), bytes, sizeof bytes, MSG_DONTWAIT) : -1;
        if (received == 0 || (received < 0 && ready > 0 && !may_pass(errno)))
            return;
    }
}

/* Sends what is owed, until the deadline. Returns whether that came about. */
static bool drain(struct conn *conn, int64_t deadline)
{
    struct pollfd writable = {.fd = link_fd(conn->link), .events = POLLOUT};
    while (outbox_try(conn->outbox) > 0)
        if (poll(&writable, 1, clock_poll_timeout(deadline)) == 0)
            return false;
    return outbox_error(conn->outbox) == OUTBOX_OPEN;
}

void conn_finish(struct conn *conn)
{
    enum link_reason reason = link_reason(conn->link);
    bool readable = reason != LINK_TOO_SLOW && reason != LINK_RESET && reason != LINK_OUT_OF_MEMORY;
    if (readable && drain(conn, clock_now() + conn->finish)) {
        shutdown(link_fd(conn->link), SHUT_WR);
        read_to_end(conn, clock_now() + FINISH_NANOSECONDS);
    }
    outbox_close(conn->outbox);
    shutdown(link_fd(conn->link), SHUT_RDWR);
}
