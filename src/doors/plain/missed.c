#include "base/platform.h"

#include "chat/absence.h"
#include "doors/plain/missed.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SINCE_SIZE = 32 };

/* Whether a text names the person. Called on another thread while the caller's waits. */
static bool names(void *context, struct words text)
{
    return paint_mentions(context, text.bytes, text.length);
}

/* Writes a time as "09:12", with the date in front if that is not today's. */
static void write_since(int64_t time, char since[SINCE_SIZE])
{
    struct clock_local at = clock_local_of(time);
    int length = 0;
    if (at.date != clock_local().date)
        length = snprintf(since, SINCE_SIZE, "%04d-%02d-%02d ", at.date / 10000,
                          at.date / 100 % 100, at.date % 100);
    snprintf(since + length, SINCE_SIZE - (size_t)length, "%02d:%02d", at.minute / 60,
             at.minute % 60);
}

static void tell(struct caller *caller, const struct archive_count *count)
{
    char since[SINCE_SIZE];
    write_since(caller->session.absent_from, since);
    caller_reply(caller, REPLY_MISSED, "%" PRIu64 " line%s since %s, %" PRIu64 " name%s you.",
                 count->messages, count->messages == 1 ? "" : "s", since, count->naming,
                 count->naming == 1 ? "s" : "");
}

bool missed_tell(struct caller *caller, bool always)
{
    struct archive_count count;
    char name[NAME_SIZE];
    strcpy(name, caller->session.user->name);
    enum archive_result result = absence_count(&caller->session, names, name, &count);
    bool known = result == ARCHIVE_OK || result == ARCHIVE_NONE;
    if (known && count.messages > 0)
        tell(caller, &count);
    else if (always && known)
        caller_reply(caller, REPLY_NOTHING, "Nothing was said in your rooms since you were here.");
    else if (always)
        caller_refuse_unknown(caller, result);
    return known && count.messages > 0;
}
