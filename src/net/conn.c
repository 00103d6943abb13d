#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "base/secret.h"
#include "base/tally.h"
#include "net/conn.h"
#include "net/intake.h"
#include "net/outbox.h"
#include "net/proxy_header.h"
#include "net/throttle.h"
#include "net/turnstile.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

enum {
    GATHER_TURNS_MAX = 64,      /* how often it waits for the next piece of a paste, */
    GATHER_MILLIS = 50,         /* and how long each time */
    SMALL_READ_BYTES = 1024,    /* on the stack of a waiting thread: a line or a few */
    BULK_READ_BYTES = 64 * 1024 /* for a peer that has sent more than that */
};

/* The least time to send pending output at the end, and the most to read input to its end. */
#define FINISH_NANOSECONDS CLOCK_SECOND

/* The time that a client has to send something, in nanoseconds. */
struct patience {
    int64_t timeout; /* 0: no limit */
    int64_t warning; /* between warning and deadline; 0: no warning */
};

struct conn {
    struct link *link;     /* holds a reference */
    struct outbox *outbox; /* holds a reference */
    struct intake intake;
    struct throttle throttle; /* limits the client's requests */
    struct tally received;    /* bytes ever received, */
    struct tally lines;       /* and lines; for any thread, as is the first */
    uint64_t late_bytes;      /* bytes received since the current line or key became late */
    int64_t finish;           /* nanoseconds to send pending output at the end */
    struct patience line;     /* for a line */
    struct patience key;      /* for a key, if keys count */
    int64_t deadline;         /* of the current line or key; 0: its clock has not started */
    int64_t receive_timeout;  /* the value of SO_RCVTIMEO, or CLOCK_NEVER */
    uint64_t signs;           /* line ends or bytes of keys that have restarted the clock */
    bool keys_count;          /* at a terminal, instead of lines */
    bool waits_for_key;       /* keys count, and there is a terminal */
    bool expects_telnet;      /* as its listener is configured */
    bool warned;              /* for the current line or key */
    bool warning_due;         /* the warning is the next event, unless a line is */
    bool prompting;           /* a prompt is open */
    bool bulk_input;          /* the last read filled its buffer, so more is likely */
    bool input_ended;         /* the peer has closed its side */
    bool output_ended;        /* and this is ours: all was sent */
    bool filtered;            /* input comes by the outbox's filter */
    char *identity;           /* who the peer has proved to be; NULL: nobody */
};

struct conn *conn_create(int fd, const char *peer, const struct conn_config *config)
{
    struct conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL)
        return NULL;
    conn->link = link_create(fd, peer);
    if (conn->link == NULL)
        goto no_link;
    link_set_address(conn->link, &config->address);
    conn->line.timeout = config->timeout;
    conn->finish = config->finish > FINISH_NANOSECONDS ? config->finish : FINISH_NANOSECONDS;
    conn->receive_timeout = CLOCK_NEVER;
    conn->expects_telnet = config->telnet;
    conn->outbox = outbox_create(conn->link, config->sendq, config->flusher);
    if (conn->outbox == NULL)
        goto no_outbox;
    intake_init(&conn->intake, conn->outbox, config->max_line, config->pulse);
    if (config->encoding != NULL)
        intake_set_encoding(&conn->intake, config->encoding);
    throttle_init(&conn->throttle, conn->outbox, config->debt);
    return conn;
no_outbox:
    link_give_back(conn->link);
no_link:
    free(conn);
    return NULL;
}

void conn_introduce(struct conn *conn, const char *peer, const struct address_prefix *address,
                    int64_t debt)
{
    link_set_peer(conn->link, peer);
    link_set_address(conn->link, address);
    throttle_init(&conn->throttle, conn->outbox, debt);
}

