#include "base/platform.h"

#include "base/clock.h"
#include "doors/plain/command.h"

#include <errno.h>
#include <string.h>

enum {
    WHO_SLICE_BYTES = 8 * 1024, /* bytes between two waits for the reader of a list */
    WHO_ENTRIES = 16            /* entries that are copied at once */
};

static bool nick(struct caller *caller, struct arguments rest)
{
    char name[NAME_SIZE];
    char rival[NAME_SIZE];
    if (rest.length == 0)
        return false;
    if (!caller_read_name(caller, rest.bytes, rest.length, name))
        return true;
    if (strcmp(name, caller->session.user->name) == 0) {
        caller_reply(caller, "You are called %s already.", name);
        return true;
    }
    if (sanctions_find_name(caller->session.chat->sanctions, SANCTION_BAN, name, clock_utc(),
                            NULL)) {
        caller_reply(caller, "The name %s is banned.", name);
        return true;
    }
    caller_show_name(caller, name);
    int error = session_rename(&caller->session, name, rival);
    if (error != 0)
        caller_show_name(caller, caller->session.user->name);
    if (error == EEXIST)
        caller_refuse_taken(caller, name, rival);
    else if (error != 0)
        caller_reply(caller, "Out of memory. You are still called %s.", caller->session.user->name);
    return true;
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

/*
 * Sends a slice of at least `least` bytes of a long list, and waits until its reader has taken it.
 * Returns false if the reader is gone.
 */
static bool send_slice(struct caller *caller, struct buffer *out, size_t least)
{
    if (buffer_length(out) < least)
        return true;
    outbox_answer(conn_outbox(caller->conn), buffer_bytes(out), buffer_length(out));
    buffer_truncate(out, 0);
    return conn_catch_up(caller->conn);
}

static bool append_entries(struct buffer *out, const struct room_entry *entries, size_t count)
{
    bool whole = true;
    for (size_t i = 0; i < count && whole; i++)
        whole = buffer_format(out, "*** %s, idle ", entries[i].name) &&
                append_idle(out, entries[i].idle_seconds) && buffer_append_string(out, " ***\n");
    return whole;
}

static bool who(struct caller *caller, struct arguments none)
{
    struct room *room = caller->session.room;
    struct room_entry entries[WHO_ENTRIES];
    struct buffer out = {0};
    uint64_t after = 0;
    size_t count;
    bool reads = true;
    bool whole = buffer_format(&out, "*** %zu here: ***\n", room_count(room));
    while (whole && reads && (count = room_list(room, after, entries, WHO_ENTRIES)) > 0) {
        after = entries[count - 1].number;
        whole = append_entries(&out, entries, count);
        reads = whole && send_slice(caller, &out, WHO_SLICE_BYTES);
    }
    if (whole)
        send_slice(caller, &out, 1);
    else
        caller_reply(caller, "Out of memory. Not everybody was listed.");
    buffer_free(&out);
    (void)none;
    return true;
}

const struct command people_commands[] = {
    {"/who", "", "tells who is here, and how long each has said nothing.", who, ASKS},
    {"/nick", "NAME",
     "gives you another name, of letters, digits, emoji, - . _ and ', without blanks.", nick,
     NAMES},
    {0},
};
