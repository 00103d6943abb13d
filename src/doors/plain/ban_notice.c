#include "base/platform.h"

#include "chat/until.h"
#include "doors/plain/ban_notice.h"

#include <stdio.h>

void ban_notice_write(const struct sanction *ban, char text[BAN_NOTICE_SIZE])
{
    char until[UNTIL_SIZE];
    until_write_of_ban(ban->end, until);
    snprintf(text, BAN_NOTICE_SIZE, "You are banned%s%s%s", until, *ban->reason != '\0' ? ": " : "",
             ban->reason);
}
