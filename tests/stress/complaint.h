/*
 * complaint: what the run found wrong.
 *
 * Complaints go to standard error as they arise. The first few say what broke, the rest are their
 * consequences, so whoever checks is to stop once complaint_enough() says so.
 */
#ifndef STRESS_COMPLAINT_H
#define STRESS_COMPLAINT_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that complaint_quote() may write, its terminator counted. */
enum { COMPLAINT_QUOTE_BYTES = 512 };

/* Prints one violation, formatted as by printf, and counts it. */
void complaint_raise(const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 1, 2)))
#endif
    ;

/* Prints one line that belongs to the violation before it, formatted as by printf. */
void complaint_add(const char *format, ...)
#if defined(__GNUC__)
    __attribute__((format(printf, 1, 2)))
#endif
    ;

/* Returns how many violations were raised. */
unsigned complaint_count(void);

/* Returns true when there are so many violations that more would teach nothing. */
bool complaint_enough(void);

/* Writes the bytes into quote, in ASCII so that each byte can be told, the middle of a long line
   left out, and returns quote. */
const char *complaint_quote(const char *bytes, size_t length, char quote[COMPLAINT_QUOTE_BYTES]);

#endif
