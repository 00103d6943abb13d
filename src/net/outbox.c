#include "base/platform.h"

#include "base/clock.h"
#include "base/lock.h"
#include "net/filter.h"
#include "net/flusher.h"
#include "net/link.h"
#include "net/outbox.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct outbox {
    /*
     * What a send reads that the socket takes whole: together, as that is done for each member and
     * batch, and the memory is rarely in the caches then.
     */
    struct lock lock;                          /* first, since that makes the hot path shorter */
    struct flusher_task task;                  /* what the flusher does for it */
    _Atomic(const struct encoding *) encoding; /* written with the lock held, as is the mode */
    atomic_uint mode;
    struct buffer pending;   /* no memory when empty; guarded by the lock */
    enum outbox_error error; /* guarded by the lock */
    bool filtered;           /* there is a filter; guarded by the lock */
    bool prompting;          /* a prompt was sent last, and the cursor is behind it; likewise */
    uint64_t sent;           /* bytes so far; guarded by the lock */

    atomic_uint references;
    atomic_uint answered; /* bytes of answers so far, modulo its range */
    struct link *link;    /* holds a reference */
    struct flusher *flusher;
    size_t limit;          /* bytes that may be pending before the peer is cut off */
    struct filter *filter; /* NULL: none; guarded by the lock */

    /* Guarded by the lock. */
    const struct encoding *text_encoding; /* the encoding when there is no screen */
    struct screen *screen;                /* or NULL */
    bool flushing;  /* the flusher waits for the socket, and senders leave the sending to it */
    bool waiting;   /* the flusher waits until the screen may be drawn; senders may still send */
    bool slow;      /* its reader was behind after the last try to send */
    bool overrun;   /* output was kept since the last try to send, with `slow` set */
    bool answering; /* what the screen draws next is an answer */
    bool ending;    /* the last line was sent: the screen draws nothing more */
    size_t answers; /* bytes of answers kept since none were pending */
    size_t answers_end;           /* offset in `pending` of the end of the last answer, or 0 */
    enum outbox_level level;      /* last reported to the watches */
    struct outbox_watch *watches; /* a list */
};

const struct encoding outbox_screen = {NULL};

static int64_t flush(struct flusher_task *task);

struct outbox *outbox_create(struct link *link, size_t limit, struct flusher *flusher)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    if (outbox == NULL)
        return NULL;
    if (lock_init(&outbox->lock, LOCK_RANK_OUTBOX, "outbox") != 0) {
        free(outbox);
        return NULL;
    }
    link_acquire(link);
    outbox->task = (struct flusher_task){.fd = link_fd(link), .flush = flush};
    outbox->link = link;
    outbox->flusher = flusher;
    outbox->limit = limit;
    atomic_init(&outbox->references, 1);
    atomic_init(&outbox->encoding, NULL);
    atomic_init(&outbox->mode, 0);
    atomic_init(&outbox->answered, 0);
    return outbox;
}

void outbox_acquire(struct outbox *outbox)
{
    atomic_fetch_add_explicit(&outbox->references, 1, memory_order_relaxed);
}

void outbox_release(struct outbox *outbox)
{
    if (atomic_fetch_sub_explicit(&outbox->references, 1, memory_order_acq_rel) != 1)
        return;
    assert(!outbox->flushing && !outbox->waiting && outbox->watches == NULL &&
           outbox->screen == NULL);
    buffer_free(&outbox->pending);
    if (outbox->filter != NULL)
        outbox->filter->functions->free(outbox->filter);
    lock_destroy(&outbox->lock);
    link_release(outbox->link);
    free(outbox);
}

struct link *outbox_link(const struct outbox *outbox)
{
    return outbox->link;
}

const struct encoding *outbox_encoding(struct outbox *outbox)
{
    return atomic_load_explicit(&outbox->encoding, memory_order_relaxed);
}

/* Acquires what was changed before the mode. */
unsigned outbox_mode(struct outbox *outbox)
{
    return atomic_load_explicit(&outbox->mode, memory_order_acquire);
}

void outbox_expect(const struct outbox *outbox)
{
    /* Two lines of a cache, or three, as malloc() aligns to less. */
    PLATFORM_PREFETCH(&outbox->lock);
    PLATFORM_PREFETCH(&outbox->encoding);
    PLATFORM_PREFETCH(&outbox->error);
}

