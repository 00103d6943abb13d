/*
 * outbox: the bytes on their way to one peer. What the socket takes goes out at once, straight from
 * the caller's memory; the rest is kept in order, and goes out by the flusher when the socket can
 * take more. No function waits.
 *
 * Text is encoded on its way in (net/encoding.h), or goes to a screen (net/screen.h) if the peer
 * has one. Everything that is kept counts against one limit, whoever caused it: lines, replies,
 * telnet's own answers, a terminal's echo. What the peer itself asked for (answers) is counted
 * apart, so that nobody need read on for it while too many of them are pending.
 *
 * An outbox is reference-counted, and holds a reference to its link. Any thread that has a
 * reference may call any function. All but those that say so take the outbox lock, which is held
 * across a send that cannot wait (MSG_DONTWAIT), and never longer.
 */
#ifndef NET_OUTBOX_H
#define NET_OUTBOX_H

#include "net/encoding.h"
#include "net/screen.h"

#include <stdbool.h>
#include <stddef.h>

struct flusher;
struct link;
struct outbox;

/*
 * The high watermark: a reader is behind when more than this is pending, or more than half of its
 * limit. What is pending is a copy of the reader's own, so more of it costs memory.
 */
#define OUTBOX_WATERMARK_BYTES ((size_t)64 * 1024)

/* How a reader keeps up. */
enum outbox_level {
    OUTBOX_EMPTY, /* the socket has taken everything */
    OUTBOX_FULL,  /* the socket is full, and something is pending */
    OUTBOX_BEHIND /* and that is more than the high watermark */
};

/*
 * Who wants to know how the reader keeps up. `changed` is called with the outbox lock held when the
 * level has changed, and, with `progress`, when the socket has taken something while it was full.
 */
struct outbox_watch {
    void (*changed)(struct outbox_watch *watch, enum outbox_level level, bool progress);
    struct outbox_watch *next; /* the outbox's */
};

enum outbox_error {
    OUTBOX_OPEN,
    OUTBOX_RESET, /* the peer reset the connection */
    OUTBOX_BROKEN /* nothing goes out any more: cut off, closed, or some other error */
};

/*
 * Makes an outbox with one reference, for the peer of a link. `limit`: bytes that may be pending
 * before the peer is cut off. The flusher must outlive it, or have stopped with nothing left in
 * it. Returns NULL when memory is out.
 */
struct outbox *outbox_create(struct link *link, size_t limit, struct flusher *flusher);

/*
 * One more reference, or one less; the last one frees it. By then its watches and its screen must
 * be gone. No lock is taken.
 */
void outbox_acquire(struct outbox *outbox);
void outbox_release(struct outbox *outbox);

/* Its link, which lives as long as the outbox. Takes no lock. */
struct link *outbox_link(const struct outbox *outbox);

/* How it fares. */
enum outbox_error outbox_error(struct outbox *outbox);

/* Drops what is pending and takes nothing from now on; the screen is not used any more. */
void outbox_close(struct outbox *outbox);

/*
 * Encodings.
 */

/* Stands for the encoding of a peer with a screen of its own: it has no `encode`. */
extern const struct encoding outbox_screen;

/* How text becomes what this peer is sent now. Takes no lock. */
const struct encoding *outbox_encoding(struct outbox *outbox);

/* From now on text is encoded so, when there is no screen. */
void outbox_set_encoding(struct outbox *outbox, const struct encoding *encoding);

/*
 * Sends bytes that were encoded so before, and may be shared with others, or keeps them for later.
 * If more than the limit must be kept, and the reader was behind before, and one more try to send
 * does not help, the link is killed with LINK_TOO_SLOW; with LINK_OUT_OF_MEMORY when memory is out.
 * That holds for whatever is kept. Returns false, and does nothing, if this is not the peer's
 * encoding (any more). `encoding` is not &outbox_screen.
 */
bool outbox_send_encoded(struct outbox *outbox, const struct encoding *encoding, const char *bytes,
                         size_t length);

/*
 * Text.
 */

/* Sends text that the peer asked for, or keeps it for later; it counts as an answer. */
void outbox_answer(struct outbox *outbox, const char *text, size_t length);

