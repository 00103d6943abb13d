#include "base/platform.h"

#include "base/clock.h"
#include "base/number.h"
#include "chat/absence.h"
#include "chat/session_history.h"
#include "doors/plain/command.h"
#include "doors/plain/missed.h"

#include <string.h>
#include <time.h>

enum {
    SHOWN_UNASKED = 20, /* lines of /history without a number */
    SHOWN_MAX = 1000,   /* lines of one /history */
    DIGITS_MAX = 20     /* of a number */
};

/* Tells a program that no more messages follow. A person sees it. */
static void end_list(struct caller *caller, size_t count)
{
    if (!caller->voice->advises)
        caller_reply(caller, REPLY_DONE, "%zu message%s.", count, count == 1 ? "" : "s");
}

/* The archive has failed; what is in memory was shown all the same, if that is some. */
static void refuse_unread(struct caller *caller, bool some_shown)
{
    caller_reply(caller, REPLY_NO_ARCHIVE, "What was said%s cannot be read now. Try again later.",
                 some_shown ? " before" : "");
}

static bool read_number(struct arguments word, uint64_t least, uint64_t most, uint64_t *number)
{
    char digits[DIGITS_MAX + 1];
    if (word.length == 0 || word.length > DIGITS_MAX)
        return false;
    memcpy(digits, word.bytes, word.length);
    digits[word.length] = '\0';
    return number_parse(digits, least, most, number);
}

/*
 * Reads a time of day, as "14:00": the last moment when it was that time here. Returns false if it
 * is none.
 */
static bool read_time(struct arguments word, int64_t *milliseconds)
{
    uint64_t hour, minute;
    struct tm local;
    const char *colon = word.length > 0 ? memchr(word.bytes, ':', word.length) : NULL;
    if (colon == NULL)
        return false;
    struct arguments before = {word.bytes, (size_t)(colon - word.bytes)};
    struct arguments behind = {colon + 1, word.length - before.length - 1};
    if (behind.length != 2 || !read_number(before, 0, 23, &hour) ||
        !read_number(behind, 0, 59, &minute))
        return false;
    time_t now = time(NULL);
    if (localtime_r(&now, &local) == NULL)
        return false;
    bool yesterday = (int)(hour * 60 + minute) > local.tm_hour * 60 + local.tm_min;
    local.tm_mday -= yesterday;
    local.tm_hour = (int)hour;
    local.tm_min = (int)minute;
    local.tm_sec = 0;
    local.tm_isdst = -1;
    *milliseconds = (int64_t)mktime(&local) * 1000;
    return true;
}

static bool history(struct caller *caller, struct arguments rest)
{
    uint64_t count = SHOWN_UNASKED;
    int64_t from = 0;
    struct arguments word = arguments_take_word(&rest);
    if (word.length > 0 && !read_number(word, 1, SHOWN_MAX, &count)) {
        if (rest.length > 0 || !read_time(word, &from))
            return false;
    } else if (rest.length > 0 && !read_time(rest, &from)) {
        return false;
    }
    size_t shown;
    if (!session_show_history(&caller->session, (size_t)count, from, &shown, caller_wait_for_reader,
                              caller))
        refuse_unread(caller, shown > 0);
    else if (shown == 0)
        caller_reply(caller, REPLY_NOTHING, "Nothing is known of what was said in #%s%s.",
                     room_name(caller->session.current->room), from != 0 ? " since" : "");
    else
        end_list(caller, shown);
    return true;
}

/* Shows the next results of a search. */
static void show_found(struct caller *caller, const char *none)
{
    size_t shown = 0;
    bool cut = false;
    switch (session_search(&caller->session, &shown, &cut, caller_wait_for_reader, caller)) {
    case ARCHIVE_OK:
        if (shown == 0 && cut)
            caller_reply(caller, REPLY_NOTHING,
                         "Only people whom you ignore said that so far. /more looks further.");
        else if (shown == 0)
            caller_reply(caller, REPLY_NOTHING, "%s", none);
        else
            end_list(caller, shown);
        break;
    case ARCHIVE_NONE:
        caller_reply(caller, REPLY_NOTHING, "There is no word to search for.");
        break;
    case ARCHIVE_BUSY:
        caller_reply(caller, REPLY_BUSY, "Too many others are searching. Try again in a moment.");
        break;
    default:
        refuse_unread(caller, false);
        break;
    }
}

static bool has_archive(struct caller *caller)
{
    bool has = caller->session.chat->archive != NULL;
    if (!has)
        caller_reply(caller, REPLY_NO_ARCHIVE,
                     "This server keeps only the last lines: /history shows them.");
    return has;
}

static bool search(struct caller *caller, struct arguments words)
{
    if (words.length == 0)
        return false;
    if (!has_archive(caller))
        return true;
    if (session_seek(&caller->session, words.bytes, words.length))
        show_found(caller, "Nobody has said that, or it is not kept any more.");
    else
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. Nothing was searched.");
    return true;
}

static bool more(struct caller *caller, struct arguments none)
{
    (void)none;
    if (!has_archive(caller))
        return true;
    if (caller->session.sought_below == 0)
        caller_reply(caller, REPLY_NOTHING,
                     "There is nothing more: /search finds something first.");
    else
        show_found(caller, "That was all.");
    return true;
}

/* The commands for registered names are in doors/plain/account_commands.c but for this one. */
static bool missed(struct caller *caller, struct arguments none)
{
    (void)none;
    if (!has_archive(caller))
        return true;
    if (!atomic_load(&caller->session.user->registered)) {
        caller_reply(caller, REPLY_NOT_REGISTERED,
                     "Only who has a registered name was here before: /register makes it yours.");
        return true;
    }
    if (!missed_tell(caller, true))
        return true;
    enum archive_result result = absence_show(&caller->session, caller_wait_for_reader, caller);
    if (result != ARCHIVE_OK && result != ARCHIVE_NONE)
        refuse_unread(caller, false);
    return true;
}

/*
 * Resuming.
 */

static bool resume(struct caller *caller, struct arguments rest)
{
    uint64_t seq;
    uint64_t first = 0;
    struct arguments word = arguments_take_word(&rest);
    if (word.length == 0 || !read_number(rest, 0, UINT64_MAX - 1, &seq))
        return false;
    struct member *member = arguments_find_member(caller, word);
    if (member == NULL)
        return true;
    switch (session_resume(&caller->session, member, seq, &first, caller_wait_for_reader, caller)) {
    case SESSION_RESUMED:
        if (!caller->voice->advises)
            caller_reply(caller, REPLY_RESUMED, "#%s is resumed.", room_name(member->room));
        break;
    case SESSION_GONE:
        caller_refuse_gone(caller, seq, first);
        break;
    case SESSION_NOT_RESUMED:
        refuse_unread(caller, false);
        break;
    }
    return true;
}

const struct command past_commands[] = {
    {"/history", "[N] [HH:MM]",
     "shows the last 20 lines of the room, or N; from a time of day on, if you name one.", history,
     ASKS},
    {"/search", "WORDS",
     "shows the last ten lines with all these words, of the rooms that you are in or may enter.",
     search, ASKS},
    {"/more", "", "shows ten lines before those that /search has found.", more, ASKS},
    {"/missed", "",
     "shows what was said in your rooms since you were last here, if your name is registered.",
     missed, ASKS},
    {"/resume", "ROOM SEQ",
     "sends a program all that followed the line with this number, and goes on from there.", resume,
     ASKS},
    {0},
};
