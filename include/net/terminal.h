/*
 * terminal: a terminal at the other end of a telnet connection that sends each key at once. It
 * turns keys into lines and draws lines on the screen, with a line editor (edit/editor.h) at the
 * bottom. The handler's face determines how things look and what completes a word.
 *
 * A terminal is the screen of an outbox, and is guarded by the outbox lock. So the face's functions
 * are called with that lock held, on any thread that sends something, and must take no lock of a
 * lower rank. The functions below are for the thread that opened the terminal, and take that lock.
 */
#ifndef NET_TERMINAL_H
#define NET_TERMINAL_H

#include "base/buffer.h"
#include "edit/editor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outbox;
struct terminal;

/* What a client has reported of its terminal. */
struct terminal_kind {
    const char *type; /* in upper case (RFC 1091); "": unknown */
    unsigned mtts;    /* telnet_mtts(); 0: unknown */
};

/* What the person at a terminal is told about keys. */
enum terminal_hint {
    TERMINAL_HOW_TO_LEAVE,   /* Ctrl-C was pressed on an empty line */
    TERMINAL_PASTE_HELD,     /* `number` pasted lines wait for Return or Ctrl-C */
    TERMINAL_PASTE_DROPPED,  /* Ctrl-C has dropped the paste */
    TERMINAL_PASTE_TOO_LONG, /* the paste exceeded `number` bytes, and has been dropped */
    TERMINAL_PASTE_NO_MEMORY /* memory was out for the paste, and it has been dropped */
};

/* The look of a handler's terminal. Functions that return bool return false when memory is out. */
struct terminal_face {
    void *context;

    /* Appends the current prompt; it may hold colours. */
    bool (*prompt)(void *context, struct buffer *out);

    /* Whether what is typed at that prompt is secret, and not shown. */
    bool (*hides)(void *context);

    /* Whether a line entered at that prompt belongs in the history: it answers no question. */
    bool (*remembers)(void *context);

    /* Whether a line that was entered has a secret, and is to be forgotten. */
    bool (*has_secret)(void *context, const char *line, size_t length);

    /* Whether the terminal shows nothing but ASCII. */
    bool (*is_ascii)(void *context);

    /* Appends a line from the server (whole, with its LF) as it should look on this terminal. */
    bool (*dress)(void *context, const char *line, size_t length, struct buffer *out);

    /* Appends what stays on the screen of a line that was entered: a line or nothing. */
    bool (*leave_standing)(void *context, const char *line, size_t length, struct buffer *out);

    /* Find the candidates for a word: `complete` for the editor, `list` as a line to show. */
    completion_finder *complete;
    bool (*list)(void *context, const char *word, size_t length, bool begins_line,
                 struct buffer *out);

    /*
     * Appends a line with the hint, as it should look, or nothing if the person knows it. `number`
     * is 0 unless the hint has one.
     */
    bool (*tell)(void *context, enum terminal_hint hint, size_t number, struct buffer *out);

    /* Called when more of the terminal is known, with a struct terminal_kind. */
    void (*know_kind)(void *context, const void *kind);

    /* The cost of the completions since the last call, in bytes that were searched. */
    size_t (*take_cost)(void *context);
};

/*
 * Opens a terminal as the outbox's screen; its cursor must be on a row that holds nothing else to
 * keep. Face and outbox must outlive it. Returns NULL when memory is out, or output has failed.
 */
struct terminal *terminal_open(struct outbox *outbox, const struct terminal_face *face,
                               size_t max_line, unsigned columns, unsigned rows);

/* Removes the prompt from the screen and frees the terminal; the face is not used any more. */
void terminal_close(struct terminal *terminal);

/* Asks the face for a new prompt, which is drawn with the next output. */
void terminal_renew_prompt(struct terminal *terminal);

/*
 * Calls `change` with the outbox lock held, to change the data that the face reads (NULL: no
 * change), and then renews the prompt.
 */
void terminal_change_face(struct terminal *terminal,
                          void (*change)(void *context, const void *what), void *context,
                          const void *what);

/*
 * Sets the size of the screen (0: unknown). After a change of width nothing is drawn
 * until the width has not changed for a moment and, if necessary, the terminal has reported its
 * cursor's position; lines are held until then. terminal_settle() must be called afterwards.
 */
void terminal_resize(struct terminal *terminal, unsigned columns, unsigned rows);

/*
 * Draws what was held after a change of width, if it is time to. Returns the nanoseconds (above 0)
 * after which to call it again if no input arrives before; CLOCK_NEVER if nothing is held.
 */
int64_t terminal_settle(struct terminal *terminal);

/*
 * Feeds keys to the editor up to the first event, as editor_feed() does, and returns how many were
 * used. With EDITOR_LINE the line is appended to `line`, and stays on the screen. With
 * EDITOR_CANDIDATES the candidates are shown, and with an event for which there is a hint, the
 * hint, unless the reader is behind. outbox_flush() must follow the last call, to send what was
 * drawn.
 *
 * Keys that have been received together are announced by terminal_begin_keys() before the first of
 * them is fed; terminal_end_keys() is called when all of them have been used. By that a paste is
 * recognised that the terminal does not mark (edit/burst).
 */
void terminal_begin_keys(struct terminal *terminal, const char *keys, size_t length);
void terminal_end_keys(struct terminal *terminal);
size_t terminal_feed(struct terminal *terminal, const char *keys, size_t length,
                     enum editor_event *event, struct buffer *line);

/* Whether keys may be the beginning of such a paste, so that more should be awaited. */
bool terminal_expects_more(const struct terminal *terminal, const char *keys, size_t length);

/* Whether terminal_feed() has more events without any keys: pasted lines. */
bool terminal_has_more(const struct terminal *terminal);

/* Whether the keys are pasted text, in which a TAB is not a key. */
bool terminal_is_pasting(const struct terminal *terminal);

/* Appends the pasted lines that were still to be entered, each with its LF. */
void terminal_take_lines(struct terminal *terminal, struct buffer *lines);

/* How many bytes searches have compared since the last call. */
size_t terminal_take_cost(struct terminal *terminal);

#endif