/* Keeps bytes as they are, for the outbox_flush() that must follow. They count as an answer. */
void outbox_queue_raw(struct outbox *outbox, const unsigned char *bytes, size_t length);

/* Sends what is pending as far as the socket takes it. */
void outbox_flush(struct outbox *outbox);

/* Sends a whole line (with its LF), on a line of its own if a prompt is open, as an answer. */
void outbox_say(struct outbox *outbox, const char *line);

/*
 * Sends a prompt: the cursor stays behind it until outbox_prompt_answered(). A screen draws a
 * prompt of its own instead.
 */
void outbox_prompt(struct outbox *outbox, const char *prompt);
void outbox_prompt_answered(struct outbox *outbox);

/*
 * Screens.
 */

/*
 * From now on text goes to a screen, which must live until it is closed. A prompt that is open
 * gives way to it. Returns false, and does nothing, if the outbox has failed.
 */
bool outbox_open_screen(struct outbox *outbox, struct screen *screen);

/* Closes the screen, if there is one. Text is encoded as before it. */
void outbox_close_screen(struct outbox *outbox);

/*
 * Calls `write` with the outbox lock held, to change a screen and to append to what is pending,
 * which goes out with the outbox_flush() that must follow. `write` returns false when memory is
 * out: the link is killed then. The second counts what is appended as an answer, and what the
 * screen draws next as well.
 */
typedef bool outbox_writer(void *context, struct buffer *out);
void outbox_write(struct outbox *outbox, outbox_writer *write, void *context);
void outbox_write_answer(struct outbox *outbox, outbox_writer *write, void *context);

/*
 * Shows text on the peer's screen that is dressed for it alone: calls `dress` with the outbox lock
 * held to append whole lines, which go out with the outbox_flush() that must follow. Returns false,
 * and does nothing, if the peer has no screen. `dress` returns false when memory is out: the link
 * is killed then.
 */
typedef bool outbox_dresser(void *context, struct buffer *lines);
bool outbox_show(struct outbox *outbox, outbox_dresser *dress, void *context);

/*
 * Text as it is, and as it looks on a screen: whichever the peer has is taken. Without `dress`, the
 * text is shown there as it is.
 */
struct outbox_message {
    const char *text;
    size_t length;
    outbox_dresser *dress;
    void *context;
};

/*
 * Keeps a message for the outbox_flush() that must follow: no system call, so a caller may hold the
 * order lock. With `unless_behind` it does nothing,
 * and returns false, if the reader is behind.
 */
bool outbox_queue_message(struct outbox *outbox, const struct outbox_message *message,
                          bool unless_behind);

/*
 * How the peer keeps up.
 */

/*
 * Adds a watch, which is told from now on how the reader keeps up, beginning with how it does now
 * unless it keeps up; it must live until it is removed. A watch that is removed is told that the
 * outbox is empty, unless it was told so last; one that is not there is left alone.
 */
void outbox_add_watch(struct outbox *outbox, struct outbox_watch *watch);
void outbox_remove_watch(struct outbox *outbox, struct outbox_watch *watch);

/* Whether more is pending than the high watermark. */
bool outbox_is_behind(struct outbox *outbox);

/* What is pending, in bytes, after a try to send. Of an outbox that broke, nothing is. */
size_t outbox_try(struct outbox *outbox);

/*
 * Bytes of answers that are pending, or at least were when the last of them was kept, after a try
 * to send: 0 once the last one has gone out. What others sent meanwhile does not count.
 */
size_t outbox_try_answers(struct outbox *outbox);

/* Bytes of answers that were ever sent or kept, modulo the type's range. Takes no lock. */
unsigned outbox_answered(struct outbox *outbox);

/*
 * Judges a reader that has taken nothing for too long: if one more try to send shows nothing
 * either, and it is still behind, its link is killed with LINK_TOO_SLOW.
 */
void outbox_judge(struct outbox *outbox);

/* How it stands, for tests and statistics. */
struct outbox_status {
    size_t pending; /* bytes */
    size_t memory;  /* bytes that are held for them */
    bool flushing;  /* the flusher waits for its socket */
};

struct outbox_status outbox_status(struct outbox *outbox);

#endif
