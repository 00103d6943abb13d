/*
 * intake: what a peer sends, made into lines. Telnet's commands are taken out of it and answered;
 * the text is lines already, for a line reader to cut, or the keys of a person at a terminal, for
 * the terminal's editor to make lines of. Which of the two it is, both sides negotiate.
 *
 * It belongs to the thread of its conn, and knows no socket: the conn hands it what it received.
 * What it answers goes out by the conn's outbox, whose lock it takes.
 */
#ifndef NET_INTAKE_H
#define NET_INTAKE_H

#include "base/buffer.h"
#include "net/line_reader.h"
#include "net/telnet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outbox;
struct terminal;
struct terminal_face;

/* How long a peer may take to agree to character mode; who agrees later stays in line mode. */
#define INTAKE_PATIENCE (2 * CLOCK_SECOND)

struct intake {
    struct outbox *outbox;
    struct line_reader reader; /* in line mode */
    struct telnet telnet;
    const struct terminal_face *face; /* for a terminal, if there is or comes to be one; or NULL */
    struct terminal *terminal;        /* if there is one, the text is keys; or NULL */
    bool heard_text;                  /* before this, who speaks telnet spoke it first */
    bool ended;                       /* by the peer's EOF command: nothing more comes */
    bool failed;                      /* memory was out, and input is lost */
    bool has_fed;                     /* keys to the terminal, since there were none left */
    bool knows_type;                  /* the face has been told the terminal's type */
    size_t cost;                      /* since intake_take_cost() */
    bool leaving;                     /* character mode, when the keys that are held are typed */
    bool offering;                    /* character mode; the peer may agree to it until */
    int64_t offer_ends;
    uint64_t entered_lines; /* ends of lines, at the terminal */
    struct buffer keys;     /* not taken yet */
    struct buffer behind;   /* what came behind them, when leaving */
    struct buffer entered;  /* the line that was last entered there */
};

enum intake_result {
    INTAKE_NOTHING,  /* no more until more bytes come, or there are more keys: intake_is_empty() */
    INTAKE_LINE,     /* *line is the next line; good until the intake is next used */
    INTAKE_TOO_LONG, /* a line is too long: said once, and nothing of it comes */
    INTAKE_LEAVE     /* somebody at a terminal wants to go: Ctrl-D on an empty line */
};

/* Makes an intake for lines of at most max_line bytes, whose outbox outlives it. */
void intake_init(struct intake *intake, struct outbox *outbox, size_t max_line);

/* Frees what is held, and closes the terminal if there is one. */
void intake_free(struct intake *intake);

/* Takes what was received; `bytes` are worked over. Returns false when memory is out. */
bool intake_take(struct intake *intake, char *bytes, size_t length);

/*
 * Takes what came behind the end of character mode, if there is any and that end has come; so does
 * whoever takes more, or wants the next line. Returns false when memory is out.
 */
bool intake_take_behind(struct intake *intake);

/*
 * For receiving much at once without a copy: a place for `room` bytes, or NULL when memory is out;
 * and the same as intake_take() for the first `length` bytes of such a place.
 */
char *intake_room(struct intake *intake, size_t room);
bool intake_take_from_room(struct intake *intake, const char *bytes, size_t length);

/*
 * Takes the next line out. What keys change on a terminal's screen goes out when no more lines are
 * there, or before, with what the line leads to.
 */
enum intake_result intake_next(struct intake *intake, struct line *line);

/* Whether there is a whole line to take. A terminal's lines come one by one: never. */
bool intake_has_next(struct intake *intake);

/* At the end of the input: what came behind the last line end, as line_reader_rest(). */
bool intake_rest(struct intake *intake, struct line *line);

/*
 * Whether all that was taken has been looked at. A terminal's keys are typed a few at a time:
 * between two calls of intake_next() others get at the terminal, and the caller looks whether it is
 * to go on.
 */
bool intake_is_empty(const struct intake *intake);

/* What the keys and telnet commands since the last call cost, in bytes of answers. */
size_t intake_take_cost(struct intake *intake);

/* How many bytes wait to become lines. */
size_t intake_held(const struct intake *intake);

/* How many line ends have passed: whoever completes lines is not idle. */
uint64_t intake_line_ends(const struct intake *intake);

/* Gives back memory that is not needed now. */
void intake_relax(struct intake *intake);

/*
 * Says how things are shown at a terminal: from now on a peer that speaks telnet before anything
 * else is offered to be one. The face must live until it is replaced by NULL, which closes an open
 * terminal and goes back to line mode.
 */
void intake_set_face(struct intake *intake, const struct terminal_face *face);

/*
 * Calls `change` for changing what the face shows by: with the outbox lock held if a terminal shows
 * it, whose prompt is then made anew, and drawn with whatever goes out next.
 */
void intake_change_face(struct intake *intake, void (*change)(void *context, const void *what),
                        void *context, const void *what);

/* Has a terminal's prompt made anew, if there is one. */
void intake_renew_prompt(struct intake *intake);

/* Whether there is a terminal. */
bool intake_has_terminal(const struct intake *intake);

/* Offers character mode, which the peer may agree to for INTAKE_PATIENCE from now. */
void intake_offer(struct intake *intake);

/*
 * How many nanoseconds the peer still has to answer the offer. At most 0: it is too late, and the
 * offer had better be taken back. CLOCK_NEVER: there is no offer, or it was answered.
 */
int64_t intake_patience_left(const struct intake *intake);

/* Closes the terminal if there is one, or takes the offer back: the peer is in line mode. */
void intake_withdraw(struct intake *intake);

#endif
