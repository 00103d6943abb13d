/*
 * complaint: reports the violations that the run found.
 *
 * Violations are written to standard error when they are found. The first few show the fault and
 * the rest are its consequences, so a check must stop once complaint_enough() returns true.
 */
#ifndef STRESS_COMPLAINT_H
#define STRESS_COMPLAINT_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that complaint_quote() may write, with the NUL. */
enum { COMPLAINT_QUOTE_BYTES = 512 };

/* Prints one violation, formatted as by printf, and counts it. */
void complaint_raise(const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 1, 2)))
#endif
    ;

/* Prints one line about the last violation, formatted as by printf. */
void complaint_add(const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 1, 2)))
#endif
    ;

/* Returns the number of violations. */
unsigned complaint_count(void);

/* Returns true when more violations would show nothing new. */
bool complaint_enough(void);

/*
 * Writes the bytes to quote, in ASCII that shows each byte, without the middle of a long line, and
 * returns quote.
 */
const char *complaint_quote(const char *bytes, size_t length, char quote[COMPLAINT_QUOTE_BYTES]);

#endif
