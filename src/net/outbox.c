#include "base/platform.h"

#include "net/conn.h"
#include "net/outbox.h"
#include "net/telnet.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

static bool flush(struct flusher_task *task);

int outbox_init(struct outbox *outbox, struct conn *conn, size_t limit, struct flusher *flusher)
{
    struct link *link = conn_link(conn);
    *outbox = (struct outbox){.task = {.fd = link_fd(link), .flush = flush},
                              .conn = conn,
                              .link = link,
                              .limit = limit,
                              .flusher = flusher};
    return lock_init(&outbox->lock, LOCK_RANK_OUTBOX, "outbox");
}

void outbox_destroy(struct outbox *outbox)
{
    assert(!outbox->flushing && outbox->watch == NULL && outbox->terminal == NULL);
    lock_destroy(&outbox->lock);
}

/* The functions below want the outbox lock held. */

/* Whether more is pending than the high watermark. */
static bool is_behind(const struct outbox *outbox)
{
    size_t watermark = outbox->limit / 2;
    if (watermark > OUTBOX_WATERMARK_BYTES)
        watermark = OUTBOX_WATERMARK_BYTES;
    return buffer_length(&outbox->pending) > watermark;
}

/* Keeps the watch informed. `progress`: the socket has taken something of what was pending. */
static void settle(struct outbox *outbox, bool progress)
{
    enum outbox_level level = OUTBOX_EMPTY;
    if (outbox->watch == NULL)
        return;
    if (buffer_length(&outbox->pending) > 0)
        level = is_behind(outbox) ? OUTBOX_BEHIND : OUTBOX_FULL;
    if (level == outbox->level && (!progress || level == OUTBOX_EMPTY))
        return;
    outbox->level = level;
    outbox->watch->changed(outbox->watch, level, progress);
}

static void drop_pending(struct outbox *outbox)
{
    buffer_free(&outbox->pending);
    outbox->answers = outbox->answers_end = 0;
}

/*
 * A peer that is gone may have left lines that its thread has not read yet, so this ends only
 * the way out; the thread comes upon the end of the input by itself.
 */
static void fail(struct outbox *outbox, enum outbox_error error)
{
    outbox->error = error;
    drop_pending(outbox);
    settle(outbox, false);
}

static void cut_off(struct outbox *outbox, enum link_reason reason)
{
    fail(outbox, OUTBOX_BROKEN);
    link_kill(outbox->link, reason);
}

