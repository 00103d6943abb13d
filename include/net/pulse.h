/*
 * pulse: detects that a silent peer is gone. A person who only reads sends nothing for hours, and
 * neither does a machine that has lost its power. So a peer that has been silent for some time is
 * asked a question that its program answers by itself. A pulse knows when to ask, and what a
 * missing answer means; the caller sends the question, and reports what it receives.
 *
 * A program need not answer a question that it has refused before (tintin++ does not). So a peer
 * only counts as gone if it has answered PULSE_TRUSTED questions before; a peer that leaves an
 * earlier one unanswered is not asked again.
 *
 * A pulse belongs to one thread. One that is all zero never asks.
 */
#ifndef NET_PULSE_H
#define NET_PULSE_H

#include <stdbool.h>
#include <stdint.h>

enum { PULSE_TRUSTED = 2 };

struct pulse {
    int64_t
        interval; /* nanoseconds of silence before a question, and for its answer; 0: never asks */
    int64_t due;  /* time of the next question, or deadline of the answer; 0: none */
    uint8_t answers; /* answered questions, up to PULSE_TRUSTED */
    bool asked;      /* a question was sent, and nothing was received since */
};

enum pulse_finding {
    PULSE_FINE, /* nothing is to be done */
    PULSE_ASK,  /* send the question */
    PULSE_GONE  /* the peer has not answered; it is gone, unless there is unread input */
};

/* Starts a pulse at the time `now` (clock_now()), or stops it. */
void pulse_start(struct pulse *pulse, int64_t now);
void pulse_stop(struct pulse *pulse);

/* Reports that something was received from the peer; and that this was an answer. */
void pulse_hear(struct pulse *pulse, int64_t now);
void pulse_answer(struct pulse *pulse);

/* Returns the nanoseconds until pulse_take() must be called, or CLOCK_NEVER. */
int64_t pulse_left(const struct pulse *pulse, int64_t now);

/*
 * Returns what is to be done now. `stuck`: output to the peer is pending, so the question may not
 * have reached it; then the peer gets the same time again.
 */
enum pulse_finding pulse_take(struct pulse *pulse, int64_t now, bool stuck);

#endif
