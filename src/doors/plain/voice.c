#include "base/platform.h"

#include "doors/plain/plain.h"
#include "doors/plain/voice.h"

#include <string.h>

static bool append_notice(struct buffer *out, const char *text, size_t length)
{
    return buffer_append_string(out, "*** ") && buffer_append(out, text, length) &&
           buffer_append_string(out, " ***\n");
}

/* Each line is a notice. */
static bool reply(const struct reply *reply, struct buffer *out)
{
    const char *line = reply->text.bytes;
    const char *end = line + reply->text.length;
    const char *stop;
    bool whole = true;
    while (whole && (stop = memchr(line, '\n', (size_t)(end - line))) != NULL) {
        whole = append_notice(out, line, (size_t)(stop - line));
        line = stop + 1;
    }
    return whole && append_notice(out, line, (size_t)(end - line));
}

static bool confirm(struct words token, struct buffer *out)
{
    if (token.length == 0)
        return buffer_append_string(out, "*** Synced ***\n");
    return buffer_append_string(out, "*** Synced: ") &&
           buffer_append(out, token.bytes, token.length) && buffer_append_string(out, " ***\n");
}

/* Appends "7 s", "12 min" or "3 h": one unit says enough about who is idle. */
static bool append_idle(struct buffer *out, unsigned seconds)
{
    if (seconds < 60)
        return buffer_format(out, "%u s", seconds);
    if (seconds < 60 * 60)
        return buffer_format(out, "%u min", seconds / 60);
    return buffer_format(out, "%u h", seconds / (60 * 60));
}

static bool append_away(struct buffer *out, const struct room_entry *entry)
{
    return !entry->is_away ||
           buffer_format(out, ", away%s%s", *entry->away != '\0' ? ": " : "", entry->away);
}

static bool list_members(const struct member_page *page, struct buffer *out)
{
    bool whole = !page->first || buffer_format(out, "*** %zu here: ***\n", page->here);
    for (size_t i = 0; i < page->count && whole; i++)
        whole = buffer_format(out, "*** %s, idle ", page->entries[i].name) &&
                append_idle(out, page->entries[i].idle_seconds) &&
                append_away(out, &page->entries[i]) && buffer_append_string(out, " ***\n");
    return whole;
}

static bool list_rooms(const struct room_page *page, struct buffer *out)
{
    bool whole = !page->first || buffer_format(out, "*** %u room%s: ***\n", page->rooms,
                                               page->rooms == 1 ? "" : "s");
    for (size_t i = 0; i < page->count && whole; i++) {
        const char *topic = page->lines[i].room.topic;
        whole = buffer_format(out, "*** #%s, %zu here%s%s ***\n", page->lines[i].name,
                              page->lines[i].room.count, *topic != '\0' ? ": " : "", topic);
    }
    return whole;
}

/* Who has closed its side, or had its tries, is told no more; of a shutdown the server has told. */
static bool say_goodbye(enum goodbye why, struct buffer *out)
{
    switch (why) {
    case GOODBYE_FULL:
        return buffer_append_string(out, PLAIN_FULL_LINE);
    case GOODBYE_QUIT:
        return buffer_append_string(out, PLAIN_GOODBYE_LINE);
    case GOODBYE_IDLE:
        return buffer_append_string(out, PLAIN_IDLE_LINE);
    case GOODBYE_SILENT:
        return buffer_append_string(out, PLAIN_SILENT_LINE);
    case GOODBYE_CLOSED:
    case GOODBYE_TRIES:
    case GOODBYE_SHUTDOWN:
    case GOODBYE_BANNED:
    case GOODBYE_REPLACED:
    case GOODBYE_NAME_TAKEN:
    case GOODBYE_KICKED:
    case GOODBYE_PASSWORDS:
        break;
    }
    return true;
}

static bool turn_away(enum goodbye why, const char *text, struct buffer *out)
{
    (void)why;
    return append_notice(out, text, strlen(text));
}

const struct voice plain_voice = {.advises = true,
                                  .reply = reply,
                                  .confirm = confirm,
                                  .list_members = list_members,
                                  .list_rooms = list_rooms,
                                  .say_goodbye = say_goodbye,
                                  .turn_away = turn_away};
