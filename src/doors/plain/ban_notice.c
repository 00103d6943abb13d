#include "base/platform.h"

#include "base/clock.h"
#include "doors/plain/ban_notice.h"

#include <stdio.h>

enum { MINUTE_MILLISECONDS = 60 * 1000 };

void ban_until_write(int64_t end, char until[BAN_UNTIL_SIZE])
{
    *until = '\0';
    if (end == 0)
        return;
    struct clock_civil utc =
        clock_civil_of((end + MINUTE_MILLISECONDS - 1) / MINUTE_MILLISECONDS * 60);
    snprintf(until, BAN_UNTIL_SIZE, " until %04d-%02d-%02d %02d:%02d UTC", utc.year, utc.month,
             utc.day, utc.hour, utc.minute);
}

void ban_notice_write(const struct sanction *ban, char text[BAN_NOTICE_SIZE])
{
    char until[BAN_UNTIL_SIZE];
    ban_until_write(ban->end, until);
    snprintf(text, BAN_NOTICE_SIZE, "You are banned%s%s%s", until, *ban->reason != '\0' ? ": " : "",
             ban->reason);
}
