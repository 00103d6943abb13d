/*
 * session: one client's conversation, from the prompt for a name to the leaving, on the thread
 * of its conn.
 */
#ifndef CHAT_SESSION_H
#define CHAT_SESSION_H

#include "base/buffer.h"
#include "base/meter.h"
#include "chat/chat.h"
#include "chat/client.h"
#include "chat/face.h"
#include "net/conn.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a client gets when the server has no place for it, or stops: server_config's lines. */
#define SESSION_FULL_LINE     "*** The chat is full. Try again later. ***\n"
#define SESSION_CROWDED_LINE  "*** Too many connections from your address. ***\n"
#define SESSION_STOPPING_LINE "*** The server is shutting down. ***\n"

/* A conversation under way; commands work on it. It belongs to its thread. */
struct session {
    struct chat *chat;
    struct conn *conn;
    struct client *client;
    struct room *room;
    struct buffer batch; /* lines that were said and not yet published */
    struct meter lines;  /* said, with a rate */
    struct face face;    /* what is seen of it at a terminal */
    bool knows_commands; /* has typed one: somebody is there, and no script */
    bool told_alone;     /* that nobody heard what was said last */
    bool quitting;
};

/* A server_handler: holds the whole conversation. `chat` is a struct chat. */
void session_run(struct conn *conn, void *chat);

/*
 * Sends the client a line "*** text ***", the text made as printf() makes it.
 */
#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
void session_reply(struct session *session, const char *format, ...);

/*
 * Says a line to the room: `before` (the author's name and what follows it), then the text,
 * cleaned and without blanks at its ends; nothing if nothing is left of it. The line is
 * published with others, before the session next waits.
 */
void session_say(struct session *session, const char *before, const char *text, size_t length);

/*
 * The client is going to have a name, or has failed to get it and has `name` still ("": none): what
 * its prompt says, and what counts as a mention of it. Before the name is taken, so that the screen
 * shows it together with what it leads to.
 */
void session_show_name(struct session *session, const char *name);

/*
 * Copies a name out of what was typed, without blanks at its ends. Returns false, with the fault
 * told, if it cannot be one; a name with a blank in it is told a good one that it could be.
 */
bool session_read_name(struct session *session, const char *bytes, size_t length,
                       char name[NAME_SIZE]);

/* Tells that a name cannot be had because somebody here is called `rival`. */
void session_refuse_taken(struct session *session, const char *name, const char *rival);

/*
 * How long before an idle disconnect somebody is told of it, with that timeout, in nanoseconds;
 * 0: not at all.
 */
int64_t session_idle_warning(int64_t idle_timeout);

/* Asks for a terminal, and says how that went; or goes back to line mode. */
void session_edit(struct session *session, bool on);

#endif
