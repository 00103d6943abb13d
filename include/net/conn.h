/*
 * conn: a connected client, as its handler and the other threads see it: lines in under a
 * deadline, bytes out that nobody waits for.
 *
 * A conn has one thread of its own, which runs the handler; functions that only that thread may
 * call say so. It is reference-counted, and holds a reference to its link.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "net/line_reader.h"
#include "net/link.h"
#include "net/terminal.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;
struct outbox;
struct flusher;

enum conn_event {
    CONN_LINE,            /* a line came */
    CONN_UNFINISHED_LINE, /* the peer closed its side behind a line without a line end */
    CONN_LINE_TOO_LONG,   /* a line is longer than allowed; said once, and nothing of it comes */
    CONN_IDLE_SOON,       /* the next line is about to be late: conn_set_warning() */
    CONN_LEFT,            /* somebody at a terminal wants to go: Ctrl-D on an empty line */
    CONN_ENDED            /* nothing more will come; link_reason() says why */
};

struct conn_config {
    bool telnet;     /* the other side is expected to speak telnet: conn_negotiate() */
    size_t max_line; /* bytes, without the line end */
    size_t sendq;    /* bytes of undelivered output, beyond which the client is cut off */
    int64_t timeout; /* nanoseconds for each line; 0: for ever */
    int64_t finish;  /* nanoseconds to take what it is owed at the end, if that is above a second */
    int64_t debt;    /* nanoseconds that it has to wait before it is read */
    struct flusher *flusher;
};

/*
 * Makes a conn with one reference of a connected, blocking socket, which it owns from then on.
 * `peer` (copied) is what the log calls the other side. Returns NULL when memory is out; the
 * socket is then still the caller's.
 */
struct conn *conn_create(int fd, const char *peer, const struct conn_config *config);

/* One more reference, or one less; the last one lets go of the link and frees the conn. */
void conn_acquire(struct conn *conn);
void conn_release(struct conn *conn);

/* Releases the last reference of a conn that nobody has used; the socket is the caller's again. */
int conn_give_back(struct conn *conn);

/* Its outbox and its link, which live as long as the conn. */
struct outbox *conn_outbox(const struct conn *conn);
struct link *conn_link(const struct conn *conn);

/*
 * From now on each line may take `timeout` nanoseconds (0: for ever) from the end of the line
 * before. Only the conn's own thread.
 */
void conn_set_timeout(struct conn *conn, int64_t timeout);

/*
 * From now on conn_read_line() says that a line is about to be late, once for each line, when it
 * has no more than so many nanoseconds left; 0: it does not. Only the conn's own thread.
 */
void conn_set_warning(struct conn *conn, int64_t warning);

/*
 * Waits for the next line. The clock runs from the line before (or the first wait), whatever
 * bytes come meanwhile. The line stays good until the next call. Only the conn's own thread,
 * with no lock held.
 */
enum conn_event conn_read_line(struct conn *conn, struct line *line);

/*
 * Has the client pay for a request, whose answer has been sent: it is read no further until most of
 * its answers are taken, and more slowly when it asks for much (conn.c says how much).
 * conn_read_line() sees to that, and to what telnet and a terminal's keys cost.
 * Returns false if it is beyond its measure now. Only the conn's own thread.
 */
bool conn_charge(struct conn *conn);

/* Whether nothing goes out any more: what the client asks for is not worth while. Takes the outbox
 * lock. */
bool conn_is_deaf(struct conn *conn);

/*
 * Whether conn_read_line() has something to return in what was read before, without any wait. Only
 * the conn's own thread.
 */
bool conn_line_waiting(struct conn *conn);

/*
 * Rests for so many nanoseconds, or less if the conn is killed; what the peer sends meanwhile
 * stays unread. Only the conn's own thread, with no lock held.
 */
void conn_pause(struct conn *conn, int64_t nanoseconds);

/*
 * Sends bytes to the client without ever waiting: what the socket does not take now goes out
 * later. Any thread that has a reference. Takes the outbox lock.
 */
void conn_send(struct conn *conn, const char *bytes, size_t length);

/*
 * Keeps bytes to be sent along with the next conn_send(), or by conn_flush(). No system call.
 * Any thread that has a reference. Takes the outbox lock.
 */
void conn_queue(struct conn *conn, const char *bytes, size_t length);
void conn_flush(struct conn *conn);

/* As conn_send(), unless the client is behind (net/outbox.h): then returns false, and does nothing.
 */
bool conn_offer(struct conn *conn, const char *bytes, size_t length);

/* Sends what the client asked for, as conn_send() does. */
void conn_answer(struct conn *conn, const char *bytes, size_t length);

/*
 * Sends a whole line with its LF; if a prompt is open, on a line of its own. As conn_answer(): it
 * is for what the client asked for, or must know.
 */
void conn_say(struct conn *conn, const char *line);

/*
 * Sends a prompt and leaves the cursor behind it until a line comes in; a terminal shows the
 * prompt that its face has instead. Own thread only.
 */
void conn_prompt(struct conn *conn, const char *prompt);

/*
 * Says how things are shown if the other side is, or becomes, a terminal in character mode; it
 * does when it speaks telnet before anything else and agrees, or by conn_negotiate(). NULL: no
 * more, and an open terminal is closed. The face must live until then. Own thread only.
 */
void conn_set_face(struct conn *conn, const struct terminal_face *face);

/* Whether the other side is expected to speak telnet. */
bool conn_expects_telnet(const struct conn *conn);

/*
 * Asks the other side for character mode and waits for the answer, but not longer than
 * INTAKE_PATIENCE (net/intake.h), nor until more than a little was said instead; who does not
 * agree in that time stays in line mode. Returns whether there is a terminal now. Own thread only,
 * with no lock held, and with a face set.
 */
bool conn_negotiate(struct conn *conn);

/* Goes back to line mode, or takes back what was offered. Own thread only. */
void conn_leave_terminal(struct conn *conn);

/* Whether there is a terminal. Own thread only. */
bool conn_has_terminal(const struct conn *conn);

/* Changes what the face shows by, as intake_change_face() does. Own thread only. */
void conn_change_face(struct conn *conn, void (*change)(void *context, const void *what),
                      void *context, const void *what);

/*
 * Waits, at most until the next line would be late, until the client has taken most of its answers.
 * Returns false when it did not, or when there is nobody to wait for: it has ended, or is deaf. Own
 * thread only, with no lock held.
 */
bool conn_catch_up(struct conn *conn);

/*
 * For a client that takes nothing: conn_try() sends what its socket has come to have room for;
 * conn_judge() does as well, and ends it if that is nothing, as outbox_judge() says.
 */
void conn_try(struct conn *conn);
void conn_judge(struct conn *conn);

/*
 * Ends a conn kindly: it is told `line`, and may still send what it owes, with the reason
 * LINK_SHUTTING_DOWN. Its thread comes upon that when its wait for input is over; a signal ends
 * the wait. (Shutting down the socket's reading side would too, but then the kernel answers to
 * whatever the peer still sends with a reset, and what it is owed is lost.) Any thread that has a
 * reference. Takes the outbox lock.
 */
void conn_stop(struct conn *conn, const char *line);

/*
 * The last thing its own thread does: sends what is owed for the time it has, sees to it that the
 * peer can read it, and shuts the socket down. With no lock held.
 */
void conn_finish(struct conn *conn);

#endif
