/*
 * view: what a caller at a terminal sees: the prompt, the lines of others, its own, and what TAB
 * makes of a word. It is the plain door's terminal_face (net/terminal.h).
 *
 * Its paint is guarded by the outbox lock of the caller's conn; only the conn's own thread changes
 * it, by conn_change_face(), and may read it without.
 */
#ifndef DOORS_PLAIN_VIEW_H
#define DOORS_PLAIN_VIEW_H

#include "chat/directory.h"
#include "doors/plain/paint.h"
#include "net/terminal.h"

#include <stdbool.h>
#include <stddef.h>

struct view {
    struct paint paint;
    const char *login_prompt;
    struct directory *directory;
    const char *(*command)(size_t i); /* the commands' names, with the slash, up to a NULL */
    struct terminal_face terminal;    /* for conn_set_face() */
    bool knows_type;                  /* the terminal has said what it is */
    size_t looked_at;                 /* bytes of names, to complete a word */
};

/*
 * Makes the view of somebody without a name. What is pointed to must outlive it. It holds nothing
 * that needs to be freed.
 */
void view_init(struct view *view, const char *login_prompt, struct directory *directory,
               const char *(*command)(size_t i));

/* How a message looks there: a user_view's `dress`, with a view for its context. */
bool view_dress(void *view, const struct message *message, struct buffer *out);

#endif
