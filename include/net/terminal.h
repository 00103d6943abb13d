/*
 * terminal: a person's terminal at the other end of a telnet connection that sends each key at
 * once. It turns keys into lines and lines into a screen, with a line editor (edit/editor.h) at
 * the bottom; how things look and what completes a word, the handler's face says.
 *
 * A terminal stands in front of an outbox, as its screen, and is guarded by its lock; so the face's
 * functions are called with that lock held, on whatever thread sends something, and must take no
 * lock of a lower rank. The functions below are for the thread that opened it, and take that lock.
 */
#ifndef NET_TERMINAL_H
#define NET_TERMINAL_H

#include "base/buffer.h"
#include "edit/editor.h"

#include <stdbool.h>
#include <stddef.h>

struct outbox;
struct terminal;

/* What a handler shows to a person at a terminal. Functions return false when memory is out. */
struct terminal_face {
    void *context;

    /* Appends the prompt as it should be now; it may hold colours. */
    bool (*prompt)(void *context, struct buffer *out);

    /* Appends a line that the server says to this person (whole, with its LF) as it should look. */
    bool (*dress)(void *context, const char *line, size_t length, struct buffer *out);

    /* Appends what is left standing of a line that was entered, a line of its own or nothing. */
    bool (*leave_standing)(void *context, const char *line, size_t length, struct buffer *out);

    /* Finds what a word could become: once for the editor, once as a line for the person. */
    editor_completer *complete;
    bool (*list)(void *context, const char *word, size_t length, bool begins_line,
                 struct buffer *out);

    /* The terminal has said what it is: its type in upper case (RFC 1091), "" if unknown. */
    void (*know_type)(void *context, const void *type);

    /* How much the completions since the last call cost, in bytes that were looked at. */
    size_t (*take_cost)(void *context);
};

/*
 * Opens a terminal whose cursor is somewhere on a row of its own, as the outbox's screen. Face and
 * outbox must outlive it. Returns NULL when memory is out, or the outbox has failed.
 */
struct terminal *terminal_open(struct outbox *outbox, const struct terminal_face *face,
                               size_t max_line, unsigned columns);

/* Leaves the screen tidy, and frees the terminal; the face is not used any more. */
void terminal_close(struct terminal *terminal);

/* Asks the face for the prompt again: seen with whatever goes out next. */
void terminal_renew_prompt(struct terminal *terminal);

/* The same, behind a change of what the face shows by, which is made with the outbox lock held. */
void terminal_change_face(struct terminal *terminal,
                          void (*change)(void *context, const void *what), void *context,
                          const void *what);

/* The screen has so many columns now (0: unknown): seen with the next outbox_flush(). */
void terminal_resize(struct terminal *terminal, unsigned columns);

/*
 * Takes keys up to the first event, as editor_feed() does, and returns how many that were. With
 * EDITOR_LINE the line is appended to `line`, and left standing on the screen; with
 * EDITOR_CANDIDATES what the word could become is shown, unless the peer does not read what is
 * there. What it draws goes out with the outbox_flush() that must follow the last one.
 */
size_t terminal_feed(struct terminal *terminal, const char *keys, size_t length,
                     enum editor_event *event, struct buffer *line);

#endif
