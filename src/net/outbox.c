#include "base/platform.h"

#include "base/clock.h"
#include "net/conn.h"
#include "net/outbox.h"
#include "net/postman.h"
#include "net/telnet.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

int outbox_init(struct outbox *outbox, struct conn *conn, int fd, size_t limit,
                struct postman *postman)
{
    *outbox = (struct outbox){.conn = conn, .fd = fd, .limit = limit, .postman = postman};
    return lock_init(&outbox->lock, LOCK_RANK_OUTBOX, "outbox");
}

void outbox_destroy(struct outbox *outbox)
{
    assert(!outbox->parked && !outbox->listed && outbox->terminal == NULL);
    lock_destroy(&outbox->lock);
}

/* The functions below want the outbox lock held. */

/* Whether more is pending than a reader has that keeps up. */
static bool is_slow(const struct outbox *outbox)
{
    size_t behind_bytes = outbox->limit / 2;
    if (behind_bytes > OUTBOX_BEHIND_BYTES)
        behind_bytes = OUTBOX_BEHIND_BYTES;
    return buffer_length(&outbox->pending) > behind_bytes;
}

/*
 * Keeps the backlog informed: the outbox is in it as long as something is pending that the socket
 * did not take. `progress`: it has taken something just now.
 */
static void settle(struct outbox *outbox, bool progress)
{
    bool full = outbox->backlog != NULL && buffer_length(&outbox->pending) > 0;
    bool behind = full && is_slow(outbox);
    if (full && !outbox->listed)
        backlog_enter(outbox->backlog, &outbox->entry, outbox->conn);
    if (!full && outbox->listed)
        backlog_leave(outbox->backlog, &outbox->entry);
    else if (full && (progress || behind != outbox->behind))
        backlog_note(outbox->backlog, &outbox->entry, progress, behind);
    outbox->listed = full;
    outbox->behind = behind;
}

/*
 * A peer that is gone may have left lines that its thread has not read yet, so this ends only
 * the way out; the thread comes upon the end of the input by itself.
 */
static void fail(struct outbox *outbox, enum outbox_error error)
{
    outbox->error = error;
    buffer_free(&outbox->pending);
    settle(outbox, false);
}

static void cut_off(struct outbox *outbox)
{
    fail(outbox, OUTBOX_BROKEN);
    conn_kill(outbox->conn, CONN_TOO_SLOW);
}

