/* number: strict parsing of numbers that people type: the whole text must be the number. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Parses a decimal number of ASCII digits from low to high, both included. Returns false, with
 * *value unchanged, for anything else: a sign, a blank, a unit, an empty text, a number out of
 * range.
 */
bool number_parse(const char *text, uint64_t low, uint64_t high, uint64_t *value);

/*
 * Parses seconds with an optional fraction ("2", "0.25", ".5"), from 0 to high seconds, into
 * nanoseconds. The fraction has 1 to 9 digits, and the decimal point is '.' in every locale.
 * Returns false, with *nanoseconds unchanged, for anything else.
 */
bool number_parse_seconds(const char *text, uint64_t high, int64_t *nanoseconds);

#endif