/* The functions below must be called with the outbox lock held. */

/* Whether more is pending than the high watermark. */
static bool is_behind(const struct outbox *outbox)
{
    size_t watermark = outbox->limit / 2;
    if (watermark > OUTBOX_WATERMARK_BYTES)
        watermark = OUTBOX_WATERMARK_BYTES;
    return buffer_length(&outbox->pending) > watermark;
}

/*
 * A screen is drawn for messages at most so many times in any second, and so many of them may come
 * at once. Messages that come too early are held back, up to so many bytes, and shown together.
 */
#define DRAWS_PER_SECOND 30
#define DRAWS_AT_ONCE    4
#define DRAW_NANOSECONDS (CLOCK_SECOND / (DRAWS_PER_SECOND - DRAWS_AT_ONCE))
#define DRAW_BURST       ((DRAWS_AT_ONCE - 1) * DRAW_NANOSECONDS)
#define HELD_BYTES       ((size_t)16 * 1024)

static bool is_stale(const struct outbox *outbox)
{
    return outbox->screen != NULL && outbox->screen->stale && outbox->error == OUTBOX_OPEN &&
           !outbox->ending;
}

/* How many nanoseconds after `now` a stale screen may be drawn. */
static int64_t draw_delay(const struct outbox *outbox, int64_t now)
{
    return outbox->answering ? 0 : meter_debt(&outbox->screen->draws, DRAW_BURST, now);
}

/*
 * Whether the pending output is held back although the socket may take it. The reader is not behind
 * then, so flow control need not know.
 */
static bool holds(const struct outbox *outbox)
{
    return is_stale(outbox) && !outbox->flushing && !is_behind(outbox) &&
           buffer_length(&outbox->pending) <= HELD_BYTES && draw_delay(outbox, clock_now()) > 0;
}

/*
 * How well the reader keeps up. Five eighths of any limit are more than its high watermark, and
 * leave place for what flow control lets in at once, a quarter of the limit at most.
 */
static enum outbox_level level_of(const struct outbox *outbox)
{
    size_t pending = buffer_length(&outbox->pending);
    if (pending == 0)
        return OUTBOX_EMPTY;
    if (!is_behind(outbox))
        return outbox->waiting ? OUTBOX_EMPTY : OUTBOX_FULL;
    return pending > outbox->limit - outbox->limit / 8 * 3 ? OUTBOX_NEAR_LIMIT : OUTBOX_BEHIND;
}

/* Reports a changed level to the watches. `progress`: the socket has taken pending output. */
static void settle(struct outbox *outbox, bool progress)
{
    enum outbox_level level = level_of(outbox);
    if (level == outbox->level && (!progress || level == OUTBOX_EMPTY))
        return;
    outbox->level = level;
    for (struct outbox_watch *watch = outbox->watches; watch != NULL; watch = watch->next)
        watch->changed(watch, level, progress);
}

static void drop_pending(struct outbox *outbox)
{
    buffer_free(&outbox->pending);
    outbox->answers = outbox->answers_end = 0;
}