/* Sends without waiting. Returns how many bytes the socket took. */
static size_t send_now(struct outbox *outbox, const char *bytes, size_t length)
{
    size_t sent = 0;
    while (sent < length) {
        ssize_t taken =
            send(outbox->task.fd, bytes + sent, length - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
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
        cut_off(outbox, LINK_OUT_OF_MEMORY);
}

/* What was kept since so much was pending is an answer. */
static void count_answer(struct outbox *outbox, size_t before)
{
    size_t length = buffer_length(&outbox->pending);
    if (length <= before)
        return; /* nothing was kept, or the outbox broke */
    atomic_fetch_add_explicit(&outbox->answered, (unsigned)(length - before), memory_order_relaxed);
    outbox->answers += length - before;
    outbox->answers_end = length;
}

static void keep_answer(struct outbox *outbox, const char *bytes, size_t length)
{
    size_t before = buffer_length(&outbox->pending);
    keep(outbox, bytes, length);
    count_answer(outbox, before);
}

/* However much there is to be shown, the prompt is drawn once, when it is about to go out. */
static void refresh(struct outbox *outbox)
{
    size_t before = buffer_length(&outbox->pending);
    if (outbox->terminal == NULL || outbox->error != OUTBOX_OPEN)
        return;
    if (!terminal_refresh(outbox->terminal, &outbox->pending))
        cut_off(outbox, LINK_OUT_OF_MEMORY);
    else if (outbox->answering)
        count_answer(outbox, before);
    outbox->answering = false;
}

/* So much of what was pending has gone out. */
static void consume(struct outbox *outbox, size_t sent)
{
    buffer_consume(&outbox->pending, sent);
    outbox->answers_end -= sent < outbox->answers_end ? sent : outbox->answers_end;
    if (outbox->answers_end == 0)
        outbox->answers = 0;
    if (buffer_length(&outbox->pending) == 0)
        buffer_free(&outbox->pending);
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
    consume(outbox, sent);
    return sent > 0;
}

/* Tries to send, and tells the watch how that went. */
static void send_and_settle(struct outbox *outbox)
{
    bool progress = send_pending(outbox);
    outbox->slow = is_behind(outbox);
    settle(outbox, progress);
}

/*
 * After something was kept and the socket took what it could. Who was not behind before may get one
 * large piece that is beyond the limit. Nobody is cut off without a try to send: the flusher may
 * not have come to it yet.
 */
static void enforce_limit(struct outbox *outbox)
{
    bool beyond = outbox->overrun && buffer_length(&outbox->pending) > outbox->limit;
    bool progress = beyond && outbox->flushing && send_pending(outbox);
    if (beyond && buffer_length(&outbox->pending) > outbox->limit)
        cut_off(outbox, LINK_TOO_SLOW);
    outbox->overrun = false;
    outbox->slow = is_behind(outbox);
    settle(outbox, progress);
}

/* Sends what is pending, unless the flusher does; leaves to it what the socket does not take. */
static void send_or_leave(struct outbox *outbox)
{
    if (!outbox->flushing)
        send_pending(outbox);
    enforce_limit(outbox);
    if (!outbox->flushing && buffer_length(&outbox->pending) > 0) {
        outbox->flushing = true;
        conn_acquire(outbox->conn);
        flusher_add(outbox->flusher, &outbox->task);
    }
}

static void free_terminal(struct outbox *outbox)
{
    if (outbox->terminal != NULL)
        terminal_close(outbox->terminal, &outbox->pending);
    outbox->terminal = NULL;
    if (outbox->error != OUTBOX_OPEN)
        drop_pending(outbox);
}

/*
 * Lines are entered even by somebody who sees nothing any more: they were sent before. Who does not
 * read what is there gets no lists besides.
 */
static size_t feed(struct outbox *outbox, const char *keys, size_t length, enum editor_event *event,
                   struct buffer *line)
{
    size_t used = length;
    size_t before = buffer_length(&outbox->pending);
    outbox->overrun = outbox->overrun || outbox->slow;
    bool whole = terminal_feed(outbox->terminal, keys, &used, event, line, &outbox->pending);
    if (whole && *event == EDITOR_CANDIDATES && !is_behind(outbox))
        whole = terminal_list(outbox->terminal, &outbox->pending);
    count_answer(outbox, before);
    outbox->answering = true;
    if (!whole)
        cut_off(outbox, LINK_OUT_OF_MEMORY);
    if (outbox->error != OUTBOX_OPEN)
        drop_pending(outbox);
    return used;
}

/* And these take it. */

/* Sends straight from the caller's memory, if nothing is in the way. Returns how much that was. */
static inline size_t send_direct(struct outbox *outbox, const char *bytes, size_t length)
{
    bool direct = !outbox->telnet && buffer_length(&outbox->pending) == 0;
    return direct ? send_now(outbox, bytes, length) : 0;
}

void outbox_send(struct outbox *outbox, const char *bytes, size_t length)
{
    lock_take(&outbox->lock);
    if (outbox->error == OUTBOX_OPEN) {
        size_t sent = send_direct(outbox, bytes, length);
        if (sent < length) {
            keep(outbox, bytes + sent, length - sent);
            send_or_leave(outbox);
        }
    }
    lock_release(&outbox->lock);
}

bool outbox_offer(struct outbox *outbox, const char *bytes, size_t length)
{
    lock_take(&outbox->lock);
    bool taken = outbox->error != OUTBOX_OPEN || !is_behind(outbox);
    if (taken) {
        keep(outbox, bytes, length);
        send_or_leave(outbox);
    }
    lock_release(&outbox->lock);
    return taken;
}

void outbox_answer(struct outbox *outbox, const char *bytes, size_t length)
{
    lock_take(&outbox->lock);
    keep_answer(outbox, bytes, length);
    send_or_leave(outbox);
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
    send_or_leave(outbox);
    lock_release(&outbox->lock);
}

void outbox_queue_command(struct outbox *outbox, const unsigned char *bytes, size_t length)
{
    lock_take(&outbox->lock);
    size_t before = buffer_length(&outbox->pending);
    outbox->overrun = outbox->overrun || outbox->slow;
    if (outbox->error == OUTBOX_OPEN && !buffer_append(&outbox->pending, bytes, length))
        cut_off(outbox, LINK_OUT_OF_MEMORY);
    count_answer(outbox, before);
    settle(outbox, false);
    lock_release(&outbox->lock);
}

void outbox_say(struct outbox *outbox, const char *line)
{
    lock_take(&outbox->lock);
    if (outbox->prompting)
        keep_answer(outbox, "\n", 1);
    outbox->prompting = false;
    keep_answer(outbox, line, strlen(line));
    send_or_leave(outbox);
    lock_release(&outbox->lock);
}

void outbox_prompt(struct outbox *outbox, const char *prompt)
{
    lock_take(&outbox->lock);
    if (outbox->terminal != NULL) {
        terminal_renew_prompt(outbox->terminal);
    } else {
        keep_answer(outbox, prompt, strlen(prompt));
        outbox->prompting = true;
    }
    send_or_leave(outbox);
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
        send_or_leave(outbox);
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
        send_or_leave(outbox);
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
        outbox->answering = true;
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

void outbox_set_watch(struct outbox *outbox, struct outbox_watch *watch)
{
    lock_take(&outbox->lock);
    if (outbox->watch != NULL && outbox->level != OUTBOX_EMPTY)
        outbox->watch->changed(outbox->watch, OUTBOX_EMPTY, false);
    outbox->level = OUTBOX_EMPTY;
    outbox->watch = watch;
    settle(outbox, false);
    lock_release(&outbox->lock);
}

size_t outbox_try(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    send_and_settle(outbox);
    size_t pending = buffer_length(&outbox->pending);
    lock_release(&outbox->lock);
    return pending;
}

size_t outbox_try_answers(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    if (outbox->answers > 0)
        send_and_settle(outbox);
    size_t answers = outbox->answers;
    lock_release(&outbox->lock);
    return answers;
}

unsigned outbox_answered(struct outbox *outbox)
{
    return atomic_load_explicit(&outbox->answered, memory_order_relaxed);
}

void outbox_judge(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    bool progress = outbox->error == OUTBOX_OPEN && send_pending(outbox);
    if (!progress && outbox->error == OUTBOX_OPEN && is_behind(outbox))
        cut_off(outbox, LINK_TOO_SLOW);
    outbox->slow = is_behind(outbox);
    settle(outbox, progress);
    lock_release(&outbox->lock);
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

/* The flusher's task. The conn stays for as long as the flusher has it. */
static bool flush(struct flusher_task *task)
{
    struct outbox *outbox = (struct outbox *)task; /* its first member */
    lock_take(&outbox->lock);
    send_and_settle(outbox);
    outbox->flushing = buffer_length(&outbox->pending) > 0;
    bool more = outbox->flushing;
    lock_release(&outbox->lock);
    if (!more)
        conn_release(outbox->conn);
    return more;
}
