/*
 * prompt: asks a caller a question, and waits for the answer; among the questions are those for a
 * secret, which is not shown. Long lines, want of memory, /quit and the end of the conversation are
 * dealt with here.
 */
#ifndef DOORS_PLAIN_PROMPT_H
#define DOORS_PLAIN_PROMPT_H

#include "doors/plain/caller.h"
#include "net/line_reader.h"

#include <stdbool.h>
#include <stddef.h>

/* All that is asked. What stands in front of its colon is no name (chat/name). */
enum question { QUESTION_NAME, QUESTION_PASSWORD, QUESTION_NEW_PASSWORD, QUESTIONS };

/* The words of a question, with a blank at the end; they live on. */
const char *prompt_words(enum question question);

enum prompt_result {
    PROMPT_ANSWERED, /* the answer is in *line, valid until the caller's conn is read again */
    PROMPT_TOO_LONG, /* the answer was too long; that was replied */
    PROMPT_OVER      /* the conversation ends; what there is to say was said */
};

enum prompt_result prompt_ask(struct caller *caller, enum question question, struct line *line);

/*
 * Asks for a secret: what is typed is shown neither by a terminal nor by a telnet in line mode, and
 * is in no history. That holds until prompt_end_secret(), which must follow, perhaps after further
 * questions for it, unless the conversation ends: so nothing shows while an answer is looked at.
 * The answer is without blanks at its ends.
 */
enum prompt_result prompt_ask_secret(struct caller *caller, enum question question,
                                     struct line *line);
void prompt_end_secret(struct caller *caller);

/* Whether an answer consists of this command alone, without regard to case. */
bool prompt_is_command(const struct line *line, const char *command);

#endif
