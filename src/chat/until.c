#include "base/platform.h"

#include "base/clock.h"
#include "chat/until.h"

#include <stdio.h>

enum { MINUTE_MILLISECONDS = 60 * 1000 };

void until_write_of_ban(int64_t end, char until[UNTIL_SIZE])
{
    *until = '\0';
    if (end == 0)
        return;
    struct clock_civil utc =
        clock_civil_of((end + MINUTE_MILLISECONDS - 1) / MINUTE_MILLISECONDS * 60);
    snprintf(until, UNTIL_SIZE, " until %04d-%02d-%02d %02d:%02d UTC", utc.year, utc.month, utc.day,
             utc.hour, utc.minute);
}

void until_write_of_mute(int64_t end, char until[UNTIL_SIZE])
{
    *until = '\0';
    if (end == 0)
        return;
    struct clock_local at = clock_local_of(end + MINUTE_MILLISECONDS - 1);
    int length = 0;
    if (at.date != clock_local().date)
        length = snprintf(until, UNTIL_SIZE, " until %04d-%02d-%02d", at.date / 10000,
                          at.date / 100 % 100, at.date % 100);
    snprintf(until + length, UNTIL_SIZE - (size_t)length, "%s %02d:%02d",
             length == 0 ? " until" : "", at.minute / 60, at.minute % 60);
}
