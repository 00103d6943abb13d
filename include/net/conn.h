/*
 * conn: one connection as its thread sees it: it reads lines under a deadline, and ends the
 * connection. Other threads use the conn's outbox, to send to the client, and its link, to end the
 * connection. Both are reference-counted and may outlive the conn.
 *
 * A conn belongs to one thread; no other thread may use it.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "net/filter.h"
#include "net/line_reader.h"
#include "net/link.h"
#include "net/outbox.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct conn;
struct flusher;
struct sockaddr_storage;
struct terminal_face;
struct turnstile;

/*
 * Serves one client, on the client's own thread. The conn is the caller's; the handler may give
 * references to its outbox and its link to other threads. After the handler has returned, the
 * caller sends what is pending and closes the connection.
 */
typedef void conn_handler(struct conn *conn, void *context);

enum conn_event {
    CONN_LINE,            /* a line was received */
    CONN_UNFINISHED_LINE, /* the input ended within a line; this is what was received of it */
    CONN_LINE_TOO_LONG, /* a line exceeds max_line; reported once, and all of the line is dropped */
    CONN_LINE_NO_MEMORY, /* memory was out for a line typed at a terminal; all of it is dropped */
    CONN_IDLE_SOON,      /* the deadline for the next line or key is near */
    CONN_LEFT,           /* Ctrl-D on an empty line at a terminal: the person wants to leave */
    CONN_CALLED,         /* another thread has called this one (link_call()) */
    CONN_ENDED           /* no more input follows; link_reason() is the reason */
};

struct conn_config {
    struct address_prefix address;   /* the peer's, or none */
    bool telnet;                     /* the peer is expected to speak telnet: conn_negotiate() */
    const struct encoding *encoding; /* as for conn_set_encoding(); NULL: plain text, or telnet */
    size_t max_line;                 /* bytes, without the line end */
    size_t sendq;    /* bytes of pending output beyond which the client is cut off */
    int64_t timeout; /* nanoseconds for each line; 0: no limit */
    int64_t finish;  /* nanoseconds to send pending output at the end; at least a second is given */
    int64_t debt;    /* nanoseconds that the client waits before it is read */
    int64_t pulse; /* nanoseconds of silence after which a terminal is asked whether it is there */
    struct flusher *flusher;
};

/*
 * Makes a conn for a connected, blocking socket, which its link then owns. Copies `peer`, the
 * peer's name in the log. Returns NULL when memory is out; the socket is then still the caller's.
 */
struct conn *conn_create(int fd, const char *peer, const struct conn_config *config);

/*
 * Tells who the peer is, as a proxy has told it, and how long it waits before it is read. Before
 * the handler is called.
 */
void conn_introduce(struct conn *conn, const char *peer, const struct address_prefix *address,
                    int64_t debt);

/*
 * Frees the conn and releases its references to the outbox and the link. The last reference to the
 * link closes the socket.
 */
void conn_destroy(struct conn *conn);

/*
 * Frees a conn whose outbox and link have no other references, but leaves the socket open. Returns
 * the socket's descriptor, which is the caller's again.
 */
int conn_give_back(struct conn *conn);

/*
 * The conn's outbox and link. They live as long as the conn; a caller that needs them for longer
 * acquires a reference.
 */
struct outbox *conn_outbox(const struct conn *conn);
struct link *conn_link(const struct conn *conn);

/*
 * Reads the header of the proxy that passes the connection on (net/proxy_header.h), and stores the
 * client's address if it tells one. The connection ends if there is none until `deadline`
 * (clock_now()). Before the handler is called. No lock may be held.
 */
enum conn_proxy {
    CONN_PROXY_TELLS,
    CONN_PROXY_TELLS_NOTHING, /* the client is who it seems to be: the proxy itself, for instance */
    CONN_PROXY_LATE, /* also when the link was ended meanwhile, which then has its reason */
    CONN_PROXY_MALFORMED
};
enum conn_proxy conn_hear_proxy(struct conn *conn, int64_t deadline,
                                struct sockaddr_storage *source);

/*
 * Begins to speak through a filter, which is the conn's from now on. Each step of that waits for
 * its turn. Returns false if it fails, or is not done until `deadline` (clock_now()): the
 * connection ends, and `fault` tells why, as a clause. Before the handler is called, and before
 * anything is sent. No lock may be held.
 */
bool conn_filter(struct conn *conn, struct filter *filter, struct turnstile *turns,
                 int64_t deadline, char fault[FILTER_FAULT_SIZE]);

/* Who the peer has proved to be by its filter: filter.h's identify(). */
const char *conn_identity(const struct conn *conn);

/* Whether the peer has ended its input, and all of that was read from the socket. Does not wait. */
bool conn_has_ended(const struct conn *conn);

/*
 * Gives each line `timeout` nanoseconds (0: no limit) from now on. The clock for the next line
 * starts anew.
 */
void conn_set_timeout(struct conn *conn, int64_t timeout);

