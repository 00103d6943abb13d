/*
 * duration: spans of time as people type them: a whole number and one unit, "30s", "10m", "2h",
 * "7d", "4w".
 */
#ifndef BASE_DURATION_H
#define BASE_DURATION_H

#include <stddef.h>
#include <stdint.h>

/* The longest duration: ten years. Who means more means for ever. */
#define DURATION_SECONDS_MAX (INT64_C(3650) * 24 * 60 * 60)

enum duration_result {
    DURATION_READ,         /* the text is a duration */
    DURATION_NO_UNIT,      /* it is a number alone, or one with what is no unit, as in "10min" */
    DURATION_OUT_OF_RANGE, /* it is 0 or longer than DURATION_SECONDS_MAX */
    DURATION_OTHER         /* it is something else, and no attempt at a duration */
};

/* What is wrong with a text that is DURATION_NO_UNIT or DURATION_OUT_OF_RANGE, for a person. */
#define DURATION_RULES "A duration is a number and s, m, h, d or w, as in 30s or 7d; at most 3650d."

/*
 * Reads a text of `length` bytes, all of which must be the duration: ASCII digits and one unit in
 * either case, without sign and blanks. Stores the seconds in *seconds, which is unchanged with any
 * result but DURATION_READ.
 */
enum duration_result duration_parse(const char *text, size_t length, int64_t *seconds);

#endif
