#include "base/platform.h"

#include "base/clock.h"

#include <limits.h>
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

struct clock_local clock_local_of(int64_t milliseconds)
{
    struct tm local;
    time_t seconds = (time_t)(milliseconds / 1000);
    if (localtime_r(&seconds, &local) == NULL)
        return (struct clock_local){0, 0};
    return (struct clock_local){.date = ((1900 + local.tm_year) * 100 + local.tm_mon + 1) * 100 +
                                        local.tm_mday,
                                .minute = local.tm_hour * 60 + local.tm_min};
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
    time_t seconds = (time_t)(milliseconds / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    size_t length = strftime(text, CLOCK_UTC_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + length, CLOCK_UTC_SIZE - length, ".%03dZ", (int)(milliseconds % 1000));
}

void clock_sleep_until(int64_t deadline)
{
    int64_t left = deadline - clock_now();
    if (left <= 0)
        return;
    struct timespec span = {(time_t)(left / CLOCK_SECOND), (long)(left % CLOCK_SECOND)};
    nanosleep(&span, NULL);
}
