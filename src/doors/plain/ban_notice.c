#include "base/platform.h"

#include "doors/plain/ban_notice.h"

#include <stdio.h>
#include <time.h>

enum { MINUTE_MILLISECONDS = 60 * 1000 };

void ban_until_write(int64_t end, char until[BAN_UNTIL_SIZE])
{
    struct tm moment;
    time_t seconds = (time_t)((end + MINUTE_MILLISECONDS - 1) / MINUTE_MILLISECONDS * 60);
    *until = '\0';
    if (end != 0 && gmtime_r(&seconds, &moment) != NULL)
        strftime(until, BAN_UNTIL_SIZE, " until %Y-%m-%d %H:%M UTC", &moment);
}

void ban_notice_write(const struct sanction *ban, char text[BAN_NOTICE_SIZE])
{
    char until[BAN_UNTIL_SIZE];
    ban_until_write(ban->end, until);
    snprintf(text, BAN_NOTICE_SIZE, "You are banned%s%s%s", until, *ban->reason != '\0' ? ": " : "",
             ban->reason);
}
