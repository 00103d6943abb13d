#include "base/platform.h"

#include "base/clock.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

int64_t clock_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * CLOCK_SECOND + now.tv_nsec;
}

int clock_poll_timeout(int64_t deadline)
{
    if (deadline == CLOCK_NEVER)
        return -1;
    int64_t left = deadline - clock_now();
    if (left <= 0)
        return 0;
    int64_t milliseconds = (left - 1) / CLOCK_MILLISECOND + 1;
    return milliseconds > INT_MAX ? INT_MAX : (int)milliseconds;
}

/*
 * The calendar.
 */

enum {
    DAY_SECONDS = 24 * 60 * 60,
    CYCLE_YEARS = 400, /* after which the calendar repeats itself, */
    CYCLE_DAYS = CYCLE_YEARS * 365 + 97,
    EPOCH_DAYS = 719468 /* from March 1 of the year 0 to January 1, 1970 */
};

/* In most centuries 28 years later the days of the week are the same. */
#define LIKE_YEARS_SECONDS ((int64_t)(28 * 365 + 7) * DAY_SECONDS)

/* Divides, and rounds down also what is before 1970. Stores the rest. */
static int64_t divide(int64_t dividend, int64_t divisor, int64_t *rest)
{
    int64_t quotient = dividend / divisor;
    *rest = dividend % divisor;
    if (*rest < 0) {
        *rest += divisor;
        quotient--;
    }
    return quotient;
}

/*
 * Returns how many days of a cycle are before a year of it. Years begin in March here, so that a
 * leap day ends one.
 */
static int64_t days_before_year(int64_t year)
{
    return year * 365 + year / 4 - year / 100 + year / 400;
}

/* Returns how many days are before a month of such a year, in which 0 is March. */
static int days_before_month(int month)
{
    return (153 * month + 2) / 5;
}

struct clock_civil clock_civil_of(int64_t seconds)
{
    int64_t second, day;
    int64_t days = divide(seconds, DAY_SECONDS, &second);
    int64_t cycle = divide(days + EPOCH_DAYS, CYCLE_DAYS, &day);
    int64_t year = day / 365;
    int month = 11;
    while (days_before_year(year) > day)
        year--;
    int rest = (int)(day - days_before_year(year));
    while (days_before_month(month) > rest)
        month--;
    return (struct clock_civil){.year = (int)(cycle * CYCLE_YEARS + year + (month >= 10)),
                                .month = month < 10 ? month + 3 : month - 9,
                                .day = rest - days_before_month(month) + 1,
                                .hour = (int)(second / 3600),
                                .minute = (int)(second / 60 % 60),
                                .second = (int)(second % 60)};
}

static bool fits_time_t(int64_t seconds)
{
    return (int64_t)(time_t)seconds == seconds;
}

/* Returns how many seconds the local time is ahead of UTC. Returns false if that is not known. */
static bool find_offset(int64_t seconds, int64_t *offset)
{
    struct tm local;
    while (!fits_time_t(seconds))
        seconds += seconds > 0 ? -LIKE_YEARS_SECONDS : LIKE_YEARS_SECONDS;
    time_t like = (time_t)seconds;
    if (localtime_r(&like, &local) == NULL)
        return false;
    struct clock_civil utc = clock_civil_of(seconds);
    int64_t ahead = local.tm_mday - utc.day; /* -1, 0 or 1 day, or into another month */
    if (ahead > 1 || ahead < -1)
        ahead = ahead > 1 ? -1 : 1;
    *offset = ahead * DAY_SECONDS + (local.tm_hour - utc.hour) * 3600 +
              (local.tm_min - utc.minute) * 60 + local.tm_sec - utc.second;
    return true;
}

struct clock_local clock_local_of(int64_t milliseconds)
{
    int64_t rest, offset;
    int64_t seconds = divide(milliseconds, 1000, &rest);
    if (!find_offset(seconds, &offset))
        return (struct clock_local){0, 0};
    struct clock_civil local = clock_civil_of(seconds + offset);
    return (struct clock_local){.date = (local.year * 100 + local.month) * 100 + local.day,
                                .minute = local.hour * 60 + local.minute};
}

struct clock_local clock_local(void)
{
    return clock_local_of((int64_t)time(NULL) * 1000);
}

int64_t clock_utc(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / CLOCK_MILLISECOND;
}

void clock_write_utc(int64_t milliseconds, char text[CLOCK_UTC_SIZE])
{
    int64_t rest;
    struct clock_civil utc = clock_civil_of(divide(milliseconds, 1000, &rest));
    snprintf(text, CLOCK_UTC_SIZE, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.year, utc.month,
             utc.day, utc.hour, utc.minute, utc.second, (int)rest);
}

void clock_sleep_until(int64_t deadline)
{
    int64_t left = deadline - clock_now();
    if (left <= 0)
        return;
    struct timespec span = {(time_t)(left / CLOCK_SECOND), (long)(left % CLOCK_SECOND)};
    nanosleep(&span, NULL);
}

void clock_await_memory(void)
{
    clock_sleep_until(clock_now() + 10 * CLOCK_MILLISECOND);
}
