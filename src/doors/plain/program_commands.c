#include "base/platform.h"

#include "chat/session_publishing.h"
#include "doors/plain/command.h"

/* A token that could not be returned whole is refused. */
static bool sync(struct caller *caller, struct arguments rest)
{
    char token[NAME_SIZE];
    struct arguments word = arguments_take_word(&rest);
    if (word.length > COMMAND_SHOWN_MAX || rest.length > 0)
        return false;
    if (!arguments_quote(caller, word, token))
        return true;
    if (session_sync(&caller->session))
        caller_confirm(caller, token);
    else
        caller_reply(caller, REPLY_NOT_STORED,
                     "Everything was handed over, but the server could not store all of it.");
    return true;
}

static bool machine(struct caller *caller, struct arguments rest)
{
    if (!arguments_are(rest, "on"))
        return false;
    caller_become_program(caller);
    return true;
}

const struct command program_commands[] = {
    {"/sync", "[TOKEN]",
     "answers with TOKEN when all that you have said has been handed to everybody, and all that "
     "was said before to you.",
     sync, ASKS},
    {"/machine", "on",
     "has everything sent to you as JSON from then on, one object a line, for programs. There is "
     "no "
     "way back.",
     machine, ASKS},
    {0},
};
