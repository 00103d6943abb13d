/*
 * A line editor for a terminal at the other end of a connection.
 *
 * Bytes from the terminal go in, events come out ("a line was entered"), and bytes for the terminal
 * go to a sink. The editor knows nothing of sockets, of telnet or of what the lines are for. The
 * terminal must not echo and must send each key at once; the editor draws a prompt and the line
 * being written on one row, which is always the last one written to, and whatever else is to be
 * shown is printed above it.
 *
 * There is one rule: only editor_refresh draws the prompt and the line. The other functions change
 * what is to be seen or take it off the screen, and one call of editor_refresh after any number of
 * them brings the screen up to date. A caller that has received bytes does this:
 *
 *     while (used < length) {
 *         used += editor_feed(editor, bytes + used, length - used, &event);
 *         if (event == EDITOR_LINE) {
 *             text = editor_line(editor, &text_length);
 *             ...                                  (act on it)
 *             editor_print_above(editor, "Alice: hello\n", 13, &sink);
 *         } ...
 *     }
 *     editor_refresh(editor, &sink);
 *
 * and one that has a message, or many, to show does this:
 *
 *     editor_print_above(editor, messages, messages_length, &sink);
 *     editor_refresh(editor, &sink);
 *
 * The sink's bytes of one such block should be sent in one piece.
 *
 * The keys are those of Emacs and of every shell: left, right, home, end, delete, Ctrl-A B D E F H
 * K L T U W, Meta-B D F Backspace, Control or Meta with left, right and delete; up, down, Ctrl-P
 * and Ctrl-N go through the lines that were entered; TAB completes; Ctrl-C clears the line. See
 * edit/keyboard for how they arrive. The bell rings when the line is full, and when there is no
 * line to go to or no candidate.
 *
 * Memory: an idle editor holds itself and its prompt; a line being written at most its limit; the
 * history at most HISTORY_LINES_MAX lines of that size, and the unfinished one. When memory is
 * short a key is refused with the bell, or a line is not remembered; nothing fails.
 *
 * Time: a key takes no longer in a long line than in a short one, but for bytes that are copied
 * when something is put in or taken out before them, and for one pass over a line that is entered.
 * A refresh takes as long as it takes to write one row. A caller that holds a lock meanwhile should
 * feed a few hundred bytes at a time.
 *
 * No function takes a lock: calls for one editor must not overlap. None is to be called from within
 * a completer.
 */
#ifndef EDIT_EDITOR_H
#define EDIT_EDITOR_H

#include "edit/sink.h"

#include <stdbool.h>
#include <stddef.h>

struct editor;

enum editor_event {
    EDITOR_NONE,      /* all bytes are used */
    EDITOR_LINE,      /* Return: a line was entered, see editor_line; it may be empty */
    EDITOR_OVERLONG,  /* Return, but something had not fitted into the line: nothing was entered */
    EDITOR_INTERRUPT, /* Ctrl-C: the line has been cleared */
    EDITOR_LEAVE,     /* Ctrl-D on an empty line */
    EDITOR_CANDIDATES /* TAB again: print what editor_word could become, by editor_print_above */
};

enum { EDITOR_CANDIDATE_BYTES_MAX = 256 };

/* The candidates for a completion, as they are collected. */
struct editor_candidates;

/*
 * Finds candidates: calls editor_candidates_add for each text that could stand in the place of
 * word. word is the length bytes from the last blank to the cursor, perhaps none, not
 * NUL-terminated; begins_line says whether nothing but blanks, at most 256 of them, stands before
 * it. A word of more than EDITOR_CANDIDATE_BYTES_MAX bytes has no candidates, and none are asked
 * for.
 */
typedef void editor_completer(void *context, const char *word, size_t length, bool begins_line,
                              struct editor_candidates *candidates);

