#include "base/platform.h"

#include "doors/plain/ban_notice.h"

#include <stdio.h>
#include <time.h>

enum { UNTIL_SIZE = 64, MINUTE_MILLISECONDS = 60 * 1000 };

/* Writes " until 2026-11-25 14:02 UTC", or nothing for a ban for ever. */
static void write_until(int64_t end, char until[UNTIL_SIZE])
{
    struct tm moment;
    time_t seconds = (time_t)((end + MINUTE_MILLISECONDS - 1) / MINUTE_MILLISECONDS * 60);
    *until = '\0';
    if (end != 0 && gmtime_r(&seconds, &moment) != NULL)
        strftime(until, UNTIL_SIZE, " until %Y-%m-%d %H:%M UTC", &moment);
}

void ban_notice_write(const struct sanction *ban, char text[BAN_NOTICE_SIZE])
{
    char until[UNTIL_SIZE];
    write_until(ban->end, until);
    snprintf(text, BAN_NOTICE_SIZE, "You are banned%s%s%s", until, *ban->reason != '\0' ? ": " : "",
             ban->reason);
}