void conn_destroy(struct conn *conn)
{
    free(conn->identity);
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
 * The proxy.
 */

/* Whether a recv() that failed with `error` may be tried again. */
static bool may_pass(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* Waits until there is input. Returns false if there is none until the deadline, or the link ends.
 */
static bool await_input(struct conn *conn, int64_t deadline)
{
    struct pollfd readable = {.fd = link_fd(conn->link), .events = POLLIN};
    int ready = 0;
    while (ready <= 0 && link_reason(conn->link) == LINK_OPEN && clock_now() < deadline)
        ready = poll(&readable, 1, clock_poll_timeout(deadline));
    return ready > 0 && link_reason(conn->link) == LINK_OPEN;
}

/* Takes what has come of the header, and nothing behind it. Returns false if the input has ended.
 */
static bool take_header(struct conn *conn, struct proxy_header *header,
                        enum proxy_header_state *state)
{
    char bytes[SMALL_READ_BYTES];
    size_t used;
    int fd = link_fd(conn->link);
    ssize_t seen = recv(fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    if (seen <= 0)
        return seen < 0 && may_pass(errno);
    *state = proxy_header_take(header, bytes, (size_t)seen, &used);
    secret_wipe(bytes, (size_t)seen); /* a password may stand behind it */
    return recv(fd, bytes, used, MSG_DONTWAIT) == (ssize_t)used;
}

enum conn_proxy conn_hear_proxy(struct conn *conn, int64_t deadline,
                                struct sockaddr_storage *source)
{
    struct proxy_header header = {.taken = 0};
    enum proxy_header_state state = PROXY_HEADER_UNFINISHED;
    bool open = true;
    lock_assert_none_held();
    while (state == PROXY_HEADER_UNFINISHED && open && await_input(conn, deadline))
        open = take_header(conn, &header, &state);
    if (state == PROXY_HEADER_WHOLE) {
        *source = header.source;
        return header.told ? CONN_PROXY_TELLS : CONN_PROXY_TELLS_NOTHING;
    }
    bool late = state == PROXY_HEADER_UNFINISHED && open;
    link_end(conn->link, late ? LINK_IDLE : LINK_CLOSED);
    return late ? CONN_PROXY_LATE : CONN_PROXY_MALFORMED;
}

bool conn_has_ended(const struct conn *conn)
{
    char byte;
    ssize_t seen = recv(link_fd(conn->link), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return seen == 0 || (seen < 0 && !may_pass(errno));
}

/*
 * The filter.
 */

/* Waits until a handshake can go on. Returns false at the deadline, or when the link ends. */
static bool await_filter(struct conn *conn, enum filter_progress progress, int64_t deadline)
{
    struct pollfd polled = {.fd = link_fd(conn->link),
                            .events = progress == FILTER_WANTS_INPUT ? POLLIN : POLLOUT};
    if (link_reason(conn->link) != LINK_OPEN || clock_now() >= deadline)
        return false;
    poll(&polled, 1, clock_poll_timeout(deadline));
    return true;
}

/* Without memory for it, the peer has proved nothing. */
static void keep_identity(struct conn *conn, const struct filter *filter)
{
    char identity[FILTER_IDENTITY_SIZE];
    filter->functions->identify(filter, identity);
    if (*identity != '\0')
        conn->identity = strdup(identity);
}

/* Does what can be done of a handshake now, in turn. */
static enum filter_progress shake(const struct conn *conn, struct filter *filter,
                                  struct turnstile *turns, char fault[FILTER_FAULT_SIZE])
{
    turnstile_enter(turns);
    bool goes_on = link_reason(conn->link) == LINK_OPEN; /* it may have waited long */
    enum filter_progress progress =
        goes_on ? filter->functions->shake(filter, fault) : FILTER_WANTS_INPUT;
    turnstile_leave(turns);
    return progress;
}

bool conn_filter(struct conn *conn, struct filter *filter, struct turnstile *turns,
                 int64_t deadline, char fault[FILTER_FAULT_SIZE])
{
    enum filter_progress progress;
    lock_assert_none_held();
    throttle_wait(&conn->throttle, 0); /* whose visits are too many: a handshake is dear */
    snprintf(fault, FILTER_FAULT_SIZE, "it has not ended in time");
    do
        progress = shake(conn, filter, turns, fault);
    while ((progress == FILTER_WANTS_INPUT || progress == FILTER_WANTS_OUTPUT) &&
           await_filter(conn, progress, deadline));
    if (progress != FILTER_DONE) {
        filter->functions->free(filter);
        link_end(conn->link, progress == FILTER_FAILED ? LINK_CLOSED : LINK_IDLE);
        return false;
    }
    keep_identity(conn, filter);
    outbox_set_filter(conn->outbox, filter);
    conn->filtered = true;
    return true;
}

const char *conn_identity(const struct conn *conn)
{
    return conn->identity != NULL ? conn->identity : "";
}

/*
 * Receives through the filter, without waiting. What it takes beyond text is work all the same,
 * which others do not see, and is charged: a client may send nothing else.
 */
static ssize_t receive_filtered(struct conn *conn, void *bytes, size_t size)
{
    size_t overhead;
    ssize_t received = outbox_receive(conn->outbox, bytes, size, &overhead);
    int error = errno;
    throttle_charge(&conn->throttle, overhead);
    errno = error;
    return received;
}

/*
 * Receives as recv() does, through the filter if there is one. That may have input which the socket
 * does not show, so it is asked before the wait.
 */
static ssize_t receive_bytes(struct conn *conn, void *bytes, size_t size, int flags)
{
    if (!conn->filtered)
        return recv(link_fd(conn->link), bytes, size, flags);
    ssize_t received = receive_filtered(conn, bytes, size);
    if (received >= 0 || errno != EAGAIN || (flags & MSG_DONTWAIT) != 0)
        return received;
    struct pollfd readable = {.fd = link_fd(conn->link), .events = POLLIN};
    int64_t timeout = conn->receive_timeout;
    int64_t deadline = timeout == CLOCK_NEVER ? CLOCK_NEVER : clock_now() + timeout;
    if (poll(&readable, 1, clock_poll_timeout(deadline)) <= 0) {
        errno = EAGAIN;
        return -1;
    }
    return receive_filtered(conn, bytes, size);
}

/*
 * Lines in.
 */

/* The clock of the next line or key starts when conn_read_line() waits for it. */
static void stop_clock(struct conn *conn)
{
    conn->deadline = 0;
    conn->late_bytes = 0;
    conn->warned = conn->warning_due = false;
}

void conn_set_timeout(struct conn *conn, int64_t timeout)
{
    conn->line.timeout = timeout;
    stop_clock(conn);
}

void conn_set_deadline(struct conn *conn, int64_t deadline)
{
    stop_clock(conn);
    conn->deadline = deadline;
}

int64_t conn_timeout(const struct conn *conn)
{
    return conn->line.timeout;
}

void conn_set_warning(struct conn *conn, int64_t warning)
{
    conn->line.warning = warning;
}

void conn_set_key_timeout(struct conn *conn, int64_t timeout, int64_t warning)
{
    conn->key = (struct patience){timeout, warning};
    conn->keys_count = true;
    stop_clock(conn);
}

/* Restarts the clock at a line end, or at a key where keys count, and when that changes. */
static void watch_for_signs(struct conn *conn)
{
    bool keys = conn->keys_count && intake_has_terminal(&conn->intake);
    uint64_t signs = keys ? intake_typed_keys(&conn->intake) : intake_line_ends(&conn->intake);
    if (signs != conn->signs || keys != conn->waits_for_key)
        stop_clock(conn);
    conn->signs = signs;
    conn->waits_for_key = keys;
}

static void input_failed(struct conn *conn, ssize_t received)
{
    /* When a sender has met the reset first, recv() returns 0 as after an ordinary end. */
    bool no_memory = received < 0 && errno == ENOMEM; /* of a filter */
    if (received == 0 && outbox_error(conn->outbox) != OUTBOX_RESET)
        conn->input_ended = true;
    else
        link_end(conn->link, no_memory ? LINK_OUT_OF_MEMORY : LINK_RESET);
}

/* Whether no more input follows: the peer closed its side, or sent telnet's EOF. */
static bool input_is_over(const struct conn *conn)
{
    return conn->input_ended || conn->intake.ended;
}

static const struct patience *patience_with(const struct conn *conn)
{
    return conn->waits_for_key ? &conn->key : &conn->line;
}

/*
 * Returns the nanoseconds until the warning if it is still to come, or else until the deadline; at
 * most 0 when that time has passed. Starts the clock if it is not running.
 */
static int64_t time_left(struct conn *conn)
{
    const struct patience *patience = patience_with(conn);
    int64_t warning = conn->warned ? 0 : patience->warning;
    if (patience->timeout == 0)
        return CLOCK_NEVER;
    if (conn->deadline != 0)
        return conn->deadline - clock_now() - warning;
    conn->deadline = clock_now() + patience->timeout;
    return patience->timeout - warning;
}

/*
 * Makes the warning due if it has not been given for this line or key and the deadline is still
 * ahead.
 */
static bool warn(struct conn *conn)
{
    if (patience_with(conn)->warning == 0 || conn->warned)
        return false;
    conn->warned = true;
    conn->warning_due = clock_now() < conn->deadline;
    return conn->warning_due;
}

/* Saves the system call when nothing changes, as for a client that sends whole lines. */
static void set_receive_timeout(struct conn *conn, int64_t nanoseconds)
{
    if (nanoseconds == conn->receive_timeout)
        return;
    conn->receive_timeout = nanoseconds;
    if (conn->filtered)
        return; /* poll() waits */
    int64_t microseconds = nanoseconds == CLOCK_NEVER ? 0 : (nanoseconds + 999) / 1000;
    struct timeval span = {.tv_sec = (time_t)(microseconds / 1000000),
                           .tv_usec = (suseconds_t)(microseconds % 1000000)};
    setsockopt(link_fd(conn->link), SOL_SOCKET, SO_RCVTIMEO, &span, sizeof span);
}

/* Reads a large block without waiting. Returns whether there was any input. */
static bool read_bulk(struct conn *conn)
{
    char *room = intake_room(&conn->intake, BULK_READ_BYTES);
    ssize_t received = room != NULL ? receive_bytes(conn, room, BULK_READ_BYTES, MSG_DONTWAIT) : -1;
    if (received > 0) {
        tally_add_alone(&conn->received, (uint64_t)received);
        if (!intake_take_from_room(&conn->intake, room, (size_t)received))
            link_end(conn->link, LINK_OUT_OF_MEMORY);
        return true;
    }
    if (room != NULL && received < 0 && !may_pass(errno))
        input_failed(conn, received); /* the kernel reports an error only once */
    conn->bulk_input = false;
    intake_relax(&conn->intake);
    return false;
}

/*
 * Reads a small block: waits for it, or, with MSG_DONTWAIT, takes what is there. A waiting thread
 * thus holds no buffer but this one. Returns whether there was input or its end.
 */
static bool read_some(struct conn *conn, int flags)
{
    char bytes[SMALL_READ_BYTES];
    ssize_t received = receive_bytes(conn, bytes, sizeof bytes, flags);
    bool nothing = received < 0 && may_pass(errno);
    if (received > 0) {
        tally_add_alone(&conn->received, (uint64_t)received);
        if (!intake_take(&conn->intake, bytes, (size_t)received))
            link_end(conn->link, LINK_OUT_OF_MEMORY);
        conn->bulk_input = received == SMALL_READ_BYTES;
        secret_wipe(bytes, (size_t)received); /* it may have a password */
    } else if (!nothing) {
        input_failed(conn, received);
    }
    return !nothing;
}

/*
 * The pieces of a paste that the terminal does not mark are received one after the other. They are
 * taken together, as only together they can be told from typed keys.
 */
static void gather(struct conn *conn)
{
    struct pollfd readable = {.fd = link_fd(conn->link), .events = POLLIN};
    for (int turns = 0; turns < GATHER_TURNS_MAX; turns++) {
        if (!intake_expects_more(&conn->intake) || input_is_over(conn) ||
            link_reason(conn->link) != LINK_OPEN)
            return;
        bool more = conn->filtered && read_some(conn, MSG_DONTWAIT);
        if (!more && (poll(&readable, 1, GATHER_MILLIS) <= 0 || !read_some(conn, MSG_DONTWAIT)))
            return;
    }
}

/*
 * The deadline has passed. Input that has arrived by now still counts, since this thread may not
 * have run for a while, or may have throttled the client. Bytes that complete no line have a limit.
 */
static void receive_late(struct conn *conn)
{
    uint64_t before = tally_read(&conn->received);
    bool came = (conn->bulk_input && read_bulk(conn)) || read_some(conn, MSG_DONTWAIT);
    conn->late_bytes += tally_read(&conn->received) - before;
    if (!came || conn->late_bytes > conn->intake.reader.max_line + BULK_READ_BYTES)
        link_end(conn->link, LINK_IDLE);
}

/* Does what is due by the clock. An answer that has arrived and was not read yet counts. */
static void keep_time(struct conn *conn)
{
    if (!intake_keep_time(&conn->intake) && !read_some(conn, MSG_DONTWAIT))
        link_end(conn->link, LINK_SILENT);
}

/* Reads more input, or finds out why there is none. */
static void receive(struct conn *conn)
{
    int64_t left = time_left(conn);
    int64_t until_due = intake_time_left(&conn->intake);
    int64_t settling = intake_settle(&conn->intake);
    if (until_due <= 0) {
        keep_time(conn);
        return;
    }
    if (until_due < left)
        left = until_due;
    if (settling < left)
        left = settling;
    if (left <= 0) {
        if (!warn(conn))
            receive_late(conn);
    } else if (!conn->bulk_input || !read_bulk(conn)) {
        intake_relax(&conn->intake);
        set_receive_timeout(conn, left);
        read_some(conn, 0);
        gather(conn);
    }
}

static void prompt_answered(struct conn *conn)
{
    if (!conn->prompting)
        return;
    conn->prompting = false;
    outbox_prompt_answered(conn->outbox);
    intake_end_answer(&conn->intake);
}

/* Takes the next event from the input that was read. Returns false if there is none. */
static bool next_line(struct conn *conn, struct line *line, enum conn_event *event)
{
    enum intake_result result = intake_next(&conn->intake, line);
    watch_for_signs(conn);
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
    case INTAKE_NO_MEMORY:
        *event = CONN_LINE_NO_MEMORY;
        break;
    case INTAKE_LEAVE:
        *event = CONN_LEFT;
        break;
    }
    if (result != INTAKE_LEAVE)
        tally_add_alone(&conn->lines, 1);
    prompt_answered(conn);
    return true;
}

uint64_t conn_received(struct conn *conn)
{
    return tally_read(&conn->received);
}

uint64_t conn_lines(struct conn *conn)
{
    return tally_read(&conn->lines);
}

bool conn_charge(struct conn *conn)
{
    return throttle_charge_request(&conn->throttle);
}

bool conn_catch_up(struct conn *conn)
{
    return throttle_catch_up(&conn->throttle, conn->line.timeout);
}

/* Waits until the client's requests are within their limits, before more input is read. */
static void pay(struct conn *conn)
{
    throttle_charge(&conn->throttle, intake_take_cost(&conn->intake));
    throttle_wait(&conn->throttle, conn->line.timeout);
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
        if (link_take_call(conn->link))
            return CONN_CALLED;
        if (next_line(conn, line, &event))
            return event;
        if (!intake_is_empty(&conn->intake))
            continue; /* some keys were fed, and more are held */
        if (take_warning(conn))
            return CONN_IDLE_SOON;
        if (!input_is_over(conn))
            receive(conn);
        else if (intake_rest(&conn->intake, line)) {
            tally_add_alone(&conn->lines, 1);
            return CONN_UNFINISHED_LINE;
        } else
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
    /* Without a requested event, poll() still reports a shutdown and a hangup, but again and again.
     */
    int64_t deadline = clock_now() + nanoseconds;
    struct pollfd hung_up = {.fd = link_fd(conn->link), .events = 0};
    nfds_t watched = 1;
    while (link_reason(conn->link) == LINK_OPEN && clock_now() < deadline)
        if (poll(&hung_up, watched, clock_poll_timeout(deadline)) > 0)
            watched = 0;
}

void conn_prompt(struct conn *conn, const char *prompt)
{
    intake_renew_prompt(&conn->intake);
    outbox_prompt(conn->outbox, prompt);
    conn->prompting = !intake_has_terminal(&conn->intake);
    if (conn->prompting)
        intake_end_prompt(&conn->intake);
}

void conn_hide(struct conn *conn, bool hide)
{
    intake_hide(&conn->intake, hide);
}

void conn_forget(struct conn *conn)
{
    intake_forget(&conn->intake);
}

/*
 * The terminal.
 */

void conn_set_face(struct conn *conn, const struct terminal_face *face)
{
    intake_set_face(&conn->intake, face);
}

void conn_set_encoding(struct conn *conn, const struct encoding *encoding)
{
    intake_set_encoding(&conn->intake, encoding);
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
        return true; /* it has negotiated that already */
    intake_offer(intake);
    while (intake->offering && !input_is_over(conn) && intake_held(intake) < BULK_READ_BYTES &&
           throttle_is_clear(&conn->throttle) && link_reason(conn->link) == LINK_OPEN) {
        int64_t left = intake_patience_left(intake);
        if (left <= 0)
            break;
        set_receive_timeout(conn, left);
        read_some(conn, 0);
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

bool conn_shows_face(const struct conn *conn)
{
    return intake_shows_face(&conn->intake);
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
 * Closing a socket with unread input makes the kernel reset the connection, which can destroy the
 * last lines on their way to the peer. So the input is read to its end first, until the deadline.
 */
static void read_to_end(struct conn *conn, int64_t deadline)
{
    char bytes[SMALL_READ_BYTES];
    struct pollfd readable = {.fd = link_fd(conn->link), .events = POLLIN};
    while (clock_now() < deadline) {
        int ready = poll(&readable, 1, clock_poll_timeout(deadline));
        ssize_t received =
            ready > 0 ? recv(link_fd(conn->link), bytes, sizeof bytes, MSG_DONTWAIT) : -1;
        if (received == 0 || (received < 0 && ready > 0 && !may_pass(errno)))
            return;
    }
}

/* Sends pending output until the deadline. Returns whether all of it was sent. */
static bool drain(struct conn *conn, int64_t deadline)
{
    struct pollfd writable = {.fd = link_fd(conn->link), .events = POLLOUT};
    while (outbox_try(conn->outbox) > 0 || !outbox_finish(conn->outbox))
        if (poll(&writable, 1, clock_poll_timeout(deadline)) == 0)
            return false;
    return outbox_error(conn->outbox) == OUTBOX_OPEN;
}

void conn_end_output(struct conn *conn)
{
    conn->output_ended = outbox_try(conn->outbox) == 0 && outbox_finish(conn->outbox) &&
                         outbox_error(conn->outbox) == OUTBOX_OPEN;
    if (!conn->output_ended)
        return;
    outbox_close(conn->outbox);
    shutdown(link_fd(conn->link), SHUT_WR);
}

void conn_finish(struct conn *conn)
{
    enum link_reason reason = link_reason(conn->link);
    bool readable = reason != LINK_TOO_SLOW && reason != LINK_RESET && reason != LINK_OUT_OF_MEMORY;
    if (readable && (conn->output_ended || drain(conn, clock_now() + conn->finish))) {
        shutdown(link_fd(conn->link), SHUT_WR);
        read_to_end(conn, clock_now() + FINISH_NANOSECONDS);
    }
    outbox_close(conn->outbox);
    shutdown(link_fd(conn->link), SHUT_RDWR);
}