/*
 * Adds a candidate: valid UTF-8 without control characters, of at most EDITOR_CANDIDATE_BYTES_MAX
 * bytes (a longer one is ignored). It takes the place of the whole word, so what is to follow a
 * name that is the only one, a blank or a colon, is part of it: the editor inserts what all
 * candidates begin with. The text is not kept.
 */
void editor_candidates_add(struct editor_candidates *candidates, const char *text, size_t length);

/*
 * Makes an editor for lines of at most line_bytes_max bytes, without a prompt, for a screen of 80
 * columns. complete may be NULL; it is called with context when TAB is pressed. Nothing is written;
 * the cursor is taken to be at the start of an empty row. Returns NULL with errno ENOMEM if memory
 * is short. The caller frees it with editor_free.
 */
struct editor *editor_new(size_t line_bytes_max, editor_completer *complete, void *context);

/* Frees the editor and all it holds. Writes nothing: see editor_close. NULL is allowed. */
void editor_free(struct editor *editor);

/*
 * Sets the prompt, of which a copy is taken: valid UTF-8, which may contain colours (SGR sequences)
 * and should end them. Where it would leave less than 10 columns for the line, "> " is shown
 * instead, and nothing on a screen too narrow even for that. Returns 0, or -1 with errno ENOMEM and
 * the old prompt still in place.
 */
int editor_set_prompt(struct editor *editor, const char *prompt, size_t length);

/*
 * Says whether what is typed is shown, as it is at first. Without echo, as for a password, the
 * cursor stays behind the prompt, lines are not remembered, there is no completion, and the memory
 * that held a line is wiped. A change clears the line.
 */
void editor_set_echo(struct editor *editor, bool echo);

/*
 * Says how many columns the screen has now, 0 meaning that it is not known, which counts as 80. Of
 * a screen of more than 1024 only so many are used.
 */
void editor_resize(struct editor *editor, unsigned columns);

/*
 * Takes input up to the first event. Stores the event, or EDITOR_NONE, and returns how many bytes
 * of the input it has used, which is all of them when there was no event. What was used must not be
 * given again. An unfinished character or sequence is continued by the next call.
 *
 * A terminal's interrupt that arrives by other means than a byte (telnet's IP) is given as the byte
 * 3, end of file as the byte 4.
 */
size_t editor_feed(struct editor *editor, const char *bytes, size_t length,
                   enum editor_event *event);

/*
 * The line of the last EDITOR_LINE: valid UTF-8 without control characters, not NUL-terminated,
 * never NULL. It stays valid until editor_feed, editor_refresh, editor_set_echo, editor_close or
 * editor_free.
 */
const char *editor_line(const struct editor *editor, size_t *length);

/*
 * The word before the cursor, as a completer is given it; an empty one if it is too long for that.
 * It stays valid until editor_feed, editor_set_echo, editor_close or editor_free.
 */
const char *editor_word(const struct editor *editor, size_t *length, bool *begins_line);

/*
 * Prints text above the prompt: one or more lines, each ended by LF or CR LF (the last may lack
 * it), of valid UTF-8 that may contain SGR sequences, which it should end, and which should leave
 * the background alone, TABs and BELs. It takes the place of the prompt and the line, and they are
 * drawn again below it by editor_refresh. A line that is longer than the screen is wide goes on in
 * further rows, which are indented (edit/wrap): what begins a row begins a line. After an
 * EDITOR_LINE this is how the line is left standing, in whatever form; if nothing is printed it
 * disappears.
 */
void editor_print_above(struct editor *editor, const char *text, size_t length,
                        const struct sink *sink);

/*
 * Brings the screen up to date, with the least that will do. The first time, turns bracketed paste
 * on.
 */
void editor_refresh(struct editor *editor, const struct sink *sink);

/*
 * Leaves the terminal as it was found: the prompt and the line are gone, the cursor is at the start
 * of an empty row, bracketed paste is off. A half-written line is dropped. The next editor_refresh
 * begins anew.
 */
void editor_close(struct editor *editor, const struct sink *sink);

#endif
