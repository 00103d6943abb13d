/*
 * outbox: the output to one peer. What the socket takes is sent at once, from the caller's memory;
 * the rest is pending output, which is kept in order and flushed when the socket is writable again.
 * No function waits.
 *
 * Text is encoded when it enters (net/encoding.h), or goes to a screen (net/screen.h) if the peer
 * has one. All pending output counts against one limit, whatever caused it: lines, replies,
 * telnet's own answers, a terminal's echo. Answers, which are what the peer itself asked for, are
 * counted separately, so that its thread can stop reading requests while too many answers are
 * pending.
 *
 * A screen is drawn at once for its person's keys, and at most 30 times a second for messages.
 * Messages in between are held back until then, but never so many that the reader is behind.
 *
 * An outbox is reference-counted, and holds a reference to its link. Any thread that has a
 * reference may call any function. All but those that say so take the outbox lock, which is held
 * during a send that cannot wait (MSG_DONTWAIT), and never longer.
 */
#ifndef NET_OUTBOX_H
#define NET_OUTBOX_H

#include "net/encoding.h"
#include "net/screen.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct filter;
struct flusher;
struct link;
struct outbox;

/*
 * The high watermark: a reader is behind when more than this is pending, or more than half of its
 * limit. Pending output is a copy for one reader, so a higher watermark costs memory for each slow
 * reader.
 */
#define OUTBOX_WATERMARK_BYTES ((size_t)64 * 1024)

/* How well a reader keeps up. */
enum outbox_level {
    OUTBOX_EMPTY,     /* nothing is pending */
    OUTBOX_FULL,      /* the socket is full, and output is pending */
    OUTBOX_BEHIND,    /* more than the high watermark is pending */
    OUTBOX_NEAR_LIMIT /* so is more than five eighths of the limit */
};

/*
 * An observer of the level. `changed` is called with the outbox lock held when the level has
 * changed, and, with `progress`, when the socket has taken some of what was pending.
 */
struct outbox_watch {
    void (*changed)(struct outbox_watch *watch, enum outbox_level level, bool progress);
    struct outbox_watch *next; /* for the outbox */
};

enum outbox_error {
    OUTBOX_OPEN,
    OUTBOX_RESET, /* the peer reset the connection */
    OUTBOX_BROKEN /* output has failed: cut off, closed, or another error */
};

/*
 * Makes an outbox with one reference, for the peer of a link. `limit`: bytes that may be pending
 * before the peer is cut off. The flusher must outlive the outbox, or have stopped with no task
 * left. Returns NULL when memory is out.
 */
struct outbox *outbox_create(struct link *link, size_t limit, struct flusher *flusher);

/*
 * Acquires or releases one reference; releasing the last one frees the outbox. By then its watches
 * and its screen must have been removed. Takes no lock.
 */
void outbox_acquire(struct outbox *outbox);
void outbox_release(struct outbox *outbox);

/* The outbox's link, which lives as long as the outbox. Takes no lock. */
struct link *outbox_link(const struct outbox *outbox);

/*
 * Puts a filter, whose handshake is over, between the peer and all that is sent from now on; the
 * outbox frees it. Once, before anything is sent.
 */
void outbox_set_filter(struct outbox *outbox, struct filter *filter);

/* Receives what a filter has, as its receive() does. There must be a filter. */
ssize_t outbox_receive(struct outbox *outbox, void *bytes, size_t size, size_t *overhead);

/*
 * Nothing more is sent, which a filter tells the peer. Returns false if that waits for the socket;
 * then it is to be called again.
 */
bool outbox_finish(struct outbox *outbox);

/* Whether output has failed, and how. */
enum outbox_error outbox_error(struct outbox *outbox);

/* Drops pending output and accepts none from now on; the screen is not used any more. */
void outbox_close(struct outbox *outbox);

/*
 * Encodings.
 */

/* Stands for the encoding of a peer with a screen; it has no `encode`. */
extern const struct encoding outbox_screen;

/* The encoding of text for this peer now. Takes no lock. */
const struct encoding *outbox_encoding(struct outbox *outbox);

/*
 * A number that is another one after each change of what decides how text is sent to this peer: its
 * encoding, its screen, and what outbox_change_mode() changes. Read it before these. Takes no lock.
 */
unsigned outbox_mode(struct outbox *outbox);

/* Calls a function with the outbox lock held. */
void outbox_hold(struct outbox *outbox, void (*function)(void *context), void *context);

/* Calls `change` with the outbox lock held, and changes the mode. */
void outbox_change_mode(struct outbox *outbox, void (*change)(void *context), void *context);

/* Sets the encoding of text for the time when there is no screen. */
void outbox_set_encoding(struct outbox *outbox, const struct encoding *encoding);

/*
 * Sends encoded bytes, which may be shared with other outboxes, or keeps a copy for later. The link
 * is killed with LINK_TOO_SLOW if more than the limit would be pending, the reader was behind
 * before, and one more try to send does not help; it is killed with LINK_OUT_OF_MEMORY when memory
 * is out. Both hold for every function that keeps output. Returns false, and does nothing, if the
 * mode is not `mode` any more. The encoding must not be &outbox_screen.
 */
bool outbox_send_encoded(struct outbox *outbox, unsigned mode, const char *bytes, size_t length);

/*
 * Has the processor fetch what outbox_send_encoded() reads of an outbox, for a call that follows
 * soon. Takes no lock.
 */
