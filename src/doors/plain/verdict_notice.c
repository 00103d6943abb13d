#include "base/platform.h"

#include "doors/plain/verdict_notice.h"

#include <stdio.h>

void verdict_notice_write(const struct verdict *verdict, char text[VERDICT_NOTICE_SIZE])
{
    if (verdict->kind == VERDICT_BAN)
        ban_notice_write(&verdict->sanction, text);
    else
        snprintf(text, VERDICT_NOTICE_SIZE, "You have been kicked by %s", verdict->words);
}
