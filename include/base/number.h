/*
 * number: numbers that people type, read strictly: the whole text is the number, or it is none.
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads a whole number of ASCII digits from low to high (both allowed). False, with *value as it
 * was, for anything else: a sign, a blank, a unit, an empty text, one digit too many.
 */
bool number_parse(const char *text, uint64_t low, uint64_t high, uint64_t *value);

/*
 * Reads seconds with an optional fraction ("2", "0.25", ".5"), from 0 to high seconds, into
 * nanoseconds. The fraction has 1 to 9 digits. False as above; the decimal point is always '.'.
 */
bool number_parse_seconds(const char *text, uint64_t high, int64_t *nanoseconds);

#endif
