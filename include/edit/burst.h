/*
 * A burst: recognises pasted text by the way in which it is received, for terminals that do not
 * mark it (bracketed paste).
 *
 * A person types one key at a time; a paste is received as many lines at once. But others send many
 * lines at once too: a program that drives a telnet client sends whole lines, and text that a
 * person typed while the link was interrupted is received together. So what is received at once is
 * a paste only if
 *
 *   - the person is known to type by hand: BURST_HAND_CHARACTERS characters in a row were once
 *     received one by one;
 *   - it has more than BURST_LINES_MAX line ends and at least BURST_BYTES_MIN bytes, more than a
 *     person types during an interruption of a few seconds;
 *   - it consists of text and line ends only.
 *
 * A long paste is received in several pieces: see burst_goes_on.
 */
#ifndef EDIT_BURST_H
#define EDIT_BURST_H

#include <stdbool.h>
#include <stddef.h>

enum { BURST_LINES_MAX = 3, BURST_BYTES_MIN = 64, BURST_HAND_CHARACTERS = 3 };

/* What is known about the person. All zero is the state at the beginning. */
struct burst {
    unsigned char characters; /* received one by one in a row; stays at BURST_HAND_CHARACTERS */
};

/* Examines all bytes that were received at once. Returns whether they are a paste. */
bool burst_begins(struct burst *burst, const char *bytes, size_t length);

/*
 * Returns whether the bytes may be the beginning of a paste, so that more should be awaited: text
 * with a line end, and more than one key, from a person who types by hand.
 */
bool burst_may_begin(const struct burst *burst, const char *bytes, size_t length);

/*
 * As burst_begins() for bytes that follow a piece of a paste: they are the next piece if they are
 * text and line ends, and more than one key. A single key is the person's.
 */
bool burst_goes_on(const char *bytes, size_t length);

#endif
