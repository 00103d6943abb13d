#include "base/platform.h"

#include "base/text.h"
#include "chat/name.h"
#include "doors/plain/input.h"
#include "doors/plain/prompt.h"

#include <string.h>

const char *prompt_words(enum question question)
{
    static const char *const words[QUESTIONS] = {
        [QUESTION_NAME] = "Enter your name: ",
        [QUESTION_PASSWORD] = "Password: ",
        [QUESTION_NEW_PASSWORD] = "New password: ",
    };
    return words[question];
}

bool prompt_is_command(const struct line *line, const char *command)
{
    struct input input = input_read(line->bytes, line->length);
    return input.is_command && input.length == strlen(command) &&
           name_begins_with(input.text, input.length, command, input.length);
}

/* Ends the conversation at the wish of the caller. */
static enum prompt_result leave(struct caller *caller)
{
    caller->quitting = true;
    return PROMPT_OVER;
}

enum prompt_result prompt_ask(struct caller *caller, enum question question, struct line *line)
{
    for (;;) {
        if (link_reason(conn_link(caller->conn)) == LINK_OPEN)
            caller_prompt(caller, prompt_words(question));
        switch (conn_read_line(caller->conn, line)) {
        case CONN_LINE:
            return prompt_is_command(line, "/quit") ? leave(caller) : PROMPT_ANSWERED;
        case CONN_LINE_TOO_LONG:
            caller_refuse_long_line(caller);
            return PROMPT_TOO_LONG;
        case CONN_LINE_NO_MEMORY: /* not the client's mistake, so it is asked again */
            caller_refuse_line(caller);
            break;
        case CONN_IDLE_SOON: /* a client without a name is not warned */
            break;
        case CONN_CALLED:
            caller_obey(caller);
            break;
        case CONN_LEFT:
            return leave(caller);
        case CONN_UNFINISHED_LINE: /* an unfinished answer is not taken */
        case CONN_ENDED:
            return PROMPT_OVER;
        }
    }
}

static void change_secret(void *context, const void *what)
{
    struct view *view = context;
    view->secret_prompt = what;
}

/*
 * The face is changed first, as the mode of the connection may change at any time. Blanks around a
 * password would be lost where it is an argument of a command, and nobody sees them.
 */
enum prompt_result prompt_ask_secret(struct caller *caller, enum question question,
                                     struct line *line)
{
    conn_change_face(caller->conn, change_secret, &caller->view, prompt_words(question));
    conn_hide(caller->conn, true);
    enum prompt_result result = prompt_ask(caller, question, line);
    if (result == PROMPT_ANSWERED)
        text_strip(&line->bytes, &line->length);
    return result;
}

void prompt_end_secret(struct caller *caller)
{
    conn_change_face(caller->conn, change_secret, &caller->view, NULL);
    conn_hide(caller->conn, false);
}