/* Sends without waiting. Returns how many bytes the socket took. */
static size_t send_now(struct outbox *outbox, const char *bytes, size_t length)
{
    size_t sent = 0;
    while (sent < length) {
        ssize_t taken = send(outbox->fd, bytes + sent, length - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (taken >= 0) {
            sent += (size_t)taken;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
            break;
        } else if (errno != EINTR) {
            fail(outbox, errno == ECONNRESET ? OUTBOX_RESET : OUTBOX_BROKEN);
            break;
        }
    }
    return sent;
}

/* As telnet wants it: a line end is CR LF, and the byte 255 is doubled (RFC 854). */
static bool append_telnet(struct buffer *pending, const char *bytes, size_t length)
{
    const char *end = bytes + length;
    while (bytes < end) {
        const char *stop = bytes;
        while (stop < end && *stop != '\n' && (unsigned char)*stop != TELNET_IAC)
            stop++;
        if (!buffer_append(pending, bytes, (size_t)(stop - bytes)))
            return false;
        if (stop < end && !buffer_append(pending, *stop == '\n' ? "\r\n" : "\xFF\xFF", 2))
            return false;
        bytes = stop < end ? stop + 1 : end;
    }
    return true;
}

static void keep(struct outbox *outbox, const char *bytes, size_t length)
{
    if (outbox->error != OUTBOX_OPEN)
        return;
    outbox->overrun = outbox->overrun || outbox->slow;
    bool kept;
    if (outbox->terminal != NULL)
        kept = terminal_show(outbox->terminal, bytes, length, &outbox->pending);
    else if (outbox->telnet)
        kept = append_telnet(&outbox->pending, bytes, length);
    else
        kept = buffer_append(&outbox->pending, bytes, length);
    if (!kept)
        cut_off(outbox);
}

/*
 * After something was kept and the socket took what it could. Who was not slow before may get one
 * large piece that is beyond the limit.
 */
static void enforce_limit(struct outbox *outbox)
{
    if (outbox->overrun && buffer_length(&outbox->pending) > outbox->limit)
        cut_off(outbox);
    outbox->overrun = false;
    outbox->slow = is_slow(outbox);
    settle(outbox, false);
}

/* However much there is to be shown, the prompt is drawn once, when it is about to go out. */
static void refresh(struct outbox *outbox)
{
    if (outbox->terminal != NULL && outbox->error == OUTBOX_OPEN &&
        !terminal_refresh(outbox->terminal, &outbox->pending))
        cut_off(outbox);
}

/* Returns whether the socket took anything. */
static bool send_pending(struct outbox *outbox)
{
    refresh(outbox);
    size_t length = buffer_length(&outbox->pending);
    if (length == 0)
        return false;
    size_t sent = send_now(outbox, buffer_bytes(&outbox->pending), length);
    if (outbox->error != OUTBOX_OPEN)
        return false;
    buffer_consume(&outbox->pending, sent);
    if (sent == length)
        buffer_free(&outbox->pending);
    return sent > 0;
}

/* Sends what is pending, unless the postman does; hands him what the socket does not take. */
static void send_or_park(struct outbox *outbox)
{
    if (!outbox->parked)
        send_pending(outbox);
    enforce_limit(outbox);
    if (!outbox->parked && buffer_length(&outbox->pending) > 0) {
        outbox->parked = true;
        postman_park(outbox->postman, outbox);
    }
}

static void free_terminal(struct outbox *outbox)
{
    if (outbox->terminal != NULL)
        terminal_close(outbox->terminal, &outbox->pending);
    outbox->terminal = NULL;
    if (outbox->error != OUTBOX_OPEN)
        buffer_free(&outbox->pending);
}

/*
 * Lines are entered even by somebody who sees nothing any more: they were sent before. Who does not
 * read what is there gets no lists besides.
 */
static size_t feed(struct outbox *outbox, const char *keys, size_t length, enum editor_event *event,
                   struct buffer *line)
{
    size_t used = length;
    bool whole = terminal_feed(outbox->terminal, keys, &used, event, line, &outbox->pending);
    if (whole && *event == EDITOR_CANDIDATES && !is_slow(outbox))
        whole = terminal_list(outbox->terminal, &outbox->pending);
    if (!whole)
        cut_off(outbox);
    if (outbox->error != OUTBOX_OPEN)
        buffer_free(&outbox->pending);
    return used;
}

/* And these take it. */

void outbox_send(struct outbox *outbox, const char *bytes, size_t length)
{
    lock_take(&outbox->lock);
    if (outbox->error == OUTBOX_OPEN) {
        bool direct = !outbox->telnet && buffer_length(&outbox->pending) == 0;
        size_t sent = direct ? send_now(outbox, bytes, length) : 0;
        if (sent < length) {
            keep(outbox, bytes + sent, length - sent);
            send_or_park(outbox);
        }
    }
    lock_release(&outbox->lock);
}

void outbox_queue(struct outbox *outbox, const char *bytes, size_t length)
{
    lock_take(&outbox->lock);
    keep(outbox, bytes, length);
    settle(outbox, false);
    lock_release(&outbox->lock);
}

void outbox_flush(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    send_or_park(outbox);
    lock_release(&outbox->lock);
}

void outbox_send_command(struct outbox *outbox, const unsigned char *bytes, size_t length)
{
    lock_take(&outbox->lock);
    if (outbox->error == OUTBOX_OPEN && !buffer_append(&outbox->pending, bytes, length))
        cut_off(outbox);
    send_or_park(outbox);
    lock_release(&outbox->lock);
}

void outbox_say(struct outbox *outbox, const char *line)
{
    lock_take(&outbox->lock);
    if (outbox->prompting)
        keep(outbox, "\n", 1);
    outbox->prompting = false;
    keep(outbox, line, strlen(line));
    send_or_park(outbox);
    lock_release(&outbox->lock);
}

void outbox_prompt(struct outbox *outbox, const char *prompt)
{
    lock_take(&outbox->lock);
    if (outbox->terminal != NULL) {
        terminal_renew_prompt(outbox->terminal);
    } else {
        keep(outbox, prompt, strlen(prompt));
        outbox->prompting = true;
    }
    send_or_park(outbox);
    lock_release(&outbox->lock);
}

void outbox_prompt_answered(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    outbox->prompting = false;
    lock_release(&outbox->lock);
}

void outbox_speak_telnet(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    outbox->telnet = true;
    lock_release(&outbox->lock);
}

bool outbox_open_terminal(struct outbox *outbox, const struct terminal_face *face, size_t max_line,
                          unsigned columns)
{
    static const char clear_row[] = "\r\033[K";
    lock_take(&outbox->lock);
    if (outbox->error == OUTBOX_OPEN && outbox->terminal == NULL) {
        if (outbox->prompting)
            keep(outbox, clear_row, strlen(clear_row));
        outbox->prompting = false;
        outbox->telnet = true;
        outbox->terminal = terminal_open(face, max_line, columns);
        send_or_park(outbox);
    }
    bool open = outbox->terminal != NULL;
    lock_release(&outbox->lock);
    return open;
}

void outbox_close_terminal(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    if (outbox->terminal != NULL) {
        free_terminal(outbox);
        send_or_park(outbox);
    }
    lock_release(&outbox->lock);
}

size_t outbox_feed(struct outbox *outbox, const char *keys, size_t length, enum editor_event *event,
                   struct buffer *line)
{
    size_t used = length;
    *event = EDITOR_NONE;
    lock_take(&outbox->lock);
    if (outbox->terminal != NULL)
        used = feed(outbox, keys, length, event, line);
    lock_release(&outbox->lock);
    return used;
}

void outbox_resize(struct outbox *outbox, unsigned columns)
{
    lock_take(&outbox->lock);
    if (outbox->terminal != NULL) {
        terminal_resize(outbox->terminal, columns);
        send_or_park(outbox);
    }
    lock_release(&outbox->lock);
}

void outbox_change_face(struct outbox *outbox, void (*change)(void *context, const void *what),
                        void *context, const void *what)
{
    lock_take(&outbox->lock);
    change(context, what);
    if (outbox->terminal != NULL)
        terminal_renew_prompt(outbox->terminal);
    lock_release(&outbox->lock);
}

void outbox_set_backlog(struct outbox *outbox, struct backlog *backlog)
{
    lock_take(&outbox->lock);
    if (outbox->listed)
        backlog_leave(outbox->backlog, &outbox->entry);
    outbox->listed = outbox->behind = false;
    outbox->backlog = backlog;
    settle(outbox, false);
    lock_release(&outbox->lock);
}

bool outbox_drain(struct outbox *outbox, size_t low, int64_t deadline)
{
    lock_assert_none_held();
    for (;;) {
        lock_take(&outbox->lock);
        bool progress = send_pending(outbox);
        outbox->slow = is_slow(outbox);
        settle(outbox, progress);
        bool open = outbox->error == OUTBOX_OPEN;
        bool drained = buffer_length(&outbox->pending) <= low;
        lock_release(&outbox->lock);
        if (!open || drained)
            return open;
        struct pollfd writable = {.fd = outbox->fd, .events = POLLOUT};
        if (poll(&writable, 1, clock_poll_timeout(deadline)) == 0)
            return false;
    }
}

void outbox_close(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    fail(outbox, outbox->error == OUTBOX_OPEN ? OUTBOX_BROKEN : outbox->error);
    free_terminal(outbox);
    lock_release(&outbox->lock);
}

enum outbox_error outbox_error(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    enum outbox_error error = outbox->error;
    lock_release(&outbox->lock);
    return error;
}

bool outbox_send_on(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    bool progress = send_pending(outbox);
    outbox->slow = is_slow(outbox);
    settle(outbox, progress);
    outbox->parked = buffer_length(&outbox->pending) > 0;
    bool more = outbox->parked;
    lock_release(&outbox->lock);
    return more;
}
