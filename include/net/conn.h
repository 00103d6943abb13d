/*
 * conn: one connection, from the side of the thread that serves it: lines in under a deadline, and
 * the end. What others need of it are its outbox, to send something to the client, and its link, to
 * end it; both have references of their own and may outlive the conn.
 *
 * A conn belongs to one thread, and is never seen by another.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "net/line_reader.h"
#include "net/link.h"
#include "net/outbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;
struct flusher;
struct terminal_face;

/*
 * One client's conversation, on its own thread. The conn is the caller's; the handler may give
 * references to its outbox and its link to others. When it returns, what is owed is sent and the
 * connection closed.
 */
typedef void conn_handler(struct conn *conn, void *context);

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
 * Makes a conn of a connected, blocking socket, which its link owns from then on. `peer` (copied)
 * is what the log calls the other side. Returns NULL when memory is out; the socket is then still
 * the caller's.
 */
struct conn *conn_create(int fd, const char *peer, const struct conn_config *config);

/*
 * Frees it, and lets go of its outbox and its link: if nobody else has a reference, the socket is
 * closed.
 */
void conn_destroy(struct conn *conn);

/* The same for a conn that nobody has used, but the socket is the caller's again. */
int conn_give_back(struct conn *conn);

/* Its outbox and its link, which live as long as the conn. */
struct outbox *conn_outbox(const struct conn *conn);
struct link *conn_link(const struct conn *conn);

/*
 * From now on each line may take `timeout` nanoseconds (0: for ever) from the end of the line
 * before.
 */
void conn_set_timeout(struct conn *conn, int64_t timeout);

/*
 * From now on conn_read_line() says that a line is about to be late, once for each line, when it
 * has no more than so many nanoseconds left; 0: it does not.
 */
void conn_set_warning(struct conn *conn, int64_t warning);

/*
 * Waits for the next line. The clock runs from the line before (or the first wait), whatever
 * bytes come meanwhile. The line stays good until the next call. With no lock
 * held.
 */
enum conn_event conn_read_line(struct conn *conn, struct line *line);

/*
 * Has the client pay for a request, whose answer has been sent: it is read no further until most of
 * its answers are taken, and more slowly when it asks for much (net/throttle.h).
 * conn_read_line() sees to that, and to what telnet and a terminal's keys cost.
 * Returns false if it is beyond its measure now.
 */
bool conn_charge(struct conn *conn);

/*
 * Whether conn_read_line() has something to return in what was read before, without any wait.
 */
bool conn_line_waiting(struct conn *conn);

/*
 * Rests for so many nanoseconds, or less if its link is killed; what the peer sends meanwhile
 * stays unread. With no lock held.
 */
void conn_pause(struct conn *conn, int64_t nanoseconds);

/*
 * Sends a prompt and leaves the cursor behind it until a line comes in; a terminal shows the
 * prompt that its face has instead.
 */
void conn_prompt(struct conn *conn, const char *prompt);

/*
 * Says how things are shown if the other side is, or becomes, a terminal in character mode; it
 * does when it speaks telnet before anything else and agrees, or by conn_negotiate(). NULL: no
 * more, and an open terminal is closed. The face must live until then.
 */
void conn_set_face(struct conn *conn, const struct terminal_face *face);

/* Whether the other side is expected to speak telnet. */
bool conn_expects_telnet(const struct conn *conn);

/*
 * Asks the other side for character mode and waits for the answer, but not longer than
 * INTAKE_PATIENCE (net/intake.h), nor until more than a little was said instead; who does not
 * agree in that time stays in line mode. Returns whether there is a terminal now. With no
 * lock held, and with a face set.
 */
bool conn_negotiate(struct conn *conn);

/* Goes back to line mode, or takes back what was offered. */
void conn_leave_terminal(struct conn *conn);

/* Whether there is a terminal. */
bool conn_has_terminal(const struct conn *conn);

/* Changes what the face shows by, as intake_change_face() does. */
void conn_change_face(struct conn *conn, void (*change)(void *context, const void *what),
                      void *context, const void *what);

/*
 * Waits, at most until the next line would be late, until the client has taken most of its answers.
 * Returns false when it did not, or when there is nobody to wait for: it has ended, or nothing goes
 * out any more. With no lock held.
 */
bool conn_catch_up(struct conn *conn);

/*
 * The last thing before it is destroyed: sends what is owed for the time it has, sees to it that
 * the peer can read it, and shuts the socket down. With no lock held.
 */
void conn_finish(struct conn *conn);

#endif