/*
 * The peer may have sent lines before it went, which its thread has not read yet. So this ends only
 * the output; the thread finds the end of the input by itself.
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

/* Does not wait, and raises no SIGPIPE. */
static inline ssize_t try_to_send(const struct outbox *outbox, const char *bytes, size_t length)
{
    if (outbox->filtered)
        return outbox->filter->functions->send(outbox->filter, bytes, length);
    return send(outbox->task.fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* After a send that failed with errno: whether another try may succeed at once. */
static bool may_try_again(struct outbox *outbox)
{
    bool full = errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS;
    bool again = errno == EINTR;
    if (errno == ENOMEM) /* of a filter */
        cut_off(outbox, LINK_OUT_OF_MEMORY);
    else if (!full && !again)
        fail(outbox, errno == ECONNRESET ? OUTBOX_RESET : OUTBOX_BROKEN);
    return again;
}

/* Sends without waiting. Returns how many bytes the socket took. */
static size_t send_now(struct outbox *outbox, const char *bytes, size_t length)
{
    size_t sent = 0;
    while (sent < length) {
        ssize_t taken = try_to_send(outbox, bytes + sent, length - sent);
        if (taken > 0)
            sent += (size_t)taken;
        else if (taken == 0 || !may_try_again(outbox))
            break;
    }
    outbox->sent += sent;
    return sent;
}

/* Call before keeping output: if the reader was behind, the limit applies. */
static void note_overrun(struct outbox *outbox)
{
    outbox->overrun = outbox->overrun || outbox->slow;
}

static void keep_encoded(struct outbox *outbox, const char *bytes, size_t length)
{
    if (outbox->error != OUTBOX_OPEN)
        return;
    note_overrun(outbox);
    if (!buffer_append(&outbox->pending, bytes, length))
        cut_off(outbox, LINK_OUT_OF_MEMORY);
}

/* Keeps text as it goes out without a screen. */
static void keep_bare(struct outbox *outbox, const char *text, size_t length)
{
    const struct encoding *encoding = outbox->text_encoding;
    if (encoding == NULL) {
        keep_encoded(outbox, text, length);
        return;
    }
    if (outbox->error != OUTBOX_OPEN)
        return;
    note_overrun(outbox);
    if (!encoding->encode(text, length, 0, &outbox->pending))
        cut_off(outbox, LINK_OUT_OF_MEMORY);
}

/* Keeps text. */
static void keep(struct outbox *outbox, const char *text, size_t length)
{
    if (outbox->screen == NULL) {
        keep_bare(outbox, text, length);
        return;
    }
    if (outbox->error != OUTBOX_OPEN)
        return;
    note_overrun(outbox);
    if (!outbox->screen->show(outbox->screen, text, length, &outbox->pending))
        cut_off(outbox, LINK_OUT_OF_MEMORY);
}

/* Counts as answers what was kept since `before` bytes were pending. */
static void count_answer(struct outbox *outbox, size_t before)
{
    size_t length = buffer_length(&outbox->pending);
    if (length <= before)
        return; /* nothing was kept, or output has failed */
    atomic_fetch_add_explicit(&outbox->answered, (unsigned)(length - before), memory_order_relaxed);
    outbox->answers += length - before;
    outbox->answers_end = length;
}

static void keep_answer(struct outbox *outbox, const char *text, size_t length)
{
    size_t before = buffer_length(&outbox->pending);
    keep(outbox, text, length);
    count_answer(outbox, before);
}

/* Keeps a prompt or its end as an answer. These are no lines, so no screen dresses them. */
static void keep_bare_answer(struct outbox *outbox, const char *text)
{
    size_t before = buffer_length(&outbox->pending);
    keep_bare(outbox, text, strlen(text));
    count_answer(outbox, before);
}

/* Call before a line is kept: if a prompt is open, the line begins on a new line. */
static void end_prompt(struct outbox *outbox)
{
    if (outbox->prompting)
        keep_bare_answer(outbox, "\n");
    outbox->prompting = false;
}

/*
 * The prompt is drawn once before a send, however much was shown, if it may be drawn by now. To
 * draw it for the person's keys does not delay the next message.
 */
static void refresh(struct outbox *outbox)
{
    size_t before = buffer_length(&outbox->pending);
    struct screen *screen = outbox->screen;
    int64_t now = is_stale(outbox) ? clock_now() : 0;
    if (is_stale(outbox) && draw_delay(outbox, now) > 0)
        return;
    if (is_stale(outbox) && !screen->refresh(screen, &outbox->pending))
        cut_off(outbox, LINK_OUT_OF_MEMORY);
    else if (outbox->answering)
        count_answer(outbox, before);
    else if (now != 0)
        meter_charge(&screen->draws, DRAW_NANOSECONDS, now);
    outbox->answering = false;
}

/* Removes `sent` bytes from the pending output. */
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

/* Tries to send, and updates the watches. */
static void send_and_settle(struct outbox *outbox)
{
    bool progress = send_pending(outbox);
    outbox->slow = is_behind(outbox);
    settle(outbox, progress);
}

/*
 * Call after output was kept and the socket took what it could. A reader that was not behind before
 * may get one large piece that exceeds the limit. If the flusher has the task, a try to send comes
 * before the cut-off, since the flusher may not have run yet.
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

/* Returns what the flusher must wait for. */
static int64_t next_wait(const struct outbox *outbox, bool held)
{
    if (buffer_length(&outbox->pending) > 0 && !held)
        return FLUSHER_WHEN_READY;
    int64_t now = clock_now();
    return is_stale(outbox) ? now + draw_delay(outbox, now) : FLUSHER_DONE;
}

static void note_wait(struct outbox *outbox, int64_t until)
{
    outbox->flushing = until == FLUSHER_WHEN_READY;
    outbox->waiting = !outbox->flushing && until != FLUSHER_DONE;
}

/* Gives the task to the flusher if something is left and the flusher does not have it. */
static void leave(struct outbox *outbox, bool held)
{
    int64_t until = next_wait(outbox, held);
    if (until == FLUSHER_DONE || outbox->flushing || outbox->waiting)
        return;
    note_wait(outbox, until);
    outbox_acquire(outbox);
    flusher_add(outbox->flusher, &outbox->task, until);
}

/*
 * Sends pending output unless the flusher does, or it is held back; what is left is left to the
 * flusher.
 */
static void send_or_leave(struct outbox *outbox)
{
    bool held = holds(outbox);
    if (held)
        leave(outbox, held);
    else if (!outbox->flushing)
        send_pending(outbox);
    enforce_limit(outbox);
    leave(outbox, held);
}

/*
 * Sends directly from the caller's memory if nothing is pending. This is the hot path: the socket
 * nearly always takes everything at once.
 */
static inline void send_encoded(struct outbox *outbox, const char *bytes, size_t length)
{
    if (outbox->error != OUTBOX_OPEN)
        return;
    if (outbox->prompting)
        end_prompt(outbox);
    ssize_t taken = 0;
    if (buffer_length(&outbox->pending) == 0) {
        outbox->sent += length;
        taken = try_to_send(outbox, bytes, length);
        if (taken == (ssize_t)length)
            return;
        if (taken < 0) {
            (void)may_try_again(outbox); /* the rest is tried again below, if it may be */
            taken = 0;
        }
        outbox->sent -= length - (size_t)taken;
    }
    keep_encoded(outbox, bytes + taken, length - (size_t)taken);
    send_or_leave(outbox);
}

/* Releases what was changed before. */
static void change_mode(struct outbox *outbox)
{
    atomic_fetch_add_explicit(&outbox->mode, 1, memory_order_release);
}

/* Switches between a screen and text. */
static void set_screen(struct outbox *outbox, struct screen *screen)
{
    outbox->screen = screen;
    atomic_store_explicit(&outbox->encoding,
                          screen != NULL ? &outbox_screen : outbox->text_encoding,
                          memory_order_relaxed);
    change_mode(outbox);
}

/* Calls a writer, even when output has failed: a terminal's lines are entered all the same. */
static void write_locked(struct outbox *outbox, outbox_writer *write, void *context, bool answer)
{
    size_t before = buffer_length(&outbox->pending);
    bool written = write(context, &outbox->pending);
    if (buffer_length(&outbox->pending) > before)
        note_overrun(outbox);
    if (answer)
        count_answer(outbox, before);
    outbox->answering = outbox->answering || answer;
    if (!written)
        cut_off(outbox, LINK_OUT_OF_MEMORY);
    if (outbox->error != OUTBOX_OPEN)
        drop_pending(outbox);
}

/* The functions from here on take the outbox lock. */

bool outbox_send_encoded(struct outbox *outbox, unsigned mode, const char *bytes, size_t length)
{
    lock_take(&outbox->lock);
    bool same = outbox_mode(outbox) == mode;
    if (same)
        send_encoded(outbox, bytes, length);
    lock_release(&outbox->lock);
    return same;
}

void outbox_answer(struct outbox *outbox, const char *text, size_t length)
{
    lock_take(&outbox->lock);
    keep_answer(outbox, text, length);
    send_or_leave(outbox);
    lock_release(&outbox->lock);
}

void outbox_flush(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    send_or_leave(outbox);
    lock_release(&outbox->lock);
}

void outbox_queue_raw(struct outbox *outbox, const unsigned char *bytes, size_t length)
{
    lock_take(&outbox->lock);
    size_t before = buffer_length(&outbox->pending);
    keep_encoded(outbox, (const char *)bytes, length);
    count_answer(outbox, before);
    settle(outbox, false);
    lock_release(&outbox->lock);
}

static void say(struct outbox *outbox, const char *line, bool last)
{
    lock_take(&outbox->lock);
    end_prompt(outbox);
    outbox->ending = outbox->ending || last;
    keep_answer(outbox, line, strlen(line));
    send_or_leave(outbox);
    lock_release(&outbox->lock);
}

void outbox_say(struct outbox *outbox, const char *line)
{
    say(outbox, line, false);
}

void outbox_say_last(struct outbox *outbox, const char *line)
{
    say(outbox, line, true);
}

void outbox_prompt(struct outbox *outbox, const char *prompt)
{
    lock_take(&outbox->lock);
    if (outbox->screen == NULL || outbox->screen->takes_prompts) {
        keep_bare_answer(outbox, prompt);
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

void outbox_set_encoding(struct outbox *outbox, const struct encoding *encoding)
{
    lock_take(&outbox->lock);
    outbox->text_encoding = encoding;
    set_screen(outbox, outbox->screen);
    lock_release(&outbox->lock);
}

void outbox_hold(struct outbox *outbox, void (*function)(void *context), void *context)
{
    lock_take(&outbox->lock);
    function(context);
    lock_release(&outbox->lock);
}

void outbox_change_mode(struct outbox *outbox, void (*change)(void *context), void *context)
{
    lock_take(&outbox->lock);
    change(context);
    change_mode(outbox);
    lock_release(&outbox->lock);
}

bool outbox_open_screen(struct outbox *outbox, struct screen *screen)
{
    static const char clear_row[] = "\r\033[K";
    lock_take(&outbox->lock);
    bool open = outbox->error == OUTBOX_OPEN;
    if (open) {
        if (outbox->prompting && !screen->takes_prompts) {
            keep_encoded(outbox, clear_row, strlen(clear_row));
            outbox->prompting = false;
        }
        set_screen(outbox, screen);
        send_or_leave(outbox);
    }
    lock_release(&outbox->lock);
    return open;
}

void outbox_close_screen(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    if (outbox->screen != NULL) {
        bool tidy = outbox->screen->close(outbox->screen, &outbox->pending);
        set_screen(outbox, NULL);
        if (!tidy)
            cut_off(outbox, LINK_OUT_OF_MEMORY);
        if (outbox->error != OUTBOX_OPEN)
            drop_pending(outbox);
        send_or_leave(outbox);
    }
    lock_release(&outbox->lock);
}

void outbox_write(struct outbox *outbox, outbox_writer *write, void *context)
{
    lock_take(&outbox->lock);
    write_locked(outbox, write, context, false);
    lock_release(&outbox->lock);
}

void outbox_write_answer(struct outbox *outbox, outbox_writer *write, void *context)
{
    lock_take(&outbox->lock);
    write_locked(outbox, write, context, true);
    lock_release(&outbox->lock);
}

/* What is shown on a screen. */
struct showing {
    struct screen *screen;
    outbox_shower *show;
    void *context;
};

static bool write_showing(void *context, struct buffer *out)
{
    const struct showing *showing = context;
    return showing->show(showing->context, showing->screen, out);
}

/* Returns false if there is no screen. Lock held. */
static bool show_locked(struct outbox *outbox, outbox_shower *show, void *context)
{
    struct showing showing = {outbox->screen, show, context};
    if (showing.screen == NULL)
        return false;
    end_prompt(outbox);
    if (outbox->error == OUTBOX_OPEN)
        write_locked(outbox, write_showing, &showing, false);
    return true;
}

/* Lock held. What ends a prompt is counted by itself. */
static void keep_message(struct outbox *outbox, const struct outbox_message *message)
{
    end_prompt(outbox);
    size_t before = buffer_length(&outbox->pending);
    if (message->show == NULL || !show_locked(outbox, message->show, message->context))
        keep(outbox, message->text, message->length);
    if (message->answer)
        count_answer(outbox, before);
}

enum outbox_queued outbox_queue_message(struct outbox *outbox, const struct outbox_message *message,
                                        bool unless_behind)
{
    enum outbox_queued queued = OUTBOX_QUEUED;
    lock_take(&outbox->lock);
    if (outbox->error == OUTBOX_OPEN && outbox_encoding(outbox) != message->encoding)
        queued = OUTBOX_STALE;
    else if (unless_behind && outbox->error == OUTBOX_OPEN && is_behind(outbox))
        queued = OUTBOX_REFUSED;
    else
        keep_message(outbox, message);
    settle(outbox, false);
    lock_release(&outbox->lock);
    return queued;
}

bool outbox_show(struct outbox *outbox, outbox_shower *show, void *context)
{
    lock_take(&outbox->lock);
    bool shown = show_locked(outbox, show, context);
    if (shown)
        send_or_leave(outbox);
    lock_release(&outbox->lock);
    return shown;
}

void outbox_add_watch(struct outbox *outbox, struct outbox_watch *watch)
{
    lock_take(&outbox->lock);
    settle(outbox, false);
    watch->next = outbox->watches;
    outbox->watches = watch;
    if (outbox->level != OUTBOX_EMPTY)
        watch->changed(watch, outbox->level, false);
    lock_release(&outbox->lock);
}

void outbox_remove_watch(struct outbox *outbox, struct outbox_watch *watch)
{
    lock_take(&outbox->lock);
    struct outbox_watch **place = &outbox->watches;
    while (*place != NULL && *place != watch)
        place = &(*place)->next;
    bool found = *place != NULL;
    if (found)
        *place = watch->next;
    if (found && outbox->level != OUTBOX_EMPTY)
        watch->changed(watch, OUTBOX_EMPTY, false);
    lock_release(&outbox->lock);
}

bool outbox_is_behind(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    bool behind = is_behind(outbox);
    lock_release(&outbox->lock);
    return behind;
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
    if (outbox->answers > 0 && !holds(outbox))
        send_and_settle(outbox);
    /* What is left of them, if the socket took a part; while they are held back, that is little. */
    size_t left = outbox->answers < outbox->answers_end ? outbox->answers : outbox->answers_end;
    lock_release(&outbox->lock);
    return left;
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

void outbox_set_filter(struct outbox *outbox, struct filter *filter)
{
    lock_take(&outbox->lock);
    outbox->filter = filter;
    outbox->filtered = true;
    lock_release(&outbox->lock);
}

ssize_t outbox_receive(struct outbox *outbox, void *bytes, size_t size, size_t *overhead)
{
    lock_take(&outbox->lock);
    ssize_t received = outbox->filter->functions->receive(outbox->filter, bytes, size, overhead);
    lock_release(&outbox->lock);
    return received;
}

bool outbox_finish(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    bool finished = !outbox->filtered || outbox->error != OUTBOX_OPEN ||
                    outbox->filter->functions->finish(outbox->filter);
    lock_release(&outbox->lock);
    return finished;
}

void outbox_close(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    fail(outbox, outbox->error == OUTBOX_OPEN ? OUTBOX_BROKEN : outbox->error);
    set_screen(outbox, NULL);
    lock_release(&outbox->lock);
}

enum outbox_error outbox_error(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    enum outbox_error error = outbox->error;
    lock_release(&outbox->lock);
    return error;
}

struct outbox_status outbox_status(struct outbox *outbox)
{
    lock_take(&outbox->lock);
    struct outbox_status status = {.pending = buffer_length(&outbox->pending),
                                   .memory = outbox->pending.capacity,
                                   .sent = outbox->sent,
                                   .level = outbox->level,
                                   .flushing = outbox->flushing || outbox->waiting};
    lock_release(&outbox->lock);
    return status;
}

/* Called by the flusher. The flusher's task holds a reference to the outbox. */
static int64_t flush(struct flusher_task *task)
{
    struct outbox *outbox = (void *)((char *)task - offsetof(struct outbox, task));
    lock_take(&outbox->lock);
    bool held = holds(outbox);
    if (!held)
        send_and_settle(outbox);
    int64_t until = next_wait(outbox, held);
    note_wait(outbox, until);
    settle(outbox, false); /* what waits for the socket now was held back before */
    lock_release(&outbox->lock);
    if (until == FLUSHER_DONE)
        outbox_release(outbox);
    return until;
}