/* Gives the next line until `deadline` (clock_now()), if lines have a timeout; those behind it have
 * that. */
void conn_set_deadline(struct conn *conn, int64_t deadline);

/* Returns the nanoseconds that a line has; 0: no limit. */
int64_t conn_timeout(const struct conn *conn);

/*
 * From now on conn_read_line() returns CONN_IDLE_SOON once for each line, when at most `warning`
 * nanoseconds are left for it; 0: never.
 */
void conn_set_warning(struct conn *conn, int64_t warning);

/*
 * Sets the time that each key may take, in nanoseconds, while there is a terminal (0: no limit),
 * and the time of its warning. Lines have no limit there then.
 */
void conn_set_key_timeout(struct conn *conn, int64_t timeout, int64_t warning);

/*
 * Waits for the next event. The clock for a line starts at the end of the line before it (or at the
 * first wait), whatever bytes arrive meanwhile; that for a key, at the key before it. A terminal
 * that has answered before whether it is there, and does not answer now, ends with LINK_SILENT. The
 * line in *line is valid until the next call. No lock may be held.
 */
enum conn_event conn_read_line(struct conn *conn, struct line *line);

/*
 * Return how many bytes of text the peer has sent so far, and how many lines. For any thread while
 * the conn is not destroyed.
 */
uint64_t conn_received(struct conn *conn);
uint64_t conn_lines(struct conn *conn);

/*
 * Charges the client for a request, after its answer was sent. conn_read_line() then reads no
 * further until the client has taken most of its answers, and delays a client that is over its
 * budget (net/throttle.h); it charges telnet commands and a terminal's keys by itself. Returns
 * false if the client is over its budget now.
 */
bool conn_charge(struct conn *conn);

/* Whether conn_read_line() can return an event from input that was read before, without waiting. */
bool conn_line_waiting(struct conn *conn);

/*
 * Waits for so many nanoseconds, or until the link is killed, or has ended and its thread is
 * nudged. Input stays unread meanwhile. No lock may be held.
 */
void conn_pause(struct conn *conn, int64_t nanoseconds);

/*
 * Sends a prompt; the cursor stays behind it until the next line is received. A terminal shows the
 * prompt of its face instead.
 */
void conn_prompt(struct conn *conn, const char *prompt);

/*
 * Sets whether what the client types is a secret, as a password, which is not shown: a peer that
 * speaks telnet in line mode is asked not to show it. At a terminal the face hides it, and must
 * have been changed before.
 */
void conn_hide(struct conn *conn, bool hide);

/*
 * Overwrites what is left in memory of the lines that were read: one had a secret. Hiding does so
 * too. *line of conn_read_line() is not valid any more.
 */
void conn_forget(struct conn *conn);

/*
 * Sets the face for a terminal in character mode. From now on a peer that speaks telnet before it
 * sends text is offered character mode; conn_negotiate() offers it to any peer. NULL removes the
 * face and closes an open terminal. The face must live until it is removed.
 */
void conn_set_face(struct conn *conn, const struct terminal_face *face);

/*
 * From now on text is sent in this encoding, and no telnet: for a peer that is a program. What it
 * sends is taken as it is, unless it has spoken telnet before; then commands are taken out and not
 * answered. The face must have been removed.
 */
void conn_set_encoding(struct conn *conn, const struct encoding *encoding);

/* Whether the peer is expected to speak telnet. */
bool conn_expects_telnet(const struct conn *conn);

/*
 * Offers character mode and waits for the answer: for at most INTAKE_PATIENCE (net/intake.h), and
 * no longer once the peer has sent more than a little text instead. Without agreement in that time
 * the peer stays in line mode. Returns whether there is a terminal now. No lock may be held; a face
 * must be set.
 */
bool conn_negotiate(struct conn *conn);

/* Returns to line mode, or withdraws the offer of character mode. */
void conn_leave_terminal(struct conn *conn);

/* Whether there is a terminal. */
bool conn_has_terminal(const struct conn *conn);

/* Whether lines look as the face says: at a terminal, and for some clients in line mode. */
bool conn_shows_face(const struct conn *conn);

/* Changes the data that the face reads, as intake_change_face() does. */
void conn_change_face(struct conn *conn, void (*change)(void *context, const void *what),
                      void *context, const void *what);

/*
 * Waits until the client has taken most of its answers, for at most the timeout for a line. Returns
 * false if the client did not take them in time, the link has ended or output has failed. No lock
 * may be held.
 */
bool conn_catch_up(struct conn *conn);

/*
 * Sends pending output as far as the socket takes it now, and if that is all, ends the output: what
 * is sent afterwards is lost. Does not wait. conn_finish() must follow.
 */
void conn_end_output(struct conn *conn);

/*
 * Must be the last call before the conn is destroyed. Sends pending output within the time that the
 * config gives for it, reads the input to its end so that the peer receives that output, and shuts
 * the socket down. No lock may be held.
 */
void conn_finish(struct conn *conn);

#endif
