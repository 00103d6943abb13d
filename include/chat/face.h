/*
 * face: what a person at a terminal sees of a session: the prompt, the lines of others, their own,
 * and what TAB makes of a word. It is the chat's terminal_face (net/terminal.h).
 *
 * Its paint is guarded by the outbox lock of the session's conn; only the session's own thread
 * changes it, by conn_change_face(), and may read it without.
 */
#ifndef CHAT_FACE_H
#define CHAT_FACE_H

#include "chat/paint.h"
#include "chat/registry.h"
#include "net/terminal.h"

struct face {
    struct paint paint;
    const char *login_prompt;
    struct registry *members;
    struct terminal_face terminal; /* for conn_set_face() */
    bool knows_type;               /* the terminal has said what it is */
    struct buffer names;           /* who is here, a line each, while a word is completed */
};

/*
 * Makes the face of somebody without a name. What is pointed to must outlive it. It holds nothing
 * that needs to be freed.
 */
void face_init(struct face *face, const char *login_prompt, struct registry *members);

#endif
