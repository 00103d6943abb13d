/*
 * view: what a caller sees at its terminal: the prompt, the lines of others, its own lines, and
 * completions of words. It is the plain door's terminal_face (net/terminal.h).
 *
 * The paint is guarded by the outbox lock of the caller's conn. Only the conn's own thread changes
 * it, by conn_change_face(), and may read it without the lock.
 */
#ifndef DOORS_PLAIN_VIEW_H
#define DOORS_PLAIN_VIEW_H

#include "chat/chat.h"
#include "chat/user.h"
#include "doors/plain/paint.h"
#include "net/terminal.h"

#include <stdbool.h>
#include <stddef.h>

struct view {
    struct paint paint;
    const char *login_prompt;
    const char *secret_prompt; /* if not NULL, the prompt for a secret that is being asked for */
    struct chat *chat;
    const char *(*command)(size_t i); /* names of the commands, with the slash, up to a NULL */
    size_t (*command_shown)(const char *line, size_t length); /* how much of one may be seen */
    struct terminal_face terminal;                            /* for conn_set_face() */
    bool knows_type;                                          /* the terminal has sent its type, */
    bool knows_mtts;                                          /* and what it can do */
    bool ascii;         /* and that this is nothing but ASCII */
    bool knows_way_out; /* the person has been told how to leave */
    size_t looked_at;   /* bytes of names that completions compared since the last take_cost() */
};

/*
 * Initializes the view of a caller without a name. The view must stay at its address, and what it
 * points to must outlive it. It holds nothing that must be freed.
 */
void view_init(struct view *view, const char *login_prompt, struct chat *chat,
               const char *(*command)(size_t i),
               size_t (*command_shown)(const char *line, size_t length));

/* How messages look on the terminal. The context is a view. */
extern const struct user_look view_look;

#endif
