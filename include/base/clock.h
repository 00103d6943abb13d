/*
 * clock: monotonic time for deadlines, in nanoseconds, and local time to be shown to people. The
 * event log reads the time of day itself.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_SECOND      INT64_C(1000000000) /* nanoseconds */
#define CLOCK_MILLISECOND INT64_C(1000000)    /* nanoseconds */
#define CLOCK_NEVER       INT64_MAX           /* a deadline that never passes */

/* Returns nanoseconds since a fixed moment; it never goes back (CLOCK_MONOTONIC). */
int64_t clock_now(void);

/*
 * Returns the time left until `deadline` as a timeout for poll(): milliseconds, rounded up so that
 * the caller does not wake early and spin, at most INT_MAX; 0 if it has passed, -1 for CLOCK_NEVER.
 */
int clock_poll_timeout(int64_t deadline);

/* A date and a minute, in the time zone of this process. */
struct clock_local {
    int date;   /* in decimal digits: 20261125 for November 25, 2026; 0: no time */
    int minute; /* of that day: 0 to 1439 */
};

/* Returns the local time; the date is 0 if it cannot be determined. */
struct clock_local clock_local(void);

/* Returns the local time of a time of day, as clock_utc() has it. */
struct clock_local clock_local_of(int64_t milliseconds);

/* Returns the time of day in milliseconds since the beginning of 1970, UTC. */
int64_t clock_utc(void);

/*
 * Writes a time in milliseconds since the beginning of 1970, UTC, as RFC 3339 has it:
 * "2026-11-22T15:50:33.601Z".
 */
enum { CLOCK_UTC_SIZE = 32 }; /* with the NUL, in any year */
void clock_write_utc(int64_t milliseconds, char text[CLOCK_UTC_SIZE]);

/* Sleeps until `deadline`, which must not be CLOCK_NEVER. A signal may end the sleep early. */
void clock_sleep_until(int64_t deadline);

#endif
