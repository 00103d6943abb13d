#include "base/platform.h"

#include "chat/away.h"
#include "chat/ignoring.h"
#include "doors/plain/command.h"

#include <errno.h>

enum { IGNORED_PAGE = 64 }; /* people in one reply */

static bool away(struct caller *caller, struct arguments text)
{
    const struct user *user = caller->session.user;
    if (text.length > 0 && caller_is_muted(caller, false))
        return true;
    int error = away_begin(&caller->session, text.bytes, text.length);
    switch (error) {
    case 0:
        caller_reply(caller, REPLY_DONE, "You are away%s%s. What you say next ends it.",
                     *user->away != '\0' ? ": " : "", user->away);
        break;
    case EMSGSIZE:
        caller_reply(caller, REPLY_TOO_LONG, "That is too long: the limit is %d bytes.",
                     USER_AWAY_MAX);
        break;
    default:
        caller_reply_undone(caller, error, "Nothing was changed.");
        break;
    }
    return true;
}

/* Appends a row for a person. Returns false when memory is out. */
static bool append_ignored(const struct session *session, size_t index, struct buffer *out)
{
    char now[NAME_SIZE];
    const char *name = ignoring_name(session, index, now);
    bool renamed = *now != '\0' && !name_equals(name, now);
    return buffer_format(out, "You ignore %s%s%s.\n", name, renamed ? ", now called " : "",
                         renamed ? now : "");
}

/* Lists them in pages, which wait for the reader. */
static void list_ignored(struct caller *caller)
{
    struct buffer out = {0};
    size_t count = ignoring_count(&caller->session);
    bool whole = true;
    if (count == 0)
        caller_reply(caller, REPLY_NOTHING, "Nobody is ignored.");
    for (size_t i = 0; i < count && whole; i++) {
        whole = append_ignored(&caller->session, i, &out);
        if (whole && (i + 1 == count || (i + 1) % IGNORED_PAGE == 0)) {
            caller_reply_lines(caller, REPLY_IGNORED, &out);
            buffer_truncate(&out, 0);
            if (!conn_catch_up(caller->conn))
                break;
        }
    }
    if (!whole)
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. The list is not whole.");
    buffer_free(&out);
}

/* What a command has changed; the name is that of the other one. */
static void tell_change(struct caller *caller, bool begins, const char *name)
{
    if (begins)
        caller_reply(caller, REPLY_DONE, "You ignore %s. /unignore %s ends it.", name, name);
    else
        caller_reply(caller, REPLY_DONE, "You do not ignore %s any more.", name);
}

static void tell_result(struct caller *caller, enum ignoring_result result, bool begins,
                        const char *name)
{
    switch (result) {
    case IGNORING_DONE:
        tell_change(caller, begins, name);
        break;
    case IGNORING_ABSENT:
        caller_reply(caller, REPLY_DONE, "You ignore %s, who is not here now.", name);
        break;
    case IGNORING_NO_CHANGE:
        caller_reply(caller, REPLY_NO_CHANGE, "You %s %s%s.", begins ? "ignore" : "do not ignore",
                     name, begins ? " already" : "");
        break;
    case IGNORING_ONESELF:
        caller_reply(caller, REPLY_NO_CHANGE, "You cannot ignore yourself.");
        break;
    case IGNORING_FULL:
        caller_reply(caller, REPLY_TOO_MANY_IGNORED,
                     "You ignore %d people, which is the limit. /unignore NAME ends one.",
                     ARCHIVE_IGNORED_MAX);
        break;
    case IGNORING_NO_MEMORY:
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. Nothing was changed.");
        break;
    case IGNORING_NOT_STORED:
        caller_reply(caller, REPLY_NOT_STORED,
                     "You %s %s until you leave: that could not be stored. Try again later.",
                     begins ? "ignore" : "do not ignore", name);
        break;
    }
}

static bool ignore(struct caller *caller, struct arguments rest)
{
    char name[NAME_SIZE];
    if (rest.length == 0)
        list_ignored(caller);
    else if (caller_read_name(caller, rest.bytes, rest.length, name))
        tell_result(caller, ignoring_begin(&caller->session, name), true, name);
    return true;
}

static bool unignore(struct caller *caller, struct arguments rest)
{
    char name[NAME_SIZE];
    if (rest.length == 0)
        return false;
    if (caller_read_name(caller, rest.bytes, rest.length, name))
        tell_result(caller, ignoring_end(&caller->session, name), false, name);
    return true;
}

static bool quiet(struct caller *caller, struct arguments rest)
{
    bool on;
    if (!arguments_read_switch(rest, &on))
        return false;
    if (ignoring_set_quiet(&caller->session, on))
        caller_reply(caller, REPLY_DONE, "Comings and goings are %sshown.", on ? "not " : "");
    else
        caller_reply(caller, REPLY_OUT_OF_MEMORY, "Out of memory. Nothing was changed.");
    return true;
}

const struct command self_commands[] = {
    {"/away", "[TEXT]",
     "tells whoever writes to you, or asks /who, that you are away, and why. What you say next "
     "ends "
     "it.",
     away, ASKS},
    {"/ignore", "[NAME]",
     "hides from you what NAME says, in rooms and to you alone; NAME is not told. Without NAME it "
     "lists whom you ignore.",
     ignore, ASKS},
    {"/unignore", "NAME",
     "shows you again what NAME says. /ignore without a name lists whom you ignore.", unignore,
     ASKS},
    {"/quiet", "[on|off]",
     "hides from you, or shows again, who comes and goes. New names are shown all the same.", quiet,
     ASKS},
    {0},
};
