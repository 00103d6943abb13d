/*
 * A line editor for a terminal at the other end of a connection.
 *
 * Bytes from the terminal go in, events come out ("a line was entered"), and bytes for the terminal
 * go to a sink. The editor does not know sockets, telnet or the purpose of the lines. The terminal
 * must not echo and must send each key at once. The editor draws a prompt and the line being
 * written on one row, which is always the last one written to; all other output is printed above
 * it.
 *
 * There is one rule: only editor_refresh draws the prompt and the line. The other functions change
 * what is to be shown or remove it from the screen, and one call of editor_refresh after any number
 * of them brings the screen up to date. A caller that has received bytes does this:
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
 * A caller that has messages to show does this:
 *
 *     editor_print_above(editor, messages, messages_length, &sink);
 *     editor_refresh(editor, &sink);
 *
 * The sink's bytes of one such block should be sent in one piece.
 *
 * The keys are those of Emacs and of most shells: left, right, home, end, delete, Ctrl-A B D E F H
 * K L T U W, Meta-B D F Backspace, Control or Meta with left, right and delete; up, down, Ctrl-P
 * and Ctrl-N go through the lines that were entered; TAB completes; Ctrl-C clears the line. See
 * edit/keyboard for their byte sequences. The bell rings when the line is full, and when there is
 * no line to go to or no candidate.
 *
 * Memory: an idle editor holds itself and its prompt; a line being written at most its limit; the
 * history at most HISTORY_LINES_MAX lines of that size, and the unfinished one. When memory is out
 * a key is refused with the bell, or a line is not remembered; nothing else fails.
 *
 * Time: a key takes no longer in a long line than in a short one, except for bytes that are copied
 * when text before them changes, and for one pass over a line that is entered. A refresh takes as
 * long as writing one row. A caller that holds a lock meanwhile should feed a few hundred bytes at
 * a time.
 *
 * No function takes a lock: calls for one editor must not overlap. A completer must call none of
 * them but editor_candidates_add.
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
    EDITOR_OVERLONG,  /* Return, but the line was too long: nothing was entered */
    EDITOR_INTERRUPT, /* Ctrl-C: the line has been cleared */
    EDITOR_LEAVE,     /* Ctrl-D on an empty line */
    EDITOR_CANDIDATES /* TAB again: show the candidates for editor_word, by editor_print_above */
};

enum { EDITOR_CANDIDATE_BYTES_MAX = 256 };

/* The candidates for a completion, as they are collected. */
struct editor_candidates;

/*
 * Finds candidates: calls editor_candidates_add for each text that could replace the word. word is
 * the length bytes from the last blank to the cursor, perhaps none, not NUL-terminated; begins_line
 * is true if only blanks, at most 256 of them, are before it. It is not called for a word of more
 * than EDITOR_CANDIDATE_BYTES_MAX bytes.
 */
typedef void editor_completer(void *context, const char *word, size_t length, bool begins_line,
                              struct editor_candidates *candidates);

/*
 * Adds a copy of a candidate: valid UTF-8 without control characters, of at most
 * EDITOR_CANDIDATE_BYTES_MAX bytes (a longer one is ignored). It replaces the whole word; the
 * editor inserts the prefix that all candidates share. So a candidate includes the text that should
 * follow it if it is the only one, such as a blank or a colon.
 */
void editor_candidates_add(struct editor_candidates *candidates, const char *text, size_t length);

/*
 * Makes an editor for lines of at most line_bytes_max bytes, without a prompt, for a screen of 80
 * columns. complete may be NULL; it is called with context when TAB is pressed. Writes nothing; the
 * cursor must be at the start of an empty row. Returns NULL with errno ENOMEM if memory is out. The
 * caller frees it with editor_free.
 */
struct editor *editor_new(size_t line_bytes_max, editor_completer *complete, void *context);

/* Frees the editor and all it holds. Writes nothing: see editor_close. NULL is allowed. */
void editor_free(struct editor *editor);

/*
 * Sets the prompt to a copy: valid UTF-8, which may contain colours (SGR sequences) and should end
 * them. If it leaves less than 10 columns for the line, "> " is shown instead, and nothing on a
 * screen too narrow even for that. Returns 0, or -1 with errno ENOMEM and the old prompt kept.
 */
int editor_set_prompt(struct editor *editor, const char *prompt, size_t length);

/*
 * Sets whether typed text is shown; initially it is. Without echo, as for a password, the cursor
 * stays behind the prompt, lines are not remembered, there is no completion, and memory that held a
 * line is wiped. A change clears the line.
 */
void editor_set_echo(struct editor *editor, bool echo);

/*
 * Sets the width of the screen in columns; 0 is unknown and counts as 80. Of more than 1024 columns
 * only 1024 are used.
 */
void editor_resize(struct editor *editor, unsigned columns);

/* Returns the number of columns in use. */
unsigned editor_columns(const struct editor *editor);

/*
 * Processes input up to the first event. Stores the event, or EDITOR_NONE, and returns how many
 * bytes were used: all of them if there was no event. Used bytes must not be given again. An
 * unfinished character or sequence is continued by the next call.
 *
 * An interrupt that is not sent as a byte (telnet's IP) is given as the byte 3, end of file as the
 * byte 4.
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
 * The word before the cursor, as a completer is given it; empty if it is too long for that. It
 * stays valid until editor_feed, editor_set_echo, editor_close or editor_free.
 */
const char *editor_word(const struct editor *editor, size_t *length, bool *begins_line);

/*
 * Prints text above the prompt: one or more lines, each ended by LF or CR LF (the last may lack
 * it), of valid UTF-8. The text may contain WRAP_TEXT_BEGINS, TABs, BELs and SGR sequences, which
 * it should end and which should not change the background. It replaces the prompt and the line on
 * the screen, and editor_refresh draws them again below it. A line that is wider than the screen
 * continues on further rows, which are indented (edit/wrap), so that no row looks like another
 * line. After an EDITOR_LINE the caller prints the line in this way if it should stay on the
 * screen; otherwise it disappears.
 */
void editor_print_above(struct editor *editor, const char *text, size_t length,
                        const struct sink *sink);

/*
 * As editor_print_above(), for text that wrap_write_lines() has broken into rows for a screen of
 * editor_columns() columns.
 */
void editor_print_rows(struct editor *editor, const char *rows, size_t length,
                       const struct sink *sink);

/*
 * Brings the screen up to date with as little output as possible. The first call turns bracketed
 * paste on.
 */
void editor_refresh(struct editor *editor, const struct sink *sink);

/*
 * Restores the terminal: removes the prompt and the line, leaves the cursor at the start of an
 * empty row, and turns bracketed paste off. An unfinished line is dropped. The next editor_refresh
 * begins anew.
 */
void editor_close(struct editor *editor, const struct sink *sink);

#endif
