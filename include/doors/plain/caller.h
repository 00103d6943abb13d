/*
 * caller: a person or a script that has come by the plain door, while the conversation lasts: its
 * connection, its session in the chat, and what is seen of it at a terminal. Commands and the
 * conversation work on it. It belongs to the thread of its conn.
 */
#ifndef DOORS_PLAIN_CALLER_H
#define DOORS_PLAIN_CALLER_H

#include "base/meter.h"
#include "chat/session.h"
#include "doors/plain/plain.h"
#include "doors/plain/view.h"
#include "net/conn.h"

#include <stdbool.h>
#include <stddef.h>

struct caller {
    const struct plain *door;
    struct conn *conn;
    struct session session;
    struct view view;
    struct meter lines;  /* said, with a rate */
    bool knows_commands; /* has typed one: somebody is there, and no script */
    bool told_alone;     /* that nobody heard what was said last */
    bool quitting;
};

/* Sends a line "*** text ***", the text made as printf() makes it. */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void caller_reply(struct caller *caller, const char *format, ...);

/* Publishes what was said, and tells what is to be told of that. */
void caller_publish(struct caller *caller);

/*
 * Says or does something in the room, as session_say(); it is published before the caller next
 * waits.
 */
void caller_say(struct caller *caller, enum message_kind kind, const char *text, size_t length);

/*
 * Copies a name out of what was typed, without blanks at its ends. Returns false, with the fault
 * told, if it cannot be one; a name with a blank in it is told a good one that it could be.
 */
bool caller_read_name(struct caller *caller, const char *bytes, size_t length,
                      char name[NAME_SIZE]);

/* Tells that a name is taken, or that it looks too much like somebody else's. */
void caller_refuse_taken(struct caller *caller, const char *name, const char *rival);

/*
 * The caller is going to have a name, or has failed to get it and has `name` still ("": none): what
 * its prompt says, and what counts as a mention of it. Before the name is taken, so that the screen
 * shows it together with what it leads to.
 */
void caller_show_name(struct caller *caller, const char *name);

/*
 * The caller could not come in under the name that it shows, for an error of session_enter(), with
 * the name of the `rival`, if that is it: it shows no name any more, and is told why.
 */
void caller_stays_out(struct caller *caller, int error, const char *rival);

/* Asks for a terminal, and says how that went; or goes back to line mode. */
void caller_edit(struct caller *caller, bool on);

#endif