void outbox_expect(const struct outbox *outbox);

/*
 * Text.
 */

/* Sends text that the peer asked for, or keeps it for later. It counts as an answer. */
void outbox_answer(struct outbox *outbox, const char *text, size_t length);

/*
 * Appends bytes unchanged to the pending output; outbox_flush() must follow. They count as an
 * answer.
 */
void outbox_queue_raw(struct outbox *outbox, const unsigned char *bytes, size_t length);

/*
 * Sends as much of the pending output as the socket takes; or leaves it to the flusher, if the
 * peer's screen was drawn a moment ago.
 */
void outbox_flush(struct outbox *outbox);

/*
 * Sends a whole line (with its LF) as an answer. If a prompt is open, the line begins on a new
 * line; so do encoded bytes, messages, and what is shown on a screen that takes prompts.
 */
void outbox_say(struct outbox *outbox, const char *line);

/* As outbox_say(), for the last line of all: a screen draws no prompt below it. */
void outbox_say_last(struct outbox *outbox, const char *line);

/*
 * Sends a prompt; the cursor stays behind it until outbox_prompt_answered(). A screen may draw its
 * own prompt instead.
 */
void outbox_prompt(struct outbox *outbox, const char *prompt);
void outbox_prompt_answered(struct outbox *outbox);

/*
 * Screens.
 */

/*
 * Directs text to a screen from now on; the screen must live until it is closed. One that draws its
 * own prompt replaces an open one. Returns false, and does nothing, if output has failed.
 */
bool outbox_open_screen(struct outbox *outbox, struct screen *screen);

/* Closes the screen, if there is one; text is encoded again as it was before. */
void outbox_close_screen(struct outbox *outbox);

/*
 * Calls `write` with the outbox lock held, to change a screen and to append to the pending output;
 * outbox_flush() must follow. `write` returns false when memory is out; the link is then killed.
 * outbox_write_answer() also counts as an answer what `write` appends and what the screen draws
 * next.
 */
typedef bool outbox_writer(void *context, struct buffer *out);
void outbox_write(struct outbox *outbox, outbox_writer *write, void *context);
void outbox_write_answer(struct outbox *outbox, outbox_writer *write, void *context);

/*
 * Calls `show` with the outbox lock held to print on the peer's screen, and sends that, as
 * outbox_flush() does. `show` passes `out` to the screen's functions. Returns false, and does
 * nothing, if the peer has no screen. `show` returns false when memory is out; the link is then
 * killed.
 */
typedef bool outbox_shower(void *context, struct screen *screen, struct buffer *out);
bool outbox_show(struct outbox *outbox, outbox_shower *show, void *context);

/*
 * A text, and how it is shown on a screen; the outbox uses the form that its peer needs. Without
 * `show`, a screen shows the plain text.
 */
struct outbox_message {
    const char *text;
    size_t length;
    const struct encoding *encoding; /* of the peer when the text was made: outbox_encoding() */
    bool answer;                     /* it counts as an answer */
    outbox_shower *show;
    void *context;
};

/*
 * Appends a message to the pending output; outbox_flush() must follow. Makes no system call, so the
 * caller may hold the order lock. Does nothing, and returns why, if the peer has another encoding
 * by now; and, with `unless_behind`, if the reader is behind.
 */
enum outbox_queued {
    OUTBOX_QUEUED,
    OUTBOX_REFUSED, /* the reader is behind */
    OUTBOX_STALE    /* the encoding is another one */
};
enum outbox_queued outbox_queue_message(struct outbox *outbox, const struct outbox_message *message,
                                        bool unless_behind);

/*
 * How well the peer keeps up.
 */

/*
 * outbox_add_watch() calls the watch at once, unless the level is OUTBOX_EMPTY, and then for every
 * change; the watch must live until it is removed. outbox_remove_watch() calls the watch with
 * OUTBOX_EMPTY, unless that was the last level it was told; it ignores a watch that is not there.
 */
void outbox_add_watch(struct outbox *outbox, struct outbox_watch *watch);
void outbox_remove_watch(struct outbox *outbox, struct outbox_watch *watch);

/* Whether more than the high watermark is pending. */
bool outbox_is_behind(struct outbox *outbox);

/* Tries to send. Returns how many bytes are pending afterwards; 0 if output has failed. */
size_t outbox_try(struct outbox *outbox);

/*
 * Tries to send. Returns an upper bound of the bytes of answers that are pending: at most the
 * answers that were kept since none was pending, and at most what is pending up to the last of
 * them.
 */
size_t outbox_try_answers(struct outbox *outbox);

/* Bytes of answers that were sent or kept so far, modulo the type's range. Takes no lock. */
unsigned outbox_answered(struct outbox *outbox);

/*
 * Checks a reader that has made no progress for too long: if one more try to send makes none
 * either, and the reader is still behind, the link is killed with LINK_TOO_SLOW.
 */
void outbox_judge(struct outbox *outbox);

/* The state, for tests and figures. */
struct outbox_status {
    uint64_t sent;           /* bytes so far, before a filter has made something else of them */
    enum outbox_level level; /* that the watches were told last */
    size_t pending;          /* bytes */
    size_t memory;           /* bytes of memory held for pending output */
    bool flushing;           /* the flusher has the task */
};

struct outbox_status outbox_status(struct outbox *outbox);

#endif
