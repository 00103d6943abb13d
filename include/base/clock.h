/*
 * clock: monotonic time for deadlines, in nanoseconds. Time of day is the event log's business.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define CLOCK_SECOND      INT64_C(1000000000) /* nanoseconds */
#define CLOCK_MILLISECOND INT64_C(1000000)    /* nanoseconds */
#define CLOCK_NEVER       INT64_MAX           /* a deadline that is not reached */

/* Nanoseconds since some fixed moment, never going back (CLOCK_MONOTONIC). */
int64_t clock_now(void);

/*
 * What is left until deadline, as a timeout for poll(): milliseconds, rounded up so that a
 * caller does not wake early and spin; 0 when it has passed, -1 for CLOCK_NEVER.
 */
int clock_poll_timeout(int64_t deadline);

/* Sleeps until a deadline that is not far away; a signal may end it early. */
void clock_sleep_until(int64_t deadline);

#endif
