/*
 * outbox: the bytes on their way to one client. What the socket takes goes out at once, straight
 * from the caller's memory; the rest is kept in order, and goes out by the flusher when the socket
 * can take more. No function waits.
 *
 * Everything that is kept counts against one limit, whoever caused it: lines, replies, telnet's own
 * answers, a terminal's echo. What the client itself asked for (answers) is counted apart, so that
 * its thread reads no further while too many of them are pending.
 *
 * Its lock is held across a send that cannot wait (MSG_DONTWAIT), and never longer.
 */
#ifndef NET_OUTBOX_H
#define NET_OUTBOX_H

#include "base/buffer.h"
#include "base/lock.h"
#include "net/flusher.h"
#include "net/terminal.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;
struct link;

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
};

enum outbox_error {
    OUTBOX_OPEN,
    OUTBOX_RESET, /* the peer reset the connection */
    OUTBOX_BROKEN /* nothing goes out any more: cut off, closed, or some other error */
};

struct outbox {
    struct flusher_task task; /* the first member: a task is its outbox */
    struct lock lock;         /* guards the rest */
    struct buffer pending;    /* accepted and not yet sent; no memory when empty */
    size_t limit;             /* bytes: what may be pending before the client is cut off */
    struct conn *conn;        /* whose outbox this is */
    struct link *link;        /* the conn's */
    enum outbox_error error;
    bool telnet;               /* line ends go out as CR LF */
    struct terminal *terminal; /* what a person edits lines on, or NULL; it draws what goes out */
    bool prompting;            /* what was sent last is a prompt, with the cursor behind it */
    bool flushing;             /* the flusher has its task, and senders leave the sending to it */
    bool slow;                 /* its reader was behind when it last tried to send */
    bool overrun;   /* more was kept since the last try to send, although its reader was behind */
    bool answering; /* what a terminal draws next is the answer to its own keys */
    size_t answers; /* bytes of answers kept since the last of them had gone out */
    size_t answers_end;      /* how much of what is pending ends with the last answer; 0: none is */
    atomic_uint answered;    /* bytes of answers ever, modulo its range */
    enum outbox_level level; /* what the watch was told last */
    struct outbox_watch *watch; /* or NULL */
    struct flusher *flusher;
};

/* Makes the outbox of a conn's link. Returns 0 or an errno. */
int outbox_init(struct outbox *outbox, struct conn *conn, size_t limit, struct flusher *flusher);

/* Frees it; nobody may be in it, and outbox_close() must have been called. */
void outbox_destroy(struct outbox *outbox);

/*
 * Sends bytes, or keeps them for later. If more than `limit` must be kept, and its reader was
 * behind before, and one more try to send does not help, the client is cut off with LINK_TOO_SLOW;
 * with LINK_OUT_OF_MEMORY when memory is out. Takes the outbox lock.
 */
void outbox_send(struct outbox *outbox, const char *bytes, size_t length);

/* As outbox_send(), unless the reader is behind: then it does nothing, and returns false. */
bool outbox_offer(struct outbox *outbox, const char *bytes, size_t length);

/* Sends what the client asked for, as outbox_send() does; it counts as an answer. */
void outbox_answer(struct outbox *outbox, const char *bytes, size_t length);

/*
 * Keeps bytes for the outbox_send() or outbox_flush() that must follow: no system call, so a
 * caller may hold the order lock. The limit counts then. Takes the outbox lock.
 */
void outbox_queue(struct outbox *outbox, const char *bytes, size_t length);

/* Sends what is pending as far as the socket takes it. Takes the outbox lock. */
void outbox_flush(struct outbox *outbox);

/*
 * Keeps a command of telnet's as it is, none of its bytes is a line end, for the outbox_flush()
 * that must follow. It counts as an answer.
 */
void outbox_queue_command(struct outbox *outbox, const unsigned char *bytes, size_t length);

/* Sends a whole line (with its LF), on a line of its own if a prompt is open, as an answer. */
void outbox_say(struct outbox *outbox, const char *line);

/* Sends a prompt: the cursor stays behind it until outbox_prompt_answered(). */
void outbox_prompt(struct outbox *outbox, const char *prompt);
void outbox_prompt_answered(struct outbox *outbox);

/* From now on line ends go out as CR LF. */
void outbox_speak_telnet(struct outbox *outbox);

/*
 * Opens a terminal: from now on what goes out is lines for it to show, and prompts are its own. A
 * prompt that is open gives way to it. Returns false when memory is out.
 */
bool outbox_open_terminal(struct outbox *outbox, const struct terminal_face *face, size_t max_line,
                          unsigned columns);

/* Closes the terminal, if there is one; the face is not used any more. */
void outbox_close_terminal(struct outbox *outbox);

/*
 * Gives keys to the terminal, which must be open, as terminal_feed() does. What it draws goes out
 * with the outbox_flush() that must follow the last one.
 */
size_t outbox_feed(struct outbox *outbox, const char *keys, size_t length, enum editor_event *event,
                   struct buffer *line);

/* The terminal, if there is one, has so many columns now: seen with the next outbox_flush(). */
void outbox_resize(struct outbox *outbox, unsigned columns);

/*
 * Calls `change` with the outbox lock held, for changing what the face shows by. A terminal's
 * prompt is made anew, and drawn with whatever goes out next.
 */
void outbox_change_face(struct outbox *outbox, void (*change)(void *context, const void *what),
                        void *context, const void *what);

/*
 * From now on tells `watch` how the reader keeps up (NULL: nobody), beginning with how it does now,
 * unless it keeps up. Who watched before is told that the outbox is empty.
 */
void outbox_set_watch(struct outbox *outbox, struct outbox_watch *watch);

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
 * either, and it is still behind, it is cut off with LINK_TOO_SLOW.
 */
void outbox_judge(struct outbox *outbox);

/* Drops what is pending and takes nothing from now on. */
void outbox_close(struct outbox *outbox);

/* How it fares. */
enum outbox_error outbox_error(struct outbox *outbox);

#endif
