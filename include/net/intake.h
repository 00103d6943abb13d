/*
 * intake: turns the bytes that a peer sends into lines. It removes telnet commands from the input
 * and answers them. In line mode a line reader cuts the remaining text into lines; in character
 * mode the text is keys, from which the terminal's editor makes lines. Both sides negotiate the
 * mode.
 *
 * An intake belongs to the thread of its conn and does not know the socket: the conn passes in what
 * it received. Answers go to the conn's outbox, whose lock the intake takes.
 */
#ifndef NET_INTAKE_H
#define NET_INTAKE_H

#include "base/buffer.h"
#include "net/line_reader.h"
#include "net/pulse.h"
#include "net/telnet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct encoding;
struct outbox;
struct printer;
struct terminal;
struct terminal_face;

/* How long a peer has to agree to character mode; after that it stays in line mode. */
#define INTAKE_PATIENCE (2 * CLOCK_SECOND)

struct intake {
    struct outbox *outbox;
    struct line_reader reader; /* in line mode */
    struct telnet telnet;
    const struct terminal_face
        *face;                 /* how a terminal looks; NULL: character mode is not offered */
    struct terminal *terminal; /* if not NULL, the text is keys */
    struct printer *printer;   /* if not NULL, lines are dressed in line mode */
    bool mute;                 /* sends no telnet: text has an encoding for programs */
    bool heard_text;           /* text came first: a peer that starts telnet now gets no offer */
    bool ended;                /* by the peer's EOF command: no more input follows */
    bool failed;               /* memory was out and input is lost */
    bool has_fed;              /* has passed keys to the terminal since it last had none left */
    bool after_return;         /* the last of them was CR */
    size_t cost;               /* since intake_take_cost(), in bytes of answers */
    bool hidden;               /* what is typed now is secret */
    bool leaving;              /* leaves character mode when the held keys have been fed */
    bool offering;             /* has offered character mode and waits for the answer */
    int64_t offer_ends;
    uint64_t entered_lines; /* line ends at the terminal */
    uint64_t typed_keys;    /* bytes of keys that were fed to it */
    struct pulse pulse;     /* of the terminal */
    struct buffer keys;     /* not fed yet */
    struct buffer behind;   /* input behind them, while leaving character mode */
    struct buffer entered;  /* the last line that was entered at the terminal */
};

enum intake_result {
    INTAKE_NOTHING,   /* no event: feed more bytes, or call again if !intake_is_empty() */
    INTAKE_LINE,      /* *line is the next line, valid until the intake is next used */
    INTAKE_TOO_LONG,  /* a line is too long; reported once, and all of it is dropped */
    INTAKE_NO_MEMORY, /* memory was out for a line typed at a terminal; all of it is dropped */
    INTAKE_LEAVE      /* Ctrl-D on an empty line at a terminal: the person wants to leave */
};

/*
 * Makes an intake for lines of at most max_line bytes. The outbox must outlive it. `pulse`:
 * nanoseconds of silence after which a terminal is asked whether it is there; 0: never.
 */
void intake_init(struct intake *intake, struct outbox *outbox, size_t max_line, int64_t pulse);

/* Frees the input that is held, and closes the terminal if there is one. */
void intake_free(struct intake *intake);

/* Adds received bytes; overwrites `bytes`. Returns false when memory is out. */
bool intake_take(struct intake *intake, char *bytes, size_t length);

/*
 * Processes the input behind the end of character mode, if there is any and character mode has
 * ended. intake_take() and intake_next() do so too. Returns false when memory is out.
 */
bool intake_take_behind(struct intake *intake);

/*
 * For receiving bulk input without a copy. intake_room() returns space for `room` bytes, or NULL
 * when memory is out. intake_take_from_room() does what intake_take() does, for the first `length`
 * bytes of that space.
 */
char *intake_room(struct intake *intake, size_t room);
bool intake_take_from_room(struct intake *intake, const char *bytes, size_t length);

/*
 * Takes out the next line. Changes to a terminal's screen are flushed when no line is left, or
 * earlier, with the output that the line causes.
 */
