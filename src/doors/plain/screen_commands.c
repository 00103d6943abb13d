#include "base/platform.h"

#include "doors/plain/command.h"

#include <stddef.h>

static bool edit(struct caller *caller, struct arguments rest)
{
    bool on;
    if (!arguments_read_switch(rest, &on))
        return false;
    caller_edit(caller, on);
    return true;
}

/* A switch of the paint, and its new state. */
struct setting {
    size_t offset;
    bool on;
};

static void change_setting(void *context, const void *what)
{
    struct view *view = context;
    const struct setting *setting = what;
    *(bool *)((char *)&view->paint + setting->offset) = setting->on;
}

static bool set(struct caller *caller, struct arguments rest, size_t offset, const char *name)
{
    struct setting setting = {.offset = offset};
    if (!arguments_read_switch(rest, &setting.on))
        return false;
    conn_change_face(caller->conn, change_setting, &caller->view, &setting);
    caller_reply(caller, REPLY_DONE, "%s %s%s", name, setting.on ? "on." : "off.",
                 conn_shows_face(caller->conn) ? "" : " It shows while you /edit.");
    return true;
}

static bool color(struct caller *caller, struct arguments rest)
{
    return set(caller, rest, offsetof(struct paint, color), "Colours are");
}

static bool show_time(struct caller *caller, struct arguments rest)
{
    return set(caller, rest, offsetof(struct paint, time), "The time is");
}

static bool bell(struct caller *caller, struct arguments rest)
{
    return set(caller, rest, offsetof(struct paint, bell), "The bell is");
}

const struct command screen_commands[] = {
    {"/edit", "[on|off]",
     "has your lines edited here, if your side speaks telnet: what you type stays whole at the "
     "bottom, with arrow keys, a history and TAB. /edit off ends it.",
     edit, ASKS},
    {"/color", "[on|off]", "shows names and notices in colours, or not, while you /edit.", color,
     ASKS},
    {"/time", "[on|off]", "shows the time before each line, or not, while you /edit.", show_time,
     ASKS},
    {"/bell", "[on|off]",
     "rings a bell when somebody names you or writes to you alone, or does not, while you /edit.",
     bell, ASKS},
    {0},
};
