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

/* A date of the Gregorian calendar and a time of day. */
struct clock_civil {
    int year, month, day;     /* 1 to 12; 1 to 31 */
    int hour, minute, second; /* 0 to 23; 0 to 59 */
};

/*
 * Returns what a time in seconds since the beginning of 1970 is in UTC. It needs no time_t, which
 * may end in 2038. The year must fit an int.
 */
struct clock_civil clock_civil_of(int64_t seconds);

/* A date and a minute, in the time zone of this process. */
struct clock_local {
    int date;   /* in decimal digits: 20261125 for November 25, 2026; 0: no time */
    int minute; /* of that day: 0 to 1439 */
};

/* Returns the local time; the date is 0 if it cannot be determined. */
struct clock_local clock_local(void);

/*
 * Returns the local time of a time of day, as clock_utc() has it. Beyond the end of time_t the zone
 * is taken to be as in a year before with the same calendar.
 */
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

/* Sleeps a little, before another try to allocate what must not be left out. */
void clock_await_memory(void);

#endif