enum intake_result intake_next(struct intake *intake, struct line *line);

/* Whether a whole line is held. Always false for a terminal, whose lines are made one at a time. */
bool intake_has_next(struct intake *intake);

/* At the end of the input: takes out the unfinished last line, as line_reader_rest() does. */
bool intake_rest(struct intake *intake, struct line *line);

/*
 * Whether all input has been processed. A terminal's keys are fed a few at a time, so that other
 * threads get the outbox lock between two calls of intake_next() and the caller can check whether
 * to continue.
 */
bool intake_is_empty(const struct intake *intake);

/*
 * Whether more input should be awaited for a moment, to be processed together with what was taken:
 * it may be the beginning of a paste.
 */
bool intake_expects_more(const struct intake *intake);

/* The cost of the keys and telnet commands since the last call, in bytes of answers. */
size_t intake_take_cost(struct intake *intake);

/* How many bytes are held that are not lines yet. */
size_t intake_held(const struct intake *intake);

/*
 * How many line ends were received. A client that completes lines is not idle, even if the lines
 * are too long.
 */
uint64_t intake_line_ends(const struct intake *intake);

/* How many bytes of keys were fed to terminals. A person who types is not idle. */
uint64_t intake_typed_keys(const struct intake *intake);

/* Frees memory that is not needed now. */
void intake_relax(struct intake *intake);

/*
 * Sets the face of a terminal. From now on a peer that speaks telnet before it sends text is
 * offered character mode. The face must live until it is replaced by NULL, which closes an open
 * terminal and returns to line mode.
 */
void intake_set_face(struct intake *intake, const struct terminal_face *face);

/* Does what conn_set_encoding() does. There must be no face. */
void intake_set_encoding(struct intake *intake, const struct encoding *encoding);

/*
 * Calls `change` to change the data that the face reads. If a terminal is open, the call is made
 * with the outbox lock held, and the prompt is renewed and drawn with the next output.
 */
void intake_change_face(struct intake *intake, void (*change)(void *context, const void *what),
                        void *context, const void *what);

/* Renews the prompt of the terminal, if there is one. */
void intake_renew_prompt(struct intake *intake);

/* Whether there is a terminal. */
bool intake_has_terminal(const struct intake *intake);

/* Whether lines look as the face says: at a terminal, and for some clients in line mode. */
bool intake_shows_face(const struct intake *intake);

/*
 * Overwrites what is left in memory of the input that was taken out: it had a secret. The last line
 * ends with that.
 */
void intake_forget(struct intake *intake);

/*
 * Sets whether what is typed from now on is secret, and forgets what was taken out. A peer that
 * speaks telnet is asked not to show it in line mode; at a terminal the face decides, and must be
 * changed first.
 */
void intake_hide(struct intake *intake, bool hide);

/* Must be called when a prompt was answered in line mode: begins a row where Return was not shown.
 */
void intake_end_answer(struct intake *intake);

/* Marks the end of a prompt that was sent in line mode, for a client that wants that. */
void intake_end_prompt(struct intake *intake);

/* Offers character mode; the peer has INTAKE_PATIENCE from now to agree. */
void intake_offer(struct intake *intake);

/*
 * How many nanoseconds the peer has left to answer the offer. At most 0: the time is over, and the
 * caller should call intake_withdraw(). CLOCK_NEVER: no offer is open.
 */
int64_t intake_patience_left(const struct intake *intake);

/*
 * Some things are due by the clock: the withdrawal of an unanswered offer, and a question to a
 * silent terminal whether it is there. intake_time_left() returns the nanoseconds until
 * intake_keep_time() must be called, or CLOCK_NEVER. That returns false if the terminal has not
 * answered: it is gone, unless input has arrived that was not taken yet.
 */
int64_t intake_time_left(const struct intake *intake);
bool intake_keep_time(struct intake *intake);

/* If there is a terminal, does what terminal_settle() does; else returns CLOCK_NEVER. */
int64_t intake_settle(struct intake *intake);

/* Returns the peer to line mode: closes the terminal if there is one, or withdraws the offer. */
void intake_withdraw(struct intake *intake);

#endif
